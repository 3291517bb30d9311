// What is wrong with policies and people only when they are read together: rules that each mean something, and that
// between them never let a message go, or let it go to nobody.
#pragma once

#include "config/toml_reader.hpp"
#include "policies/options.hpp"

namespace dun::config {

/// Reports at the place that an operator would change. `policies` and `people` are the roots of the two files.
void check_together(const Section& policies, const Section& people, const policies::PolicySet& set);

/// A step of the ladder that windows, caps and the longest hold never let go, whenever an account falls into arrears.
struct NeverSent {
  int step = 0;
  std::string why;
};
[[nodiscard]] std::vector<NeverSent> find_never_sent(const policies::PolicySet& set);

}  // namespace dun::config
