// The surroundings of a partition store under test: what producers, a router, other processes and time do to it.
#pragma once

#include "scheduler/ports/store.hpp"
#include "scheduler/ports/stream.hpp"
#include "tests/support/run_async.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dun::test {

/// One partition, empty when the world is made.
class StoreWorld {
 public:
  virtual ~StoreWorld() = default;

  /// A process called `owner` that wants the partition. Lives as long as the world.
  virtual scheduler::PartitionStore& open(const std::string& owner) = 0;
  /// A producer adds to the partition's stream.
  virtual scheduler::StreamId publish(const Fields& fields) = 0;
  /// A producer adds to the front door, and no router has come by yet.
  virtual void publish_at_front_door() = 0;
  /// The router has copied everything.
  virtual void route() = 0;
  /// So much time passes that a lease which is held now has run out.
  virtual void let_lease_expire() = 0;
  virtual std::vector<Outcome> journal() = 0;
  virtual std::vector<scheduler::RejectedEntry> rejected() = 0;

  template <typename T>
  T run(scheduler::Awaitable<T> work) {
    return test::run(context_, std::move(work));
  }
  void run(scheduler::Awaitable<void> work) { test::run(context_, std::move(work)); }

 protected:
  boost::asio::io_context context_;
};

/// Each makes a new world; the suite runs on both.
std::unique_ptr<StoreWorld> make_memory_world();
std::unique_ptr<StoreWorld> make_redis_world();

}  // namespace dun::test
