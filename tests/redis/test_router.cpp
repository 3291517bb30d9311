#include "redis/router.hpp"
#include "redis/views.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

using Kind = StoreError::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class RouterTest : public RedisTest {
 protected:
  using RedisTest::RedisTest;
  ~RouterTest() override {
    for (const auto& router : routers_) run(router->close());
  }
  Router& open(const std::string& owner, RouterOptions options = {}) {
    options.owner = owner;
    options.partitions = partitions;
    options.block = Millis(1);
    options.retry = Millis(1);
    return *routers_.emplace_back(
        std::make_unique<Router>(context_.get_executor(), address(), quick(), std::move(options)));
  }
  void publish(const Fields& fields) { server_.command(append_to_stream("dun:events", fields)); }
  std::vector<Fields> partition(int number) {
    std::vector<Fields> found;
    const std::string key = Keyspace().partition(number).events();
    for (StreamEntry& entry : take_entries(server_.command({"XRANGE", key, "-", "+"}), key).value())
      found.push_back(std::move(entry.fields));
    return found;
  }
  std::size_t route(Router& router) {
    std::size_t total = 0;
    while (true) {
      const auto copied = run(router.step());
      EXPECT_TRUE(copied.has_value()) << copied.error().message;
      if (!copied || *copied == 0) return total;
      total += *copied;
    }
  }

  static constexpr int partitions = 4;
  std::vector<std::unique_ptr<Router>> routers_;
};

TEST_F(RouterTest, CopiesEveryEntryVerbatimToItsPartitionInOrder) {
  Router& router = open("a", {.batch = 7});
  ASSERT_TRUE(run(router.acquire()).has_value());
  std::vector<std::vector<Fields>> expected(partitions);
  for (int i = 0; i < 100; ++i) {
    const std::string account = "account-" + std::to_string(i % 13);
    const Fields fields = {{"id", std::to_string(i)},
                           {"account", account},
                           {std::string("\0odd\xff", 5), std::string("\r\n\0", 3)},
                           {"", ""},
                           {"id", "again"}};
    publish(fields);
    expected[static_cast<std::size_t>(partition_of(account, partitions))].push_back(fields);
  }
  EXPECT_EQ(route(router), 100U);
  for (int p = 0; p < partitions; ++p) EXPECT_EQ(partition(p), expected[static_cast<std::size_t>(p)]);
}

TEST_F(RouterTest, WhatHasNoUsableAccountGoesToPartition0) {
  Router& router = open("a");
  ASSERT_TRUE(run(router.acquire()).has_value());
  const std::vector<Fields> strange = {{{"id", "1"}},
                                       {{"account", "with space"}},
                                       {{"account", ""}},
                                       {{"type", "source.heartbeat"}, {"source", "billing"}}};
  for (const Fields& fields : strange) publish(fields);
  route(router);
  EXPECT_EQ(partition(0), strange);
}

TEST_F(RouterTest, AnotherRouterGoesOnWhereTheFirstStopped) {
  Router& first = open("first");
  ASSERT_TRUE(run(first.acquire()).has_value());
  publish({{"account", "x"}, {"id", "1"}});
  route(first);
  Router& second = open("second");
  const auto refused = run(second.acquire());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Kind::owned);
  EXPECT_THAT(refused.error().message, HasSubstr("first"));
  publish({{"account", "x"}, {"id", "2"}});
  run(first.close());
  ASSERT_TRUE(run(second.acquire()).has_value());
  route(second);
  EXPECT_THAT(partition(partition_of("x", partitions)),
              ElementsAre(Fields{{"account", "x"}, {"id", "1"}}, Fields{{"account", "x"}, {"id", "2"}}));
}

TEST_F(RouterTest, ARouterThatLostItsLeaseCopiesNothing) {
  Router& router = open("a");
  ASSERT_TRUE(run(router.acquire()).has_value());
  server_.command({"SET", Keyspace().router_lease(), "thief 9", "PX", "60000"});
  publish({{"account", "x"}});
  const auto copied = run(router.step());
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().kind, Kind::fenced);
  for (int p = 0; p < partitions; ++p) EXPECT_THAT(partition(p), IsEmpty());
}

TEST_F(RouterTest, AnIdleRouterKeepsItsLease) {
  Router& router = open("a");
  ASSERT_TRUE(run(router.acquire()).has_value());
  server_.command({"PEXPIRE", Keyspace().router_lease(), "60000"});
  EXPECT_FALSE(run(router.step()).has_value());  // somebody touched it: fenced
  ASSERT_TRUE(run(router.acquire()).has_value());
  const std::int64_t before = server_.command({"PEXPIRETIME", Keyspace().router_lease()}).number;
  next_millisecond();
  EXPECT_EQ(run(router.step()).value(), 0U);
  EXPECT_GT(server_.command({"PEXPIRETIME", Keyspace().router_lease()}).number, before);
}

TEST_F(RouterTest, TheFrontDoorIsTrimmedBehindTheCursor) {
  server_.command({"CONFIG", "SET", "stream-node-max-entries", "1"});
  Router& router = open("a", {.batch = 2, .retention = std::chrono::hours(0), .trim_every = 1});
  ASSERT_TRUE(run(router.acquire()).has_value());
  for (int i = 0; i < 10; ++i) {
    next_millisecond();
    publish({{"account", "x"}});
  }
  route(router);
  EXPECT_EQ(server_.command({"XLEN", "dun:events"}).number, 1);
}

TEST_F(RouterTest, AForeignFrontDoorIsNamed) {
  server_.command({"SET", "dun:events", "x"});
  Router& router = open("a");
  ASSERT_TRUE(run(router.acquire()).has_value());
  const auto copied = run(router.step());
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().kind, Kind::corrupt);
  EXPECT_THAT(copied.error().message, HasSubstr("dun:events"));
}

class DurableRouterTest : public RouterTest {
 protected:
  DurableRouterTest() : RouterTest({"--appendonly", "yes", "--appendfsync", "always"}) {}
};

TEST_F(DurableRouterTest, RunsThroughAKilledServerAndEachEntryArrivesOnceAndInOrder) {
  Router& router = open("a", {.batch = 3});
  async::TaskGroup tasks(context_.get_executor());
  tasks.spawn(router.run());
  constexpr int count = 60;
  const int target = partition_of("x", partitions);
  for (int i = 0; i < count; ++i) {
    publish({{"account", "x"}, {"id", std::to_string(i)}});
    for (int steps = 0; steps < i % 5; ++steps) context_.poll_one();
    if (i % 20 == 19) {
      server_.kill();
      server_.start();
    }
  }
  while (partition(target).size() < count) context_.run_for(std::chrono::milliseconds(5));
  const auto found = partition(target);
  ASSERT_THAT(found, SizeIs(count));
  for (int i = 0; i < count; ++i)
    EXPECT_THAT(found[static_cast<std::size_t>(i)], ElementsAre(Field("account", "x"), Field("id", std::to_string(i))));
  tasks.cancel();
  run(tasks.join());
}

}  // namespace
}  // namespace dun::redis
