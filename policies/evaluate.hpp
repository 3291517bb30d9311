// The rules in the one order in which they run. Level-triggered: whatever came in has changed facts in the record
// first; then what should be on its way by these facts is compared with what is, and the difference becomes effects.
//
//   1. pending notices that no longer hold end, and waits for a receipt that are over
//                                                                   (gates: void_by; settle)
//   2. a task whose cause is gone is closed                         (tasks)
//   3. what waits tells the position as it is now, and is shelved anew where it could go earlier
//                                                                   (notices: follow_position, bring_forward)
//   4. the ladder step that has come due is issued                  (ladder; VIP: tasks)
//   5. the suspension warning is issued or moved                    (lead_time; VIP: tasks)
//   6. the early reminder is issued
//   7. billing is told when a suspension is nearer than its warning (lead_time)
//   8. the next instant at which any of this could change is armed as the account's one timer
//
// issue() applies consent, exclusions, quiet hours and caps to each; a turn applies all of them again.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Opens, follows or ends the episode after `event` moved the position from `before`; `was_held`: a dispute or promise
/// was in force before it.
void follow_episode(Situation& now, const CreditEvent& event, const CreditPosition& before, bool was_held);

/// An account that was closed by mistake is open again: what was cancelled then is decided anew, from the first step
/// on.
void begin_again(Situation& now);

/// Rules 1 to 7. Whatever changed the record, the rules run before the timer is armed: arming it anew makes the one
/// that was armed stale, even if it has come due.
void reconcile(Situation& now);

/// Rule 8.
void arm_timer(Situation& now);

/// Rule 7 for a suspension warning that ends unsent while the suspension stands.
void report_unwarned(Situation& now, const PendingNotice& notice);

}  // namespace dun::policies
