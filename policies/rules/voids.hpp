// How notices end that no longer hold.
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

/// Ends those that wait and of which `voids` gives a reason. What ends unsent may be decided anew later, under a new
/// id.
void end_void(Situation& now, std::string (*voids)(const Situation&, const PendingNotice&));

}  // namespace dun::policies::rules
