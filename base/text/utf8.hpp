// Text from outside need not be UTF-8, whatever it claims to be.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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

/// The character that begins at `at`, which moves behind it, or behind the ill-formed part: that one is negative.
[[nodiscard]] std::int32_t read_character(std::string_view bytes, std::size_t& at);

/// Takes the first character off a text that is not empty; nothing where a part of it is not UTF-8, which is taken off
/// too.
[[nodiscard]] std::optional<char32_t> take_character(std::string_view& text);

/// A control character (C0, DEL, C1), or a line or paragraph separator: what moves a cursor and is no text.
[[nodiscard]] bool is_control(char32_t character);

/// Marks that show nothing by themselves: directions and their isolates, joiners, the byte order mark.
[[nodiscard]] bool is_invisible(char32_t character);

}  // namespace dun
