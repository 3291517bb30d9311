// The shell around the partition engines of one event loop: it reads, loads and commits for each partition, hands
// claims to the sender, and brings the answers back. All that is decided is decided in partition.* and dispatcher.*.
#pragma once

#include "base/async/task_group.hpp"
#include "scheduler/dispatcher.hpp"
#include "scheduler/monitors.hpp"
#include "scheduler/partition.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/rate_counter.hpp"
#include "scheduler/ports/sender.hpp"
#include "scheduler/ports/store.hpp"

#include <functional>
#include <memory>
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
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  void start();
  /// From now on at most so many partitions are to be owned here; all of them until it is said. While there are fewer,
  /// the engine campaigns: it tries each of the others about twice a second. What is more is handed over in order:
  /// nothing more is claimed, what is under way is answered and committed, the lease is given back.
  void set_share(int partitions);
  [[nodiscard]] int share() const { return share_; }
  [[nodiscard]] int owned() const;
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
  struct Runner;
  Awaitable<void> run(Runner* runner);
  Awaitable<void> campaign();
  Awaitable<void> acquire(Runner* runner);
  void rebalance();
  [[nodiscard]] bool leaves(const Runner& runner) const;
  [[nodiscard]] int room() const;
  Awaitable<bool> cycle(Runner* runner);
  Awaitable<void> bring_posts(Runner* runner);
  Awaitable<void> wait_for_work(Runner* runner);
  Awaitable<void> send(Dispatcher::Start start);
  void tell_breaker(const std::string& gateway, flow::Breaker::State before, const SendResult& result);
  Awaitable<SendResult> perform(InFlight request);
  void take_back(Dispatcher::Start start);
  Awaitable<void> keep_pumping();
  Awaitable<void> keep_rate(std::string gateway, async::Signal* ready);
  void offer(Runner& runner);
  void pump();
  void withdraw(Runner& runner);
  void give_up(Runner& runner, const StoreError& error);
  void wake_one();

  const Clock& clock_;
  const EngineOptions& options_;
  const DispatchOptions& dispatch_;
  Sender& sender_;
  Dispatcher dispatcher_;
  std::map<std::string, std::string> told_reasons_;  ///< of the gateways that have stopped
  std::vector<std::unique_ptr<Runner>> runners_;
  std::deque<Outcome> remarks_;  ///< to be put out by the first partition that can
  std::deque<Post> posts_;       ///< likewise
  int share_;
  async::Signal share_changed_;
  async::Signal attempt_over_;
  async::Signal let_go_;  ///< a request is over, or a partition is no longer ours: what an orderly stop waits for
  async::Signal pump_later_;
  RateCounter* rates_;
  std::map<std::string, async::Signal> rate_ready_;  ///< by gateway: something waits for its rate
  bool stopping_ = false;
  bool abandoned_ = false;  ///< the time for an orderly stop is over
  int sending_ = 0;
  async::TaskGroup tasks_;
};

}  // namespace dun::scheduler
