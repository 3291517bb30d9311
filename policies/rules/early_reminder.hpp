// The early reminder: credit is low and nothing is owed yet.
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

extern const Rule early_reminder_rule;

}  // namespace dun::policies::rules
