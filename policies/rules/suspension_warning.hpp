// The suspension warning: issued for its lead time, moved with the date (rules/lead_time.hpp), and billing told where
// it is too late.
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

extern const Rule suspension_warning_rule;
extern const Rule suspension_at_risk_rule;

}  // namespace dun::policies::rules
