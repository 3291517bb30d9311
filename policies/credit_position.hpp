// What an event says of the credit position: the state as billing names it, or derived from the balance (E14).
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// `balance + credit_limit`, to the currency's smallest unit: below zero is arrears, below the configured bound is low,
/// else clear.
[[nodiscard]] CreditState derive_state(const CreditOptions& options, Amount balance, std::optional<Amount> credit_limit,
                                       std::string_view currency);

/// What has to be paid, positive, and whether it is what lies beyond the credit limit; nothing if nothing is owed, or
/// if how much is not known. Below zero is owed; somebody with a credit limit who is beyond it owes what lies beyond.
struct Owed {
  Amount amount;
  bool beyond_limit = false;
};
[[nodiscard]] std::optional<Owed> amount_owed(const CreditPosition& credit);

/// A payment, refund or charge of less than the currency's smallest unit: it ends nothing and is not told.
[[nodiscard]] bool is_nothing(const CreditEvent& event);

/// Moves the record's credit position, service state and holds to what the event says. Decides nothing.
void take_position(Situation& now, const CreditEvent& event);

}  // namespace dun::policies
