// The episode: one spell of not being clear, and what it has told so far.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Opens, follows or ends the episode after `event` moved the position from `before`; `was_held`: a dispute or promise
/// was in force before it.
void follow_episode(Situation& now, const CreditEvent& event, const CreditPosition& before, bool was_held);

/// An account that was closed by mistake is open again: what was cancelled then is decided anew, from the first step
/// on.
void begin_again(Situation& now);

}  // namespace dun::policies
