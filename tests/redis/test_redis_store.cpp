// What the partition store promises only because a real server stands behind it: the conformance suite covers the rest.
#include "redis/codec.hpp"
#include "redis/views.hpp"
#include "tests/conformance/random_state.hpp"
#include "tests/redis/redis_fixture.hpp"
#include "tests/support/shelf_times.hpp"

namespace dun::redis {
namespace {

using namespace scheduler;
using Kind = StoreError::Kind;
using test::at_minute;
using test::at_second;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RedisStoreTest : public RedisTest {
 protected:
  using RedisTest::RedisTest;
  StoreError failed(RedisPartitionStore& store, Commit change) {
    const auto committed = run(store.commit(std::move(change)));
    EXPECT_FALSE(committed.has_value());
    return committed ? StoreError() : committed.error();
  }
  static Commit one_record(std::uint64_t epoch, const std::string& account) {
    AccountRecord record;
    record.ordinals = 7;
    return {.epoch = epoch, .records = {{.account = AccountId(account), .value = std::move(record)}}};
  }
  std::optional<AccountRecord> record(RedisPartitionStore& store, const std::string& account) {
    return run(store.load({AccountId(account)})).value().at(0);
  }
};

// ---------------------------------------------------------------------------------------------------------- lease

TEST_F(RedisStoreTest, ALeaseThatExpiresByItselfFences) {
  RedisPartitionStore& store = open_store({.owner = "a", .lease_ttl = Millis(300)});
  const Recovery found = acquire(store);
  EXPECT_LE(server_.command({"PTTL", keys_.lease()}).number, 300);
  while (server_.command({"EXISTS", keys_.lease()}).number == 1) {
  }
  const StoreError error = failed(store, one_record(found.epoch, "x"));
  EXPECT_EQ(error.kind, Kind::fenced);
  EXPECT_THAT(error.message, HasSubstr("ran out"));
  EXPECT_EQ(record(store, "x"), std::nullopt);
}

TEST_F(RedisStoreTest, EveryCommitRenewsTheLease) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  for (int i = 0; i < 3; ++i) {
    const std::int64_t before = server_.command({"PEXPIRETIME", keys_.lease()}).number;
    next_millisecond();
    commit(store, {.epoch = found.epoch});
    EXPECT_GT(server_.command({"PEXPIRETIME", keys_.lease()}).number, before);
  }
}

TEST_F(RedisStoreTest, ALeaseThatAnotherTookBetweenTwoCommitsFences) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  commit(store, one_record(found.epoch, "x"));
  server_.command({"SET", keys_.lease(), "thief 99", "PX", "60000"});
  const StoreError error = failed(store, one_record(found.epoch, "y"));
  EXPECT_EQ(error.kind, Kind::fenced);
  EXPECT_THAT(error.message, HasSubstr("thief 99"));
  EXPECT_EQ(record(store, "y"), std::nullopt);
  EXPECT_EQ(failed(store, one_record(found.epoch, "y")).kind, Kind::fenced);
  EXPECT_EQ(server_.command({"GET", keys_.lease()}), text_value("thief 99"));
}

TEST_F(RedisStoreTest, WhatAnOldConnectionStillHadUnderWayIsVoidOnceTheLeaseIsTakenAgain) {
  RedisPartitionStore& store = open_store("a");
  const Recovery old = acquire(store);
  // The same process acquires on a new connection, as it does after a commit that had no answer.
  RedisPartitionStore& again = open_store("a");
  acquire(again);
  EXPECT_EQ(failed(store, one_record(old.epoch, "x")).kind, Kind::fenced);
  EXPECT_EQ(record(again, "x"), std::nullopt);
}

TEST_F(RedisStoreTest, ALostConnectionMeansAcquiringAgain) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  server_.command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(failed(store, one_record(found.epoch, "x")).kind, Kind::unavailable);
  EXPECT_EQ(failed(store, one_record(found.epoch, "x")).kind, Kind::fenced);
  const Recovery again = acquire_in_the_end(store);
  EXPECT_GT(again.epoch, found.epoch);
  commit(store, one_record(again.epoch, "x"));
  EXPECT_TRUE(record(store, "x").has_value());
}

// --------------------------------------------------------------------------------------------------- kill, restart

class DurableStoreTest : public RedisStoreTest {
 protected:
  DurableStoreTest() : RedisStoreTest({"--appendonly", "yes", "--appendfsync", "always"}) {}
};

TEST_F(DurableStoreTest, NothingAcknowledgedIsLostWhenRedisIsKilled) {
  RedisPartitionStore& store = open_store("a");
  test::RandomState random(1);
  std::map<std::string, AccountRecord> acknowledged;
  Counters counters;
  for (int kills = 0; kills < 4; ++kills) {
    const Recovery found = acquire_in_the_end(store);
    EXPECT_EQ(found.counters, counters);
    for (const auto& [account, value] : acknowledged) EXPECT_EQ(record(store, account), value);
    for (int batch = 0; batch < 5; ++batch) {
      Commit change{.epoch = found.epoch, .counters = random.counters()};
      for (int i = 0; i < 20; ++i)
        change.records.push_back(
            {.account = AccountId(std::to_string(random.number(0, 200))), .value = random.record()});
      // An account twice in one commit would be a bug of the engine's.
      std::ranges::sort(change.records, {}, &Commit::Record::account);
      const auto same = std::ranges::unique(change.records, {}, &Commit::Record::account);
      change.records.erase(same.begin(), same.end());
      commit(store, change);
      counters = change.counters;
      for (const Commit::Record& now : change.records) acknowledged[now.account.str()] = *now.value;
    }
    server_.kill();
    server_.start();
  }
}

TEST_F(DurableStoreTest, ACommitWithoutAnswerIsThereWholeOrNotAtAll) {
  RedisPartitionStore& store = open_store("a");
  std::uint64_t unanswered = 0;
  for (int round = 1; round <= 6; ++round) {
    const Recovery found = acquire_in_the_end(store);
    const std::string account = "account-" + std::to_string(round);
    Commit change = one_record(found.epoch, account);
    change.cursor = {static_cast<std::uint64_t>(round), 0};
    bool done = false, applied = false;
    boost::asio::co_spawn(context_, store.commit(change), [&](std::exception_ptr, StoreResult<void> result) {
      done = true;
      applied = result.has_value();
    });
    // Killed at some point between the commit's leaving and its answer.
    for (int steps = 0; steps < round && !done; ++steps) context_.run_one();
    server_.kill();
    while (!done) context_.run_one();
    server_.start();
    const Recovery after = acquire_in_the_end(store);
    const bool there = record(store, account).has_value();
    EXPECT_EQ(after.cursor == change.cursor, there);
    if (applied) EXPECT_TRUE(there);
    unanswered += applied ? 0 : 1;
  }
  EXPECT_GT(unanswered, 0U);
}

// --------------------------------------------------------------------------------------------------------- refusal

TEST_F(RedisStoreTest, AFullServerRefusesTheWholeCommitAndTakesItLater) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  server_.command({"CONFIG", "SET", "maxmemory", "1"});
  const StoreError error = failed(store, one_record(found.epoch, "x"));
  EXPECT_EQ(error.kind, Kind::refused);
  EXPECT_THAT(error.message, HasSubstr("OOM"));
  EXPECT_EQ(record(store, "x"), std::nullopt);
  server_.command({"CONFIG", "SET", "maxmemory", "0"});
  commit(store, one_record(found.epoch, "x"));
  EXPECT_TRUE(record(store, "x").has_value());
}

TEST_F(RedisStoreTest, AReplicaRefuses) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  server_.command({"REPLICAOF", "127.0.0.1", "1"});
  const StoreError error = failed(store, one_record(found.epoch, "x"));
  // A server that is made a replica also closes the connections of its watchers.
  EXPECT_TRUE(error.kind == Kind::refused || error.kind == Kind::unavailable) << error.message;
  const auto acquired = run(store.acquire());
  ASSERT_FALSE(acquired.has_value());
  EXPECT_EQ(acquired.error().kind, Kind::refused);
  EXPECT_THAT(acquired.error().message, HasSubstr("READONLY"));
}

TEST_F(RedisStoreTest, AUserWithoutPermissionIsRefused) {
  server_.command({"ACL", "SETUSER", "reader", "on", "nopass", "~*", "+@all", "-hset"});
  Address to = parse_address("redis://reader@127.0.0.1:" + std::to_string(server_.port())).value();
  RedisPartitionStore store(context_.get_executor(), to, quick(), {.owner = "a"});
  const auto acquired = run(store.acquire());
  ASSERT_FALSE(acquired.has_value());
  EXPECT_EQ(acquired.error().kind, Kind::refused);
  EXPECT_THAT(acquired.error().message, HasSubstr("hset"));
  run(store.close());
}

// ------------------------------------------------------------------------------------------------------ corruption

struct Foreign {
  const char* name;
  std::vector<Command> hand;  ///< what somebody did before the store acquired
  const char* says;           ///< the key that the error names
};
class ForeignHand : public RedisStoreTest, public testing::WithParamInterface<Foreign> {};

TEST_P(ForeignHand, IsFoundAtAcquisitionAndTheKeyNamed) {
  for (const Command& command : GetParam().hand) ASSERT_FALSE(server_.command(command).is(Value::Type::error));
  const auto acquired = run(open_store("a").acquire());
  ASSERT_FALSE(acquired.has_value());
  EXPECT_EQ(acquired.error().kind, Kind::corrupt);
  EXPECT_THAT(acquired.error().message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(Keys, ForeignHand,
                         testing::Values(Foreign{"Events", {{"SET", "dun:{0}:events", "x"}}, "dun:{0}:events"},
                                         Foreign{"Meta", {{"SET", "dun:{0}:meta", "x"}}, "dun:{0}:meta"},
                                         Foreign{"Due", {{"SADD", "dun:{0}:due", "x"}}, "dun:{0}:due"},
                                         Foreign{"InFlight", {{"LPUSH", "dun:{0}:inflight", "x"}}, "dun:{0}:inflight"},
                                         Foreign{"Journal", {{"SET", "dun:{0}:journal", "x"}}, "dun:{0}:journal"},
                                         Foreign{"Outcomes", {{"SET", "dun:{0}:outcomes", "x"}}, "dun:{0}:outcomes"},
                                         Foreign{"Rejected", {{"SET", "dun:{0}:rejected", "x"}}, "dun:{0}:rejected"},
                                         Foreign{"Lease", {{"LPUSH", "dun:{0}:lease", "x"}}, "dun:{0}:lease"},
                                         Foreign{"Cursor", {{"HSET", "dun:{0}:meta", "cursor", "x"}}, "cursor"},
                                         Foreign{"Counter", {{"HSET", "dun:{0}:meta", "sent", "-1"}}, "sent"},
                                         Foreign{"Claim", {{"HSET", "dun:{0}:inflight", "n", "x"}}, "dun:{0}:inflight"},
                                         Foreign{"DueMember", {{"ZADD", "dun:{0}:due", "1", "what"}}, "what"},
                                         Foreign{"Shelf",
                                                 {{"ZADD", "dun:{0}:due", "5", "normal:5"},
                                                  {"SET", "dun:{0}:lane:normal:5", "x"}},
                                                 "dun:{0}:lane:normal:5"}),
                         [](const auto& info) { return info.param.name; });

TEST_F(RedisStoreTest, ARecordThatCannotBeReadIsSetAsideAndStopsNobody) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  const std::string key = keys_.bucket(bucket_of(AccountId("x"), Installation().buckets));
  server_.command({"HSET", key, "x", "foreign bytes"});
  EXPECT_EQ(record(store, "x"), std::nullopt);
  EXPECT_EQ(server_.command({"HGET", key, "x"}).text, "foreign bytes") << "nothing is written outside of a commit";
  commit(store, {.epoch = found.epoch});
  EXPECT_EQ(server_.command({"HEXISTS", key, "x"}).number, 0);
  EXPECT_EQ(server_.command({"HGET", keys_.unreadable(), "x"}).text, "foreign bytes");
  const Value journal = server_.command({"XRANGE", keys_.journal(), "-", "+"});
  ASSERT_THAT(journal.items, SizeIs(1));
  const auto story = decode_journal(journal.items.at(0).items.at(1).items.at(1).text);
  ASSERT_TRUE(story);
  ASSERT_THAT(*story, SizeIs(1));
  EXPECT_EQ(story->at(0).type, OutcomeType::alert_raised);
  EXPECT_EQ(story->at(0).account, AccountId("x"));
  EXPECT_THAT(story->at(0).detail, HasSubstr("set aside in dun:{0}:unreadable"));

  commit(store, one_record(found.epoch, "x"));
  EXPECT_EQ(record(store, "x")->ordinals, 7U) << "and it is said once";
  EXPECT_EQ(server_.command({"XLEN", keys_.journal()}).number, 1);
}

TEST_F(RedisStoreTest, ARecordThatIsReadAndWrittenInOneCommitStays) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  server_.command({"HSET", keys_.bucket(bucket_of(AccountId("x"), Installation().buckets)), "x", "foreign bytes"});
  EXPECT_EQ(record(store, "x"), std::nullopt);
  commit(store, one_record(found.epoch, "x"));
  EXPECT_EQ(record(store, "x")->ordinals, 7U);
}

TEST_F(RedisStoreTest, ABucketOfAnotherTypeIsNamed) {
  RedisPartitionStore& store = open_store("a");
  acquire(store);
  const std::string key = keys_.bucket(bucket_of(AccountId("x"), Installation().buckets));
  server_.command({"SET", key, "x"});
  EXPECT_THAT(run(store.load({AccountId("x")})).error().message, HasSubstr(key));
}

TEST_F(RedisStoreTest, EntriesOfShelvesAndTimersThatCannotBeReadAreNamedWithTheirKey) {
  RedisPartitionStore& store = open_store("a");
  acquire(store);
  server_.command({"RPUSH", "dun:{0}:lane:normal:5", "x"});
  server_.command({"RPUSH", "dun:{0}:timers:6", "x"});
  const auto shelf = run(store.read({.shelves = {{.key = {.lane = Lane::normal, .at = at_second(5)}, .count = 1}}}));
  EXPECT_EQ(shelf.error().kind, Kind::corrupt);
  EXPECT_THAT(shelf.error().message, HasSubstr("dun:{0}:lane:normal:5"));
  EXPECT_THAT(run(store.read({.timers = {{.minute = at_minute(6)}}})).error().message, HasSubstr("dun:{0}:timers:6"));
}

TEST_F(RedisStoreTest, AKeyOfAnotherTypeMetInsideACommitStopsTheStore) {
  RedisPartitionStore& store = open_store("a");
  const Recovery found = acquire(store);
  server_.command({"SET", "dun:{0}:timers:6", "x"});
  const StoreError error = failed(
      store,
      {.epoch = found.epoch,
       .timers = {{.minute = at_minute(6), .append = {{.account = AccountId("x"), .at = Instant(Millis(360'000))}}}}});
  EXPECT_EQ(error.kind, Kind::corrupt);
  EXPECT_THAT(error.message, HasSubstr("dun:{0}:timers:6"));
  EXPECT_EQ(failed(store, {.epoch = found.epoch}).kind, Kind::fenced);
}

// --------------------------------------------------------------------------------------------------------- barrier

TEST_F(RedisStoreTest, ABarrierThatIsNotSetAnewStaysWhereTheFrontDoorEndedThen) {
  RedisPartitionStore& store = open_store("a");
  acquire(store);
  const auto publish = [&] { return server_.command({"XADD", "dun:events", "*", "a", "b"}).text; };
  const auto route = [&](const std::string& id) { server_.command({"HSET", Keyspace().router_meta(), "cursor", id}); };
  const auto read = [&](int second, bool new_barrier) {
    return run(store.read({.now = Instant(Seconds(second)), .new_barrier = new_barrier})).value();
  };
  const std::string first = publish();
  EXPECT_FALSE(read(1, true).at_end);
  route(first);
  publish();
  const ReadReply reached = read(2, false);
  EXPECT_TRUE(reached.at_end);
  EXPECT_EQ(reached.as_of, Instant(Seconds(1)));
  const ReadReply anew = read(3, true);
  EXPECT_FALSE(anew.at_end);
  EXPECT_EQ(anew.as_of, Instant(Seconds(3)));
}

TEST_F(RedisStoreTest, AfterATakeoverTheBarrierIsOutOfReachForTheConfiguredTime) {
  std::vector<std::string> told;
  const PartitionStoreOptions options{
      .owner = "a",
      .takeover = {.sentinel = true, .wait = std::chrono::minutes(10), .on_takeover = [&](const std::string& what) {
                     told.push_back(what);
                   }}};
  RedisPartitionStore& first = open_store(options);
  acquire(first);
  EXPECT_TRUE(run(first.read({})).value().at_end);
  EXPECT_THAT(told, IsEmpty());
  // As it would stand there if another server had been the master until now.
  server_.command({"HSET", keys_.meta(), "history", "aaa redis://elsewhere:1"});
  const Instant before = wall_time();
  acquire(first);
  EXPECT_FALSE(run(first.read({})).value().at_end);
  EXPECT_THAT(told, ElementsAre(AllOf(HasSubstr("partition 0"), HasSubstr("took over from redis://elsewhere:1"))));
  // Another owner waits as long, and is not told again.
  RedisPartitionStore& second = open_store(options);
  acquire(second);
  EXPECT_FALSE(run(second.read({})).value().at_end);
  EXPECT_THAT(told, SizeIs(1));
  EXPECT_GE(run(read_partition_status(open_links(), Keyspace(), 0)).value().hold_until,
            before + std::chrono::minutes(10));
  server_.command({"HSET", keys_.meta(), "hold_until", "1"});
  acquire(second);
  EXPECT_TRUE(run(second.read({})).value().at_end);
  // The front door's hold is everybody's.
  server_.command({"HSET", Keyspace().router_meta(), "hold_until", "9999999999999"});
  EXPECT_FALSE(run(second.read({})).value().at_end);
}

// ------------------------------------------------------------------------------------------------------ replication

TEST_F(RedisStoreTest, ACommitThatNoReplicaHasIsNotKnownToLast) {
  RedisPartitionStore& store = open_store({.owner = "a", .replication = {.replicas = 1, .within = Millis(20)}});
  const Recovery found = acquire(store);
  const StoreError error = failed(store, {.epoch = found.epoch, .cursor = {.ms = 7, .seq = 0}});
  EXPECT_EQ(error.kind, Kind::unavailable);
  EXPECT_THAT(error.message, AllOf(HasSubstr("0 of 1 replicas"), HasSubstr("wait_replicas")));
  // It stands, and whoever goes on begins behind it.
  EXPECT_EQ(acquire(store).cursor, (StreamId{.ms = 7, .seq = 0}));
}

TEST_F(RedisStoreTest, ACommitThatAReplicaHasIsDone) {
  server_.command({"CONFIG", "SET", "repl-diskless-sync-delay", "0"});
  test::RedisServer replica({"--replicaof", "127.0.0.1 " + std::to_string(server_.port())});
  while (replica.command({"INFO", "replication"}).text.find("master_link_status:up") == std::string::npos)
    next_millisecond();
  RedisPartitionStore& store =
      open_store({.owner = "a", .replication = {.replicas = 1, .within = std::chrono::seconds(4)}});
  const Recovery found = acquire(store);
  Commit change{.epoch = found.epoch, .cursor = {.ms = 7, .seq = 0}};
  EXPECT_TRUE(run(store.commit(change)).has_value());
  EXPECT_EQ(replica.command({"HGET", keys_.meta(), "cursor"}), text_value("7-0"));
  change.cursor = {.ms = 8, .seq = 0};
  EXPECT_TRUE(run(store.commit(change)).has_value());
}

// ------------------------------------------------------------------------------------------------- public streams

TEST_F(RedisStoreTest, ConfiguredOutcomesGoToThePublicStreamInTheSameTransaction) {
  RedisPartitionStore& store =
      open_store({.owner = "a", .published = OutcomeFilter::parse(std::vector<std::string>{"task.*"}).value()});
  Commit change{.epoch = acquire(store).epoch, .at = parse_rfc3339("2026-03-01T00:00:00Z").value()};
  const Outcome task{
      .at = change.at, .type = OutcomeType::task_opened, .account = AccountId("x"), .task = TaskId("t1")};
  change.journal = {{.at = change.at, .type = OutcomeType::notice_sent, .account = AccountId("x")}, task};
  commit(store, change);
  const auto entries = take_entries(server_.command({"XRANGE", keys_.outcomes(), "-", "+"}), keys_.outcomes()).value();
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].fields, dun::to_fields(task));
  EXPECT_EQ(server_.command({"XLEN", keys_.journal()}), integer_value(1));
}

TEST_F(RedisStoreTest, StreamsAreTrimmedByAgeAndTheUnreadNever) {
  using std::chrono::hours;
  RedisPartitionStore& store =
      open_store({.owner = "a",
                  .retention = {.events = hours(1), .journal = hours(3), .outcomes = hours(0), .rejected = hours(0)},
                  .trim_every = 4});
  server_.command({"CONFIG", "SET", "stream-node-max-entries", "1"});  // trimming is by whole nodes
  const auto add = [&](const std::string& key, Instant at) {
    const StreamId id{.ms = static_cast<std::uint64_t>(at.time_since_epoch().count())};
    server_.command({"XADD", key, to_text(id), "a", "b"});
    return id;
  };
  // Older than what the setting keeps, and younger than what the shipped one does.
  const Instant old = wall_time() - hours(4);
  add(keys_.events(), old);
  const StreamId read = add(keys_.events(), old + Millis(1));
  add(keys_.events(), old + Millis(2));
  add(keys_.journal(), old);
  const Recovery found = acquire(store);
  for (int i = 0; i < 10; ++i) {
    next_millisecond();
    commit(store, {.epoch = found.epoch,
                   .cursor = read,
                   .journal = {{.type = OutcomeType::notice_sent}},
                   .rejected = {{.original = {.fields = {{"a", "b"}}}}}});
  }
  const auto events = take_entries(server_.command({"XRANGE", keys_.events(), "-", "+"}), "").value();
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].id, read);
  EXPECT_EQ(server_.command({"XLEN", keys_.journal()}), integer_value(10));
  EXPECT_LT(server_.command({"XLEN", keys_.rejected()}).number, 10);
  EXPECT_LT(server_.command({"XLEN", keys_.outcomes()}).number, 10);
}

TEST_F(RedisStoreTest, OfAFloodOfMalformedEventsTheNewestStay) {
  RedisPartitionStore& store = open_store({.owner = "a", .retention = {.rejected_max = 300}});
  Commit change{.epoch = acquire(store).epoch};
  for (int i = 0; i < 200; ++i) change.rejected.push_back({.original = {.fields = {{"n", std::to_string(i)}}}});
  for (int i = 0; i < 5; ++i) commit(store, change);
  const auto kept = take_entries(server_.command({"XRANGE", keys_.rejected(), "-", "+"}), keys_.rejected()).value();
  EXPECT_GE(kept.size(), 300U);
  EXPECT_LE(kept.size(), 400U);
  EXPECT_EQ(kept.back().fields.back(), (Field{"original.n", "199"}));
}

TEST_F(RedisStoreTest, AFullServerGivesRoomByAShorterRetention) {
  using std::chrono::hours;
  server_.command({"CONFIG", "SET", "stream-node-max-entries", "1"});
  RedisPartitionStore& store = open_store({.owner = "a"});
  Commit change{.epoch = acquire(store).epoch, .cursor = {2, 0}};
  for (const char* id : {"1-0", "2-0", "3-0"})
    server_.command({"XADD", keys_.events(), id, "text", std::string(100'000, 'x')});
  for (int i = 0; i < 20; ++i) {
    next_millisecond();
    change.journal = {{.type = OutcomeType::notice_sent, .detail = std::string(100'000, 'x')}};
    commit(store, change);
  }
  run(store.release());
  const auto used = [&] {
    const std::string info = server_.command({"INFO", "memory"}).text;
    return std::stoll(info.substr(info.find("used_memory:") + 12));
  };
  server_.command({"CONFIG", "SET", "maxmemory", std::to_string(used() - 200'000)});

  // Nothing is past its retention: nothing is lost, and nothing goes.
  EXPECT_EQ(run(store.acquire()).error().kind, StoreError::Kind::refused);
  EXPECT_EQ(run(store.acquire()).error().kind, StoreError::Kind::refused);
  EXPECT_EQ(server_.command({"XLEN", keys_.journal()}), integer_value(20));

  RedisPartitionStore& shorter = open_store({.owner = "b", .retention = {.events = hours(0), .journal = hours(0)}});
  EXPECT_EQ(run(shorter.acquire()).error().kind, StoreError::Kind::refused);
  EXPECT_TRUE(run(shorter.acquire()).has_value());
  const auto events = take_entries(server_.command({"XRANGE", keys_.events(), "-", "+"}), "").value();
  ASSERT_THAT(events, SizeIs(2));  // the last one read, and what is unread
  EXPECT_EQ(events[0].id, (StreamId{2, 0}));
}

TEST_F(RedisStoreTest, OneCommandCarriesAllRecordsOfABucket) {
  RedisPartitionStore& store = open_store({.buckets = 4, .owner = "a"});
  Commit change{.epoch = acquire(store).epoch};
  for (int i = 0; i < 64; ++i)
    change.records.push_back({.account = AccountId(std::to_string(i)), .value = AccountRecord()});
  server_.command({"CONFIG", "RESETSTAT"});
  commit(store, change);
  EXPECT_THAT(server_.command({"INFO", "commandstats"}).text, HasSubstr("cmdstat_hset:calls=5,"));  // and `meta`
  for (int i = 0; i < 64; ++i) EXPECT_TRUE(record(store, std::to_string(i)).has_value());
}

}  // namespace
}  // namespace dun::redis
