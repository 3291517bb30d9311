// What holds on a cluster: every key at its place, slots that move, servers that forget.
#include "redis/copies.hpp"
#include "redis/router.hpp"
#include "redis/views.hpp"
#include "tests/redis/cluster_fixture.hpp"
#include "tests/redis/redis_fixture.hpp"
#include "tests/support/shelf_times.hpp"

namespace dun::redis {
namespace {

using Kind = StoreError::Kind;
using test::at_second;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class ClusterTest : public testing::Test {
 protected:
  ~ClusterTest() override {
    for (const auto& router : routers_) run(router->close());
    for (const auto& store : stores_) run(store->close());
    run(links_.close());
  }
  template <typename T>
  T run(Awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  void run(Awaitable<void> work) { test::run(context_, std::move(work)); }
  static LinkOptions quick() { return {.backoff_first = Millis(1), .backoff_max = Millis(20)}; }

  std::size_t other_than(std::size_t node) const { return node == 0 ? 1 : 0; }
  /// Until it is there: a link takes a moment to find the new place.
  template <typename Ask>
  auto in_the_end(Ask ask) {
    while (true)
      if (auto result = run(ask())) return *std::move(result);
  }
  Value at(const Command& command) { return cluster_.node_of(command.at(1)).command(command); }

  RedisPartitionStore& open_store(int partition) {
    return *stores_.emplace_back(std::make_unique<RedisPartitionStore>(
        context_.get_executor(), cluster_.site(), quick(), PartitionStoreOptions{.partition = partition, .owner = "a"},
        &links_.to("dun:events")));
  }
  Router& open_router() {
    RouterOptions options{.partitions = partitions, .owner = "router", .block = Millis(1), .retry = Millis(1)};
    return *routers_.emplace_back(
        std::make_unique<Router>(context_.get_executor(), cluster_.site(), quick(), std::move(options)));
  }
  /// Until nothing is left at the front door, through what stands in the way.
  void route(Router& router) {
    while (true) {
      const auto copied = run(router.step());
      if (copied && *copied == 0) return;
      if (!copied) in_the_end([&] { return acquired(router); });
    }
  }
  Awaitable<std::optional<bool>> acquired(Router& router) {
    if (const auto result = co_await router.acquire(); result) co_return true;
    co_return std::nullopt;
  }
  std::vector<std::string> ids_in(int partition) {
    const std::string key = Keyspace().partition(partition).events();
    std::vector<std::string> ids;
    for (const StreamEntry& entry : take_entries(at({"XRANGE", key, "-", "+"}), key).value())
      ids.push_back(entry.fields.at(0).second);
    return ids;
  }
  std::vector<std::string> publish(int count, const std::string& prefix) {
    std::vector<std::string> expected;
    for (int i = 0; i < count; ++i) {
      const std::string id = prefix + std::to_string(i);
      at(append_to_stream("dun:events", {{"id", id}, {"account", "account-" + std::to_string(i % 13)}}));
      expected.push_back(id);
    }
    return expected;
  }
  std::vector<std::string> routed() {
    std::vector<std::string> all;
    for (int partition = 0; partition < partitions; ++partition)
      std::ranges::copy(ids_in(partition), std::back_inserter(all));
    return all;
  }

  static constexpr int partitions = 4;
  test::Cluster cluster_{2};
  boost::asio::io_context context_;
  Links links_{context_.get_executor(), cluster_.site(), quick()};
  std::vector<std::unique_ptr<RedisPartitionStore>> stores_;
  std::vector<std::unique_ptr<Router>> routers_;
};

TEST_F(ClusterTest, EveryCommandGoesToTheServerOfItsKey) {
  Operation set;
  Operation get;
  for (int i = 0; i < 20; ++i) {
    set.push_back({"SET", "key" + std::to_string(i), std::to_string(i)});
    get.push_back({"GET", "key" + std::to_string(i)});
  }
  ASSERT_TRUE(run(links_.execute(set)).has_value());
  const auto replies = run(links_.execute(get));
  ASSERT_TRUE(replies.has_value()) << replies.error().message;
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ((*replies)[i], text_value(std::to_string(i)));
  EXPECT_GT(cluster_.node(0).command({"DBSIZE"}).number, 0);
  EXPECT_GT(cluster_.node(1).command({"DBSIZE"}).number, 0);
}

TEST_F(ClusterTest, ASlotThatMovedIsFoundAgain) {
  const std::uint16_t slot = slot_of("key");
  const std::size_t to = other_than(cluster_.owner(slot));
  Link& link = links_.to("key");
  EXPECT_EQ(run(link.execute({{"SET", "key", "1"}})).value().front(), text_value("OK"));
  cluster_.begin_move(slot, to);
  cluster_.move_keys(slot, to);
  // On its way: the old place says where to ask, and nothing is done.
  EXPECT_TRUE(run(link.execute({{"GET", "key"}})).value().front().is_error("ASK"));
  cluster_.end_move(slot, to);
  const auto there = in_the_end([&]() -> Awaitable<std::optional<std::string>> {
    const auto replies = co_await link.execute({{"GET", "key"}});
    co_return replies && replies->front().is(Value::Type::text) ? std::optional(replies->front().text) : std::nullopt;
  });
  EXPECT_EQ(there, "1");
}

TEST_F(ClusterTest, WhoLooksOrPublishesFollowsASlotOnItsWay) {
  const Keyspace keys;
  ASSERT_TRUE(run(publish_events(links_, keys, {}, {{{"id", "1"}, {"account", "a"}}})).has_value());
  const std::uint16_t slot = slot_of("dun:events");
  const std::size_t to = other_than(cluster_.owner(slot));
  cluster_.begin_move(slot, to);
  // Nothing has left yet, but what is not there would be made at the new place.
  EXPECT_EQ(run(links_.execute({{"XLEN", "dun:events"}, {"GET", "{dun:events}"}})).value(),
            (std::vector<Value>{integer_value(1), Value()}));
  cluster_.move_keys(slot, to);
  EXPECT_EQ(run(links_.execute({{"XLEN", "dun:events"}})).value().front(), integer_value(1));
  const auto published =
      run(publish_events(links_, keys, {}, {{{"id", "2"}, {"account", "a"}}, {{"id", "3"}, {"account", "b"}}}));
  EXPECT_TRUE(published.has_value()) << published.error().message;
  cluster_.end_move(slot, to);
  EXPECT_EQ(at({"XLEN", "dun:events"}), integer_value(3));
}

TEST_F(ClusterTest, APartitionOnItsWayIsHeldAndGoesOnWhereItArrives) {
  RedisPartitionStore& store = open_store(0);
  const auto recovery = run(store.acquire());
  ASSERT_TRUE(recovery.has_value()) << recovery.error().message;
  scheduler::Commit commit{.epoch = recovery->epoch, .cursor = {.ms = 7, .seq = 0}};
  commit.shelves.push_back(
      {.key = {.lane = Lane::normal, .at = at_second(100)}, .append = {{.subject = AccountId("x")}}});
  ASSERT_TRUE(run(store.commit(commit)).has_value());

  const std::uint16_t slot = slot_of(Keyspace().partition(0).meta());
  const std::size_t to = other_than(cluster_.owner(slot));
  cluster_.begin_move(slot, to);
  // A shelf that is not there yet would be made at the new place: nothing at all is applied.
  commit.cursor = {.ms = 8, .seq = 0};
  commit.shelves.front().key.at = at_second(200);
  const auto refused = run(store.commit(commit));
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Kind::unavailable) << refused.error().message;
  cluster_.move_keys(slot, to);
  EXPECT_EQ(run(store.acquire()).error().kind, Kind::unavailable);
  cluster_.end_move(slot, to);

  const auto again = in_the_end([&]() -> Awaitable<std::optional<scheduler::Recovery>> {
    auto result = co_await store.acquire();
    co_return result ? std::optional(*std::move(result)) : std::nullopt;
  });
  EXPECT_EQ(again.epoch, recovery->epoch + 1);
  EXPECT_EQ(again.cursor, (StreamId{.ms = 7, .seq = 0}));
  EXPECT_THAT(again.shelves, SizeIs(1));
  commit.epoch = again.epoch;
  EXPECT_TRUE(run(store.commit(commit)).has_value());
}

TEST_F(ClusterTest, TheRouterCopiesToEveryPartitionOnceAndInOrder) {
  Router& router = open_router();
  ASSERT_TRUE(run(router.acquire()).has_value());
  const auto expected = publish(100, "e");
  route(router);
  EXPECT_THAT(routed(), testing::UnorderedElementsAreArray(expected));
  // Another router begins at the marks, not at what is copied already.
  run(router.close());
  Router& next = open_router();
  ASSERT_TRUE(run(next.acquire()).has_value());
  const auto more = publish(20, "f");
  route(next);
  EXPECT_THAT(routed(), SizeIs(120));
  for (int partition = 0; partition < partitions; ++partition) {
    const auto ids = ids_in(partition);
    const auto number = [](const std::string& id) { return (id[0] == 'f' ? 1000 : 0) + std::stoi(id.substr(1)); };
    EXPECT_TRUE(std::ranges::is_sorted(ids, {}, number));
  }
}

TEST_F(ClusterTest, WhatAPartitionsServerForgotIsCopiedAgain) {
  Router& router = open_router();
  ASSERT_TRUE(run(router.acquire()).has_value());
  publish(50, "e");
  route(router);
  publish(50, "f");
  // As after a failover that lost the last writes: stream and mark of one server as they were, connections broken.
  const std::string lost = Keyspace().partition(1).events();
  const Value mark = at({"GET", Keyspace().partition(1).door()});
  const auto before = ids_in(1);
  route(router);
  const auto all = ids_in(1);
  ASSERT_GT(all.size(), before.size());
  for (std::size_t i = before.size(); i < all.size(); ++i) {
    const Value last = at({"XREVRANGE", lost, "+", "-", "COUNT", "1"});
    at({"XDEL", lost, last.items[0].items[0].text});
  }
  at({"SET", Keyspace().partition(1).door(), mark.text});
  cluster_.node_of(lost).command({"CLIENT", "KILL", "TYPE", "normal"});
  route(router);
  EXPECT_EQ(ids_in(1), all);
  EXPECT_THAT(routed(), SizeIs(100));
}

TEST_F(ClusterTest, TheBarrierWaitsForTheRouter) {
  RedisPartitionStore& store = open_store(2);
  ASSERT_TRUE(run(store.acquire()).has_value());
  EXPECT_TRUE(run(store.read({}))->at_end);
  publish(1, "e");
  EXPECT_FALSE(run(store.read({.new_barrier = true}))->at_end);
  Router& router = open_router();
  ASSERT_TRUE(run(router.acquire()).has_value());
  route(router);
  EXPECT_TRUE(run(store.read({.new_barrier = true}))->at_end);
}

TEST_F(ClusterTest, PublishingAndLookingNeedNotKnowWhereThingsAre) {
  std::vector<Fields> events;
  for (int i = 0; i < 30; ++i) events.push_back({{"id", std::to_string(i)}, {"account", "a" + std::to_string(i)}});
  ASSERT_TRUE(run(publish_events(links_, Keyspace(), partitions, events)).has_value());
  EXPECT_THAT(routed(), SizeIs(30));
  EXPECT_TRUE(run(open_installation(links_, Keyspace(), {.partitions = partitions})).has_value());
  EXPECT_EQ(run(read_installation(links_, Keyspace()))->partitions, partitions);
  for (int partition = 0; partition < partitions; ++partition)
    EXPECT_EQ(run(read_partition_status(links_, Keyspace(), partition))->unread, ids_in(partition).size());
  JournalView journal(links_, Keyspace(), partitions, {});
  EXPECT_TRUE(run(journal.next())->at_end);
}

TEST_F(ClusterTest, AWrongKindOfUrlIsNamed) {
  Link plain(context_.get_executor(), parse_site(cluster_.node(0).port_url()).value());
  const auto connected = run(plain.connected());
  ASSERT_FALSE(connected.has_value());
  EXPECT_TRUE(connected.error().misconfigured);
  EXPECT_THAT(connected.error().message, HasSubstr("redis+cluster://"));
  run(plain.close());
  test::RedisServer single;
  Link cluster(context_.get_executor(),
               parse_site("redis+cluster://127.0.0.1:" + std::to_string(single.port())).value());
  const auto none = run(cluster.connected());
  ASSERT_FALSE(none.has_value());
  EXPECT_THAT(none.error().message, HasSubstr("not a node of a cluster"));
  run(cluster.close());
}

}  // namespace
}  // namespace dun::redis
