#include "policies/step.hpp"

#include "policies/credit_position.hpp"
#include "policies/evaluate.hpp"
#include "policies/gates.hpp"
#include "policies/intake.hpp"
#include "policies/notices.hpp"
#include "policies/settle.hpp"
#include "policies/turn.hpp"

namespace dun::policies {
namespace {

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

/// Notices that follow a single fact at once, whatever the credit position is.
void tell_of_fact(Situation& now, const CreditEvent& event, ServiceState service_before) {
  const auto tell = [&](NoticeKind kind) {
    issue(now, {.kind = kind,
                .cause = event.id,
                .event_time = event.time,
                .episode = event.identity,
                .reasons = {"follow." + std::string(to_text(event.type))},
                .announced = kind == NoticeKind::charge ? event.charge_at : std::nullopt,
                .event = &event});
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

Outcome& put_out_event(Situation& now, OutcomeType type, const CreditEvent& event) {
  Outcome& outcome = now.put_out(type);
  outcome.cause = event.id;
  outcome.event_time = event.time;
  outcome.event_type = to_text(event.type);
  return outcome;
}

std::string describe_position(const CreditPosition& credit) {
  std::string text(to_text(credit.state));
  if (credit.balance)
    text += ", balance " + credit.balance->to_text() + (credit.currency.empty() ? "" : " " + credit.currency);
  if (credit.suspend_at) text += ", suspension at " + to_rfc3339(*credit.suspend_at);
  return text;
}

/// What came in and changes nothing; a payment is a fact of its own all the same (D20).
void put_aside(Situation& now, const CreditEvent& event) {
  const Taken taken = now.effects.taken;
  put_out_event(now,
                taken == Taken::duplicate  ? OutcomeType::event_duplicate
                : taken == Taken::conflict ? OutcomeType::event_conflict
                                           : OutcomeType::event_superseded,
                event);
  if (taken != Taken::superseded || event.type != EventType::payment_received) return;
  now.effects.record_changed = true;
  now.cause = event.id;
  tell_of_fact(now, event, now.record.service);
  reconcile(now);
}

/// What was paid and taken back is not thanked for any more.
void end_thanks(Situation& now, const CreditEvent& reversal) {
  for (std::size_t i = 0; i < now.record.pending.size(); ++i) {
    const PendingNotice& notice = now.record.pending[i];
    if (notice.kind != NoticeKind::payment_received || !is_untold(notice)) continue;
    if (notice.amount != reversal.amount || notice.currency != reversal.currency) continue;
    return end_notice(now, notice.ordinal, OutcomeType::notice_cancelled, "payment.reversed");
  }
}

/// What the event carried in vain (S20), its zone too where the tz database does not know it: nobody finds out by what
/// does not happen.
std::string left_out(const CreditEvent& event) {
  std::vector<RefusedField> refused = event.refused;
  if (event.profile.zone && find_zone(*event.profile.zone) == nullptr)
    refused.push_back({.field = "zone", .reason = "the tz database knows no zone \"" + *event.profile.zone + '"'});
  return refused.empty() ? "" : "; " + describe_refused(refused);
}

void apply(Situation& now, const CreditEvent& event) {
  now.effects.taken = take_in(now, event);
  if (now.effects.taken != Taken::applied) return put_aside(now, event);
  now.effects.record_changed = true;
  now.cause = event.id;
  AccountRecord& record = now.record;
  const CreditPosition before = record.credit;
  const ServiceState service_before = record.service;
  const bool was_held = now.hold_ends().has_value();
  const bool was_closed = record.closed;
  take_position(now, event);
  put_out_event(now, OutcomeType::event_applied, event).detail = describe_position(record.credit) + left_out(event);
  follow_episode(now, event, before, was_held);
  if (was_closed && !record.closed) begin_again(now);
  if (event.type == EventType::payment_reversed) end_thanks(now, event);
  // What the change makes void goes first, so that a text never contradicts the one before it.
  reconcile(now);
  tell_of_fact(now, event, service_before);
}

/// A turn is of a moment before the last decisions; any other input is not, unless the clock was set back.
void follow_the_clock(Situation& now) {
  if (!take_back_the_clock(now)) return;
  now.effects.record_changed = true;
  reconcile(now);
}

void on_input(Situation& now, const EventArrived& input) {
  follow_the_clock(now);
  const CreditEvent& event = *input.event;
  if (event.type != EventType::receipt) return apply(now, event);
  now.effects.taken = take_receipt(now, event);
  if (now.effects.record_changed) reconcile(now);
}

void on_input(Situation& now, const TimerFired& timer) {
  follow_the_clock(now);
  if (now.record.wake_at != timer.at) return;
  now.record.wake_at.reset();
  now.effects.record_changed = true;
  reconcile(now);
}

void on_input(Situation& now, const TurnCome& turn) {
  take_turn(now, turn);
  if (now.effects.record_changed) reconcile(now);
}

void on_input(Situation& now, const Reviewed& found) {
  follow_the_clock(now);
  const AccountRecord before = now.record;
  PendingNotice* notice = find_notice(now.record, found.ordinal);
  const bool listed = notice != nullptr && notice->generation == found.generation;
  // Shelves open within a second of what is on them, but for one that was the present by a clock that was set back.
  if (listed && notice->state == NoticeState::held && !notice->in_flight && found.opens - notice->due_at >= Seconds(1))
    shelve(now, *notice, notice->due_at);
  reconcile(now);
  arm_timer(now);
  now.effects.record_changed |= now.record != before;
}

void on_input(Situation& now, const Settled& settled) {
  take_back_the_clock(now);
  settle(now, settled);
}

}  // namespace

Effects step(const AccountId& account, AccountRecord& record, const Input& input, const PolicySet& policies,
             Instant now) {
  Situation situation(account, record, policies, now);
  std::visit([&](const auto& what) { on_input(situation, what); }, input);
  if (situation.effects.record_changed) arm_timer(situation);
  return std::move(situation.effects);
}

Effects step_unrenderable(const AccountId& account, AccountRecord& record, std::uint32_t ordinal,
                          const std::string& why, const PolicySet& policies, Instant now) {
  Situation situation(account, record, policies, now);
  situation.effects.record_changed = true;
  end_notice(situation, ordinal, OutcomeType::notice_failed, "messages.unrenderable");
  situation.effects.outcomes.front().detail = why;
  reconcile(situation);
  arm_timer(situation);
  return std::move(situation.effects);
}

}  // namespace dun::policies
