#include "messages/segmentation.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

#include <fmt/format.h>
#include <unicode/utf8.h>

namespace dun::messages {
namespace {

/// A character and how many bytes it takes; no bytes: what stands there is not UTF-8.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};

/// Of more than one byte. ICU's macro and not base/text/utf8.hpp: a call across files for each character makes counting
/// a Chinese text half as slow again. Not inline: that makes an English one a quarter slower.
[[gnu::noinline]] Character decode_long(std::string_view text, std::size_t at) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::size_t begin = at;
  UChar32 code = 0;
  U8_NEXT(data, at, text.size(), code);  // NOLINT(bugprone-inc-dec-in-conditions): inside of the macro
  return code < 0 ? Character{} : Character{.code = static_cast<char32_t>(code), .bytes = at - begin};
}

/// Reads the character that begins at `at`, which is inside the text.
Character decode(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  return lead < 0x80 ? Character{.code = lead, .bytes = 1} : decode_long(text, at);
}

constexpr std::u32string_view basic_table =
    U"@\u00a3$\u00a5\u00e8\u00e9\u00f9\u00ec\u00f2\u00c7\n\u00d8\u00f8\r\u00c5\u00e5"
    U"\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\u00c6\u00e6\u00df\u00c9"
    U" !\"#\u00a4%&'()*+,-./0123456789:;<=>?"
    U"\u00a1ABCDEFGHIJKLMNOPQRSTUVWXYZ\u00c4\u00d6\u00d1\u00dc\u00a7"
    U"\u00bfabcdefghijklmnopqrstuvwxyz\u00e4\u00f6\u00f1\u00fc\u00e0";
static_assert(basic_table.size() == 127, "the 128th place of GSM 03.38 is the escape to the extension table");

constexpr std::u32string_view extension_table = U"\f^{}\\[~]|\u20ac";

constexpr char32_t indexed_end = 0x3c0;  // behind the last letter of the basic table; only the euro lies beyond

constexpr std::array<std::uint8_t, indexed_end> make_septets() {
  std::array<std::uint8_t, indexed_end> septets{};
  for (const char32_t code : basic_table) septets[code] = 1;
  for (const char32_t code : extension_table)
    if (code < indexed_end) septets[code] = 2;
  return septets;
}

/// Septets that a character takes in GSM 03.38; 0: it is not in there.
int septets_of(char32_t code) {
  static constexpr auto septets = make_septets();
  if (code < indexed_end) return septets[code];
  return code == U'\u20ac' ? 2 : 0;
}

int utf16_units_of(char32_t code) {
  return code > 0xffff ? 2 : 1;
}

/// Fills segments one after the other as if there will be several, and knows in the end whether one was enough.
class Packer {
 public:
  Packer(int alone_max, int joined_max) : alone_max_(alone_max), joined_max_(joined_max) {}

  /// True if the character opens a new segment.
  bool add(int units) {
    units_ += units;
    used_ += units;
    if (used_ <= joined_max_) return false;
    used_ = units;
    ++parts_;
    return true;
  }
  [[nodiscard]] int units() const { return units_; }
  [[nodiscard]] int parts() const { return units_ <= alone_max_ ? 1 : parts_; }

 private:
  int alone_max_, joined_max_;
  int units_ = 0, used_ = 0, parts_ = 1;
};

/// Walks the text once; `on_break(offset)` hears where segments behind the first would begin.
template <typename OnBreak>
std::expected<SegmentCount, std::string> pack(std::string_view text, OnBreak on_break) {
  Packer gsm(160, 153);
  std::size_t at = 0;
  while (at < text.size()) {
    const Character character = decode(text, at);
    const int septets = character.bytes == 0 ? 0 : septets_of(character.code);
    if (septets == 0) break;
    if (gsm.add(septets)) on_break(Encoding::gsm7, at);
    at += character.bytes;
  }
  if (at == text.size()) return SegmentCount{.encoding = Encoding::gsm7, .units = gsm.units(), .parts = gsm.parts()};

  Packer ucs(70, 67);
  for (at = 0; at < text.size();) {
    const Character character = decode(text, at);
    if (character.bytes == 0) return std::unexpected(fmt::format("not UTF-8 at byte {}", at));
    if (ucs.add(utf16_units_of(character.code))) on_break(Encoding::ucs2, at);
    at += character.bytes;
  }
  return SegmentCount{.encoding = Encoding::ucs2, .units = ucs.units(), .parts = ucs.parts()};
}

}  // namespace

std::expected<SegmentCount, std::string> count(std::string_view utf8) {
  return pack(utf8, [](Encoding, std::size_t) {});
}

std::expected<Segmentation, std::string> segment(std::string_view utf8) {
  std::vector<std::size_t> gsm_breaks, ucs_breaks;
  const auto counted = pack(utf8, [&](Encoding encoding, std::size_t at) {
    (encoding == Encoding::gsm7 ? gsm_breaks : ucs_breaks).push_back(at);
  });
  if (!counted) return std::unexpected(counted.error());
  Segmentation result{.encoding = counted->encoding, .units = counted->units, .segments = {}};
  std::size_t begin = 0;
  if (counted->parts > 1) {
    for (const std::size_t end : counted->encoding == Encoding::gsm7 ? gsm_breaks : ucs_breaks) {
      result.segments.emplace_back(utf8.substr(begin, end - begin));
      begin = end;
    }
  }
  result.segments.emplace_back(utf8.substr(begin));
  return result;
}

std::string_view first_outside_gsm7(std::string_view utf8) {
  for (std::size_t at = 0; at < utf8.size();) {
    const Character character = decode(utf8, at);
    if (character.bytes == 0) return utf8.substr(at, 1);
    if (septets_of(character.code) == 0) return utf8.substr(at, character.bytes);
    at += character.bytes;
  }
  return {};
}

}  // namespace dun::messages
