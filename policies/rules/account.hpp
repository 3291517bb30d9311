// What is true of the account and of its service: nothing is told to a closed one, nor what is over; what waits tells
// the position as it is now.
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

extern const Rule account_rule;

}  // namespace dun::policies::rules
