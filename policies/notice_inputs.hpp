// What can happen to a notice, whoever's it is.
#pragma once

#include "policies/desk.hpp"
#include "policies/inputs.hpp"

namespace dun::policies {

void on_input(Desk& now, const TurnCome& turn);
void on_input(Desk& now, const Reviewed& found);
void on_input(Desk& now, const Settled& settled);
void on_input(Desk& now, const Unrenderable& notice);

/// A turn is of a moment before the last decisions; any other input is not, unless the clock was set back.
void follow_the_clock(Desk& now);

}  // namespace dun::policies
