#include "redis/partition_store.hpp"
#include "redis/router.hpp"
#include "redis/views.hpp"
#include "tests/conformance/store_world.hpp"
#include "tests/support/redis_server.hpp"

#include <stdexcept>

namespace dun::test {
namespace {

using namespace scheduler;
using namespace redis;

class RedisWorld final : public StoreWorld {
 public:
  ~RedisWorld() override {
    for (const auto& store : stores_) run(store->close());
    run(links_.close());
  }

  PartitionStore& open(const std::string& owner) override {
    PartitionStoreOptions options{.partition = partition_, .owner = owner, .lease_ttl = std::chrono::minutes(10)};
    return *stores_.emplace_back(
        std::make_unique<RedisPartitionStore>(context_.get_executor(), address_, LinkOptions(), std::move(options)));
  }
  StreamId publish(const Fields& fields) override {
    return parse_stream_id(server_.command(append_to_stream(keys_.events(), fields)).text).value();
  }
  void publish_at_front_door() override {
    server_.command(append_to_stream(keyspace_.front_door(), {{"account", "elsewhere"}}));
  }
  void route() override {
    Router router(context_.get_executor(), address_, {}, {.owner = "router", .block = Millis(1)});
    check(run(router.acquire()));
    while (check(run(router.step())) > 0) {
    }
    run(router.close());
  }
  void let_lease_expire() override { server_.command({"PEXPIREAT", keys_.lease(), "1"}); }

  std::vector<Outcome> journal() override {
    JournalView view(links_, keyspace_, 1, {.everything = true, .page = 3});
    std::vector<Outcome> outcomes;
    while (true) {
      auto page = check(run(view.next()));
      if (!page.problems.empty()) throw std::runtime_error(page.problems.front());
      std::ranges::move(page.outcomes, std::back_inserter(outcomes));
      if (page.at_end) return outcomes;
    }
  }
  std::vector<RejectedEntry> rejected() override {
    std::vector<RejectedEntry> entries;
    for (RejectedItem& item : check(run(list_rejected(links_, keyspace_, partition_, {}, 10'000))))
      entries.push_back(std::move(item.entry));
    return entries;
  }

 private:
  template <typename T>
  static T check(StoreResult<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return *std::move(result);
  }

  RedisServer server_;
  Address address_ = parse_address(server_.socket_url()).value();
  Keyspace keyspace_;
  static constexpr int partition_ = 0;
  PartitionKeys keys_ = keyspace_.partition(partition_);
  std::vector<std::unique_ptr<RedisPartitionStore>> stores_;
  Links links_{context_.get_executor(), address_};
};

}  // namespace

std::unique_ptr<StoreWorld> make_redis_world() {
  return std::make_unique<RedisWorld>();
}

}  // namespace dun::test
