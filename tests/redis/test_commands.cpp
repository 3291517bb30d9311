// `dun publish`, `dun outcomes` and `dun rejected`, run in this process against a private Redis.
#include "redis/router.hpp"
#include "redis/views.hpp"
#include "tests/redis/redis_fixture.hpp"
#include "tools/commands.hpp"

#include <gmock/gmock.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace dun::redis {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Ran {
  int exit_code = 0;
  std::string out, err;
};

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) found.push_back(line);
  return found;
}

class CommandsTest : public RedisTest {
 protected:
  static constexpr int partitions = 4;

  CommandsTest() {
    EXPECT_TRUE(run(open_installation(open_links(), Keyspace(), {.partitions = partitions})).has_value());
  }

  Ran dun(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--redis", server_.socket_url(), "--prefix", "dun"});
    std::ranges::reverse(arguments);  // as CLI11 wants them
    CLI::App app;
    Ran ran;
    add_publish_command(app, ran.exit_code);
    add_outcomes_command(app, ran.exit_code);
    add_rejected_command(app, ran.exit_code);
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

  std::string file(const std::string& text) {
    const std::string name = server_.directory() / "events.ndjson";
    std::ofstream(name, std::ios::binary) << text;
    return name;
  }
  std::vector<Fields> stream(const std::string& key) {
    std::vector<Fields> found;
    for (StreamEntry& entry : take_entries(server_.command({"XRANGE", key, "-", "+"}), key).value())
      found.push_back(std::move(entry.fields));
    return found;
  }
  /// Rejects an event in partition `number`, as its engine would.
  void reject(int number, const Fields& original, const std::string& field = "time") {
    RedisPartitionStore& store = open_store({.partition = number, .owner = "a"});
    commit(store,
           {.epoch = acquire(store).epoch,
            .rejected = {{.field = field, .reason = "missing", .original = {.id = {5, 6}, .fields = original}}}});
    run(store.release());
  }
};

const std::string good =
    R"({"id":"e1","type":"credit.changed","account":"a1","time":"2026-03-01T00:00:00Z","balance":-12.50,"seq":7})"
    "\n";

// -------------------------------------------------------------------------------------------------------- publish

TEST_F(CommandsTest, PublishSendsEachLineWithNumbersAsWritten) {
  const Ran ran = dun({"publish", file(good + "\r\n  \n" + good)});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  const Fields expected = {{"id", "e1"},          {"type", "credit.changed"},
                           {"account", "a1"},     {"time", "2026-03-01T00:00:00Z"},
                           {"balance", "-12.50"}, {"seq", "7"}};
  EXPECT_THAT(stream("dun:events"), ElementsAre(expected, expected));
  EXPECT_THAT(ran.err, HasSubstr("2 events published"));
}

TEST_F(CommandsTest, PublishReportsBadLinesWithTheirNumberAndSendsTheRest) {
  const std::string name =
      file(good + "not json\n" + R"({"id":"e2","type":"credit.changed","account":"a1","time":"today"})" + "\n" +
           R"({"id":["nested"]})" + "\n{}\n" + std::string(1'100'000, 'x') + "\n" +
           R"({"id":"last","type":"source.heartbeat","source":"s","time":"2026-03-01T00:00:00Z"})");
  const Ran ran = dun({"publish", name});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(stream("dun:events"), SizeIs(2));
  EXPECT_THAT(ran.err, AllOf(HasSubstr(name + ":2: error: "), HasSubstr(name + ":3: error: field time: "),
                             HasSubstr(name + ":4: error: field id: "), HasSubstr(name + ":5: error: "),
                             HasSubstr(name + ":6: error: longer than "), HasSubstr("5 lines were not")));
}

TEST_F(CommandsTest, PublishUncheckedLeavesTheJudgementToTheEngine) {
  const Ran ran = dun({"publish", "--unchecked",
                       file(R"({"id":"e2","time":"today"})"
                            "\nnot json\n")});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(stream("dun:events"), ElementsAre(Fields{{"id", "e2"}, {"time", "today"}}));
}

TEST_F(CommandsTest, PublishTakesALineOfAMebibyteAndNotAByteMore) {
  std::string line = R"({"id":"e1"})";
  line.append((1 << 20) - line.size(), ' ');
  EXPECT_EQ(dun({"publish", "--unchecked", file(line + "\n" + line)}).exit_code, 0);
  EXPECT_THAT(stream("dun:events"), SizeIs(2));
  const Ran longer = dun({"publish", "--unchecked", file(line + " \n" + line + " ")});
  EXPECT_EQ(longer.exit_code, 1);
  EXPECT_THAT(longer.err, HasSubstr("0 events published; 2 lines were not"));
}

TEST_F(CommandsTest, PublishDirectGoesToThePartitions) {
  EXPECT_EQ(dun({"publish", "--direct", file(good)}).exit_code, 0);
  EXPECT_THAT(stream("dun:events"), IsEmpty());
  EXPECT_THAT(stream(Keyspace().partition(partition_of("a1", partitions)).events()), SizeIs(1));
}

TEST_F(CommandsTest, PublishSendsManyEventsInOrder) {
  std::string text;
  constexpr int count = 3000;
  for (int i = 0; i < count; ++i)
    text +=
        R"({"type":"source.heartbeat","source":"s","time":"2026-03-01T00:00:00Z","id":")" + std::to_string(i) + "\"}\n";
  EXPECT_EQ(dun({"publish", file(text)}).exit_code, 0);
  const auto entries = stream("dun:events");
  ASSERT_THAT(entries, SizeIs(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ(entries[static_cast<std::size_t>(i)].back().second, std::to_string(i));
}

TEST_F(CommandsTest, PublishNamesWhatItCannotReadOrWrite) {
  const Ran missing = dun({"publish", "/nowhere/events.ndjson"});
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_THAT(missing.err, AllOf(HasSubstr("/nowhere/events.ndjson"), HasSubstr("No such file")));
  const Ran directory = dun({"publish", server_.directory()});
  EXPECT_EQ(directory.exit_code, 1);
  EXPECT_THAT(directory.err, HasSubstr("Is a directory"));
  server_.command({"CONFIG", "SET", "maxmemory", "1"});
  const Ran full = dun({"publish", file(good)});
  EXPECT_EQ(full.exit_code, 1);
  EXPECT_THAT(full.err, AllOf(HasSubstr("OOM"), HasSubstr("0 events published")));
}

// ------------------------------------------------------------------------------------------------------- outcomes

TEST_F(CommandsTest, OutcomesPrintsEverythingAsNdjsonOrWhatIsAskedFor) {
  RedisPartitionStore& store = open_store({.partition = partition_of("a1", partitions), .owner = "a"});
  const Instant at = parse_rfc3339("2026-03-01T00:00:00Z").value();
  commit(store, {.epoch = acquire(store).epoch,
                 .at = at,
                 .journal = {{.at = at, .type = OutcomeType::event_applied, .account = AccountId("a1")},
                             {.at = at, .type = OutcomeType::notice_held, .account = AccountId("a1"), .step = 2},
                             {.at = at, .type = OutcomeType::task_opened, .account = AccountId("a2")}}});
  const Ran all = dun({"outcomes"});
  EXPECT_EQ(all.exit_code, 0) << all.err;
  ASSERT_THAT(lines(all.out), SizeIs(2));
  const json held = json::parse(lines(all.out)[0]);
  EXPECT_EQ(held["type"], "notice.held");
  EXPECT_EQ(held["step"], 2);

  EXPECT_THAT(lines(dun({"outcomes", "--type", "task.*"}).out), ElementsAre(HasSubstr("task.opened")));
  EXPECT_THAT(lines(dun({"outcomes", "--type", "event.applied"}).out), ElementsAre(HasSubstr("event.applied")));
  EXPECT_THAT(lines(dun({"outcomes", "--account", "a1", "--json"}).out), ElementsAre(HasSubstr("notice.held")));
  EXPECT_EQ(dun({"outcomes", "--type", "task.eaten"}).exit_code, 2);
  EXPECT_EQ(dun({"outcomes", "--account", "no account"}).exit_code, 2);
}

// ------------------------------------------------------------------------------------------------------- rejected

TEST_F(CommandsTest, RejectedListShowsTheReasonAndTheOriginal) {
  EXPECT_EQ(dun({"rejected", "list"}).out, "");
  reject(2, {{"id", "e1"}, {"id", "again"}, {"note", "\x1b[2J\xff"}});
  const Ran plain = dun({"rejected", "list"});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_THAT(plain.out, AllOf(HasSubstr("2:"), HasSubstr("missing"), HasSubstr(R"("id":"e1","id":"again")"),
                               HasSubstr("\\u001b")));
  const Ran machine = dun({"rejected", "list", "--json"});
  ASSERT_THAT(lines(machine.out), SizeIs(1));
  const json item = json::parse(lines(machine.out)[0]);
  EXPECT_EQ(item["partition"], 2);
  EXPECT_EQ(item["field"], "time");
  EXPECT_EQ(item["stream_id"], "5-6");
}

TEST_F(CommandsTest, OfAFloodTheOperatorSeesWhatItIsMadeOfAndPutsBackThatPart) {
  for (int i = 0; i < 5; ++i) reject(1, {{"id", "t" + std::to_string(i)}}, "time");
  for (int i = 0; i < 3; ++i) reject(3, {{"id", "s" + std::to_string(i)}}, "state");
  const Ran summary = dun({"rejected", "list", "--summary", "--json"});
  ASSERT_THAT(lines(summary.out), SizeIs(2));
  const json state = json::parse(lines(summary.out)[0]);
  EXPECT_EQ(state["field"], "state");
  EXPECT_EQ(state["count"], 3);
  EXPECT_EQ(state["detail"], "missing");
  EXPECT_EQ(json::parse(lines(summary.out)[1])["count"], 5);
  EXPECT_THAT(dun({"rejected", "list", "--summary"}).out, AllOf(HasSubstr("3  state"), HasSubstr("5  time")));
  EXPECT_THAT(lines(dun({"rejected", "list", "--json", "--limit", "6"}).out), SizeIs(6));
  const Ran few = dun({"rejected", "list", "--json", "--field", "state", "--limit", "2"});
  ASSERT_THAT(lines(few.out), SizeIs(2));
  EXPECT_THAT(few.out, AllOf(HasSubstr(R"("id":"s0")"), HasSubstr(R"("id":"s1")")));
  EXPECT_EQ(dun({"rejected", "requeue", "--field", "state"}).exit_code, 2);
  EXPECT_THAT(dun({"rejected", "requeue", "--all", "--field", "state"}).err, HasSubstr("3 events requeued"));
  EXPECT_THAT(lines(dun({"rejected", "list", "--json"}).out), SizeIs(5));
}

TEST_F(CommandsTest, RejectedRequeueGivesTheNamedOrAllOriginalsInAgain) {
  const Fields original = {{"id", "e1"}, {"id", "again"}, {std::string("\0", 1), "\xff"}};
  reject(1, original);
  reject(3, {{"id", "e2"}});
  reject(3, {{"id", "e3"}});
  EXPECT_EQ(dun({"rejected", "requeue"}).exit_code, 2);
  EXPECT_EQ(dun({"rejected", "requeue", "what"}).exit_code, 2);
  EXPECT_EQ(dun({"rejected", "requeue", "9:1-1"}).exit_code, 1);

  const std::string id = json::parse(lines(dun({"rejected", "list", "--json"}).out).at(0))["id"];
  EXPECT_EQ(dun({"rejected", "requeue", id}).exit_code, 0);
  EXPECT_THAT(stream("dun:{1}:events"), ElementsAre(original));
  EXPECT_EQ(dun({"rejected", "requeue", id}).exit_code, 1);

  const Ran all = dun({"rejected", "requeue", "--all"});
  EXPECT_EQ(all.exit_code, 0);
  EXPECT_THAT(all.err, HasSubstr("2 events requeued"));
  EXPECT_THAT(stream("dun:{3}:events"), ElementsAre(Fields{{"id", "e2"}}, Fields{{"id", "e3"}}));
  EXPECT_EQ(dun({"rejected", "list"}).out, "");
}

class FieldCases : public CommandsTest {};

// It was put here by a producer that counts otherwise, or by a router that went by the first field of a name: by the
// same rule as ever it would be rejected here for ever.
TEST_F(FieldCases, S39_WhatBelongsElsewhereIsRequeuedWhereTheRouterWouldPutIt) {
  const Fields original = {{"account", ""}, {"id", "e1"}, {"account", "8600012345"}, {"account", ""}};
  const int right = Router::partition_for(original, partitions);
  const int wrong = (right + 1) % partitions;
  reject(wrong, original, "account");
  const Fields nobodys = {{"type", "source.heartbeat"}, {"id", "e2"}, {"account", "8600012345"}};
  reject(wrong, nobodys, "source");
  const Ran all = dun({"rejected", "requeue", "--all"});
  EXPECT_THAT(all.err, HasSubstr("2 events requeued"));
  EXPECT_THAT(stream(Keyspace().partition(right).events()), ElementsAre(original));
  EXPECT_THAT(stream(Keyspace().partition(wrong).events()), ElementsAre(nobodys)) << "any will do";
  EXPECT_EQ(dun({"rejected", "list"}).out, "");
}

TEST_F(CommandsTest, AServerWithoutAnInstallationIsNamed) {
  server_.command({"FLUSHALL"});
  const Ran ran = dun({"outcomes"});
  EXPECT_EQ(ran.exit_code, 1);
  EXPECT_THAT(ran.err, HasSubstr("no Dun installation"));
}

}  // namespace
}  // namespace dun::redis
