// What became of a claimed notice: the gateway's answer, and later its delivery receipt.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

void settle(Situation& now, const Settled& settled);

/// A delivery receipt (`dun.receipt`). It may come before the answer to the submission, twice, or for a notice that is
/// no longer remembered; only one that changes something puts out an outcome.
/// Where it changed the record, the caller reconciles.
[[nodiscard]] Taken take_receipt(Situation& now, const CreditEvent& receipt);

/// Ends or repeats what has waited in vain for a receipt after an unknown answer (E26).
void end_unanswered(Situation& now);

}  // namespace dun::policies
