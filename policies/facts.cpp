#include "policies/facts.hpp"

#include "policies/credit_position.hpp"
#include "policies/notices/notices.hpp"

namespace dun::policies {
namespace {

/// A debt is not given as the reason to somebody who owes nothing, whatever billing says of it.
SuspensionReason reason_to_tell(const Situation& now, const CreditEvent& event) {
  const SuspensionReason reason = event.reason.value_or(SuspensionReason::debt);
  return reason == SuspensionReason::debt && !owes(now.record.credit) ? SuspensionReason::other : reason;
}

/// A suspension of which nobody is told: for another reason than a debt, or for a debt that nobody has.
void report_unannounced(Situation& now, const CreditEvent& event) {
  const SuspensionReason reason = event.reason.value_or(SuspensionReason::debt);
  if (!event.suspend_at || reason == SuspensionReason::own_wish) return;
  if (reason == SuspensionReason::debt && owes(now.record.credit)) return;
  Outcome& outcome = now.put_out(OutcomeType::suspension_at_risk);
  outcome.event_time = event.time;
  outcome.detail = "suspension planned for " + to_rfc3339(*event.suspend_at) + "; the customer is not warned";
  outcome.reasons = {reason == SuspensionReason::debt ? credit_reason(now.record.credit)
                                                      : "suspension." + std::string(to_text(reason))};
}

}  // namespace

void tell_of_fact(Situation& now) {
  if (!now.fact) return;
  const CreditEvent& event = *now.fact->event;
  const ServiceState service_before = now.fact->service_before;
  const auto tell = [&](NoticeKind kind) {
    issue(now, {.kind = kind,
                .cause = event.id,
                .event_time = event.time,
                .episode = event.identity,
                .reasons = {"follow." + std::string(to_text(event.type))},
                .announced = kind == NoticeKind::charge ? event.charge_at : std::nullopt,
                .fact = SingleFact{.amount = event.amount,
                                   .currency = event.currency,
                                   .product = event.product,
                                   .reason = reason_to_tell(now, event)}});
  };
  switch (event.type) {
    case EventType::payment_received:
      if (!is_nothing(event)) tell(NoticeKind::payment_received);
      return;
    case EventType::suspension_scheduled:
      return report_unannounced(now, event);
    case EventType::refund_credited:
      return tell(NoticeKind::refund);
    case EventType::charge_upcoming:
      return tell(NoticeKind::charge);
    case EventType::service_suspended:
      if (!stopped(service_before)) tell(NoticeKind::suspended);
      return;
    case EventType::service_resumed:
      if (service_before != ServiceState::running) tell(NoticeKind::resumed);
      return;
    default:
      return;
  }
}

void end_thanks(Situation& now, const CreditEvent& reversal) {
  for (std::size_t i = 0; i < now.record.pending.size(); ++i) {
    const PendingNotice& notice = now.record.pending[i];
    if (notice.kind != NoticeKind::payment_received || !is_untold(notice)) continue;
    if (notice.fact.amount != reversal.amount || notice.fact.currency != reversal.currency) continue;
    return end_notice(now, notice.ordinal, OutcomeType::notice_cancelled, "payment.reversed");
  }
}

}  // namespace dun::policies
