#include "policies/credit_position.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// The state that the remembered balance gives; `unknown` when there is no balance.
CreditState state_by_balance(const Situation& now, CreditState unknown) {
  const CreditPosition& credit = now.record.credit;
  if (!credit.balance) return unknown;
  return derive_state(now.policies.credit, *credit.balance, credit.credit_limit, credit.currency);
}

/// A derived state does not undo what billing has said about suspension while money is still owed.
CreditState keep_suspension(CreditState present, CreditState derived) {
  return owed(derived) ? std::max(present, derived) : derived;
}

/// The amounts of the event in the place of those known: one position is one value. A limit in another currency than
/// the balance says nothing (E40).
void take_balance(CreditPosition& credit, const CreditEvent& event) {
  if (event.currency != credit.currency) credit.credit_limit.reset();
  credit.balance = event.balance;
  credit.currency = event.currency;
  credit.as_of = event.time;
}

/// An event that states the whole position: what it leaves out is unknown, unless the policy says that it is kept.
CreditPosition stated(const CreditPosition& before, const CreditEvent& event, const KeptFields& keep) {
  const auto choose = [](const auto& given, const auto& known, bool kept) { return given || !kept ? given : known; };
  CreditPosition credit{.state = *event.state, .balance = event.balance, .as_of = event.time};
  credit.currency = event.currency.empty() && keep.currency ? before.currency : event.currency;
  credit.credit_limit =
      choose(event.credit_limit, before.credit_limit, keep.credit_limit && credit.currency == before.currency);
  credit.due_at = choose(event.due_at, before.due_at, keep.due_at);
  credit.suspend_at = choose(event.suspend_at, before.suspend_at, keep.suspend_at);
  credit.exhausts_at = choose(event.exhausts_at, before.exhausts_at, keep.exhausts_at);
  return credit;
}

void take_change(Situation& now, const CreditEvent& event) {
  CreditPosition& credit = now.record.credit;
  if (event.state) {
    credit = stated(credit, event, now.policies.credit.keep);
    return;
  }
  // A balance alone: by the limit that is known, and beside the suspension that billing has announced.
  take_balance(credit, event);
  if (event.credit_limit) credit.credit_limit = event.credit_limit;
  credit.state = keep_suspension(credit.state, state_by_balance(now, credit.state));
  const KeptFields& keep = now.policies.credit.keep;
  if (event.due_at || !keep.due_at) credit.due_at = event.due_at;
  if (event.exhausts_at || !keep.exhausts_at) credit.exhausts_at = event.exhausts_at;
  if (event.suspend_at) credit.suspend_at = event.suspend_at;
}

void take_payment(Situation& now, const CreditEvent& event) {
  CreditPosition& credit = now.record.credit;
  if (event.balance) {
    take_balance(credit, event);
    // It never makes a position worse: what is not due yet by billing's own state is not due for having been paid a
    // part of.
    credit.state = std::min(credit.state, keep_suspension(credit.state, state_by_balance(now, credit.state)));
    return;
  }
  if (is_nothing(event)) return;
  // A payment that does not say what remains counts as payment in full (contract section 6): better one notice too few
  // than one to somebody who has paid. What billing says next sets it right.
  credit.balance.reset();
  credit.as_of = event.time;
  credit.state = CreditState::clear;
}

/// What was paid has not been paid: without a balance nobody knows how much is owed now.
void take_reversal(Situation& now, const CreditEvent& event) {
  CreditPosition& credit = now.record.credit;
  take_balance(credit, event);
  credit.state = keep_suspension(credit.state, state_by_balance(now, std::max(credit.state, CreditState::arrears)));
}

/// Somebody in arrears before `suspension.scheduled` is so again after `suspension.cancelled` without a known balance.
CreditState before_suspension(const AccountRecord& record) {
  return record.episode.ladder_anchor ? CreditState::arrears : CreditState::clear;
}

/// A suspension for another reason than a debt says nothing of the credit position.
bool for_debt(const CreditEvent& event) {
  return event.reason.value_or(SuspensionReason::debt) == SuspensionReason::debt;
}

void take_suspension(AccountRecord& record, const CreditEvent& event) {
  CreditPosition& credit = record.credit;
  record.service = for_debt(event) ? ServiceState::stopped : ServiceState::stopped_otherwise;
  credit.suspend_at.reset();
  // Billing may stop a service for a debt that was paid a moment ago: who is known to owe nothing is not in debt for
  // that.
  const bool never_stated = credit.as_of == Instant();
  if (for_debt(event) && (never_stated || owes(credit))) credit.state = CreditState::suspended;
}

}  // namespace

CreditState derive_state(const CreditOptions& options, Amount balance, std::optional<Amount> credit_limit,
                         std::string_view currency) {
  const Amount available = truncated_to_unit(balance.plus(credit_limit.value_or(Amount())), currency);
  if (available.negative()) return CreditState::arrears;
  return available < options.low_below ? CreditState::low : CreditState::clear;
}

std::optional<Owed> amount_owed(const CreditPosition& credit) {
  if (!credit.balance || !owes(credit)) return std::nullopt;
  const Amount limit = credit.credit_limit.value_or(Amount());
  const Amount available = truncated_to_unit(credit.balance->plus(limit), credit.currency);
  if (limit > Amount() && available.negative()) return Owed{.amount = -available, .beyond_limit = true};
  return Owed{.amount = -truncated_to_unit(*credit.balance, credit.currency)};
}

bool is_nothing(const CreditEvent& event) {
  return event.amount && truncated_to_unit(*event.amount, event.currency) == Amount();
}

void take_position(Situation& now, const CreditEvent& event) {
  AccountRecord& record = now.record;
  CreditPosition& credit = record.credit;
  switch (event.type) {
    case EventType::credit_changed:
      take_change(now, event);
      break;
    case EventType::payment_received:
      take_payment(now, event);
      break;
    case EventType::payment_reversed:
      take_reversal(now, event);
      break;
    case EventType::suspension_scheduled:
      if (event.balance) take_balance(credit, event);
      if (!for_debt(event)) break;
      credit.suspend_at = event.suspend_at;
      credit.state = CreditState::suspension_due;
      break;
    case EventType::suspension_cancelled:
      if (!for_debt(event)) break;
      credit.suspend_at.reset();
      if (credit.state == CreditState::suspension_due) credit.state = state_by_balance(now, before_suspension(record));
      break;
    case EventType::service_suspended:
      take_suspension(record, event);
      break;
    case EventType::service_resumed:
      record.service = ServiceState::running;
      if (credit.state == CreditState::suspended) credit.state = state_by_balance(now, CreditState::clear);
      break;
    case EventType::account_closed:
      record.closed = true;
      break;
    case EventType::account_reopened:
      record.closed = false;
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
  if (!owes(credit)) credit.suspend_at.reset();
  // What is to be suspended runs, whether or not billing has said so.
  if (credit.state == CreditState::suspension_due && stopped(record.service)) record.service = ServiceState::unknown;
}

}  // namespace dun::policies
