// The engines of one event loop, and the loops that keep them going: each partition's own (runner.*), the campaign for
// partitions to own (ownership.*), sending (sending.*) and the shared rates (rate_keeper.*). All that is decided about
// notices is decided in partition.* and dispatcher.*.
#pragma once

#include "base/async/task_group.hpp"
#include "scheduler/dispatcher.hpp"
#include "scheduler/monitors.hpp"
#include "scheduler/ownership.hpp"
#include "scheduler/partition.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/rate_counter.hpp"
#include "scheduler/ports/sender.hpp"
#include "scheduler/ports/store.hpp"
#include "scheduler/rate_keeper.hpp"
#include "scheduler/runner.hpp"
#include "scheduler/sending.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dun::scheduler {

/// Owns one engine for each partition it can get hold of, up to its share of them (several processes). Not thread-safe:
/// everything runs on the executor's one thread.
class Engine {
 public:
  using StoreFactory = std::function<std::unique_ptr<PartitionStore>(int partition)>;

  /// `clock`, `sender`, `rates` and the options outlive the engine. Without `rates` the gateways' rates are this
  /// engine's alone.
  Engine(async::Executor executor, const Clock& clock, const EngineOptions& options, const DispatchOptions& dispatch,
         Sender& sender, std::shared_ptr<const Rules> rules, const StoreFactory& stores, RateCounter* rates = nullptr);
  ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  /// From now on at most so many partitions are to be owned here; all of them until it is said. While there are fewer,
  /// the engine campaigns: it tries each of the others about twice a second. What is more is handed over in order:
  /// nothing more is claimed, what is under way is answered and committed, the lease is given back.
  void set_share(int partitions);
  [[nodiscard]] int share() const { return ownership_.share(); }
  [[nodiscard]] int owned() const { return ownership_.owned(); }
  /// Claims nothing more, waits until the requests under way are answered and committed, gives the leases back.
  /// Whatever takes longer than `most` is left to the next owner, which resolves it as unknown.
  Awaitable<void> stop(Millis most);

  /// Something may be new in the partition's stream.
  void wake(int partition);
  /// From the next batch on.
  void set_rules(std::shared_ptr<const Rules> rules);

  /// What the monitors look at.
  [[nodiscard]] Observations observe() const;
  /// Tells a case, wherever it stands, through the next commit of any partition that is owned then. It may come twice.
  void report(const CaseEvent& event);
  /// Puts out an outcome that is about no account, through the next commit of any partition that is owned then. It
  /// comes twice if the answer to that commit is lost.
  void put_out(Outcome outcome);

  struct PartitionStatus {
    int number = 0;
    bool owned = false;
    Counters counters;
    std::uint64_t shelved = 0;
    std::size_t in_flight = 0;
    ReviewProgress review;
    std::uint64_t batches = 0;
    Millis silent_for{0};  ///< since when nothing of it was committed, if it is owned; real time
    std::string trouble;   ///< what stands in the way of the last attempt, empty when all is well
  };
  [[nodiscard]] std::vector<PartitionStatus> partitions() const;
  [[nodiscard]] std::vector<Dispatcher::GatewayStatus> gateways() const { return dispatcher_.status(clock_.steady()); }

 private:
  Awaitable<void> run(int partition);
  Awaitable<void> campaign();
  Awaitable<void> acquire(int partition);
  Awaitable<void> hand_over(int partition);
  void lost(int partition);
  [[nodiscard]] bool leaves(int partition) const { return stopping_ || ownership_.is_surplus(partition); }
  void dispatch(int partition);
  void notify(const std::vector<int>& partitions);
  void notify_all();
  void wake_one();

  const Clock& clock_;
  const EngineOptions& options_;
  const DispatchOptions& dispatch_;
  Dispatcher dispatcher_;
  Ownership ownership_;
  Runners runners_;
  std::deque<Outcome> remarks_;  ///< to be put out by the first partition that can
  std::deque<Post> posts_;       ///< likewise
  async::Signal share_changed_;
  async::Signal attempt_over_;
  async::Signal let_go_;  ///< a request is over, or a partition is no longer ours: what an orderly stop waits for
  bool stopping_ = false;
  bool abandoned_ = false;  ///< the time for an orderly stop is over
  Sending sending_;
  std::optional<RateKeeper> rates_;  ///< where the gateways' rates are shared
  async::TaskGroup tasks_;
};

}  // namespace dun::scheduler
