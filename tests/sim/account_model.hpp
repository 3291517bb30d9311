// What the words of the contract make of one account's events: written from docs/contract.md and docs/edge_cases.md,
// with nothing of policies/. Where they leave room for doubt the model takes the side of the engine, and says so.
#pragma once

#include "domain/credit_event.hpp"
#include "domain/outcome.hpp"
#include "tests/sim/position_model.hpp"

#include <date/tz.h>

#include <deque>
#include <map>
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
  std::optional<Instant> decided_from;  ///< then it is any that was decided since, whatever its cause
};

/// A suspension for which somebody must have been warned, or told that the warning fails.
struct Announced {
  Instant suspend_at{};
  std::string cause;
};

/// Quiet hours in force, as wall times; a window that wraps ends on the next day. Half-open.
struct Night {
  std::chrono::minutes from{22 * 60}, until{7 * 60};
};
using Nights = std::vector<Night>;

class AccountModel {
 public:
  /// Takes the next event of the account's stream: how it must be taken, and what follows if it is applied. `said`: how
  /// the engine took it, which decides where the contract leaves it open.
  OutcomeType take(const Fields& fields, Instant now, OutcomeType said = OutcomeType::event_applied);
  /// What the last applied event demands to be told.
  [[nodiscard]] std::vector<Owed> take_owed() { return std::exchange(owed_, {}); }
  /// Ladder steps that must have been issued when the clock shows `now`, though nothing was said of the account since.
  [[nodiscard]] std::vector<Owed> ladder_owed(Instant now) const;

  /// The suspension that stands, if one is certainly planned for somebody who certainly owes.
  [[nodiscard]] std::optional<Announced> announced() const;
  /// Arrears that came before anything else was known of the account: nothing but a first step is said of them (D22).
  [[nodiscard]] bool first_heard_of() const { return first_heard_of_; }
  [[nodiscard]] bool closed() const { return closed_; }
  [[nodiscard]] const PositionModel& position() const { return position_; }
  /// What a text shows of it.
  [[nodiscard]] date::local_time<std::chrono::minutes> local(Instant instant) const {
    return date::floor<std::chrono::minutes>(zone_->to_local(instant));
  }
  /// The later one where a wall time comes twice.
  [[nodiscard]] Instant read_off(date::local_time<Millis> wall) const;

  /// Why a notice of this kind must not be claimed at `now`; empty if it may be.
  [[nodiscard]] std::string forbids(NoticeKind kind, Instant now, const Nights& nights) const;
  [[nodiscard]] bool quiet(NoticeKind kind, Instant now, const Nights& nights) const;
  /// Whether quiet hours end at `instant`, for a notice of this kind.
  [[nodiscard]] bool night_ends_at(NoticeKind kind, Instant instant, const Nights& nights) const;
  [[nodiscard]] date::local_days day_of(Instant instant) const;
  /// Grows whenever a dispute or promise begins or ends by an event, or a closed account is opened again: the ladder
  /// may start again (E18, D23).
  [[nodiscard]] int holds_moved() const { return holds_moved_; }

 private:
  /// An event that was applied, as far as repeats of it are known by it.
  struct Seen {
    std::string identity, content;
    bool states_position = false;  ///< the same content under another identity is no news (D18)
  };

  [[nodiscard]] OutcomeType intake(const Fields& fields, OutcomeType said);
  [[nodiscard]] bool in_sequence(const Fields& fields) const;
  [[nodiscard]] std::optional<bool> superseded(const Fields& fields) const;
  void remember(const Fields& fields);
  void take_profile(const Fields& fields);
  void take_fact(const Fields& fields);
  void take_hold(const Fields& fields);
  void demand(const Fields& fields, bool fresh, const std::string& service, Instant now);
  void owe(const Fields& fields, NoticeKind kind, std::optional<int> step = 0);
  [[nodiscard]] bool held() const { return disputed_until_ || promised_until_; }
  [[nodiscard]] bool vip() const { return level_ == 7; }

  std::deque<Seen> seen_;                    ///< the last events applied
  std::map<std::string, std::int64_t> seq_;  ///< by source
  Instant position_time_{}, profile_time_{}, hold_time_{};
  const date::time_zone* zone_ = date::locate_zone("Asia/Shanghai");
  int level_ = 0;
  std::set<std::string> opt_in_, opt_out_;
  std::string numbered_by_;  ///< the source of the last position, if it numbers what it says
  bool closed_ = false;
  bool known_ = false;  ///< something was said of its position
  bool first_heard_of_ = false;
  PositionModel position_;
  std::string service_;  ///< the last event that said so
  std::optional<Instant> disputed_until_, promised_until_;
  int holds_moved_ = 0;
  std::optional<Owed> ladder_;  ///< runs undisturbed since its first step was owed
  Instant ladder_from_{};
  std::vector<Owed> owed_;
};

}  // namespace dun::test
