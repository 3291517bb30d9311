// VIP customers: a task for their account manager in place of an automatic notice (contract section 6).
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

/// Sees to it that the manager knows: opens a task and sends a `manager_task`, or, when one is open already and `kind`
/// is news to it, sends a `manager_update`.
void tell_manager(Situation& now, NoticeKind kind, int step);

/// Closes a task whose cause is gone; its notices to the manager become void.
extern const Rule managers_rule;

}  // namespace dun::policies::rules
