// The rules in the one order in which they run (rules/rules.cpp). Level-triggered: whatever came in has changed facts
// in the record first; then what should be on its way by these facts is compared with what is, and the difference
// becomes effects. issue() applies consent, exclusions, quiet hours and caps to each notice; a turn applies all of them
// again.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Runs the rules: what is over ends, what no longer holds ends, what is due starts.
void reconcile(Situation& now);

/// Arms the account's one timer for the next instant at which any of this could change. The rules run before: arming
/// anew makes the timer stale that was armed, even if it has come due.
void arm_timer(Situation& now);

}  // namespace dun::policies
