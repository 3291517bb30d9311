// What operators set in policies.toml, rule by rule. The defaults are the shipped behaviour (contract section 6).
#pragma once

#include "domain/credit_event.hpp"
#include "domain/money.hpp"
#include "domain/quiet_window.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dun::policies {

/// Fields of a position that a producer may leave out where they have not changed. The balance is not among them: an
/// amount is never told with the time of another event.
struct KeptFields {
  bool credit_limit = false, currency = false, due_at = false, suspend_at = false, exhausts_at = false;
  friend bool operator==(const KeptFields&, const KeptFields&) = default;
};

/// How the state is derived when billing sends none (credit.changed, payment.received, suspension.cancelled).
/// Available credit is `balance + credit_limit`: below zero is `arrears`, below `low_below` is `low`, else `clear`.
struct CreditOptions {
  Amount low_below;  ///< in the account's currency; 0: `low` is never derived
  /// What `credit.changed` with a state leaves out is unknown from then on, but for these, which stay as they were.
  KeptFields keep;
  BalanceMeans balance_means = BalanceMeans::credit;  ///< how billing counts; turned where events are read (D21)
  friend bool operator==(const CreditOptions&, const CreditOptions&) = default;
};

struct LadderStep {
  int after_days = 0;  ///< calendar days after arrears were entered, at the same local time
  friend bool operator==(const LadderStep&, const LadderStep&) = default;
};

/// The dunning ladder. When several steps have come due unsent, the latest alone is sent (E16, E17).
struct LadderOptions {
  std::vector<LadderStep> steps{{0}, {3}, {7}};  ///< steps 1, 2, 3; days grow strictly
  friend bool operator==(const LadderOptions&, const LadderOptions&) = default;
};

/// Early notice before suspension.
struct LeadTimeOptions {
  Millis lead = std::chrono::hours(24);      ///< the warning is out at least this long before `suspend_at`
  Millis margin = std::chrono::minutes(30);  ///< before a quiet window that the due instant would fall into
  friend bool operator==(const LeadTimeOptions&, const LeadTimeOptions&) = default;
};

using dun::DaySet;
using dun::every_day;
using dun::QuietWindow;

struct QuietHoursOptions {
  std::vector<QuietWindow> windows;
  KindSet kinds;  ///< the notice kinds that keep the quiet hours
  friend bool operator==(const QuietHoursOptions&, const QuietHoursOptions&) = default;
};

/// Customers who get their account manager's call in place of machine threats.
struct VipOptions {
  std::vector<int> levels{7};  ///< values of `credit_level`
  KindSet spared;              ///< kinds that such a customer does not get; a task is opened instead
  friend bool operator==(const VipOptions&, const VipOptions&) = default;
};

/// Frequency caps on one kind, counted by calendar day of the account's zone (E29).
struct CapOptions {
  NoticeKind kind = NoticeKind::dunning;
  int per_day = 1;   ///< 0: no cap
  int per_week = 3;  ///< in any seven consecutive calendar days; 0: no cap
  friend bool operator==(const CapOptions&, const CapOptions&) = default;
};

struct ConsentOptions {
  KindSet opt_in;     ///< kinds that need the account's `opt_in`
  KindSet mandatory;  ///< kinds that an `opt_out` does not stop
  friend bool operator==(const ConsentOptions&, const ConsentOptions&) = default;
};

/// How long a notice may be held before it is void (E9), measured from when it was first to go.
struct ExpiryOptions {
  std::array<Millis, notice_kinds> max_hold{};  ///< by kind; 0: no bound
  friend bool operator==(const ExpiryOptions&, const ExpiryOptions&) = default;
};

/// Disputes and promises to pay hold the ladder; a promise without `until` holds it this long.
struct HoldOptions {
  Millis promise_default = std::chrono::hours(72);
  friend bool operator==(const HoldOptions&, const HoldOptions&) = default;
};

/// Which accounts are told nothing at all (E23).
struct ExclusionOptions {
  std::vector<std::string> segments;  ///< values of `segment`, for example internal and test accounts
  friend bool operator==(const ExclusionOptions&, const ExclusionOptions&) = default;
};

/// Before any rule: which events are taken.
struct IntakeOptions {
  Millis future_max = std::chrono::minutes(10);  ///< an event's `time` may lie this far ahead of the clock (E36)
  Millis past_max = date::days(1830);            ///< and this far behind it: a clock at zero says 1970 (D15)
  Millis plausible = date::days(3660);           ///< every other instant of an event lies within this of the clock
  int ids_remembered = 12;                       ///< event ids an account remembers against repeats; 1 to 64
  friend bool operator==(const IntakeOptions&, const IntakeOptions&) = default;
};

/// Somebody who works tasks: an entry of people.toml.
struct Person {
  std::string id, name, phone, zone, lang, deputy, supervisor;
  std::vector<QuietWindow> quiet;  ///< when not to message this person; empty: at any hour
  std::chrono::minutes work_from{9 * 60};
  std::chrono::minutes work_until{18 * 60};
  DaySet work_days = 0x1f;
  friend bool operator==(const Person&, const Person&) = default;
};

struct PeopleOptions {
  std::map<std::string, Person, std::less<>> people;
  std::string default_manager;  ///< for accounts whose `manager` is not given or not listed; empty: nobody
  friend bool operator==(const PeopleOptions&, const PeopleOptions&) = default;
};

/// Everything above, as one value. An engine holds one at a time and swaps it whole.
struct PolicySet {
  std::string hash;  ///< short, of the configuration it was read from; stamped on every outcome
  std::string default_zone = "Asia/Shanghai";
  Millis held_after = std::chrono::minutes(10);  ///< a text says so when its notice was held for longer
  CreditOptions credit;
  QuietHoursOptions quiet_hours;
  LadderOptions ladder;
  LeadTimeOptions lead_time;
  VipOptions vip;
  std::vector<CapOptions> caps{CapOptions{}};
  ConsentOptions consent;
  ExpiryOptions expiry;
  HoldOptions holds;
  ExclusionOptions exclusions;
  IntakeOptions intake;
  std::array<Lane, notice_kinds> lanes{};  ///< by kind
  PeopleOptions people;
  friend bool operator==(const PolicySet&, const PolicySet&) = default;
};

/// What an event that is read at `now` may say.
[[nodiscard]] EventBounds event_bounds(const PolicySet& policies, Instant now);

/// The shipped behaviour, as config/policies.toml states it; a test holds the two together.
[[nodiscard]] PolicySet shipped_policies();

/// The account manager of that id, or the configured default; nullptr if nobody is configured.
[[nodiscard]] const Person* find_person(const PolicySet& policies, const std::string& id);

}  // namespace dun::policies
