// What the words of the contract make of one account's events: written from CONTRACT.md and EDGE-CASES.md, with nothing
// of policies/. Where they leave room for doubt the model takes the side of the engine, and says so.
#pragma once

#include "domain/credit_event.hpp"
#include "domain/outcome.hpp"

#include <date/tz.h>

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace dun::test {

/// A notice that the contract demands: of this kind, for what became true at this time.
struct Owed {
  NoticeKind kind = NoticeKind::dunning;
  std::optional<int> step;  ///< none: any
  Instant event_time{};
  std::string cause;
};

/// Quiet hours in force, as wall times; a window that wraps ends on the next day. Half-open.
struct Night {
  std::chrono::minutes from{22 * 60}, until{7 * 60};
};
using Nights = std::vector<Night>;

class AccountModel {
 public:
  /// Takes the next event of the account's stream: how it must be taken, and what follows if it is applied.
  OutcomeType take(const Fields& fields, Instant now);
  /// What the last applied event demands to be told.
  [[nodiscard]] std::vector<Owed> take_owed() { return std::exchange(owed_, {}); }
  /// Ladder steps that must have been issued when the clock shows `now`, though nothing was said of the account since.
  [[nodiscard]] std::vector<Owed> ladder_owed(Instant now) const;

  /// Why a notice of this kind must not be claimed at `now`; empty if it may be.
  [[nodiscard]] std::string forbids(NoticeKind kind, Instant now, const Nights& nights) const;
  [[nodiscard]] bool quiet(NoticeKind kind, Instant now, const Nights& nights) const;
  /// Whether quiet hours end at `instant`, for a notice of this kind.
  [[nodiscard]] bool night_ends_at(NoticeKind kind, Instant instant, const Nights& nights) const;
  [[nodiscard]] date::local_days day_of(Instant instant) const;
  /// Grows whenever a dispute or promise begins or ends by an event: the ladder may start again (E18).
  [[nodiscard]] int holds_moved() const { return holds_moved_; }

 private:
  [[nodiscard]] OutcomeType intake(const Fields& fields);
  void take_profile(const Fields& fields);
  void take_position(const Fields& fields);
  void take_hold(const Fields& fields);
  void demand(const Fields& fields, bool fresh, const std::string& service, Instant now);
  [[nodiscard]] bool held() const { return disputed_until_ || promised_until_; }
  [[nodiscard]] bool vip() const { return level_ == 7; }

  std::deque<std::string> seen_;  ///< ids and contents of the last events applied
  std::optional<std::int64_t> seq_;
  Instant position_time_{}, profile_time_{}, hold_time_{};
  const date::time_zone* zone_ = date::locate_zone("Asia/Shanghai");
  int level_ = 0;
  std::set<std::string> opt_in_, opt_out_;
  bool closed_ = false;
  bool owes_ = false;    ///< false: certainly not
  bool fresh_ = true;    ///< true: certainly clear, and no episode is open
  std::string service_;  ///< the last event that said so
  std::optional<Amount> balance_, limit_;
  std::string currency_;
  std::optional<Instant> disputed_until_, promised_until_;
  int holds_moved_ = 0;
  std::optional<Owed> ladder_;  ///< runs undisturbed since its first step was owed
  Instant ladder_from_{};
  std::vector<Owed> owed_;
};

}  // namespace dun::test
