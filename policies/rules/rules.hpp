// The list of the rules, in the order in which they run (rules.cpp).
#pragma once

#include "policies/rules/rule.hpp"

#include <span>

namespace dun::policies::rules {

[[nodiscard]] std::span<const Rule* const> all();

/// What the first rule that voids a notice says; a rule id, or nothing.
[[nodiscard]] std::string void_by(const Situation& now, const PendingNotice& notice);

}  // namespace dun::policies::rules
