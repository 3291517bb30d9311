#include "redis/views.hpp"
#include "tests/conformance/random_state.hpp"
#include "tests/redis/redis_fixture.hpp"
#include "tests/support/shelf_times.hpp"

namespace dun::redis {
namespace {

using namespace scheduler;
using test::at_minute;
using test::at_second;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class ViewsTest : public RedisTest {
 protected:
  static constexpr int partitions = 4;
  Instant start_ = parse_rfc3339("2026-03-01T00:00:00Z").value();
  Links& links_ = open_links();

  RedisPartitionStore& partition(int number) { return open_store({.partition = number, .owner = "a"}); }
  std::vector<StreamEntry> stream(const std::string& key) {
    return take_entries(server_.command({"XRANGE", key, "-", "+"}), key).value();
  }
  /// Everything that a view has to show now.
  std::vector<Outcome> all(JournalView& view, std::vector<std::string>* problems = nullptr) {
    std::vector<Outcome> outcomes;
    while (true) {
      auto page = run(view.next()).value();
      std::ranges::move(page.outcomes, std::back_inserter(outcomes));
      if (problems != nullptr) std::ranges::move(page.problems, std::back_inserter(*problems));
      if (page.at_end) return outcomes;
    }
  }
  /// An account of the partition.
  static std::string account_in(int number) {
    for (int i = 0;; ++i)
      if (partition_of("account-" + std::to_string(i), partitions) == number) return "account-" + std::to_string(i);
  }
};

// -------------------------------------------------------------------------------------------------------- publish

TEST_F(ViewsTest, EventsArePublishedInOrderToTheFrontDoorOrToTheirPartitions) {
  const std::vector<Fields> events = {{{"account", account_in(0)}, {"id", "1"}},
                                      {{"account", account_in(3)}, {"id", "2"}},
                                      {{"account", account_in(3)}, {"id", "3"}}};
  EXPECT_TRUE(run(publish_events(links_, Keyspace(), {}, events)).has_value());
  const auto door = stream("dun:events");
  ASSERT_THAT(door, SizeIs(3));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(door[i].fields, events[i]);

  EXPECT_TRUE(run(publish_events(links_, Keyspace(), partitions, events)).has_value());
  EXPECT_THAT(stream("dun:{0}:events"), SizeIs(1));
  ASSERT_THAT(stream("dun:{3}:events"), SizeIs(2));
  EXPECT_EQ(stream("dun:{3}:events")[1].fields, events[2]);
  EXPECT_TRUE(run(publish_events(links_, Keyspace(), {}, {})).has_value());
}

TEST_F(ViewsTest, AProducerThatNumbersItsEventsSeesWhereToGoOn) {
  EXPECT_EQ(run(read_stream_end(links_, "dun:events")).value().id, StreamId());
  const auto publish = [&](std::uint64_t connection, std::uint64_t number) {
    return run(publish_numbered(links_, Keyspace(), connection, {{.number = number, .fields = {{"a", "1"}}}}));
  };
  const StreamEnd begin = run(read_stream_end(links_, "dun:events")).value();
  EXPECT_TRUE(publish(begin.connection, 3).has_value());
  EXPECT_TRUE(publish(begin.connection, 4).has_value());
  // Trimmed entries are not asked for again.
  server_.command({"XTRIM", "dun:events", "MAXLEN", "0"});
  const StreamEnd end = run(read_stream_end(links_, "dun:events")).value();
  EXPECT_EQ(end.id, (StreamId{.ms = 4, .seq = 0}));
  EXPECT_TRUE(is_numbered(end.id));
  EXPECT_FALSE(is_numbered({.ms = 1'767'225'600'000, .seq = 0}));
  const auto again = publish(end.connection, 4);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, StoreError::Kind::refused);
  // Behind a break the end may be another one.
  server_.command({"CLIENT", "KILL", "TYPE", "normal"});
  EXPECT_FALSE(publish(end.connection, 5).has_value());
  EXPECT_THAT(stream("dun:events"), IsEmpty());
}

TEST_F(ViewsTest, ARefusedBatchIsPublishedNotAtAll) {
  server_.command({"CONFIG", "SET", "maxmemory", "1"});
  const auto published = run(publish_events(links_, Keyspace(), {}, {{{"a", "1"}}, {{"a", "2"}}}));
  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().kind, StoreError::Kind::refused);
  EXPECT_THAT(stream("dun:events"), IsEmpty());
}

// -------------------------------------------------------------------------------------------------------- journal

TEST_F(ViewsTest, JournalsOfAllPartitionsAreMergedByTime) {
  std::vector<RedisPartitionStore*> stores;
  std::vector<std::uint64_t> epochs;
  for (int p = 0; p < partitions; ++p) {
    stores.push_back(&partition(p));
    epochs.push_back(acquire(*stores.back()).epoch);
  }
  std::vector<Outcome> expected;
  test::RandomState random(1);
  for (int i = 0; i < 200; ++i) {
    const auto p = static_cast<std::size_t>(random.number(0, partitions - 1));
    const Outcome outcome{.at = start_ + Seconds(i), .type = OutcomeType::notice_held, .account = AccountId("x")};
    commit(*stores[p], {.epoch = epochs[p], .at = outcome.at, .journal = {outcome}});
    expected.push_back(outcome);
  }
  JournalView view(links_, Keyspace(), partitions, {.page = 3});
  EXPECT_EQ(all(view), expected);
  EXPECT_THAT(all(view), IsEmpty());

  // Followed: what is added later comes later.
  const Outcome more{.at = start_ + Seconds(1000), .type = OutcomeType::alert_raised};
  commit(*stores[2], {.epoch = epochs[2], .at = more.at, .journal = {more}});
  EXPECT_TRUE(run(view.wait(Millis(60'000))).has_value());
  EXPECT_THAT(all(view), ElementsAre(more));
  EXPECT_TRUE(run(view.wait(Millis(1))).has_value());
}

TEST_F(ViewsTest, AJournalIsReadByAccountAndType) {
  const std::string mine = account_in(1);
  RedisPartitionStore& store = partition(1);
  const Outcome applied{.at = start_, .type = OutcomeType::event_applied, .account = AccountId(mine)};
  const Outcome held{.at = start_, .type = OutcomeType::notice_held, .account = AccountId(mine)};
  const Outcome other{.at = start_, .type = OutcomeType::notice_held, .account = AccountId(mine + "0")};
  commit(store, {.epoch = acquire(store).epoch, .at = start_, .journal = {applied, other, held}});

  JournalView outcomes(links_, Keyspace(), partitions, {});
  EXPECT_THAT(all(outcomes), ElementsAre(other, held));
  JournalView story(links_, Keyspace(), partitions, {.account = AccountId(mine), .everything = true});
  EXPECT_THAT(all(story), ElementsAre(applied, held));
  JournalView typed(links_, Keyspace(), partitions, {.types = {OutcomeType::event_applied}});
  EXPECT_THAT(all(typed), ElementsAre(applied));
}

TEST_F(ViewsTest, JournalEntriesThatCannotBeReadAreReportedAndPassedOver) {
  RedisPartitionStore& store = partition(0);
  const std::uint64_t epoch = acquire(store).epoch;
  const Outcome good{.at = start_, .type = OutcomeType::notice_held, .account = AccountId("x")};
  server_.command({"XADD", "dun:{0}:journal", "*", "o", "foreign"});
  server_.command({"XADD", "dun:{0}:journal", "*", "x", "y"});
  commit(store, {.epoch = epoch, .at = start_, .journal = {good}});
  JournalView view(links_, Keyspace(), 1, {});
  std::vector<std::string> problems;
  EXPECT_THAT(all(view, &problems), ElementsAre(good));
  EXPECT_THAT(problems, ElementsAre(HasSubstr("dun:{0}:journal"), HasSubstr("not an entry of Dun's")));
}

// ------------------------------------------------------------------------------------------------------- rejected

TEST_F(ViewsTest, ARejectedEntryGoesBackExactlyAsItCameAndOnlyOnce) {
  RedisPartitionStore& store = partition(2);
  const Fields original = {
      {"time", "x"}, {"time", ""}, {std::string("\0\xff", 2), std::string("\r\n\xc3", 3)}, {"reason", "r"}};
  commit(store, {.epoch = acquire(store).epoch,
                 .rejected = {{.field = "time", .reason = "odd", .original = {.id = {5, 6}, .fields = original}}}});
  const auto items = run(list_rejected(links_, Keyspace(), 2, {}, 10)).value();
  ASSERT_THAT(items, SizeIs(1));
  EXPECT_EQ(items[0].entry.reason, "odd");
  EXPECT_EQ(items[0].entry.original.fields, original);
  EXPECT_THAT(run(list_rejected(links_, Keyspace(), 2, items[0].id.id, 10)).value(), IsEmpty());

  EXPECT_TRUE(run(requeue_rejected(links_, Keyspace(), 16, items[0].id)).value());
  EXPECT_FALSE(run(requeue_rejected(links_, Keyspace(), 16, items[0].id)).value());
  const auto events = stream("dun:{2}:events");
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].fields, original);
  EXPECT_THAT(stream("dun:{2}:rejected"), IsEmpty());
}

TEST_F(ViewsTest, AForeignEntryOnTheRejectedStreamIsNotRequeued) {
  const Value id = server_.command({"XADD", "dun:{0}:rejected", "*", "hand", "written"});
  const auto requeued = run(requeue_rejected(links_, Keyspace(), 16, {0, parse_stream_id(id.text).value()}));
  ASSERT_FALSE(requeued.has_value());
  EXPECT_THAT(requeued.error().message, HasSubstr("no original"));
  EXPECT_THAT(stream("dun:{0}:rejected"), SizeIs(1));
}

// --------------------------------------------------------------------------------------------------------- status

TEST_F(ViewsTest, StatusShowsWhatThePartitionHolds) {
  const auto empty = run(read_partition_status(links_, Keyspace(), 1)).value();
  EXPECT_EQ(empty.lease.owner, "");
  EXPECT_EQ(empty.unread, 0U);

  RedisPartitionStore& store = partition(1);
  const std::uint64_t epoch = acquire(store).epoch;
  StreamId second;
  for (int i = 0; i < 5; ++i) {
    const Value id = server_.command({"XADD", "dun:{1}:events", "*", "a", "b"});
    if (i == 1) second = parse_stream_id(id.text).value();
  }
  test::RandomState random(1);
  commit(store, {.epoch = epoch,
                 .cursor = second,
                 .counters = {.read = 2, .applied = 1, .rejected = 1},
                 .shelves = {{.key = {.lane = Lane::bulk, .at = at_second(9)},
                              .append = {random.shelf_entry(), random.shelf_entry()}},
                             {.key = {.lane = Lane::urgent, .at = at_second(5)}, .append = {random.shelf_entry()}}},
                 .timers = {{.minute = at_minute(7), .append = {random.timer_entry(at_minute(7))}}},
                 .claims = {random.in_flight()},
                 .at = start_,
                 .journal = {{.at = start_, .type = OutcomeType::notice_sent}},
                 .rejected = {{.original = {.fields = {{"a", "b"}}}}}});
  const auto status = run(read_partition_status(links_, Keyspace(), 1)).value();
  EXPECT_EQ(status.lease.owner, "a");
  EXPECT_EQ(status.lease.epoch, epoch);
  EXPECT_GT(status.lease.left.count(), 0);
  EXPECT_EQ(status.cursor, second);
  EXPECT_EQ(status.unread, 3U);
  ASSERT_TRUE(status.oldest_unread.has_value());
  EXPECT_GT(*status.oldest_unread, second);
  EXPECT_EQ(status.counters.applied, 1U);
  ASSERT_THAT(status.shelves, SizeIs(2));
  EXPECT_EQ(status.shelves[0].key.at, at_second(5));
  EXPECT_EQ(status.shelves[1].entries, 2U);
  EXPECT_EQ(status.timer_minutes, 1U);
  EXPECT_EQ(status.in_flight, 1U);
  EXPECT_EQ(status.events, 5U);
  EXPECT_EQ(status.journal, 1U);
  EXPECT_EQ(status.outcomes, 1U);
  EXPECT_EQ(status.rejected, 1U);
}

TEST_F(ViewsTest, TheFrontDoorShowsWhatWaitsForTheRouter) {
  EXPECT_EQ(run(read_front_door_status(links_, Keyspace())).value().length, 0U);
  const Value id = server_.command({"XADD", "dun:events", "*", "a", "b"});
  const auto status = run(read_front_door_status(links_, Keyspace())).value();
  EXPECT_EQ(status.length, 1U);
  EXPECT_EQ(status.oldest_unrouted, parse_stream_id(id.text));
  server_.command({"HSET", Keyspace().router_meta(), "cursor", id.text});
  EXPECT_EQ(run(read_front_door_status(links_, Keyspace())).value().oldest_unrouted, std::nullopt);
}

TEST_F(ViewsTest, TheRecordOfAnAccountIsFound) {
  const Installation installation{.partitions = partitions};
  const AccountId account(account_in(2));
  EXPECT_EQ(run(read_record(links_, Keyspace(), installation, account)).value(), std::nullopt);
  RedisPartitionStore& store = partition(2);
  const AccountRecord record = test::RandomState(1).record();
  commit(store, {.epoch = acquire(store).epoch, .records = {{.account = account, .value = record}}});
  EXPECT_EQ(run(read_record(links_, Keyspace(), installation, account)).value(), record);
}

}  // namespace
}  // namespace dun::redis
