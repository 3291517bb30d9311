#include "base/text/visible.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace dun {
namespace {

using namespace std::string_literals;

struct Row {
  std::string foreign, visible;
};

TEST(FieldCases, C8_ForeignTextBecomesVisibleText) {
  const Row rows[] = {
      {"", ""},
      {"plain 42", "plain 42"},
      {"欠费 Телефон café 😀", "欠费 Телефон café 😀"},
      {"a\nTold: yes", "a\\nTold: yes"},
      {"a\r\tb", "a\\u{D}\\tb"},
      {"\x1b[2Jgone", "\\u{1B}[2Jgone"},
      {"nul\0nul"s, "nul\\u{0}nul"},
      {"del\x7f", "del\\u{7F}"},
      {"c1 \xc2\x9b"
       "2J \xc2\x85 end",
       "c1 \\u{9B}2J \\u{85} end"},
      {"rtl \xe2\x80\xaeknab\xe2\x80\xac", "rtl \\u{202E}knab\\u{202C}"},
      {"isolates \xe2\x81\xa6x\xe2\x81\xa9 \xd8\x9c", "isolates \\u{2066}x\\u{2069} \\u{61C}"},
      {"line\xe2\x80\xa8para\xe2\x80\xa9", "line\\u{2028}para\\u{2029}"},
      {"bom \xef\xbb\xbfzero\xe2\x80\x8bwidth", "bom \\u{FEFF}zero\\u{200B}width"},
      {"tag \xf3\xa0\x81\x81", "tag \\u{E0041}"},
      {"nothing \xef\xbf\xbf", "nothing \\u{FFFF}"},
      {"latin caf\xe9", "latin caf\\xE9"},
      {"cut \xe6\x8f", "cut \\xE6\\x8F"},
      {"overlong \xc0\xaf", "overlong \\xC0\\xAF"},
      {"literal \\n", "literal \\n"},
      {"می\xe2\x80\x8cخواهم", "می\xe2\x80\x8cخواهم"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_visible(row.foreign), row.visible);
}

TEST(FieldCases, C8_JsonForATerminalSaysWhatItSaid) {
  const nlohmann::json said = {{"id", "x\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xf3\xa0\x81\x81 欠费\n"}};
  const std::string text = to_visible_json(said.dump());
  EXPECT_EQ(text, R"({"id":"x\u001b[2J\u007f\u009b\u202e\udb40\udc41 欠费\n"})");
  EXPECT_EQ(nlohmann::json::parse(text), said);
  EXPECT_EQ(to_visible_json(said.dump(2)).find('\n'), 1U);  // its own line ends stay
}

}  // namespace
}  // namespace dun
