#include "base/text/utf8.hpp"

#include <unicode/utf8.h>

namespace dun {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

}  // namespace

std::int32_t read_character(std::string_view bytes, std::size_t& at) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  std::int32_t character = 0;
  U8_NEXT(data, at, bytes.size(), character);  // NOLINT(bugprone-inc-dec-in-conditions): ICU's macro
  return character;
}

bool next_character(std::string_view bytes, std::size_t& at) {
  return read_character(bytes, at) >= 0;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t at = 0; at < bytes.size();)
    if (!next_character(bytes, at)) return false;
  return true;
}

std::string to_utf8(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const bool well_formed = next_character(bytes, at);
    text += well_formed ? bytes.substr(begin, at - begin) : replacement;
  }
  return text;
}

std::optional<char32_t> take_character(std::string_view& text) {
  std::size_t at = 0;
  const std::int32_t character = read_character(text, at);
  text.remove_prefix(at);
  if (character < 0) return std::nullopt;
  return static_cast<char32_t>(character);
}

bool is_control(char32_t character) {
  return character < 0x20 || (character >= 0x7f && character <= 0x9f) || character == 0x2028 || character == 0x2029;
}

bool is_invisible(char32_t character) {
  return (character >= 0x200b && character <= 0x200f) || (character >= 0x202a && character <= 0x202e) ||
         (character >= 0x2060 && character <= 0x2069) || character == 0x061c || character == 0xfeff;
}

}  // namespace dun
