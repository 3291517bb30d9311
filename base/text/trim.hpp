// What stands around a text and is not meant.
#pragma once

#include <string_view>

namespace dun {

/// Without the spaces, tabs and line ends at its beginning and end.
[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace dun
