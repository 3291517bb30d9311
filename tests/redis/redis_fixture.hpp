// A private server, an event loop, and the things that tests open on them.
#pragma once

#include "redis/installation.hpp"
#include "redis/links.hpp"
#include "redis/partition_store.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/run_async.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dun::redis {

class RedisTest : public testing::Test {
 protected:
  explicit RedisTest(std::vector<std::string> settings = {}) : server_(std::move(settings)) {}
  ~RedisTest() override {
    for (const auto& store : stores_) run(store->close());
    for (const auto& link : links_) run(link->close());
    for (const auto& links : all_links_) run(links->close());
  }

  template <typename T>
  T run(Awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  void run(Awaitable<void> work) { test::run(context_, std::move(work)); }

  [[nodiscard]] Address address() const { return parse_address(server_.socket_url()).value(); }
  /// Quick to come back after a break, so that tests of it do not wait.
  [[nodiscard]] static LinkOptions quick() { return {.backoff_first = Millis(1), .backoff_max = Millis(20)}; }

  Link& open_link(Site to) {
    return *links_.emplace_back(std::make_unique<Link>(context_.get_executor(), std::move(to), quick()));
  }
  Link& open_link() { return open_link(address()); }
  Links& open_links() {
    return *all_links_.emplace_back(std::make_unique<Links>(context_.get_executor(), address(), quick()));
  }

  RedisPartitionStore& open_store(PartitionStoreOptions options) {
    return *stores_.emplace_back(
        std::make_unique<RedisPartitionStore>(context_.get_executor(), address(), quick(), std::move(options)));
  }
  RedisPartitionStore& open_store(std::string owner) { return open_store({.owner = std::move(owner)}); }

  scheduler::Recovery acquire(RedisPartitionStore& store) {
    auto recovery = run(store.acquire());
    EXPECT_TRUE(recovery.has_value()) << recovery.error().message;
    return recovery.value_or(scheduler::Recovery());
  }
  /// As an engine does while its server is away.
  scheduler::Recovery acquire_in_the_end(RedisPartitionStore& store) {
    while (true) {
      auto recovery = run(store.acquire());
      if (recovery) return *std::move(recovery);
      EXPECT_EQ(recovery.error().kind, StoreError::Kind::unavailable) << recovery.error().message;
    }
  }
  /// Returns when the server's clock shows another millisecond.
  void next_millisecond() {
    const auto now = [&] {
      const Value time = server_.command({"TIME"});
      return time.items[0].to_number() * 1000 + time.items[1].to_number() / 1000;
    };
    for (const auto before = now(); now() == before;) {
    }
  }
  void commit(RedisPartitionStore& store, scheduler::Commit change) {
    const auto committed = run(store.commit(std::move(change)));
    EXPECT_TRUE(committed.has_value()) << committed.error().message;
  }

  test::RedisServer server_;
  boost::asio::io_context context_;
  std::vector<std::unique_ptr<Link>> links_;
  std::vector<std::unique_ptr<Links>> all_links_;
  std::vector<std::unique_ptr<RedisPartitionStore>> stores_;
  PartitionKeys keys_{"dun", 0};
};

}  // namespace dun::redis
