// One step of an account in progress: what every rule may look at, and where it puts what follows. Internal to
// policies/.
#pragma once

#include "domain/account_record.hpp"
#include "domain/credit_event.hpp"
#include "policies/calendar.hpp"
#include "policies/desk.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace dun::policies {

class Situation final : public Desk {
 public:
  Situation(const AccountId& account_, AccountRecord& record_, const PolicySet& policies_, Instant now_);

  AccountRecord& record;
  const Zone* zone = nullptr;  ///< the account's, or the configured one; never null
  /// A fact that the event being applied states, to be told when the rules have run.
  struct Fact {
    const CreditEvent* event = nullptr;
    ServiceState service_before = ServiceState::unknown;
  };
  std::optional<Fact> fact;

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

  /// To the case of this account's task.
  void write(std::variant<cases::TellManager, cases::CloseTask, cases::Remark> what);

  [[nodiscard]] Receiver receiver_of(NoticeKind kind) const override;
  [[nodiscard]] std::string_view suppressed_by(NoticeKind kind) const override;
  [[nodiscard]] std::optional<Capped> find_cap(const PendingNotice& notice, Instant at) const override;
  [[nodiscard]] std::string void_by(const PendingNotice& notice) const override;
  [[nodiscard]] MessageContext message_context(const PendingNotice& notice, const Receiver& receiver) const override;
  void follow_position() override;
  void count_told(NoticeKind kind, Instant at) override;
  void uncount(const PendingNotice& notice) override;
  void ended_untold(const PendingNotice& notice) override;
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

}  // namespace dun::policies
