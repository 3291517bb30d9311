#include "base/text/setting.hpp"

#include <gmock/gmock.h>

#include <string>

namespace dun {
namespace {

std::string read(std::string_view inside) {
  const auto setting = parse_setting(inside);
  if (!setting) return "none";
  const std::string kind = setting->kind == Setting::Kind::file ? "file " : "env ";
  return kind + std::string(setting->name) + (setting->otherwise ? " or " + std::string(*setting->otherwise) : "");
}

TEST(Setting, IsAVariableOrAFile) {
  struct Row {
    std::string_view inside, setting;
  };
  for (const Row& row :
       {Row{"env:NAME", "env NAME"}, Row{"env:NAME:-x", "env NAME or x"}, Row{"env:NAME:-", "env NAME or "},
        Row{"env:NAME:-http://x:1/y:-z", "env NAME or http://x:1/y:-z"}, Row{"env:A:B", "env A:B"}, Row{"env:", "env "},
        Row{"env", "env "}, Row{"env::-x", "env  or x"}, Row{"file:a/b", "file a/b"}, Row{"file:a:-b", "file a:-b"},
        Row{"file:", "file "}, Row{"file", "file "}, Row{"", "none"}, Row{":env", "none"},
        Row{"environment:NAME", "none"}, Row{"ENV:NAME", "none"}, Row{"utc:%H:%M", "none"}})
    EXPECT_EQ(read(row.inside), row.setting) << row.inside;
}

}  // namespace
}  // namespace dun
