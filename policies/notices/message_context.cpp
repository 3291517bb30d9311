#include "policies/notices/message_context.hpp"

#include "policies/credit_position.hpp"

namespace dun::policies {

namespace {

/// Nothing announces what is past.
std::optional<Instant> ahead(const Desk& now, std::optional<Instant> date) {
  return date && *date > now.now ? date : std::nullopt;
}

/// What a text may threaten with: a suspension that has been made is not to come, and one whose day has passed without
/// it is not announced again.
CreditState state_to_tell(const Desk& now, const ToldOfAccount& told) {
  const CreditPosition& credit = told.credit;
  if (!owes(credit)) return owed(credit.state) ? CreditState::clear : credit.state;
  if (told.service == ServiceState::stopped) return CreditState::suspended;
  const bool overdue = credit.suspend_at && *credit.suspend_at <= now.now;
  return credit.state == CreditState::suspension_due && overdue ? CreditState::arrears : credit.state;
}

/// The position stands beside the fact that a notice tells: with a time of its own where it is of another, and for a
/// payment only where it is what that payment left.
void add_position(MessageContext& context, const CreditPosition& credit, const PendingNotice& notice) {
  const bool as_told = credit.as_of == notice.event_time;
  if (notice.kind == NoticeKind::payment_received && !as_told) return;
  context.balance = credit.balance;
  context.currency = credit.currency;
  if (const auto owed = amount_owed(credit)) {
    context.owed = owed->amount;
    if (owed->beyond_limit) context.credit_limit = credit.credit_limit;
  }
  if (credit.balance && !as_told) context.as_of = credit.as_of;
}

}  // namespace

MessageContext message_context(const Desk& now, const PendingNotice& notice, const Receiver& receiver,
                               const ToldOfAccount& told) {
  const CreditPosition& credit = told.credit;
  MessageContext context{.kind = notice.kind,
                         .step = notice.step,
                         .lang = receiver.lang,
                         .zone = receiver.zone->name(),
                         .brand = told.brand,
                         .account = now.account,
                         .event_time = notice.event_time,
                         .now = now.now,
                         .held = now.now - notice.wanted_at > now.policies.held_after,
                         .amount = notice.fact.amount,
                         .amount_currency = notice.fact.currency,
                         .due_at = credit.due_at,
                         .suspend_at = ahead(now, credit.suspend_at),
                         .exhausts_at = ahead(now, credit.exhausts_at),
                         .product = notice.fact.product,
                         .state = state_to_tell(now, told),
                         .reason = notice.fact.reason,
                         .credit_level = told.credit_level};
  // Billing may plan for a day what it has done already.
  if (context.state == CreditState::suspended) context.suspend_at.reset();
  if (notice.kind == NoticeKind::charge) context.charge_at = notice.announced;
  add_position(context, credit, notice);
  return context;
}

}  // namespace dun::policies
