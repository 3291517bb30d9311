// policies.toml: the rules an operator sets, read into policies::PolicySet.
#pragma once

#include "config/toml_reader.hpp"
#include "policies/options.hpp"
#include "scheduler/options.hpp"

#include <chrono>
#include <string_view>
#include <vector>

namespace dun::config {

/// Reads every rule. A key that is absent leaves what `set` holds, so begin with `shipped_policies()`; a key that is
/// wrong is a mistake. `set.people` and `set.hash` are not touched.
void read_policies(const Section& root, policies::PolicySet& set);

/// Reads `[monitors]`: when trouble lasts long enough to be told of.
void read_monitors(const Section& section, scheduler::MonitorOptions& monitors);

/// Reads `[[key]]` as quiet windows and checks that they mean something (E6) and leave some time to send;
/// where the key is absent `windows` stays as it is. Names are required for windows that appear in reasons.
enum class WindowNames : bool { optional, required };
void read_windows(const Section& section, std::string_view key, WindowNames names,
                  std::vector<policies::QuietWindow>& windows);

/// `["mon", "tue"]`
bool read_days(const Section& section, std::string_view key, policies::DaySet& days);

/// The longest stretch of quiet in a week of 24-hour days that these windows make together; a whole week if they leave
/// no time at all.
[[nodiscard]] std::chrono::minutes longest_quiet(const std::vector<policies::QuietWindow>& windows);

}  // namespace dun::config
