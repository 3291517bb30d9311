// One step in progress, as far as all subjects have it in common: the notices of one subject and where it puts what
// follows. What differs between an account and a case is asked of it. Internal to policies/.
#pragma once

#include "domain/notice.hpp"
#include "domain/receiver.hpp"
#include "policies/effects.hpp"
#include "policies/gates/caps.hpp"
#include "policies/options.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dun::policies {

class Desk {
 public:
  Desk(const AccountId& account_, NoticeBook& book_, const PolicySet& policies_, Instant now_)
      : account(account_), book(book_), policies(policies_), now(now_) {}
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  virtual ~Desk() = default;

  const AccountId& account;  ///< that the notices are about
  NoticeBook& book;
  const PolicySet& policies;
  Instant now{};
  EventId cause;  ///< the event being applied; empty at timers and turns
  Effects effects{};

  /// An outcome about this account, stamped with now and the policy hash.
  Outcome& put_out(OutcomeType type);
  /// The same about a notice, with all that is known of it. Its cause is the event behind the notice; of one that is
  /// cancelled, the event that did so.
  Outcome& put_out(OutcomeType type, const PendingNotice& notice);

  /// Whom a notice of this kind is for, and how they are reached.
  [[nodiscard]] virtual Receiver receiver_of(NoticeKind kind) const = 0;
  /// Why a notice of this kind must never go (consent, exclusion): a rule id, or nothing.
  [[nodiscard]] virtual std::string_view suppressed_by(NoticeKind kind) const = 0;
  /// A cap that forbids it then.
  [[nodiscard]] virtual std::optional<Capped> find_cap(const PendingNotice& notice, Instant at) const = 0;
  /// Why it no longer holds: a rule id, or nothing.
  [[nodiscard]] virtual std::string void_by(const PendingNotice& notice) const = 0;
  /// What its text may mention.
  [[nodiscard]] virtual MessageContext message_context(const PendingNotice& notice, const Receiver& receiver) const = 0;
  /// What waits tells the position as it is now, with its time: never the time of one fact beside the amount of another
  /// (D4).
  virtual void follow_position() = 0;
  /// It was handed over then, or perhaps: it counts towards caps. And that it was not, after all.
  virtual void count_told(NoticeKind kind, Instant at) = 0;
  virtual void uncount(const PendingNotice& notice) = 0;
  /// It has ended, and its receiver was not told.
  virtual void ended_untold(const PendingNotice& notice) = 0;
};

[[nodiscard]] NoticeId notice_id(const AccountId& account, const PendingNotice& notice);

}  // namespace dun::policies
