// `dun text`, run in this process.
#include "tools/commands.hpp"

#include <gmock/gmock.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

struct Ran {
  int exit_code = 0;
  std::string out, err;
};

/// Runs `dun text` on the shipped texts.
Ran run(std::vector<std::string> arguments, const std::string& config = DUN_SOURCE_DIR "/config") {
  arguments.insert(arguments.begin(), "text");
  if (std::ranges::find(arguments, "--raw") == arguments.end()) {
    arguments.emplace_back("--config");
    arguments.push_back(config);
  }
  std::ranges::reverse(arguments);  // as CLI11 wants them
  CLI::App app;
  Ran ran;
  add_text_command(app, ran.exit_code);
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    ran.exit_code = 2;
  }
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  ran.err = testing::internal::GetCapturedStderr();
  return ran;
}

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

TEST(TextCommand, takes_a_text_as_it_is) {
  std::string emoji;
  for (int i = 0; i < 67; ++i) emoji += "\U0001f600";
  const Ran ran = run({"--raw", emoji, "--json"});
  EXPECT_EQ(ran.exit_code, 0);
  const auto record = json::parse(ran.out);
  EXPECT_EQ(record["text"], emoji);
  EXPECT_EQ(record["encoding"], "ucs2");
  EXPECT_EQ(record["parts"], 3);
  EXPECT_EQ(record["units"], 134);
  ASSERT_EQ(record["segments"].size(), 3U);
  EXPECT_EQ(record["segments"][2], "\U0001f600");
}

TEST(TextCommand, shows_a_raw_text_to_people) {
  const Ran ran = run({"--raw", "plain"});
  EXPECT_EQ(ran.out, "text      plain\nencoding  gsm7\nparts     1\nunits     5\n1/1       plain\n");
  EXPECT_THAT(run({"--raw", "`"}).out,
              HasSubstr("encoding  ucs2  ('`' (U+0060 GRAVE ACCENT) is not in the GSM 7-bit alphabet)"));
  EXPECT_EQ(run({"--raw", ""}).exit_code, 0);
}

TEST(TextCommand, says_that_a_raw_text_is_not_utf8) {
  for (const bool as_json : {false, true}) {
    const Ran ran = as_json ? run({"--raw", "a\xff", "--json"}) : run({"--raw", "a\xff"});
    EXPECT_EQ(ran.exit_code, 1);
    EXPECT_THAT(ran.out, IsEmpty());
    EXPECT_THAT(ran.err, HasSubstr("not UTF-8 at byte 1"));
  }
}

TEST(TextCommand, renders_a_shipped_text) {
  const Ran ran = run({"--kind", "dunning", "--step", "2", "--lang", "en", "--json"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const auto record = json::parse(ran.out);
  EXPECT_EQ(record["lang"], "en");
  EXPECT_EQ(record["kind"], "dunning");
  EXPECT_EQ(record["step"], 2);
  EXPECT_EQ(record["encoding"], "gsm7");
  EXPECT_EQ(record["parts"], 2);
  EXPECT_EQ(record["text"], record["segments"][0].get<std::string>() + record["segments"][1].get<std::string>());
  EXPECT_THAT(record["text"],
              HasSubstr("Reminder: CNY 1,286.50 on account 138001380001, due Mar 29, is unpaid (as of Mar 31, 22:30)"));
}

TEST(TextCommand, renders_for_a_zone_a_brand_and_held) {
  const std::string text =
      run({"--kind", "resumed", "--lang", "en", "--zone", "America/New_York", "--brand", "Beta", "--held"}).out;
  EXPECT_THAT(text, AllOf(Not(HasSubstr("Beta")), HasSubstr("Mar 31, 10:30"), HasSubstr("(Delayed message.)")));
  EXPECT_THAT(run({"--kind", "dunning", "--bare"}).out, AllOf(HasSubstr("您的账户"), Not(HasSubstr("1,286.50"))));
}

TEST(TextCommand, lists_every_text) {
  const auto rows = lines(run({}).out);
  ASSERT_EQ(rows.size(), 1U + 2 * 14) << "a heading; two languages, eleven kinds and three dunning steps";
  EXPECT_EQ(lines(run({"--all"}).out), rows);
  EXPECT_EQ(lines(run({"--lang", "en"}).out).size(), 1U + 14);
  const auto records = lines(run({"--all", "--json"}).out);
  ASSERT_EQ(records.size(), 28U);
  for (const std::string& record : records) EXPECT_GE(json::parse(record)["parts"], 1);
}

TEST(TextCommand, follows_the_settings_of_the_configuration) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "dun-text-XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  const fs::path directory = pattern;
  fs::copy(DUN_SOURCE_DIR "/config/messages", directory / "messages");
  std::ofstream(directory / "dun.toml") << "[messages]\ndefault_lang = \"en\"\n";
  EXPECT_THAT(run({"--kind", "resumed"}, pattern).out, HasSubstr("was restored on"));
  std::ofstream(directory / "dun.toml") << "[messages]\nparts_max = 1\n";
  const Ran refused = run({"--kind", "resumed"}, pattern);
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr(":8: error: takes 2 SMS segments"));
  fs::remove_all(directory);
}

TEST(TextCommand, reports_what_is_wrong) {
  Ran ran = run({"--kind", "duning"});
  EXPECT_EQ(ran.exit_code, 2);
  EXPECT_THAT(ran.err, HasSubstr("unknown kind \"duning\"; did you mean \"dunning\"?"));
  ran = run({"--kind", "dunning", "--zone", "Mars/Olympus"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("the tz database has no zone 'Mars/Olympus'"));
  ran = run({"--kind", "dunning"}, "no/such/directory");
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no/such/directory/messages:1:1: error: cannot be read"));
  EXPECT_EQ(run({"--raw", "x", "--kind", "dunning"}).exit_code, 2);
  EXPECT_EQ(run({"--step", "1"}).exit_code, 2);
  EXPECT_EQ(run({"--kind", "dunning", "--step", "-1"}).exit_code, 2);
}

}  // namespace
