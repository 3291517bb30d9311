// What an event says of the credit position: the state as billing names it, or derived from the balance (E14).
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// `balance + credit_limit` below zero is arrears, below the configured bound is low, else clear.
[[nodiscard]] CreditState derive_state(const CreditOptions& options, Amount balance,
                                       std::optional<Amount> credit_limit);

/// Moves the record's credit position, service state and holds to what the event says. Decides nothing.
void take_position(Situation& now, const CreditEvent& event);

}  // namespace dun::policies
