// One step in progress: what every rule may look at, and where it puts what follows. Internal to policies/.
#pragma once

#include "domain/account_record.hpp"
#include "domain/credit_event.hpp"
#include "policies/calendar.hpp"
#include "policies/effects.hpp"
#include "policies/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dun::policies {

struct Situation {
  const AccountId& account;
  AccountRecord& record;
  const PolicySet& policies;
  Instant now{};
  EventId cause;               ///< the event being applied; empty at timers and turns
  const Zone* zone = nullptr;  ///< the account's, or the configured one; never null
  /// A fact that the event being applied states, to be told when the rules have run.
  struct Fact {
    const CreditEvent* event = nullptr;
    ServiceState service_before = ServiceState::unknown;
  };
  std::optional<Fact> fact;
  Effects effects{};

  Situation(const AccountId& account_, AccountRecord& record_, const PolicySet& policies_, Instant now_);

  /// Looks up the account's zone again, after its profile changed (E3: unknown means the configured one).
  void find_account_zone();
  [[nodiscard]] bool vip() const;
  /// An account of ours or for tests, which is told nothing and bothers nobody (E23).
  [[nodiscard]] bool excluded() const;
  /// The account manager is told in the place of the customer.
  [[nodiscard]] bool spared(NoticeKind kind) const;
  /// `vip.levelN`
  [[nodiscard]] std::string vip_reason() const;
  /// A dispute or promise holds the ladder now: its rule id, else nothing.
  [[nodiscard]] std::string_view hold() const;
  [[nodiscard]] std::optional<Instant> hold_ends() const;

  /// An outcome about this account, stamped with now and the policy hash.
  Outcome& put_out(OutcomeType type);
  /// The same about a notice, with all that is known of it. Its cause is the event behind the notice; of one that is
  /// cancelled, the event that did so.
  Outcome& put_out(OutcomeType type, const PendingNotice& notice);
};

/// arrears, suspension_due or suspended.
[[nodiscard]] bool owed(CreditState state);
/// Money is owed and due: the state says so, and the balance, where it is known, does not say otherwise. Nothing of a
/// debt is told to anybody else.
[[nodiscard]] bool owes(const CreditPosition& credit);
/// Why something about a debt no longer holds: `credit.clear`, `credit.low` ...
[[nodiscard]] std::string credit_reason(const CreditPosition& credit);
/// The service is stopped, for whatever reason.
[[nodiscard]] bool stopped(ServiceState service);

/// A notice of this kind goes to the account manager and not to the customer.
[[nodiscard]] bool to_manager(NoticeKind kind);

[[nodiscard]] NoticeId notice_id(const AccountId& account, const PendingNotice& notice);
[[nodiscard]] TaskId task_id(const AccountId& account, const Task& task);

}  // namespace dun::policies
