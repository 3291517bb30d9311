// A notice's turn has come: decided again against the record as it is now, and claimed only if every gate is open.
#pragma once

#include "policies/desk.hpp"
#include "policies/inputs.hpp"

namespace dun::policies {

/// Leaves a claim in the effects, or an outcome and perhaps another shelf; nothing at all if the shelf entry is stale.
/// Where it changed the record, the caller reconciles.
void take_turn(Desk& now, const TurnCome& turn);

}  // namespace dun::policies
