// One account, with the case of its task, driven by hand through policies::step, as an engine would drive it: it keeps
// the shelves and the timers, lets turns come in order, and asks the test what the gateway answers. What the
// simulation's ideal gateway never does (no answer, a retry, an early receipt, a claim that stays out) is told here.
#pragma once

#include "policies/cases/task.hpp"
#include "policies/step.hpp"
#include "tests/support/rules.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dun::test {

class StepDriver {
 public:
  enum class Result : std::uint8_t { accepted, rejected, retry, unknown };
  struct Answer {
    Result result = Result::accepted;
    Millis after{0};                       ///< retry: the pause; unknown: how long to wait for a receipt
    std::string reason;                    ///< rule id
    bool perhaps_taken = false;            ///< of a retry
    bool then_repeat = false;              ///< of an unknown
    bool then_ask = false;                 ///< of an unknown
    std::optional<ReceiptStatus> receipt;  ///< of an accepted one
  };
  /// What the gateway says to a claim; nothing: no answer yet, the claim stays in flight.
  using Gateway = std::function<std::optional<Answer>(const policies::Claim&)>;

  explicit StepDriver(policies::PolicySet policies = policies_with_people(), std::string account = "A1");

  /// `2026-03-02T10:00:00+08:00 credit.changed state=arrears`, at the later of that time and the present; defaults as
  /// in Scenario. What came due before then happens first, what comes due at that very moment behind it.
  StepDriver& event(const std::string& line);
  StepDriver& event(Fields fields, Instant arrival);
  StepDriver& until(Instant time);
  StepDriver& until(const std::string& time);
  /// Moves the clock without letting anything happen: an engine that was stopped or a backlog. What came due meanwhile
  /// happens at the next call of another function.
  StepDriver& stall_until(const std::string& time);
  StepDriver& stall_until(Instant time);
  /// Until nothing is left to happen, at most `most` longer.
  StepDriver& run_out(Millis most = date::days(60));

  StepDriver& gateway(Gateway gateway);
  /// What it says to a question; nothing: no answer yet.
  using Status = std::function<std::optional<Answer>(const policies::Ask&)>;
  StepDriver& status(Status status);
  /// The answer to a question that stayed in flight.
  StepDriver& say(const Answer& answer);
  /// The answer to a claim that stayed in flight; `returned`: its gateway is paused, back to the head of its shelf.
  StepDriver& answer(std::uint32_t ordinal, const Answer& answer);
  StepDriver& returned(std::uint32_t ordinal);
  StepDriver& receipt(const NoticeId& notice, ReceiptStatus status);
  StepDriver& policies(policies::PolicySet policies);

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const AccountRecord& record() const { return record_; }
  [[nodiscard]] const TaskCase& task() const { return task_; }
  [[nodiscard]] const policies::PolicySet& policies() const { return policies_; }
  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }
  [[nodiscard]] const std::vector<policies::Claim>& claims() const { return claims_; }
  [[nodiscard]] const std::vector<policies::Claim>& in_flight() const { return in_flight_; }
  [[nodiscard]] const std::vector<policies::Ask>& asked() const { return asked_; }
  [[nodiscard]] policies::Taken taken() const { return taken_; }
  /// Lines as Scenario's.
  [[nodiscard]] std::vector<std::string> told(const std::vector<std::string>& types = {"sent"}) const;
  [[nodiscard]] const Outcome& last(OutcomeType type) const;

  /// What must hold between any two steps: every pending notice is on a shelf, in flight, waiting for a receipt with a
  /// timer that ends the wait, or behind one of these; and no ladder step waits for a timer that is not armed. What is
  /// wrong, or nothing.
  [[nodiscard]] std::optional<std::string> stuck() const;

 private:
  struct Place {
    policies::Shelving shelving;
    Instant opens{};
    bool of_task = false;
  };
  void step(const policies::Input& input);
  void step_task(const policies::cases::TaskInput& input);
  /// The account numbers what is told of its task, so that a number is of one notice.
  template <typename What>
  void step_notice(std::uint32_t ordinal, const What& what);
  void take_in(policies::Effects effects, bool of_task);
  [[nodiscard]] PendingNotice* find(std::uint32_t ordinal);
  [[nodiscard]] policies::Verdict verdict_of(const Answer& answer) const;
  void take_turns();
  void fire_timers();
  void settle(const policies::Claim& claim, const Answer& answer);
  void settle(const policies::Ask& question, const Answer& answer);
  void claim(const policies::Claim& claim);
  void ask(const policies::Ask& question);
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] bool on_shelf(const PendingNotice& notice) const;
  [[nodiscard]] std::optional<std::string> stuck(const NoticeBook& book, std::optional<Instant> wakes) const;
  [[nodiscard]] std::optional<std::string> stuck(const PendingNotice& notice, const NoticeBook& book,
                                                 std::optional<Instant> wakes) const;

  AccountId account_;
  policies::PolicySet policies_;
  Gateway gateway_;
  AccountRecord record_;
  TaskCase task_;
  Instant now_{};
  std::vector<Place> shelf_;     ///< in the order of their turns
  std::vector<Instant> timers_;  ///< armed, stale ones among them
  std::vector<policies::Claim> in_flight_;
  std::vector<Outcome> outcomes_;
  std::vector<policies::Claim> claims_;
  Status status_;
  std::vector<policies::Ask> asked_;
  std::optional<policies::Ask> question_in_flight_;
  policies::Taken taken_ = policies::Taken::not_an_event;
  int count_ = 0;
};

/// What was handed to the gateway of a kind, in order.
[[nodiscard]] std::vector<policies::Claim> claims_of(const StepDriver& driver, NoticeKind kind);

/// `10:00` of the nth of March 2026 in Shanghai, as events have it.
[[nodiscard]] std::string march(int day, const std::string& time = "10:00:00");

}  // namespace dun::test
