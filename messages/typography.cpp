#include "messages/typography.hpp"

#include "base/text/utf8.hpp"
#include "messages/segmentation.hpp"

#include <array>
#include <cstdint>
#include <utility>

#include <fmt/format.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

namespace dun::messages {
namespace {

/// What stands for a typographic character in the GSM alphabet; null for the others.
const char* plain(UChar32 code) {
  switch (code) {
    case 0x2018:  // single quotation marks and apostrophes
    case 0x2019:
    case 0x201a:
    case 0x201b:
    case 0x2032:
    case 0x2039:
    case 0x203a:
    case 0x02b9:
    case 0x02bb:
    case 0x02bc:
    case 0x00b4:
      return "'";
    case 0x201c:  // double ones
    case 0x201d:
    case 0x201e:
    case 0x201f:
    case 0x2033:
    case 0x00ab:
    case 0x00bb:
      return "\"";
    case 0x2212:  // minus; hyphens and dashes follow below
    case 0x2043:
    case 0x00b7:
    case 0x2022:
      return "-";
    case 0x2026:
      return "...";
    case 0x2044:
      return "/";
    default:
      break;
  }
  if (u_charType(code) == U_DASH_PUNCTUATION && code != '-') return "-";
  if (u_charType(code) == U_SPACE_SEPARATOR && code != ' ') return " ";
  // What shows nothing: soft hyphens, joiners, marks of direction, byte order marks.
  if (u_charType(code) == U_FORMAT_CHAR) return "";
  return nullptr;
}

std::string folded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = at;
    const UChar32 code = read_character(text, at);
    const char* const instead = code < 0x80 ? nullptr : plain(code);
    result += instead == nullptr ? text.substr(begin, at - begin) : std::string_view(instead);
  }
  return result;
}

std::string composed(std::string text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* const nfc = icu::Normalizer2::getNFCInstance(status);
  if (U_FAILURE(status) || nfc->isNormalizedUTF8(text, status)) return text;
  std::string result;
  nfc->normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(result);
  return U_SUCCESS(status) ? result : std::move(text);
}

}  // namespace

std::string as_sent(std::string text) {
  if (first_outside_gsm7(text).empty() || !is_utf8(text)) return text;
  text = composed(std::move(text));
  std::string plainly = folded(text);
  return first_outside_gsm7(plainly).empty() ? plainly : std::move(text);
}

std::string named_character(std::string_view utf8) {
  std::size_t at = 0;
  const UChar32 code = utf8.empty() ? -1 : read_character(utf8, at);
  if (code < 0) return fmt::format("the byte 0x{:02X}", utf8.empty() ? 0U : static_cast<unsigned char>(utf8.front()));
  std::array<char, 128> name{};
  UErrorCode status = U_ZERO_ERROR;
  u_charName(code, U_EXTENDED_CHAR_NAME, name.data(), name.size(), &status);
  std::string about = fmt::format("U+{:04X} {}", static_cast<std::uint32_t>(code), name.data());
  const auto type = u_charType(code);
  const bool mark = type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK;
  if (!u_isgraph(code) || type == U_FORMAT_CHAR || mark) return about;
  return fmt::format("'{}' ({})", utf8.substr(0, at), about);
}

}  // namespace dun::messages
