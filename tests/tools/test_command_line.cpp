// What all commands have in common: numbers, times, the directory of a stack, words that name no command.
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/state_directory.hpp"
#include "tools/times.hpp"
#include "tools/validators.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace dun::tools {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

/// A directory for one test, and what is thrown where it is used.
class Scratch {
 public:
  Scratch() { fs::create_directories(path_); }
  ~Scratch() { fs::remove_all(path_); }
  [[nodiscard]] fs::path operator/(std::string_view name) const { return path_ / name; }

 private:
  fs::path path_ = fs::path(testing::TempDir()) / ("dun_" + std::to_string(::getpid()) + "_" +
                                                   testing::UnitTest::GetInstance()->current_test_info()->name());
};

std::string refusal(const fs::path& path) {
  try {
    const StateDirectory directory(path);
    return "";
  } catch (const std::runtime_error& error) {
    return error.what();
  }
}

mode_t mode_of(const fs::path& path) {
  struct stat there{};
  EXPECT_EQ(lstat(path.c_str(), &there), 0) << path;
  return there.st_mode & 0777;
}

TEST(FieldCases, U2_ADirectoryIsOneStacksAtATime) {
  const Scratch scratch;
  {
    const StateDirectory first(scratch / "state");
    EXPECT_THAT(refusal(scratch / "state"),
                AllOf(HasSubstr("is in use by process " + std::to_string(::getpid())), HasSubstr("--dir")));
    EXPECT_THAT(refusal(scratch / "state/"), HasSubstr("is in use"));
    EXPECT_EQ(refusal(scratch / "another"), "");
  }
  EXPECT_EQ(refusal(scratch / "state"), "") << "given back when the first one ends";
}

TEST(FieldCases, C15_TheDirectoryIsItsUsersAlone) {
  const Scratch scratch;
  const mode_t before = umask(0);
  const StateDirectory directory(scratch / "deep/er/state");
  write_private(directory.path() / "file", "numbers");
  const fs::path below = directory.subdirectory("redis");
  umask(before);
  EXPECT_EQ(mode_of(directory.path()), 0700U);
  EXPECT_EQ(mode_of(below), 0700U);
  EXPECT_EQ(mode_of(directory.path() / "file"), 0600U);
  EXPECT_EQ(mode_of(directory.path() / "lock"), 0600U);
  // What was open to others before is closed.
  fs::permissions(directory.path() / "file", fs::perms(0644));
  write_private(directory.path() / "file", "n");
  EXPECT_EQ(mode_of(directory.path() / "file"), 0600U);
  EXPECT_EQ(fs::file_size(directory.path() / "file"), 1U);
}

TEST(FieldCases, C15_LinksAndForeignContentsAreRefused) {
  const Scratch scratch;
  std::ofstream(scratch / "precious") << "precious";
  {
    const StateDirectory directory(scratch / "state");
    fs::create_symlink(scratch / "precious", directory.path() / "file");
    EXPECT_THROW(write_private(directory.path() / "file", "x"), std::runtime_error);
    fs::create_directory_symlink(scratch / "elsewhere", directory.path() / "redis");
    EXPECT_THROW((void)directory.subdirectory("redis"), std::runtime_error);
  }
  EXPECT_EQ(fs::file_size(scratch / "precious"), 8U);
  fs::create_directory_symlink(scratch / "state", scratch / "link");
  EXPECT_THAT(refusal(scratch / "link"), HasSubstr("is not a directory"));
  fs::create_directory(scratch / "thesis");
  std::ofstream(scratch / "thesis/chapter") << "1";
  EXPECT_THAT(refusal(scratch / "thesis"), HasSubstr("holds other files"));
  std::ofstream(scratch / "thesis/lock") << "1";
  fs::permissions(scratch / "thesis", fs::perms(0777));
  EXPECT_THAT(refusal(scratch / "thesis"), HasSubstr("others could write to it"));
  EXPECT_THAT(refusal(scratch / "precious"), HasSubstr("is not a directory"));
}

TEST(FieldCases, U5_AStackThatRunsIsFoundFromItsDirectoryAndTheOneAbove) {
  const Scratch scratch;
  const fs::path above = scratch / ".";
  EXPECT_FALSE(find_running_stack(above));
  {
    const StateDirectory directory(scratch / "var");
    EXPECT_FALSE(find_running_stack(above)) << "it is not up yet";
    directory.announce({.redis_url = "unix:///x", .prefix = "p", .config = "/etc/dun"});
    for (const fs::path& from : {above, directory.path()}) {
      const auto found = find_running_stack(from);
      ASSERT_TRUE(found) << from;
      EXPECT_EQ(found->redis_url, "unix:///x");
      EXPECT_EQ(found->prefix, "p");
      EXPECT_EQ(found->config, "/etc/dun");
    }
    fs::copy(directory.path() / "stack.json", scratch / "kept");
  }
  EXPECT_FALSE(find_running_stack(above));
  // Killed: the file is left, the lock is not.
  fs::copy(scratch / "kept", scratch / "var/stack.json");
  EXPECT_FALSE(find_running_stack(above));
}

TEST(FieldCases, U9_PeopleAreToldLocalTimes) {
  const Instant instant = parse_rfc3339("2026-03-29T01:30:00.250Z").value();
  EXPECT_EQ(LocalTimes("Asia/Shanghai").named(instant), "2026-03-29 09:30:00 Asia/Shanghai");
  EXPECT_EQ(LocalTimes("Europe/Berlin").text(instant), "2026-03-29 03:30:00");
  EXPECT_EQ(LocalTimes("No/Where").named(instant), "2026-03-29 01:30:00 Etc/UTC");
  EXPECT_EQ(LocalTimes("Asia/Kolkata").text_of("2026-03-29T01:30:00.250Z"), "2026-03-29 07:00:00");
  EXPECT_EQ(LocalTimes("Asia/Kolkata").text_of("?"), "?");
}

TEST(FieldCases, U11_NumbersThatAreNoneAreSaidInWords) {
  const auto said = [](const CLI::Validator& validator, std::string text) { return validator(text); };
  for (const std::string wrong : {"0", "-1", "x", "nan", "inf", ""})
    EXPECT_EQ(said(positive(), wrong), "expected a number above 0, found " + wrong);
  for (const std::string right : {"0.5", "1", "1e9"}) EXPECT_EQ(said(positive(), right), "");
  EXPECT_EQ(said(not_negative(), "-1"), "expected 0 or more, found -1");
  EXPECT_EQ(said(not_negative(), "0"), "");
}

/// A program such as ours in small.
struct Program {
  CLI::App app{"Do things"};
  std::uint64_t limit = 3;
  Program() {
    app.name("prog");
    CLI::App* list = app.add_subcommand("rejected", "Look at them")->add_subcommand("list", "List them");
    list->add_option("--limit,-l", limit, "At most so many")->capture_default_str();
    set_footer(*list, {"prog rejected list -l 2"}, ".starts like a macro, and has a \\ in it");
    app.add_subcommand("status", "Say how it is")->add_option("WHO", "Of whom");
  }
};

TEST(FieldCases, U7_TheNearestCommandIsNamed) {
  const Program program;
  const auto say = [&](std::vector<std::string> words) {
    const NamedCommand named = find_command(program.app, words);
    return named.unknown.empty() ? named.command->get_name() : no_such_command(*named.command, named.unknown);
  };
  EXPECT_EQ(say({"status", "anybody"}), "status");
  EXPECT_EQ(say({"rejected", "list", "--limit", "3"}), "list");
  EXPECT_EQ(say({"--version"}), "prog");
  EXPECT_EQ(say({"satus"}), "prog: there is no command \"satus\"; did you mean \"status\"?");
  EXPECT_EQ(say({"rejected", "lst"}), "prog rejected: there is no command \"lst\"; did you mean \"list\"?");
  EXPECT_EQ(say({"zzzzzz"}), "prog: there is no command \"zzzzzz\"; there are: rejected, status");
  EXPECT_THAT(say({"tasks"}), HasSubstr("this version does not have that command yet"));
  EXPECT_THAT(say({"rejected", "tasks"}), HasSubstr("there is no command")) << "planned elsewhere";
}

TEST(FieldCases, U12_ManAndCompletionFollowFromTheDefinitions) {
  const Program program;
  const std::string page = man_page(program.app, "prog 1.0");
  EXPECT_THAT(page, HasSubstr(".TH PROG 1 \"\" \"prog 1.0\"\n.SH NAME\nprog \\- Do things\n"));
  EXPECT_THAT(page, HasSubstr(".SH prog rejected list\nList them.\n"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-l, \\-\\-limit\\fR"));
  EXPECT_THAT(page, HasSubstr("At most so many (default: 3)"));
  EXPECT_THAT(page, HasSubstr("\n\\&.starts like a macro, and has a \\e in it\n"));
  const std::string script = bash_completion(program.app);
  EXPECT_THAT(script, HasSubstr("\"rejected list\") words=\"-h --help -l --limit\" ;;"));
  EXPECT_THAT(script, HasSubstr("complete -o filenames -F _prog prog\n"));
}

TEST(FieldCases, C8_WhatACommandSaysIsVisible) {
  const std::string foreign = "x\x1b[2J\nforged: \xe2\x80\xae";
  testing::internal::CaptureStdout();
  say("{} {} {}\n", foreign, 7, "own");
  flush();
  const std::string out = testing::internal::GetCapturedStdout();
  EXPECT_EQ(out, "x\\u{1B}[2J\\nforged: \\u{202E} 7 own\n");
  testing::internal::CaptureStderr();
  complain("{}\n", std::string_view(foreign));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "x\\u{1B}[2J\\nforged: \\u{202E}\n");
}

}  // namespace
}  // namespace dun::tools
