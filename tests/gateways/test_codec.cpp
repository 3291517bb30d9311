// The text forms, against examples and against their rules written out byte by byte.
#include "gateways/codec.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <array>
#include <random>

namespace dun::gateways {
namespace {

// RFC 4231, test case 2; then a chain whose keys are raw bytes, computed with an independent implementation.
TEST(Codec, HmacsChainWithRawKeys) {
  EXPECT_EQ(hex(hmac(Digest::sha256, "Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const std::string day = hmac(Digest::sha256, "TC3Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "2019-02-25");
  const std::string service = hmac(Digest::sha256, day, "sms");
  EXPECT_EQ(hex(hmac(Digest::sha256, service, "tc3_request")),
            "40058bf55f59e334e3a85c4564edb55159f3aedecb70a3515bb9de63de33bed1");
  EXPECT_EQ(hex(hmac(Digest::md5, "", "")), "74e6f7298a9c2d168935f58c001bad88");
}

TEST(Codec, WritesAndReadsTextForms) {
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xFB\xFF"), "+/8=");
  EXPECT_EQ(base64url("\xFB\xFF"), "-_8");
  EXPECT_EQ(unhex("00fFAb"), std::string("\0\xFF\xAB", 3));
  EXPECT_EQ(unhex("0"), std::nullopt);
  EXPECT_EQ(unhex("0g"), std::nullopt);
  EXPECT_EQ(hex(utf16be("中😀").value_or("")), "4e2dd83dde00");
  EXPECT_EQ(percent_encode("aZ09-._~ +&/中"), "aZ09-._~%20%2B%26%2F%E4%B8%AD");
  EXPECT_EQ(percent_decode("%41+%e4%b8%ad%", true), "A 中%");
  EXPECT_EQ(percent_decode("%4+%zz", false), "%4+%zz");
}

TEST(Codec, ReadsQueriesOfAnyBytes) {
  using testing::ElementsAre;
  using testing::Pair;
  EXPECT_THAT(parse_query("a=1&b=x+y%21&&c&=d&e="),
              ElementsAre(Pair("a", "1"), Pair("b", "x y!"), Pair("c", ""), Pair("", "d"), Pair("e", "")));
  EXPECT_EQ(to_query({{"a b", "1&2"}, {"c", ""}}), "a%20b=1%262&c=");
}

// ------------------------------------------------------------------------------------- the rules, byte by byte

/// Of any bytes, more often of those that mean something to one of the forms.
class Bytes {
 public:
  std::string text() {
    static constexpr std::string_view marks =
        "%%%%++&==aAfFgGzZ09-._~/ \xC3\xA9\xF0\x9F\x98\x80\xED\xA0\x80\xE4\xB8\xAD";
    std::string bytes;
    for (std::size_t length = upto(24); length > 0; --length)
      bytes += upto(2) == 0 ? static_cast<char>(upto(255)) : marks[upto(marks.size() - 1)];
    return bytes;
  }
  std::size_t upto(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random_); }

 private:
  std::mt19937 random_{20260331};  // NOLINT: the same bytes in every run
};

constexpr int rounds = 20'000;

template <typename Each>
std::string each_byte(std::string_view bytes, Each each) {
  std::string text;
  for (const char c : bytes) text += each(static_cast<unsigned char>(c));
  return text;
}

int digit_value(char c) {
  const std::size_t at = std::string_view("0123456789abcdefABCDEF").find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at < 16 ? at : at - 6);
}

bool pair_at(std::string_view text, std::size_t at) {
  return at + 1 < text.size() && digit_value(text[at]) >= 0 && digit_value(text[at + 1]) >= 0;
}

char byte_at(std::string_view text, std::size_t at) {
  return static_cast<char>(digit_value(text[at]) * 16 + digit_value(text[at + 1]));
}

/// RFC 4648: six bits a character, the last filled up with zeros.
std::string base64_by_bits(std::string_view alphabet, std::string_view bytes) {
  std::string bits = each_byte(bytes, [](unsigned char byte) { return fmt::format("{:08b}", byte); });
  bits.resize((bits.size() + 5) / 6 * 6, '0');
  std::string text;
  for (std::size_t i = 0; i < bits.size(); i += 6) text += alphabet[std::stoul(bits.substr(i, 6), nullptr, 2)];
  return text;
}

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t size = first < 0x80   ? 1
                           : first < 0xC2 ? 0
                           : first < 0xE0 ? 2
                           : first < 0xF0 ? 3
                           : first < 0xF5 ? 4
                                          : 0;
  if (size == 0 || text.size() < size) return std::nullopt;
  static constexpr std::array<unsigned char, 5> first_bits = {0, 0x7F, 0x1F, 0x0F, 0x07};
  char32_t point = static_cast<char32_t>(first & first_bits.at(size));
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    point = point << 6 | static_cast<char32_t>(byte(i) & 0x3F);
  }
  static constexpr std::array<char32_t, 5> smallest = {0, 0, 0x80, 0x800, 0x10000};
  if (point < smallest.at(size) || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return std::nullopt;
  text.remove_prefix(size);
  return point;
}

std::optional<std::string> utf16be_by_points(std::string_view text) {
  std::string units;
  const auto add = [&](char32_t unit) {
    units += static_cast<char>(unit >> 8 & 0xFF);
    units += static_cast<char>(unit & 0xFF);
  };
  while (!text.empty()) {
    const auto point = take_code_point(text);
    if (!point) return std::nullopt;
    if (*point < 0x10000) {
      add(*point);
    } else {
      add(0xD800 + ((*point - 0x10000) >> 10));
      add(0xDC00 + ((*point - 0x10000) & 0x3FF));
    }
  }
  return units;
}

TEST(CodecRules, HexAndBase64OfAnyBytes) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  Bytes random;
  for (int round = 0; round < rounds; ++round) {
    const std::string bytes = random.text();
    ASSERT_EQ(hex(bytes), each_byte(bytes, [](unsigned char byte) { return fmt::format("{:02x}", byte); }));
    ASSERT_EQ(unhex(hex(bytes)), bytes);
    ASSERT_EQ(base64url(bytes), base64_by_bits(letters + "-_", bytes));
    std::string padded = base64_by_bits(letters + "+/", bytes);
    padded.append((4 - padded.size() % 4) % 4, '=');
    ASSERT_EQ(base64(bytes), padded);
  }
}

TEST(CodecRules, UnhexTakesPairsOfDigitsAndNothingElse) {
  Bytes random;
  for (int round = 0; round < rounds; ++round) {
    std::string text;
    for (std::size_t length = random.upto(6); length > 0; --length)
      text += "0123456789abcdefABCDEF\xC1gG`@:/"[random.upto(random.upto(9) == 0 ? 29 : 21)];
    std::optional<std::string> bytes = "";
    for (std::size_t at = 0; bytes && at < text.size(); at += 2)
      if (pair_at(text, at))
        *bytes += byte_at(text, at);
      else
        bytes.reset();
    ASSERT_EQ(unhex(text), bytes) << text;
  }
}

TEST(CodecRules, PercentCodingOfAnyBytes) {
  static constexpr std::string_view kept = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  Bytes random;
  for (int round = 0; round < rounds; ++round) {
    const std::string bytes = random.text();
    ASSERT_EQ(percent_encode(bytes), each_byte(bytes, [](unsigned char byte) {
                const bool plain = kept.contains(static_cast<char>(byte));
                return plain ? std::string(1, static_cast<char>(byte)) : fmt::format("%{:02X}", byte);
              }));
    ASSERT_EQ(percent_decode(percent_encode(bytes), true), bytes);
    std::string plain, form;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      const bool coded = bytes[at] == '%' && pair_at(bytes, at + 1);
      const char byte = coded ? byte_at(bytes, at + 1) : bytes[at];
      plain += byte;
      form += byte == '+' && !coded ? ' ' : byte;
      if (coded) at += 2;
    }
    ASSERT_EQ(percent_decode(bytes, false), plain) << bytes;
    ASSERT_EQ(percent_decode(bytes, true), form) << bytes;
  }
}

TEST(CodecRules, Utf16OfWhatIsUtf8AndOfNothingElse) {
  Bytes random;
  int good = 0;
  for (int round = 0; round < rounds; ++round) {
    const std::string bytes = random.text();
    ASSERT_EQ(utf16be(bytes), utf16be_by_points(bytes)) << hex(bytes);
    good += utf16be(bytes) ? 1 : 0;
  }
  EXPECT_GT(good, 0);
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second)
      for (const std::string_view rest : {"", "\x80", "\xBF", "\x80\x80", "\xBF\xBF"}) {
        const std::string bytes = std::string{static_cast<char>(first), static_cast<char>(second)} + std::string(rest);
        ASSERT_EQ(utf16be(bytes), utf16be_by_points(bytes)) << hex(bytes);
      }
}

TEST(CodecRules, OnlyAsciiLettersHaveCases) {
  for (int i = 0; i < 256; ++i) {
    const std::string one(1, static_cast<char>(i));
    EXPECT_EQ(lower_case(one), i >= 'A' && i <= 'Z' ? std::string(1, static_cast<char>(i + 32)) : one) << i;
    EXPECT_EQ(upper_case(one), i >= 'a' && i <= 'z' ? std::string(1, static_cast<char>(i - 32)) : one) << i;
    for (int k = 0; k < 256; ++k) {
      const std::string other(1, static_cast<char>(k));
      EXPECT_EQ(equal_ignoring_case(one, other), lower_case(one) == lower_case(other)) << i << " " << k;
    }
  }
  EXPECT_FALSE(equal_ignoring_case("a", "ab"));
}

}  // namespace
}  // namespace dun::gateways
