// What `dun check` says of texts that do not suit the rest of the configuration, and of files that are no TOML.
#include "config/load.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace dun::config {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

/// A copy of the shipped configuration, to be spoiled.
class Copy {
 public:
  Copy() {
    std::string name = (fs::temp_directory_path() / "dun-check-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory");
    directory_ = name;
    fs::copy(DUN_SOURCE_DIR "/config", directory_, fs::copy_options::recursive);
  }
  ~Copy() { fs::remove_all(directory_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  [[nodiscard]] std::string read(const std::string& file) const {
    std::ifstream in(directory_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream(directory_ / file, std::ios::binary) << text;
  }
  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = read(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << file << " holds no " << from;
    write(file, text.replace(at, from.size(), to));
  }
  [[nodiscard]] std::vector<std::string> mistakes() const {
    std::vector<std::string> lines;
    const auto loaded = load(directory_, {.secrets_required = false});
    if (!loaded)
      for (const Mistake& mistake : loaded.error())
        lines.push_back(to_text(mistake).substr(directory_.string().size() + 1));
    return lines;
  }

 private:
  fs::path directory_;
};

TEST(FieldCases, Check_MoreStepsThanTextsIsSaidWhereTheStepsStand) {
  const Copy copy;
  EXPECT_THAT(copy.mistakes(), IsEmpty());
  copy.edit("policies.toml", "after_days = [0, 3, 7]", "after_days = [0, 3, 7, 14, 30]");
  EXPECT_THAT(copy.mistakes(),
              ElementsAre(AllOf(StartsWith("policies.toml:"), HasSubstr("step 4 has no text of its own in"),
                                HasSubstr("en.toml, so that [dunning.3] would be sent again; add [dunning.4]")),
                          AllOf(StartsWith("policies.toml:"), HasSubstr("zh-CN.toml"))));
  copy.edit("policies.toml", "after_days = [0, 3, 7, 14, 30]", "after_days = [0, 3]");
  EXPECT_THAT(copy.mistakes(), IsEmpty()) << "a text that no step needs does no harm";
  copy.edit("policies.toml", "after_days = [0, 3]", "after_days = [0, 3, 7]");
  copy.edit("messages/en.toml", "[dunning.2]", "[dunning.4]");
  EXPECT_THAT(copy.mistakes(), ElementsAre(AllOf(HasSubstr("step 2 has no text"), HasSubstr("[dunning.1] would be"))));
}

TEST(FieldCases, Check_OneTextForEveryStepIsMeantSo) {
  const Copy copy;
  for (const std::string step : {"1", "2", "3"})
    copy.edit("messages/en.toml", "[dunning." + step + "]", "[spare" + step + "]");
  std::string text = copy.read("messages/en.toml");
  for (const std::string step : {"1", "2", "3"}) {
    const std::size_t at = text.find("[spare" + step + "]");
    text.erase(at, text.find("\n\n", at) - at);
  }
  text +=
      "\n[dunning]\ntext = \"{event_time, date, ::MMMdHmm} {account}{owed, select, none {} other { {owed, number, "
      "sign}}}\"\n";
  copy.write("messages/en.toml", text);
  copy.edit("policies.toml", "after_days = [0, 3, 7]", "after_days = [0, 3, 7, 14]");
  EXPECT_THAT(copy.mistakes(), ElementsAre(HasSubstr("zh-CN.toml")));
}

TEST(FieldCases, Check_APersonsLanguageWithoutTextsIsSaid) {
  for (const std::string lang : {"fr", "de-DE", "zz", "klingonisch"}) {
    const Copy copy;
    copy.edit("people.toml", "lang = \"en\"", "lang = \"" + lang + "\"");
    EXPECT_THAT(copy.mistakes(),
                ElementsAre(AllOf(StartsWith("people.toml:"), HasSubstr("lang: there are no texts in \"" + lang),
                                  HasSubstr("zh-CN"))))
        << lang;
  }
  for (const std::string lang : {"en-GB", "EN", "zh-TW", "en_AU"}) {
    const Copy copy;
    copy.edit("people.toml", "lang = \"en\"", "lang = \"" + lang + "\"");
    EXPECT_THAT(copy.mistakes(), IsEmpty()) << lang;
  }
}

TEST(FieldCases, Check_AnUnknownDefaultLanguageIsBlamedWhereItIsWritten) {
  const Copy copy;
  copy.edit("dun.toml", "default_lang = \"zh-CN\"", "default_lang = \"zh-CM\"");
  EXPECT_THAT(copy.mistakes(),
              ElementsAre(AllOf(StartsWith("dun.toml:"), Not(StartsWith("dun.toml:1:1:")),
                                HasSubstr("no texts for the default language zh-CM; did you mean \"zh-CN\"?"))));
}

TEST(FieldCases, Check_ASyntaxErrorInTheDefaultLanguageIsTheOnlyMistake) {
  for (const std::string broken : {"text = [", "[dunning", "gsm7_only = maybe", "\xff\xfe"}) {
    const Copy copy;
    copy.write("messages/zh-CN.toml", broken + "\n" + copy.read("messages/zh-CN.toml"));
    const auto found = copy.mistakes();
    ASSERT_EQ(found.size(), 1U) << broken;
    EXPECT_THAT(found.front(), StartsWith("messages/zh-CN.toml:")) << broken;
  }
  const Copy copy;
  copy.write("messages/zh-CN.toml", "text = [\n");
  copy.edit("messages/en.toml", "{account}", "{acount}");
  EXPECT_THAT(copy.mistakes(), ElementsAre(HasSubstr("unknown argument 'acount'"), StartsWith("messages/zh-CN.toml:")))
      << "and what is wrong elsewhere is said too";
}

TEST(FieldCases, Check_AFileInAnotherEncodingGetsTheRemedy) {
  struct Row {
    std::string text;
    const char* what;
  };
  using namespace std::string_literals;
  for (const auto& [text, what] : {
           Row{"\xff\xfe[\0h\0e\0l\0d\0]\0"s, "is in UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"},
           Row{"\xfe\xff\0[\0h\0e\0l\0d\0]"s, "is in UTF-16"},
           Row{"g\0s\0m\0"s, "is in UTF-16"},
           Row{"\n[held]\ntext = \"\xb1\xbe\xb6\xcc\xd0\xc5\xd1\xd3\xb3\xd9\"\n"s,
               "probably in GBK; save it as UTF-8 (iconv -f GB18030"},
           Row{"\n[held]\ntext = \"Telef\xf4nica, d\xe9j\xe0\"\n"s, "probably in Latin-1; save it as UTF-8"},
       }) {
    const Copy copy;
    copy.write("messages/fr.toml", text);
    const int line = text.starts_with('\n') ? 3 : 1;
    EXPECT_THAT(
        copy.mistakes(),
        ElementsAre(AllOf(StartsWith("messages/fr.toml:" + std::to_string(line) + ":1: error: is"), HasSubstr(what))));
  }
  const Copy copy;
  copy.write("messages/en.toml", "\xef\xbb\xbf" + copy.read("messages/en.toml"));
  EXPECT_THAT(copy.mistakes(), IsEmpty()) << "a byte order mark of UTF-8 does no harm";
}

TEST(FieldCases, Check_CharactersThatOnlyLookLikeTomlAreNamed) {
  struct Row {
    const char* from;
    const char* to;
    const char* what;
  };
  for (const auto& [from, to, what] : {
           Row{"text = \" (Delayed", "text = \u201c (Delayed", "(U+201C LEFT DOUBLE QUOTATION MARK) stands where '\"'"},
           Row{" message.)\"", " message.)\u201d", "(U+201D RIGHT DOUBLE QUOTATION MARK) stands where '\"'"},
           Row{"text = \" (Delayed message.)\"", "text = \u2018 (Delayed message.)\u2019", "(U+2018 LEFT SINGLE"},
           Row{"[held]", "\uff3bheld\uff3d", "(U+FF3B FULLWIDTH LEFT SQUARE BRACKET) stands where '['"},
           Row{"[held]", "\u3010held\u3011", "(U+3010 LEFT BLACK LENTICULAR BRACKET) stands where '['"},
           Row{"gsm7_only = true", "gsm7_only \uff1d true", "(U+FF1D FULLWIDTH EQUALS SIGN) stands where '='"},
           Row{"gsm7_only = true", "gsm7_only\u3000= true", "U+3000 IDEOGRAPHIC SPACE stands where"},
           Row{"gsm7_only = true", "gsm7_only\u00a0= true", "U+00A0 NO-BREAK SPACE stands where"},
       }) {
    const Copy copy;
    copy.edit("messages/en.toml", from, to);
    const auto found = copy.mistakes();
    ASSERT_EQ(found.size(), 1U) << to;
    EXPECT_THAT(found.front(), AllOf(StartsWith("messages/en.toml:"), HasSubstr(what))) << to;
  }
}

}  // namespace
}  // namespace dun::config
