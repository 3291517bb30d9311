// The policies in force in plain sentences, rendered from the very values that decide (E5).
#pragma once

#include "policies/options.hpp"
#include "scheduler/options.hpp"

#include <string>
#include <vector>

namespace dun::config {

/// One sentence a rule, in the order of policies.toml; then one for each person.
[[nodiscard]] std::vector<std::string> describe(const policies::PolicySet& set);

/// When an operator is told.
[[nodiscard]] std::string describe(const scheduler::MonitorOptions& monitors);

/// `from 22:00 to 07:00 every day`, `all day on Sat and Sun`
[[nodiscard]] std::string describe(const policies::QuietWindow& window);

}  // namespace dun::config
