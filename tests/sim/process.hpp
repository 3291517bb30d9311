// One process of the installation: the shell of the engine (scheduler/engine.*) without an event loop, so that it can
// be stopped, killed or overtaken between any two of its steps. What it drives is the real partition engine and the
// real dispatcher.
#pragma once

#include "scheduler/dispatcher.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/model_gateway.hpp"
#include "scheduler/sim/virtual_clock.hpp"
#include "tests/domain/random.hpp"
#include "tests/sim/breakage.hpp"
#include "tests/sim/checker.hpp"
#include "tests/sim/stepped_clock.hpp"

#include <functional>

namespace dun::test {

/// What happened in a run, to show that runs are as bad as they are meant to be.
struct Story {
  int events = 0, claims = 0, commits_lost_before = 0, commits_lost_after = 0, crashes = 0, crashes_at_request = 0,
      sleeps = 0, leases_lost = 0, failovers = 0, fenced = 0, handed_over = 0, asked = 0, taken_back = 0, returned = 0,
      recovered_in_flight = 0, clock_steps = 0, reloads = 0, receipts = 0, held = 0, unknown = 0, denied = 0,
      reports = 0, posts_lost_before = 0, posts_lost_after = 0;
  double account_days = 0;
};

/// What all processes share.
struct Installation {
  SimOptions options;
  Random dice;
  scheduler::VirtualClock time;
  scheduler::EngineOptions engine;
  scheduler::DispatchOptions dispatch;
  std::vector<std::shared_ptr<scheduler::MemoryPartition>> states;
  scheduler::ModelGateway gateway;
  std::vector<int> at_front_door;  ///< by partition: entries that are not routed yet
  Checker checker;
  Saboteur saboteur;
  std::function<void(const scheduler::Post&)> carry;  ///< to the stream of its case's partition
  std::set<std::string> denied;                       ///< what the gateway has taken and called untaken
  Story story;
  std::uint64_t badness = 8;  ///< of 8: how often faults strike, so that some runs get far between two of them
  bool calm = false;          ///< nothing fails any more: everything is to come to rest
  std::vector<std::string> narration;

  [[nodiscard]] scheduler::MemoryPartition& state(int partition) {
    return *states[static_cast<std::size_t>(partition)];
  }
  /// Whether a fault of this kind happens, so often in a thousand in the worst runs.
  [[nodiscard]] bool strikes(Fault fault, std::uint64_t in_a_thousand) {
    return !calm && options.faults.has(fault) && dice.below(8000) < in_a_thousand * badness;
  }
  void tell(const std::function<std::string()>& line) {
    if (options.narrated) narration.push_back(to_rfc3339(time.now()) + " " + line());
  }
};

class Process {
 public:
  /// `clock` is its machine's, which outlives it. A new process finds nothing but the store, and its name is new: it
  /// must wait for the leases of the one before it.
  Process(int number, Installation& world, const SteppedClock& clock, const RuleBook& rules);
  ~Process();

  /// One step of one partition's cycle: acquire, look, load, commit, conclude.
  void advance(int partition);
  /// Takes in the answers that have come.
  void answer_due();
  void pump();
  void set_rules(const RuleBook& rules);
  /// Tells a case what this process sees.
  void report(const CaseEvent& event);
  /// Its connection to the partition's store broke: what it was about to commit is lost.
  void cut_off(int partition);

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] std::string name() const { return "process " + std::to_string(number_); }
  /// It died in the middle of something and does nothing more.
  [[nodiscard]] bool dead() const { return dead_; }
  /// Nothing to do for this partition before the instant of next_work(); it holds the lease.
  [[nodiscard]] bool at_leisure(int partition) const;
  /// Lets the checker look at a partition for which it is at leisure.
  void rest(int partition) const;
  /// In true time.
  [[nodiscard]] std::optional<Instant> next_work() const;
  void sleep_until(Instant until) { asleep_until_ = until; }
  [[nodiscard]] bool asleep() const;

 private:
  struct Runner;
  struct Open {
    int partition = 0;
    scheduler::InFlight request;
    scheduler::ModelGateway::Reply reply;
    Millis begun{}, answered{};
  };

  void acquire(Runner& runner);
  void look(Runner& runner);
  void load(Runner& runner);
  void commit(Runner& runner);
  void conclude(Runner& runner);
  bool apply(Runner& runner);
  void give_up(Runner& runner);
  void bring_posts(Runner& runner);
  void deny(const scheduler::SendRequest& sent, scheduler::ModelGateway::Reply& reply);
  scheduler::ModelGateway::Reply hand_over(const scheduler::Dispatcher::Start& start,
                                           const scheduler::SendRequest& sent);
  scheduler::ModelGateway::Reply hand_over(const scheduler::Dispatcher::Start& start,
                                           const scheduler::StatusRequest& question);
  void offer(Runner& runner);
  void hand_over(const scheduler::Dispatcher::Start& start);
  void answered(int partition, scheduler::Answer answer);

  int number_;
  Installation& world_;
  const SteppedClock& clock_;
  RuleBook rules_;
  scheduler::Dispatcher dispatcher_;
  std::vector<std::unique_ptr<Runner>> runners_;
  std::vector<Open> open_;
  std::vector<scheduler::Post> posts_;  ///< for the first partition that can put them out
  Instant asleep_until_{};
  bool dead_ = false;
};

inline constexpr Millis lease = Seconds(10);

}  // namespace dun::test
