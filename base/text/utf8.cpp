#include "base/text/utf8.hpp"

#include <unicode/utf8.h>

#include <cstdint>

namespace dun {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";

}  // namespace

bool next_character(std::string_view bytes, std::size_t& at) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  UChar32 character = 0;
  U8_NEXT(data, at, bytes.size(), character);
  return character >= 0;
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

}  // namespace dun
