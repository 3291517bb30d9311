#include "messages/segmentation.hpp"

#include <gmock/gmock.h>
#include <unicode/ucnv.h>
#include <unicode/ucnv_err.h>
#include <unicode/unistr.h>

#include <array>
#include <memory>
#include <ostream>
#include <random>
#include <string>
#include <vector>

namespace dun::messages {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto gsm7 = Encoding::gsm7;
constexpr auto ucs2 = Encoding::ucs2;

std::string times(int n, std::string_view text) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

struct Row {
  const char* name;
  std::string text;
  Encoding encoding;
  int units;
  std::vector<int> bytes;  ///< of each segment
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.name;
}

class SegmentationTable : public ::testing::TestWithParam<Row> {};

TEST_P(SegmentationTable, has_the_segments) {
  const auto [name, text, encoding, units, bytes] = GetParam();
  const auto result = segment(text);
  ASSERT_TRUE(result) << result.error();
  EXPECT_EQ(result->encoding, encoding);
  EXPECT_EQ(result->units, units);
  std::vector<int> sizes;
  std::string joined;
  for (const std::string& part : result->segments) {
    sizes.push_back(static_cast<int>(part.size()));
    joined += part;
  }
  EXPECT_EQ(sizes, bytes);
  EXPECT_EQ(joined, text);
  EXPECT_EQ(count(text), (SegmentCount{.encoding = encoding, .units = units, .parts = static_cast<int>(bytes.size())}));
}

INSTANTIATE_TEST_SUITE_P(
    Table, SegmentationTable,
    ::testing::Values(
        // Lengths in GSM-7.
        Row{"empty", "", gsm7, 0, {0}}, Row{"one", "a", gsm7, 1, {1}},
        Row{"gsm_153", times(153, "a"), gsm7, 153, {153}}, Row{"gsm_160", times(160, "a"), gsm7, 160, {160}},
        Row{"gsm_161", times(161, "a"), gsm7, 161, {153, 8}}, Row{"gsm_306", times(306, "a"), gsm7, 306, {153, 153}},
        Row{"gsm_307", times(307, "a"), gsm7, 307, {153, 153, 1}},
        // Extension characters are two septets and are not torn apart.
        Row{"extension_80", times(80, "{"), gsm7, 160, {80}}, Row{"extension_81", times(81, "{"), gsm7, 162, {76, 5}},
        Row{"extension_ends_alone", times(158, "a") + "[", gsm7, 160, {159}},
        Row{"extension_beyond_alone", times(159, "a") + "[", gsm7, 161, {153, 7}},
        Row{"extension_at_border", times(152, "a") + "~" + times(20, "b"), gsm7, 174, {152, 21}},
        Row{"extension_before_border", times(151, "a") + "~" + times(20, "b"), gsm7, 173, {152, 20}},
        Row{"a_place_lost_makes_a_third", times(152, "a") + "|" + times(152, "b"), gsm7, 306, {152, 152, 1}},
        Row{"euro", "\u20ac", gsm7, 2, {3}}, Row{"form_feed", "\f", gsm7, 2, {1}},
        Row{"every_extension", "\f^{}\\[~]|\u20ac", gsm7, 20, {12}},
        // In the alphabet, and not.
        Row{"at_sign", "@", gsm7, 1, {1}}, Row{"pound_yen_section", "\u00a3\u00a5\u00a7", gsm7, 3, {6}},
        Row{"greek_capitals", "\u0394\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e", gsm7, 10, {20}},
        Row{"capital_c_cedilla", "\u00c7", gsm7, 1, {2}}, Row{"small_c_cedilla", "\u00e7", ucs2, 1, {2}},
        Row{"backtick", "`", ucs2, 1, {1}}, Row{"tab", "\t", ucs2, 1, {1}}, Row{"line_break", "\r\n", gsm7, 2, {2}},
        Row{"curly_quote", "\u2019", ucs2, 1, {3}}, Row{"no_break_space", "\u00a0", ucs2, 1, {2}},
        Row{"narrow_no_break_space", "\u202f", ucs2, 1, {3}}, Row{"chinese_brackets", "\u3010\u3011", ucs2, 2, {6}},
        Row{"escape", "\x1b", ucs2, 1, {1}}, Row{"null", std::string(1, '\0'), ucs2, 1, {1}},
        Row{"one_foreign_character_makes_all_ucs2", times(70, "a") + "`", ucs2, 71, {67, 4}},
        Row{"extension_is_one_unit_in_ucs2", "{`", ucs2, 2, {2}},
        // Lengths in UCS-2.
        Row{"ucs_70", times(70, "\u6b20"), ucs2, 70, {210}}, Row{"ucs_71", times(71, "\u6b20"), ucs2, 71, {201, 12}},
        Row{"ucs_134", times(134, "\u6b20"), ucs2, 134, {201, 201}},
        Row{"ucs_135", times(135, "\u6b20"), ucs2, 135, {201, 201, 3}},
        // Surrogate pairs are not torn apart.
        Row{"emoji_35", times(35, "\U0001f600"), ucs2, 70, {140}},
        Row{"emoji_36", times(36, "\U0001f600"), ucs2, 72, {132, 12}},
        Row{"emoji_67", times(67, "\U0001f600"), ucs2, 134, {132, 132, 4}},
        Row{"surrogates_at_border", times(66, "\u6b20") + "\U0001f600" + "\u6b20\u6b20\u6b20", ucs2, 71, {198, 13}},
        Row{"surrogates_before_border", times(65, "\u6b20") + "\U0001f600" + times(4, "\u6b20"), ucs2, 71, {199, 12}}),
    [](const auto& row) { return row.param.name; });

class NotUtf8 : public ::testing::TestWithParam<std::pair<std::string, int>> {};

TEST_P(NotUtf8, is_an_error_that_names_the_byte) {
  const auto& [text, at] = GetParam();
  const std::string expected = "not UTF-8 at byte " + std::to_string(at);
  ASSERT_FALSE(count(text));
  EXPECT_EQ(count(text).error(), expected);
  ASSERT_FALSE(segment(text));
  EXPECT_EQ(segment(text).error(), expected);
}

INSTANTIATE_TEST_SUITE_P(Table, NotUtf8,
                         ::testing::Values(std::pair{"a\x80", 1}, std::pair{"ab\xff", 2}, std::pair{"\xc3", 0},
                                           std::pair{"\xe6\xac", 0}, std::pair{"\xf0\x9f\x98", 0},
                                           std::pair{"x\xc0\xaf", 1},         // overlong slash
                                           std::pair{"\xe0\x80\xaf", 0},      // overlong slash
                                           std::pair{"\xf0\x80\x80\xaf", 0},  // overlong slash
                                           std::pair{"\xed\xa0\x80", 0},      // a surrogate
                                           std::pair{"\xf4\x90\x80\x80", 0},  // beyond U+10FFFF
                                           std::pair{"\xf5\x80\x80\x80", 0},  //
                                           std::pair{"\xc3\x41", 0},          // no continuation
                                           std::pair{"\u6b20\u6b20\xe6\x41z", 6}));

TEST(Segmentation, names_the_character_that_needs_ucs2) {
  EXPECT_EQ(first_outside_gsm7("plain {text} \u20ac"), "");
  EXPECT_EQ(first_outside_gsm7("it\u2019s ours\u2026"), "\u2019");
  EXPECT_EQ(first_outside_gsm7("\u3010x\u3011"), "\u3010");
  EXPECT_EQ(first_outside_gsm7("a\xff"), "\xff");
}

/// RFC 3629 written out: no overlong forms, no surrogates, nothing above U+10FFFF. Where the first character ends that
/// `text` begins with; 0 where none does.
std::size_t character_end(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes) return 0;
  char32_t code = lead & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 0;
    code = code << 6 | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  return code < smallest[bytes] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? 0 : bytes;
}

TEST(Segmentation, takes_for_characters_what_the_rfc_calls_so) {
  constexpr std::array<std::string_view, 8> rests = {"",
                                                     "\x80",
                                                     "\xbf",
                                                     "\x80\x80",
                                                     "\xbf\xbf",
                                                     "A",
                                                     "\x80"
                                                     "A",
                                                     "\xc2\x80"};
  for (int lead = 0x80; lead < 0x100; ++lead)
    for (int second = 0; second < 0x100; ++second)
      for (const std::string_view rest : rests) {
        std::string text{static_cast<char>(lead), static_cast<char>(second)};
        text += rest;
        std::size_t at = 0;
        for (std::size_t size = 1; at < text.size() && size > 0; at += size)
          size = character_end(std::string_view(text).substr(at));
        const auto counted = count(text);
        ASSERT_EQ(counted.has_value(), at == text.size()) << lead << " " << second;
        if (!counted) ASSERT_EQ(counted.error(), "not UTF-8 at byte " + std::to_string(at)) << lead << " " << second;
        const std::size_t first = character_end(text);
        ASSERT_TRUE(first > 0 || first_outside_gsm7(text) == text.substr(0, 1)) << lead << " " << second;
      }
}

/// ICU's own table of GSM 03.38, as an alphabet that was not typed in by us.
class IcuGsm {
 public:
  IcuGsm() {
    UErrorCode status = U_ZERO_ERROR;
    converter_.reset(ucnv_open("gsm-03.38-2009", &status));
    ucnv_setFromUCallBack(converter_.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status)) throw std::runtime_error(u_errorName(status));
  }
  /// 0: it cannot be written in GSM 03.38.
  int septets(UChar32 code) {
    const icu::UnicodeString text(code);
    std::array<char, 16> bytes{};
    UErrorCode status = U_ZERO_ERROR;
    const int size = ucnv_fromUChars(converter_.get(), bytes.data(), static_cast<int>(bytes.size()), text.getBuffer(),
                                     text.length(), &status);
    return U_FAILURE(status) ? 0 : size;
  }

 private:
  struct Close {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
  };
  std::unique_ptr<UConverter, Close> converter_;
};

std::string utf8(UChar32 code) {
  std::string text;
  icu::UnicodeString(code).toUTF8String(text);
  return text;
}

TEST(Segmentation, has_the_gsm_alphabet_that_icu_has) {
  IcuGsm icu_gsm;
  for (UChar32 code = 1; code <= 0x10ffff; ++code) {
    if (U_IS_SURROGATE(code)) continue;
    const auto counted = count(utf8(code));
    ASSERT_TRUE(counted);
    const int septets = counted->encoding == gsm7 ? counted->units : 0;
    ASSERT_EQ(septets, icu_gsm.septets(code)) << "U+" << std::hex << code;
  }
}

/// Characters of a text with their units in the alphabet that it needs, by way of ICU.
struct Measured {
  Encoding encoding = gsm7;
  std::vector<std::pair<std::string, int>> characters;
};

Measured measure(const std::string& text, IcuGsm& icu_gsm) {
  const auto utf16 = icu::UnicodeString::fromUTF8(text);
  std::vector<UChar32> codes;
  for (int i = 0; i < utf16.length(); i = utf16.moveIndex32(i, 1)) codes.push_back(utf16.char32At(i));
  Measured measured;
  for (const UChar32 code : codes)
    if (icu_gsm.septets(code) == 0) measured.encoding = ucs2;
  for (const UChar32 code : codes)
    measured.characters.emplace_back(utf8(code), measured.encoding == gsm7 ? icu_gsm.septets(code) : U16_LENGTH(code));
  return measured;
}

TEST(Segmentation, fills_every_segment_and_none_beyond_its_limit) {
  IcuGsm icu_gsm;
  std::mt19937 random(20260331);  // NOLINT: the same texts in every run
  const std::vector<std::vector<std::string>> alphabets = {
      {"a", "B", "3", " ", "@"},
      {"a", "\u20ac", "{", "~", "\u00e9"},
      {"a", "{", "`", "\u6b20", "\u8d39"},
      {"\u6b20", "\U0001f600", "\U0001f4a9", "x", "\u20ac"},
  };
  const auto upto = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n)(random); };
  for (int round = 0; round < 3000; ++round) {
    const auto& alphabet = alphabets[upto(alphabets.size() - 1)];
    std::string text;
    for (std::size_t length = upto(500); length > 0; --length) text += alphabet[upto(alphabet.size() - 1)];

    const auto result = segment(text);
    ASSERT_TRUE(result);
    const Measured measured = measure(text, icu_gsm);
    ASSERT_EQ(result->encoding, measured.encoding);
    int units = 0;
    for (const auto& [character, size] : measured.characters) units += size;
    ASSERT_EQ(result->units, units);
    const bool is_gsm = measured.encoding == gsm7;
    ASSERT_EQ(result->segments.size() == 1, units <= (is_gsm ? 160 : 70));
    ASSERT_EQ(count(text),
              (SegmentCount{
                  .encoding = result->encoding, .units = units, .parts = static_cast<int>(result->segments.size())}));
    if (result->segments.size() == 1) {
      ASSERT_EQ(result->segments.front(), text);
      continue;
    }
    // Eat the text character by character: each segment is whole characters, within its limit, and the next character
    // would not have fitted into it.
    const int limit = is_gsm ? 153 : 67;
    std::size_t next = 0;
    for (const std::string& part : result->segments) {
      std::string eaten;
      int used = 0;
      while (next < measured.characters.size() && eaten.size() < part.size()) {
        eaten += measured.characters[next].first;
        used += measured.characters[next++].second;
      }
      ASSERT_EQ(eaten, part);
      ASSERT_LE(used, limit);
      if (next < measured.characters.size()) ASSERT_GT(used + measured.characters[next].second, limit);
    }
    ASSERT_EQ(next, measured.characters.size());
  }
}

TEST(Segmentation, survives_any_bytes) {
  std::mt19937 random(7);  // NOLINT: the same bytes in every run
  std::uniform_int_distribution<int> byte(0, 255), length(0, 40);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (int i = length(random); i > 0; --i) text += static_cast<char>(byte(random));
    const auto counted = count(text);
    const auto segmented = segment(text);
    ASSERT_EQ(counted.has_value(), segmented.has_value());
    // ICU replaces what is not UTF-8, so a text that it reads back unchanged was UTF-8.
    std::string back;
    icu::UnicodeString::fromUTF8(text).toUTF8String(back);
    ASSERT_EQ(counted.has_value(), back == text);
  }
}

}  // namespace
}  // namespace dun::messages
