#include "base/text/visible.hpp"

#include "base/text/utf8.hpp"

#include <unicode/uchar.h>
#include <unicode/utf16.h>

#include <cstdint>
#include <cstdio>

namespace dun {
namespace {

constexpr UChar32 zero_width_non_joiner = 0x200C;
constexpr UChar32 zero_width_joiner = 0x200D;

bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f;
}

bool is_seen(UChar32 character) {
  switch (u_charType(character)) {
    case U_CONTROL_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
    case U_UNASSIGNED:
    case U_SURROGATE:
      return false;
    case U_FORMAT_CHAR:
      return character == zero_width_non_joiner || character == zero_width_joiner;
    default:
      return true;
  }
}

void append_number(std::string& text, const char* format, unsigned number) {
  char buffer[16];
  const int size = std::snprintf(buffer, sizeof buffer, format, number);
  text.append(buffer, static_cast<std::size_t>(size));
}

void append_escaped(std::string& text, UChar32 character) {
  if (character == '\n')
    text += "\\n";
  else if (character == '\t')
    text += "\\t";
  else
    append_number(text, "\\u{%X}", static_cast<unsigned>(character));
}

void append_json_escape(std::string& text, UChar32 character) {
  if (U_IS_BMP(character)) return append_number(text, "\\u%04x", static_cast<unsigned>(character));
  append_number(text, "\\u%04x", static_cast<unsigned>(U16_LEAD(character)));
  append_number(text, "\\u%04x", static_cast<unsigned>(U16_TRAIL(character)));
}

/// Calls `each(character, its bytes)` one by one; the character is negative for an ill-formed part.
template <typename Each>
void for_each_character(std::string_view bytes, Each each) {
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t begin = at;
    const UChar32 character = read_character(bytes, at);
    each(character, bytes.substr(begin, at - begin));
  }
}

}  // namespace

std::string to_visible(std::string_view foreign) {
  std::string text;
  text.reserve(foreign.size());
  for_each_character(foreign, [&](UChar32 character, std::string_view bytes) {
    if (character < 0) {
      for (const char byte : bytes) append_number(text, "\\x%02X", static_cast<std::uint8_t>(byte));
    } else if (is_plain(bytes[0]) || is_seen(character)) {
      text += bytes;
    } else {
      append_escaped(text, character);
    }
  });
  return text;
}

std::string to_visible_json(std::string_view json) {
  std::string text;
  text.reserve(json.size());
  for_each_character(json, [&](UChar32 character, std::string_view bytes) {
    // C0 stands in JSON only as white space between values: it is the writer's own.
    if (character < 0x20 || is_plain(bytes[0]) || is_seen(character))
      text += bytes;
    else
      append_json_escape(text, character);
  });
  return text;
}

}  // namespace dun
