// Waits for a receipt, or for a chance to ask the gateway, end (E26).
#pragma once

#include "policies/rules/rule.hpp"

namespace dun::policies::rules {

extern const Rule receipts_rule;

}  // namespace dun::policies::rules
