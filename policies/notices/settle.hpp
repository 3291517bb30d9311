// What became of a claimed notice: the gateway's answer, and later its delivery receipt.
#pragma once

#include "policies/desk.hpp"
#include "policies/inputs.hpp"

namespace dun::policies {

void settle(Desk& now, const Settled& settled);

/// A delivery receipt (`dun.receipt`). It may come before the answer to the submission, twice, or for a notice that is
/// no longer remembered; only one that changes something puts out an outcome.
[[nodiscard]] Taken take_receipt(Desk& now, const CreditEvent& receipt);

/// A notice in doubt whose receipt has come was sent.
void end_by_receipt(Desk& now, PendingNotice& notice, std::string gateway, std::string gateway_id);

/// Ends or repeats what has waited in vain for a receipt, or asked in vain, after an unknown answer (E26).
void end_doubts(Desk& now);

}  // namespace dun::policies
