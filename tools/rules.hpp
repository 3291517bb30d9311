// The seam between configuration as it is read and the rules that an engine holds.
#pragma once

#include "config/load.hpp"
#include "scheduler/partition.hpp"

#include <memory>

namespace dun::tools {

/// Names the time zones that decisions are made with now.
[[nodiscard]] std::string zones_in_force();

inline std::shared_ptr<const scheduler::Rules> make_rules(const config::Configuration& configuration) {
  return std::make_shared<const scheduler::Rules>(scheduler::Rules{
      .policies = configuration.policies, .catalogue = configuration.texts, .zones = zones_in_force()});
}

/// Prints every mistake as `FILE:LINE:COL: error: MESSAGE`.
void print(const config::Mistakes& mistakes);

}  // namespace dun::tools
