// Text from outside need not be UTF-8, whatever it claims to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dun {

/// Whether the bytes are UTF-8: no byte out of place, no overlong form, no surrogate.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// Moves `at` behind the character that begins there, or behind the ill-formed part; whether it is a character.
[[nodiscard]] bool next_character(std::string_view bytes, std::size_t& at);

/// The same text where it is UTF-8; each part that is not becomes one U+FFFD (the Unicode Standard, 3.9, "maximal
/// subpart").
[[nodiscard]] std::string to_utf8(std::string_view bytes);

}  // namespace dun
