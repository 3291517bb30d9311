#include "tests/sim/position_model.hpp"

#include "tests/sim/billing.hpp"

#include <algorithm>

namespace dun::test {
namespace {

bool owes(CreditState state) {
  return state >= CreditState::arrears;
}

std::optional<Amount> amount_of(const Fields& fields, const std::string& name) {
  const std::string text = value_of(fields, name);
  return text.empty() ? std::nullopt : std::optional(Amount::parse(text).value());
}

/// The smallest one, in micros.
std::int64_t unit_of(const std::string& currency) {
  return currency == "JPY" ? 1'000'000 : currency == "BHD" ? 1000 : 10'000;
}

Amount dropping_rest(Amount amount, const std::string& currency) {
  return Amount::from_micros(whole_units(amount, currency) * unit_of(currency));
}

bool has_limit(const Fields& fields) {
  return !value_of(fields, "credit_limit").empty();
}

}  // namespace

std::int64_t whole_units(Amount amount, const std::string& currency) {
  return amount.micros() / unit_of(currency);
}

void PositionModel::take(const Fields& fields) {
  const std::string type = value_of(fields, "type");
  if (type == "credit.changed") take_credit(fields);
  if (type == "payment.received") take_payment(fields);
  if (type == "payment.reversed") take_reversal(fields);
  const std::string reason = value_of(fields, "reason");
  const bool for_debt = reason.empty() || reason == "debt";
  // For another reason it says nothing of money.
  if (type == "suspension.scheduled" && for_debt) {
    state_ = CreditState::suspension_due;
    sure_ = true;
    announce(fields);
  }
  if (type == "suspension.cancelled") take_cancellation();
  if (type == "service.suspended") take_stop(fields);
  if (type == "service.resumed") {
    stopped_for_debt_ = false;
    if (state_ == CreditState::suspended) {
      state_ = balance_ && below_limit() ? CreditState::arrears : CreditState::clear;
      sure_ = balance_.has_value();
    }
  }
  if (state_ == CreditState::suspension_due) stopped_for_debt_ = false;  // what is to be suspended runs
  if (owing() == Owing::no) suspension_ = {};
  // Whether a day outlived a debt of which nobody knows if it ended is open.
  if (!owes(state_) && !sure_) suspension_.sure = false;
  if (!owes(state_) && sure_) stopped_for_debt_ = false;
}

/// Amounts, currency and time of one event, in the place of those known.
void PositionModel::take_amounts(const Fields& fields) {
  if (value_of(fields, "currency") != currency_) limit_.reset();
  currency_ = value_of(fields, "currency");
  anything_stated_ = true;
  balance_ = amount_of(fields, "balance");
  stated_at_ = parse_rfc3339(value_of(fields, "time")).value();
  stated_by_ = value_of(fields, "id");
}

bool PositionModel::below_limit() const {
  return whole_units(balance_->plus(limit_.value_or(Amount())), currency_) < 0;
}

/// An event that states a position states all of it (D28): what it leaves out is unknown.
void PositionModel::take_credit(const Fields& fields) {
  const CreditState before = state_;
  const std::string state = value_of(fields, "state");
  take_amounts(fields);
  // A balance alone is one by the limit that is known.
  if (!state.empty() || has_limit(fields)) limit_ = amount_of(fields, "credit_limit");
  exhausts_at_.reset();
  if (const auto at = parse_rfc3339(value_of(fields, "exhausts_at"))) exhausts_at_ = *at;
  if (!state.empty()) {
    state_ = credit_state(state).value();
    sure_ = true;
    announce(fields);
    return;
  }
  // A balance below the limit leaves a suspension that is said to stand where it is, and so one of which nobody knows
  // whether it does.
  const bool open = !sure_ && before > CreditState::arrears && balance_ && below_limit();
  sure_ = balance_.has_value() && !open;
  if (balance_) state_ = below_limit() ? std::max(before, CreditState::arrears) : CreditState::clear;
  // A suspension that billing has announced stands.
  if (!value_of(fields, "suspend_at").empty()) announce(fields);
}

void PositionModel::announce(const Fields& fields) {
  const auto at = parse_rfc3339(value_of(fields, "suspend_at"));
  suspension_ = {.at = at ? std::optional(*at) : std::nullopt, .by = value_of(fields, "id")};
}

void PositionModel::take_payment(const Fields& fields) {
  const auto amount = amount_of(fields, "amount");
  const bool nothing = amount && whole_units(*amount, value_of(fields, "currency")) == 0;
  if (!value_of(fields, "balance").empty()) {
    take_amounts(fields);
    // One below the limit says that something is owed, not that it is in arrears: what was open stays open.
    if (!below_limit()) {
      state_ = CreditState::clear;
      sure_ = true;
    }
  } else if (!nothing) {
    // Payment in full: better one notice too few than one to somebody who has paid.
    balance_.reset();
    anything_stated_ = true;
    state_ = CreditState::clear;
    sure_ = true;
  }
}

/// Without a balance nobody knows how much is owed now.
void PositionModel::take_reversal(const Fields& fields) {
  take_amounts(fields);
  state_ = !balance_ || below_limit() ? std::max(state_, CreditState::arrears) : CreditState::clear;
  sure_ = true;
}

/// Back to what the balance says; without one, to what was before, and that the model does not follow.
void PositionModel::take_cancellation() {
  suspension_ = {};
  if (state_ != CreditState::suspension_due) return;
  state_ = !balance_ || below_limit() ? CreditState::arrears : CreditState::clear;
  sure_ = balance_.has_value();
}

/// For a debt, unless what is known says that there is none.
void PositionModel::take_stop(const Fields& fields) {
  const std::string reason = value_of(fields, "reason");
  const bool for_debt = reason.empty() || reason == "debt";
  const Owing owed = anything_stated_ ? owing() : Owing::yes;
  stopped_for_debt_ = for_debt && owed == Owing::yes;
  if (for_debt && owed != Owing::no) {
    state_ = CreditState::suspended;
    sure_ = owed == Owing::yes;
  }
  suspension_ = {};
}

Owing PositionModel::owing() const {
  if (balance_ && whole_units(*balance_, currency_) >= 0) return Owing::no;
  if (!sure_) return Owing::perhaps;
  return owes(state_) ? Owing::yes : Owing::no;
}

PositionModel::Debt PositionModel::debt() const {
  Debt debt{.amount = {}, .limit = {}, .currency = currency_, .stated_at = stated_at_, .stated_by = stated_by_};
  debt.sure = sure_;
  if (!balance_ || owing() == Owing::no) return debt;
  const bool beyond = limit_ && limit_->micros() > 0 && below_limit();
  debt.amount = dropping_rest(beyond ? -balance_->plus(*limit_) : -*balance_, currency_);
  if (beyond) debt.limit = limit_;
  return debt;
}

}  // namespace dun::test
