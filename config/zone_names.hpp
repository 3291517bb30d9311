// Names of time zones that nobody knows, and which one was probably meant.
#pragma once

#include <string>
#include <string_view>

namespace dun::config {

/// `the tz database knows no zone "Asia/Shangai"; did you mean "Asia/Shanghai"?`
[[nodiscard]] std::string unknown_zone(std::string_view name);

}  // namespace dun::config
