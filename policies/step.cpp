#include "policies/step.hpp"

#include "policies/credit_position.hpp"
#include "policies/episode.hpp"
#include "policies/facts.hpp"
#include "policies/intake.hpp"
#include "policies/notice_inputs.hpp"
#include "policies/notices/at_risk.hpp"
#include "policies/notices/settle.hpp"
#include "policies/reconcile.hpp"
#include "policies/situation.hpp"

namespace dun::policies {
namespace {

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
  now.fact = {.event = &event, .service_before = now.record.service};
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
  now.fact = {.event = &event, .service_before = service_before};
}

void on_input(Situation& now, const EventArrived& input) {
  follow_the_clock(now);
  const CreditEvent& event = *input.event;
  if (event.type != EventType::receipt) return apply(now, event);
  now.effects.taken = take_receipt(now, event);
}

void on_input(Situation& now, const TimerFired& timer) {
  follow_the_clock(now);
  if (now.record.wake_at != timer.at) return;
  now.record.wake_at.reset();
  now.effects.record_changed = true;
}

/// Where the suspension stands of which the manager was to know, billing is told (at_risk.hpp).
void on_input(Situation& now, const ManagerUntold& ended) {
  report_unwarned(now, ended.notice);
  now.effects.record_changed |= !now.effects.outcomes.empty();
}

/// What the change makes void goes first, so that a text never contradicts the one before it.
void follow_up(Situation& now) {
  reconcile(now);
  tell_of_fact(now);
  arm_timer(now);
}

}  // namespace

Effects step(const AccountId& account, AccountRecord& record, const Input& input, const PolicySet& policies,
             Instant now) {
  Situation situation(account, record, policies, now);
  // A review asks whether anything is to be changed; whatever else changes nothing needs no rules.
  std::optional<AccountRecord> before;
  if (std::holds_alternative<Reviewed>(input)) before = record;
  std::visit([&](const auto& what) { on_input(situation, what); }, input);
  if (before || situation.effects.record_changed) follow_up(situation);
  if (before && record != *before) situation.effects.record_changed = true;
  return std::move(situation.effects);
}

}  // namespace dun::policies
