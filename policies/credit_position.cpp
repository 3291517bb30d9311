#include "policies/credit_position.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// The state that the remembered balance gives; `unknown` when there is no balance.
CreditState state_by_balance(const Situation& now, CreditState unknown) {
  const CreditPosition& credit = now.record.credit;
  return credit.balance ? derive_state(now.policies.credit, *credit.balance, credit.credit_limit) : unknown;
}

/// A derived state does not undo what billing has said about suspension while money is still owed.
CreditState keep_suspension(CreditState present, CreditState derived) {
  return owed(derived) ? std::max(present, derived) : derived;
}

void take_amounts(CreditPosition& credit, const CreditEvent& event) {
  // What was known in another currency says nothing in this one (E40).
  if (!event.currency.empty() && !credit.currency.empty() && event.currency != credit.currency) {
    credit.balance.reset();
    credit.credit_limit.reset();
  }
  if (event.balance) credit.balance = event.balance;
  if (event.credit_limit) credit.credit_limit = event.credit_limit;
  if (!event.currency.empty()) credit.currency = event.currency;
  if (event.due_at) credit.due_at = event.due_at;
  if (event.suspend_at) credit.suspend_at = event.suspend_at;
  if (event.exhausts_at) credit.exhausts_at = event.exhausts_at;
}

void take_payment(Situation& now, const CreditEvent& event) {
  CreditPosition& credit = now.record.credit;
  take_amounts(credit, event);
  if (event.balance) {
    // It never makes a position worse: what is not due yet by billing's own state is not due for having been paid a
    // part of.
    credit.state = std::min(credit.state, keep_suspension(credit.state, state_by_balance(now, credit.state)));
    return;
  }
  // A payment that does not say what remains counts as payment in full (CONTRACT section 6): better one notice too few
  // than one to somebody who has paid. What billing says next sets it right.
  credit.balance.reset();
  credit.state = CreditState::clear;
}

/// Somebody in arrears before `suspension.scheduled` is so again after `suspension.cancelled` without a known balance.
CreditState before_suspension(const AccountRecord& record) {
  return record.episode.ladder_anchor ? CreditState::arrears : CreditState::clear;
}

}  // namespace

CreditState derive_state(const CreditOptions& options, Amount balance, std::optional<Amount> credit_limit) {
  const Amount available = balance.plus(credit_limit.value_or(Amount()));
  if (available.negative()) return CreditState::arrears;
  return available < options.low_below ? CreditState::low : CreditState::clear;
}

void take_position(Situation& now, const CreditEvent& event) {
  AccountRecord& record = now.record;
  CreditPosition& credit = record.credit;
  switch (event.type) {
    case EventType::credit_changed:
      take_amounts(credit, event);
      credit.state = event.state ? *event.state : keep_suspension(credit.state, state_by_balance(now, credit.state));
      break;
    case EventType::payment_received:
      take_payment(now, event);
      break;
    case EventType::suspension_scheduled:
      take_amounts(credit, event);
      credit.state = CreditState::suspension_due;
      break;
    case EventType::suspension_cancelled:
      credit.suspend_at.reset();
      if (credit.state == CreditState::suspension_due) credit.state = state_by_balance(now, before_suspension(record));
      break;
    case EventType::service_suspended:
      record.service = ServiceState::stopped;
      credit.state = CreditState::suspended;
      credit.suspend_at.reset();
      break;
    case EventType::service_resumed:
      record.service = ServiceState::running;
      if (credit.state == CreditState::suspended) credit.state = state_by_balance(now, CreditState::clear);
      break;
    case EventType::account_closed:
      record.closed = true;
      break;
    case EventType::dispute_opened:
      record.dispute_until = event.until;
      break;
    case EventType::dispute_closed:
      record.dispute_until.reset();
      break;
    case EventType::promise_made:
      record.promise_until = event.until.value_or(event.time + now.policies.holds.promise_default);
      break;
    case EventType::promise_withdrawn:
      record.promise_until.reset();
      break;
    default:
      break;
  }
  if (!owed(credit.state)) credit.suspend_at.reset();
  // What is to be suspended runs, whether or not billing has said so.
  if (credit.state == CreditState::suspension_due && record.service == ServiceState::stopped)
    record.service = ServiceState::unknown;
}

}  // namespace dun::policies
