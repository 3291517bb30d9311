// VIP customers: a task for their account manager in place of an automatic notice (contract section 6).
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Sees to it that the manager knows: opens a task and sends a `manager_task`, or, when one is open already and `kind`
/// is news to it, sends a `manager_update`.
void tell_manager(Situation& now, NoticeKind kind, int step);

/// Ends the open task, if there is one, with the reason; its notices to the manager become void.
void close_task(Situation& now, std::string reason);

}  // namespace dun::policies
