#include "base/text/nearest.hpp"
#include "config/toml_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

namespace dun::config {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Reads a text with the given function, finishes, and prints what was wrong.
template <typename Read>
std::vector<std::string> mistakes_of(std::string_view text, Read read) {
  Mistakes mistakes;
  const Document document(text, "a.toml", mistakes);
  read(document.root());
  document.finish();
  std::ranges::sort(mistakes);
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(to_text(mistake));
  return lines;
}

TEST(TomlReader, reads_every_type) {
  std::string text;
  bool flag = false;
  int integer = 0;
  double number = 0;
  double whole = 0;
  Millis span{};
  minutes time{};
  std::vector<std::string> texts;
  std::vector<int> integers;
  std::vector<Word> words;
  const auto mistakes = mistakes_of(
      "text = 'x'\nflag = true\ninteger = -7\nnumber = 2.5\nwhole = 3\nspan = '1h30m'\ntime = '22:05'\n"
      "texts = ['a', 'b']\nintegers = [7, 1]\nwords = [200, '5xx']\n",
      [&](const Section& root) {
        EXPECT_TRUE(root.read_text("text", text));
        EXPECT_TRUE(root.read_bool("flag", flag));
        EXPECT_TRUE(root.read_int("integer", integer));
        EXPECT_TRUE(root.read_number("number", number, 0, 10));
        EXPECT_TRUE(root.read_number("whole", whole, 0, 10));
        EXPECT_TRUE(root.read_span("span", span));
        EXPECT_TRUE(root.read_wall_time("time", time));
        EXPECT_TRUE(root.read_texts("texts", texts));
        EXPECT_TRUE(root.read_ints("integers", integers, 1, 7));
        EXPECT_TRUE(root.read_words("words", words));
      });
  EXPECT_THAT(mistakes, IsEmpty());
  EXPECT_EQ(text, "x");
  EXPECT_TRUE(flag);
  EXPECT_EQ(integer, -7);
  EXPECT_EQ(number, 2.5);
  EXPECT_EQ(whole, 3);
  EXPECT_EQ(span, minutes(90));
  EXPECT_EQ(time, minutes(22 * 60 + 5));
  EXPECT_THAT(texts, ElementsAre("a", "b"));
  EXPECT_THAT(integers, ElementsAre(7, 1));
  EXPECT_THAT(words, ElementsAre(Word{.text = "200", .location = {.line = 10, .column = 10}},
                                 Word{.text = "5xx", .location = {.line = 10, .column = 15}}));
}

TEST(TomlReader, leaves_the_target_alone_where_the_key_is_absent_or_wrong) {
  int absent = 5;
  int wrong = 6;
  const auto mistakes = mistakes_of("wrong = 'six'\n", [&](const Section& root) {
    EXPECT_FALSE(root.read_int("absent", absent));
    EXPECT_FALSE(root.read_int("wrong", wrong));
  });
  EXPECT_THAT(mistakes, ElementsAre("a.toml:1:9: error: wrong: expected a whole number, found a text"));
  EXPECT_EQ(absent, 5);
  EXPECT_EQ(wrong, 6);
}

TEST(TomlReader, reports_every_mistake_with_its_place) {
  constexpr std::array<std::string_view, 2> colours = {"red", "green"};
  const auto mistakes = mistakes_of(
      "rate = 900\nspan = '10 minutes'\nshort = '1s'\ntime = '24:00'\ncolour = 'rde'\n\n[[item]]\nname = 3\n\n"
      "[[item]]\nname = ['x']\n",
      [&](const Section& root) {
        int rate = 0;
        Millis span{};
        minutes time{};
        int colour = 0;
        std::string name;
        root.read_int("rate", rate, 1, 100);
        root.read_span("span", span);
        root.read_span("short", span, minutes(1), minutes(9));
        root.read_wall_time("time", time);
        root.read_choice("colour", colour, colours);
        for (const Section& item : root.sections("item")) item.read_text("name", name);
      });
  EXPECT_THAT(
      mistakes,
      ElementsAre("a.toml:1:8: error: rate: expected a whole number from 1 to 100, found 900",
                  "a.toml:2:8: error: span: expected a span of time such as 90s, 10m, 24h, 3d or 1h30m, found "
                  "\"10 minutes\"",
                  "a.toml:3:9: error: short: expected a span of 1m to 9m, found \"1s\"",
                  "a.toml:4:8: error: time: expected a time of day from \"00:00\" to \"23:59\", found \"24:00\"",
                  "a.toml:5:10: error: colour: \"rde\" is none of red, green",
                  "a.toml:8:8: error: name: expected a text in quotes, found a whole number",
                  "a.toml:11:8: error: name: expected a text in quotes, found a list"));
}

TEST(TomlReader, names_the_nearest_known_key_for_an_unknown_one) {
  const auto mistakes = mistakes_of("quite_hours = 1\nzzz = 2\n[flow]\nbrust = 3\n[other]\n", [](const Section& root) {
    int number = 0;
    root.read_int("quiet_hours", number);
    const Section flow = root.section("flow");
    flow.read_int("rate", number);
    flow.read_int("burst", number);
  });
  EXPECT_THAT(mistakes, ElementsAre("a.toml:1:1: error: unknown key \"quite_hours\"; did you mean \"quiet_hours\"?",
                                    "a.toml:2:1: error: unknown key \"zzz\"; expected one of: flow, quiet_hours",
                                    "a.toml:4:1: error: unknown key \"brust\"; did you mean \"burst\"?",
                                    "a.toml:5:2: error: unknown key \"other\"; expected one of: flow, quiet_hours"));
}

TEST(TomlReader, knows_places_of_dotted_inline_and_implied_tables) {
  const auto mistakes = mistakes_of("a.b.c = 'x'\nd = { e = 'y' }\n[f.g]\nh = 'z'\n", [](const Section& root) {
    int number = 0;
    root.section("a").section("b").read_int("c", number);
    root.section("d").read_int("e", number);
    root.section("f").section("g").read_int("h", number);
  });
  EXPECT_THAT(mistakes, ElementsAre("a.toml:1:9: error: c: expected a whole number, found a text",
                                    "a.toml:2:11: error: e: expected a whole number, found a text",
                                    "a.toml:4:5: error: h: expected a whole number, found a text"));
}

TEST(TomlReader, keys_of_an_open_table_come_in_file_order_and_are_known) {
  const auto mistakes = mistakes_of("[headers]\nb = '1'\na = '2'\n", [](const Section& root) {
    EXPECT_THAT(root.section("headers").keys(), ElementsAre(Word{.text = "b", .location = {.line = 2, .column = 1}},
                                                            Word{.text = "a", .location = {.line = 3, .column = 1}}));
  });
  EXPECT_THAT(mistakes, IsEmpty());
}

TEST(TomlReader, a_choice_list_refuses_strangers_and_repeats_one_by_one) {
  constexpr std::array<std::string_view, 3> names = {"mon", "tue", "wed"};
  std::vector<int> days;
  EXPECT_THAT(
      mistakes_of("days = ['wed', 'mon']", [&](const Section& root) { root.read_choices("days", days, names); }),
      IsEmpty());
  EXPECT_THAT(days, ElementsAre(2, 0));
  EXPECT_THAT(mistakes_of("days = ['mon', 'mno', 'mon', 5]",
                          [&](const Section& root) { root.read_choices("days", days, names); }),
              ElementsAre("a.toml:1:16: error: days: \"mno\" is none of mon, tue, wed",
                          "a.toml:1:23: error: days: \"mon\" is listed twice",
                          "a.toml:1:30: error: days: expected one of mon, tue, wed, found a whole number"));
  EXPECT_THAT(days, ElementsAre(2, 0));
}

TEST(TomlReader, a_missing_key_is_reported_at_its_section_and_only_where_that_stands) {
  EXPECT_THAT(mistakes_of("[here]\n",
                          [](const Section& root) {
                            root.section("here").require("url", "where the gateway listens");
                            root.section("absent").require("url", "where the gateway listens");
                          }),
              ElementsAre("a.toml:1:1: error: [here] lacks \"url\": where the gateway listens"));
}

TEST(TomlReader, what_is_no_table_is_said_and_read_as_absent) {
  EXPECT_THAT(mistakes_of("flow = 3\nitem = [1]\n",
                          [](const Section& root) {
                            EXPECT_FALSE(root.section("flow"));
                            EXPECT_THAT(root.sections("item"), IsEmpty());
                          }),
              ElementsAre("a.toml:1:8: error: flow: expected a table, [flow], found a whole number",
                          "a.toml:2:9: error: item: expected tables, each under [[item]], found a whole number"));
}

TEST(TomlReader, a_syntax_error_is_one_mistake_and_no_contents) {
  for (const std::string_view text :
       {"a = \n", "[x\n", "a = 1\na = 2\n", "\xff\xfe", "a = \"\x01\"", "[\x1b", "[=a]", "[a.=]", "a.= 1", "= 1", ".",
        "[[", "[]", "a = [", "a = {", "\"", "a = 1e999", "a = 99999999999999999999", "a = 1-"}) {
    const auto mistakes = mistakes_of(text, [](const Section& root) { EXPECT_FALSE(root); });
    ASSERT_EQ(mistakes.size(), 1U) << text;
    EXPECT_THAT(mistakes[0], HasSubstr("a.toml:"));
    EXPECT_THAT(mistakes[0], HasSubstr(": error: "));
  }
}

TEST(TomlReader, says_why_a_file_cannot_be_read) {
  Mistakes mistakes;
  EXPECT_FALSE(Document::open("/nowhere/x.toml", mistakes).root());
  EXPECT_FALSE(Document::open("/", mistakes).root());
  ASSERT_EQ(mistakes.size(), 2U);
  EXPECT_EQ(to_text(mistakes[0]), "/nowhere/x.toml:1:1: error: there is no such file");
  EXPECT_EQ(to_text(mistakes[1]), "/:1:1: error: is not a file");
}

TEST(TomlReader, secrets_come_from_the_environment_and_from_files) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "dun_secrets";
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "token") << "s3cret\n";
  ::setenv("DUN_TEST_SECRET", "hush", 1);
  ::unsetenv("DUN_TEST_UNSET");
  EXPECT_EQ(expand_secrets("a {env:DUN_TEST_SECRET} {file:token} {other}", Secrets::required, directory),
            "a hush s3cret {other}");
  EXPECT_EQ(expand_secrets("{file:" + (directory / "token").string() + "}", Secrets::required, "/"), "s3cret");
  EXPECT_EQ(expand_secrets("{env:DUN_TEST_UNSET:-redis://host:1}{env:DUN_TEST_SECRET:-x}{env:DUN_TEST_UNSET:-}",
                           Secrets::required, directory),
            "redis://host:1hush");
  EXPECT_EQ(expand_secrets("{env:DUN_TEST_UNSET}", Secrets::optional, directory), "secret");
  const auto error = [&](std::string_view text) { return expand_secrets(text, Secrets::required, directory).error(); };
  EXPECT_EQ(error("{env:DUN_TEST_UNSET}"), "the environment variable DUN_TEST_UNSET is not set");
  EXPECT_THAT(error("{file:missing}"), HasSubstr("cannot read the file"));
  EXPECT_THAT(error("{env:X"), HasSubstr("closing brace"));
  EXPECT_THAT(error("{file:}"), HasSubstr("expected a name"));
  std::filesystem::remove_all(directory);
}

TEST(TomlReader, a_secret_that_is_missing_is_a_mistake_of_its_key) {
  ::unsetenv("DUN_TEST_UNSET");
  std::string secret = "before";
  EXPECT_THAT(mistakes_of("password = '{env:DUN_TEST_UNSET}'",
                          [&](const Section& root) { root.read_secret("password", Secrets::required, secret); }),
              ElementsAre("a.toml:1:12: error: password: the environment variable DUN_TEST_UNSET is not set"));
  EXPECT_EQ(secret, "before");
}

TEST(TomlReader, the_canonical_form_is_about_what_is_said_and_nothing_else) {
  Mistakes mistakes;
  const auto canonical = [&](std::string_view text) { return Document(text, "a.toml", mistakes).canonical(); };
  EXPECT_EQ(canonical("a = 1\n[t]\nx = 'y'\n"), canonical("# why\nt = { x = \"y\" }\n\na = 1 # so\n"));
  const std::array texts = {canonical(""),
                            canonical("a = 1"),
                            canonical("a = '1'"),
                            canonical("a = 1.0"),
                            canonical("a = true"),
                            canonical("a = [1]"),
                            canonical("a = [[1]]"),
                            canonical("a = []"),
                            canonical("[a]"),
                            canonical("b = 1"),
                            canonical("a = 1\nb = 1"),
                            canonical("a = ['b', 'c']"),
                            canonical("a = ['c', 'b']"),
                            canonical("a = ['bc']")};
  EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), texts.size());
  EXPECT_THAT(mistakes, IsEmpty());
}

TEST(TomlReader, a_suggestion_names_what_is_near_or_all_there_is) {
  constexpr std::array<std::string_view, 3> names = {"rate", "burst", "in_flight_max"};
  EXPECT_EQ(hint("brust", names), "; did you mean \"burst\"?");
  EXPECT_EQ(hint("inflight_max", names), "; did you mean \"in_flight_max\"?");
  EXPECT_EQ(hint("window", names), "; expected one of: rate, burst, in_flight_max");
  EXPECT_EQ(hint(std::string(100'000, 'x'), names), "; expected one of: rate, burst, in_flight_max");
  EXPECT_EQ(hint("window", {}), "");
}

}  // namespace
}  // namespace dun::config
