// Engines without an event loop, driven to the worst: two processes compete for the partitions of one installation,
// commits are lost before or after they reached the store, processes die between any two steps or sleep through their
// lease, and the gateway throttles, refuses, forgets to answer or is down. One seed makes the same run every time.
#pragma once

#include "scheduler/dispatcher.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/model_gateway.hpp"
#include "scheduler/sim/virtual_clock.hpp"
#include "tests/scheduler/crash/checker.hpp"
#include "tests/scheduler/random.hpp"

#include <deque>
#include <memory>

namespace dun::test {

/// What happened in a run, to show that runs are as bad as they are meant to be.
struct Story {
  int events = 0, claims = 0, commits_lost_before = 0, commits_lost_after = 0, crashes = 0, sleeps = 0, fenced = 0,
      handed_over = 0, returned = 0, recovered_in_flight = 0;
};

class World {
 public:
  struct Options {
    int partitions = 2;
    int steps = 700;
    scheduler::UnknownRule unknown = scheduler::UnknownRule::same_ref;
    /// Promises of the store that are broken on purpose, to see the checker find out.
    bool cursor_apart_from_effects = false;
    bool unfenced = false;
  };
  World(std::uint64_t seed, const Options& options);
  ~World();

  /// Runs to the end and returns what was wrong with it.
  std::vector<std::string> run();
  [[nodiscard]] const Story& story() const { return story_; }

 private:
  struct Process;
  struct Place;

  // The world around the processes.
  void step();
  void publish();
  void publish_one(Published what, const std::string& account, Fields further);
  void publish_receipt();
  void route_front_door();
  void add(int partition, Fields fields);
  void come_to_rest();
  [[nodiscard]] bool at_rest() const;

  // What a process does, one step between two waits at a time.
  void start(Process& process);
  void crash(Process& process);
  void advance(Process& process, Place& place);
  void acquire(Process& process, Place& place);
  void look(Process& process, Place& place);
  void load(Place& place);
  void commit(Process& process, Place& place);
  void conclude(Process& process, Place& place);
  bool apply(Process& process, Place& place);
  void give_up(Process& process, Place& place);
  void offer(Process& process, Place& place);
  void pump(Process& process);
  void hand_over(Process& process, const scheduler::Dispatcher::Start& start);
  void answer_due(Process& process);

  Options options_;
  Random random_;
  scheduler::VirtualClock clock_;
  scheduler::EngineOptions engine_;
  scheduler::DispatchOptions dispatch_;
  std::shared_ptr<const scheduler::Rules> rules_;
  scheduler::ModelGateway gateway_;
  std::vector<std::shared_ptr<scheduler::MemoryPartition>> states_;
  std::deque<std::pair<int, Fields>> front_door_;
  std::vector<std::unique_ptr<Process>> processes_;
  Checker checker_;
  Story story_;
  bool calm_ = false;  ///< no more faults: everything is to come to rest
  int processes_started_ = 0;
  int published_ = 0;
  std::map<std::string, Fields> last_of_;  ///< the last event of each account
  std::set<std::string> debts_, paid_debts_;
  std::size_t receipts_ = 0;
};

}  // namespace dun::test
