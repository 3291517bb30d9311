// Any bytes as a JSON string.
#pragma once

#include <string>
#include <string_view>

namespace dun::json {

/// With its quotes. What is not UTF-8 becomes U+FFFD; what cannot be seen stays (base/text/visible.hpp).
[[nodiscard]] std::string as_string(std::string_view bytes);

}  // namespace dun::json
