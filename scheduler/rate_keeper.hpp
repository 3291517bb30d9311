// Asks the counter that all processes share for as much of each gateway's rate as is needed here, a slice at a time
// (flow/rate_slices.hpp), one question a gateway at a time. Owner: the engine.
#pragma once

#include "base/async/task_group.hpp"
#include "scheduler/dispatcher.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/rate_counter.hpp"

#include <functional>
#include <map>
#include <string>

namespace dun::scheduler {

class RateKeeper {
 public:
  struct Hooks {
    std::function<double()> part;   ///< of the partitions, ours: so much of a rate is asked for by itself
    std::function<void()> granted;  ///< there is an answer: what waits for its rate may begin
  };
  /// All that is given by reference outlives it. From now on `dispatcher` begins only what the counter grants.
  RateKeeper(async::Executor executor, const Clock& clock, Dispatcher& dispatcher, RateCounter& counter, Hooks hooks);
  RateKeeper(const RateKeeper&) = delete;
  RateKeeper& operator=(const RateKeeper&) = delete;

  void start();
  /// Something may wait for its rate.
  void look();
  void cancel();
  Awaitable<void> join();

 private:
  Awaitable<void> keep(std::string gateway);

  const Clock& clock_;
  Dispatcher& dispatcher_;
  RateCounter& counter_;
  Hooks hooks_;
  std::map<std::string, async::Signal> ready_;  ///< by gateway: something waits for its rate
  bool cancelled_ = false;
  async::TaskGroup tasks_;
};

}  // namespace dun::scheduler
