// `dun check` and `dun sample` as an operator calls them.
#include "tools/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace dun {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

namespace fs = std::filesystem;

struct Ran {
  int exit_code = 0;
  std::string out;
  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in(out);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  }
};

Ran run(const std::string& arguments) {
  CLI::App app{"dun"};
  Ran ran;
  add_check_command(app, ran.exit_code);
  add_sample_command(app, ran.exit_code);
  testing::internal::CaptureStdout();
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    ran.exit_code = error.get_exit_code() == 0 ? 0 : 2;
  }
  std::fflush(stdout);
  ran.out = testing::internal::GetCapturedStdout();
  return ran;
}

const std::string shipped = DUN_SOURCE_DIR "/config";

TEST(CheckCommand, says_what_a_right_configuration_holds) {
  const Ran ran = run("check --config " + shipped);
  EXPECT_EQ(ran.exit_code, 0);
  EXPECT_THAT(ran.out, StartsWith(shipped + " is right\n"));
  EXPECT_THAT(ran.out, HasSubstr("quiet hours  night from 22:00 to 07:00 every day\n"));
  EXPECT_THAT(ran.out, HasSubstr("gateway      sim, "));
}

TEST(CheckCommand, describes_the_policies_in_sentences) {
  const Ran ran = run("check --describe --config " + shipped);
  EXPECT_EQ(ran.exit_code, 0);
  for (const std::string& line : ran.lines()) EXPECT_THAT(line, testing::EndsWith("."));
  EXPECT_THAT(ran.out, HasSubstr("from 22:00 to 07:00 every day"));
}

TEST(CheckCommand, prints_every_mistake_with_its_place) {
  const fs::path directory = fs::path(testing::TempDir()) / ("dun_check_" + std::to_string(::getpid()));
  fs::copy(shipped, directory, fs::copy_options::recursive);
  std::ofstream(directory / "policies.toml") << "default_zone = 'Nowhere'\n[ladder]\nafter_day = [0]\n";
  const std::string file = (directory / "policies.toml").string();

  const Ran plain = run("check --config " + directory.string());
  EXPECT_EQ(plain.exit_code, 1);
  ASSERT_EQ(plain.lines().size(), 2U);
  EXPECT_THAT(plain.lines()[0], StartsWith(file + ":1:16: error: default_zone: "));
  EXPECT_EQ(plain.lines()[1], file + ":3:1: error: unknown key \"after_day\"; did you mean \"after_days\"?");

  const Ran machine = run("check --json --config " + directory.string());
  EXPECT_EQ(machine.exit_code, 1);
  const json object = json::parse(machine.out);
  EXPECT_EQ(object["right"], false);
  ASSERT_EQ(object["mistakes"].size(), 2U);
  EXPECT_EQ(object["mistakes"][1]["file"], file);
  EXPECT_EQ(object["mistakes"][1]["line"], 3);
  EXPECT_EQ(object["mistakes"][1]["column"], 1);
  fs::remove_all(directory);
}

TEST(CheckCommand, as_json_says_the_same_as_in_words) {
  const Ran ran = run("check --json --config " + shipped);
  EXPECT_EQ(ran.exit_code, 0);
  const json object = json::parse(ran.out);
  EXPECT_EQ(object["right"], true);
  EXPECT_EQ(object["policy"].get<std::string>().size(), 8U);
  EXPECT_EQ(object["gateways"][0]["name"], "sim");
  EXPECT_GT(object["texts"].size(), 20U);
  EXPECT_GT(object["rules"].size(), 10U);
}

TEST(SampleCommand, prints_as_many_lines_as_it_expects_and_the_same_ones_again) {
  const Ran events = run("sample --seed 3 --accounts 50");
  EXPECT_EQ(events.exit_code, 0);
  for (const std::string& line : events.lines()) EXPECT_TRUE(json::parse(line).is_object());
  const json expected = json::parse(run("sample --seed 3 --accounts 50 --expect --json").out);
  EXPECT_EQ(expected["events"], events.lines().size());
  EXPECT_EQ(run("sample --seed 3 --accounts 50").out, events.out);
  EXPECT_NE(run("sample --seed 4 --accounts 50").out, events.out);
}

TEST(SampleCommand, the_shipped_small_sample_is_what_the_generator_makes) {
  std::ifstream in(DUN_SOURCE_DIR "/tools/sample/day.ndjson");
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  EXPECT_EQ(run("sample --accounts 200").out, text);
}

TEST(SampleCommand, refuses_a_day_or_a_number_that_is_none) {
  EXPECT_EQ(run("sample --date 2026-02-30").exit_code, 2);
  EXPECT_EQ(run("sample --accounts 0").exit_code, 2);
  EXPECT_EQ(run("sample --seed x").exit_code, 2);
}

}  // namespace
}  // namespace dun
