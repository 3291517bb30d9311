// Random values of everything a store keeps, every field used. Each generator takes its struct apart with a structured
// binding, so that a field added to the struct does not compile here until it is generated, and then does not pass
// until it is stored.
#pragma once

#include "domain/account_record.hpp"
#include "domain/case_record.hpp"
#include "domain/money.hpp"
#include "domain/outcome.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/timer.hpp"

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace dun::test {

class RandomState {
 public:
  explicit RandomState(std::uint64_t seed) : engine_(seed) {}

  AccountRecord record();
  CaseRecord case_record();
  AlertCase alert_case();
  TaskCase task_case();
  scheduler::Post post();
  scheduler::InFlight in_flight();
  scheduler::ShelfEntry shelf_entry();
  scheduler::TimerEntry timer_entry(scheduler::TimerMinute minute);
  Outcome outcome();
  scheduler::Counters counters();

  AccountId account();
  Instant instant();
  std::string bytes(std::size_t size_max);
  /// From `low` to `high`, both included.
  std::int64_t number(std::int64_t low, std::int64_t high);
  bool chance(int percent) { return number(1, 100) <= percent; }

 private:
  Profile profile();
  CreditPosition credit();
  Episode episode();
  NoticeState notice_state();
  PendingNotice pending(const Episode& episode);
  SentNotice sent();
  Task task(const Episode& episode);
  HandedOver handed_over(const Episode& episode);
  AccountFacts facts();
  void notices(NoticeBook& book, const Episode& episode);
  Subject subject();
  KindSet kinds();
  std::string msisdn();
  Instant instant_or_none() { return chance(20) ? Instant() : instant(); }
  std::optional<Instant> maybe_instant();
  std::optional<Amount> maybe_amount();
  std::vector<std::string> reasons();
  template <typename Enum>
  Enum choice(Enum last) {
    return static_cast<Enum>(number(0, static_cast<std::int64_t>(last)));
  }
  int small() { return static_cast<int>(chance(5) ? number(-2'000'000'000, 2'000'000'000) : number(0, 5)); }
  std::uint32_t ordinal();

  std::mt19937_64 engine_;
};

}  // namespace dun::test
