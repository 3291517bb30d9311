// Paths of URLs (RFC 3986).
#pragma once

#include <string_view>

namespace dun {

/// Whether a segment of the path is `.` or `..`, also where its dots are percent-encoded: whoever resolves such a path
/// ends up elsewhere than it says.
[[nodiscard]] bool has_dot_segment(std::string_view path);

}  // namespace dun
