// Lists with one entry for each value of an enumeration.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace dun {

/// The place of `value` in such a list. The enumeration begins with zero and leaves no gap; that it has no negative
/// value is checked here, and that the list is long enough by its at().
template <typename Enum>
  requires std::is_enum_v<Enum>
[[nodiscard]] constexpr std::size_t enum_index(Enum value) {
  static_assert(std::is_unsigned_v<std::underlying_type_t<Enum>>);
  return std::to_underlying(value);
}

}  // namespace dun
