// Names of time zones that nobody knows, and which one was probably meant.
#pragma once

#include <string>
#include <string_view>

namespace dun::config {

/// Why a zone cannot be used: `the tz database knows no zone "Asia/Shangai"; did you mean "Asia/Shanghai"?`, or what is
/// wrong with its file.
[[nodiscard]] std::string unknown_zone(std::string_view name);

}  // namespace dun::config
