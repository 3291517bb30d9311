#include "base/text/utf8.hpp"

#include <gtest/gtest.h>

namespace dun {
namespace {

struct Row {
  std::string_view bytes, text;
};

TEST(Utf8, IllFormedPartsBecomeTheReplacementCharacter) {
  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"\xe6\x8f\x90\xe4\xba\xa4", "\xe6\x8f\x90\xe4\xba\xa4"},      // well-formed Chinese
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},                      // beyond the basic plane
      {"caf\xe9!", "caf\xef\xbf\xbd!"},                              // Latin-1
      {"\xe6\x8f", "\xef\xbf\xbd"},                                  // cut off
      {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},                      // overlong
      {"a\xed\xa0\x80z", "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz"},  // half a surrogate pair
      {std::string_view("a\0b", 3), std::string_view("a\0b", 3)},    // a zero byte is a character
  };
  for (const Row& row : rows) {
    EXPECT_EQ(to_utf8(row.bytes), row.text);
    EXPECT_EQ(is_utf8(row.bytes), row.bytes == row.text);
  }
}

}  // namespace
}  // namespace dun
