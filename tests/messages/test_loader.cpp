#include "config/messages_loader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace dun::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Mistakes and texts, `kind step brand pattern @ line:column`, of a file.
struct Loaded {
  bool gsm7_only = false;
  std::vector<std::string> texts, mistakes;
};

Loaded load(std::string_view toml) {
  Mistakes mistakes;
  Loaded loaded;
  {
    const Document document(toml, "en.toml", mistakes);
    const auto language = read_messages(document.root(), "en");
    document.finish();
    loaded.gsm7_only = language.gsm7_only;
    for (const auto& text : language.texts)
      loaded.texts.push_back(
          fmt::format("{} {} {} {} @ {}:{}", text.kind, text.step, text.brand, text.pattern, text.line, text.column));
  }
  std::ranges::sort(mistakes);
  for (const Mistake& mistake : mistakes) loaded.mistakes.push_back(to_text(mistake));
  return loaded;
}

TEST(MessagesLoader, reads_kinds_steps_and_brands) {
  const Loaded loaded = load(R"(gsm7_only = true
[signature]
text = "Us: "
[dunning]
text = "any"
[dunning.1]
text = "one"
[dunning.12]
text = """
twelve \
lines"""
[brand.acme.signature]
text = "Acme: "
[brand.acme.dunning.1]
text = "acme one"
)");
  EXPECT_TRUE(loaded.gsm7_only);
  EXPECT_THAT(loaded.mistakes, IsEmpty());
  EXPECT_THAT(loaded.texts, ElementsAre("dunning 0  any @ 5:8", "dunning 1  one @ 7:8",
                                        "dunning 12  twelve lines @ 9:8", "signature 0  Us:  @ 3:8",
                                        "dunning 1 acme acme one @ 15:8", "signature 0 acme Acme:  @ 13:8"));
}

TEST(MessagesLoader, reports_every_mistake_with_its_place) {
  EXPECT_THAT(load(R"(gsm7only = true
[duning]
text = "x"
[refund]
txt = "x"
[charge]
text = 5
[dunning.first]
text = "x"
[dunning.0]
text = "x"
[escalation.1]
text = "x"
more = "x"
[suspended]
[brand.acme.resumd]
text = "x"
)")
                  .mistakes,
              ElementsAre("en.toml:1:1: error: unknown key \"gsm7only\"; did you mean \"gsm7_only\"?",
                          "en.toml:2:2: error: unknown key \"duning\"; did you mean \"dunning\"?",
                          "en.toml:5:1: error: unknown key \"txt\"; expected \"text\", or a step such as [refund.1]",
                          "en.toml:7:8: error: text: expected a text in quotes, found a whole number",
                          HasSubstr("en.toml:8:10: error: unknown key \"first\"; expected \"text\", or a step"),
                          HasSubstr("en.toml:10:10: error: unknown key \"0\"; expected \"text\", or a step"),
                          HasSubstr("en.toml:14:1: error: unknown key \"more\""),
                          HasSubstr("en.toml:15:1: error: [suspended] lacks \"text\""),
                          "en.toml:16:13: error: unknown key \"resumd\"; did you mean \"resumed\"?"));
}

class Directory : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "dun-texts-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    path_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  void write(const std::string& name, std::string_view text) const { std::ofstream(path_ / name) << text; }

  std::filesystem::path path_;
};

TEST_F(Directory, is_read_file_by_file) {
  write("zh-CN.toml", "[refund]\ntext = \"r\"");
  write("en.toml", "[refund]\ntext = \"r\"");
  write("notes.txt", "not toml");
  Mistakes mistakes;
  const auto languages = load_messages(path_, mistakes);
  EXPECT_THAT(mistakes, IsEmpty());
  ASSERT_EQ(languages.size(), 2U);
  EXPECT_EQ(languages[0].lang, "en");
  EXPECT_EQ(languages[1].lang, "zh-CN");
  EXPECT_EQ(languages[1].texts.front().file, (path_ / "zh-CN.toml").string());
}

TEST_F(Directory, reports_what_cannot_be_read_and_goes_on) {
  write("de.toml", "text = [");
  write("en.toml", "nothing = 1");
  Mistakes mistakes;
  const auto languages = load_messages(path_, mistakes);
  ASSERT_EQ(languages.size(), 2U);
  EXPECT_FALSE(languages[0].readable);
  EXPECT_EQ(languages[0].lang, "de");
  EXPECT_TRUE(languages[1].readable);
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(mistakes[0].file, (path_ / "de.toml").string());
  EXPECT_EQ(mistakes[0].line, 1);
  EXPECT_THAT(mistakes[1].message, HasSubstr("unknown key \"nothing\""));
}

TEST_F(Directory, holds_regions_and_senders) {
  write("en.toml",
        "regions = [\"en-GB\"]\nname = \"Acme\"\npay = \"acme.example\"\n[brand.lite]\nname = \"Lite\"\ncall = \"\"\n"
        "[refund]\ntext = \"r\"");
  Mistakes mistakes;
  const auto languages = load_messages(path_, mistakes);
  ASSERT_EQ(languages.size(), 2U);
  EXPECT_EQ(languages[0].lang, "en-GB");
  EXPECT_TRUE(languages[0].regional);
  EXPECT_FALSE(languages[1].regional);
  for (const auto& language : languages) {
    std::vector<std::string> senders;
    for (const auto& sender : language.senders)
      senders.push_back(
          fmt::format("{} {} {} @ {}:{}", sender.brand, sender.key, sender.text, sender.line, sender.column));
    EXPECT_THAT(senders, ElementsAre(" name Acme @ 2:8", " pay acme.example @ 3:7", "lite name Lite @ 5:8"));
    EXPECT_EQ(language.texts.size(), 1U);
  }
  ASSERT_EQ(mistakes.size(), 1U);
  EXPECT_THAT(mistakes[0].message, HasSubstr("call: expected 1 to 60 bytes"));
}

TEST_F(Directory, must_be_there_and_hold_texts) {
  Mistakes mistakes;
  EXPECT_THAT(load_messages(path_, mistakes), IsEmpty());
  EXPECT_THAT(load_messages(path_ / "none", mistakes), IsEmpty());
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_THAT(mistakes[0].message, HasSubstr("holds no texts"));
  EXPECT_THAT(mistakes[1].message, HasSubstr("No such file"));
}

TEST_F(Directory, mistakes_in_texts_join_those_in_the_files) {
  write("zh-CN.toml", "\n[refund]\ntext = \"{owed}\"");
  Mistakes mistakes;
  messages::CatalogueOptions options;
  options.languages = load_messages(path_, mistakes);
  EXPECT_FALSE(compile_messages(options, mistakes));
  const auto refund = std::ranges::find(mistakes, 3, &Mistake::line);
  ASSERT_NE(refund, mistakes.end());
  EXPECT_EQ(refund->column, 8);
  EXPECT_THAT(refund->message, HasSubstr("'owed' cannot be written like this"));
  EXPECT_EQ(mistakes.size(), 1 + notice_kinds) << "and eleven kinds and the remark on holding are missing";
}

}  // namespace
}  // namespace dun::config
