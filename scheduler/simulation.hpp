// The real partition engine on virtual time, with the memory store and an ideal gateway: what `dun simulate` and
// `dun diff` run. Deterministic: the same events and rules give the same outcomes in the same order.
#pragma once

#include "scheduler/partition.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/virtual_clock.hpp"

#include <functional>

namespace dun::scheduler {

class Simulation {
 public:
  using Sink = std::function<void(const Outcome&)>;

  /// `sink` gets every outcome in time order.
  Simulation(std::shared_ptr<const Rules> rules, Sink sink);

  /// Publishes an event that arrives at `at`, or at the present if that is later. Everything due before then happens
  /// first.
  void publish(Fields event, Instant at);
  /// Lets time run to `until`, and everything due by then happen.
  void run_until(Instant until);
  /// Lets time run until nothing is left to happen, or to `most`.
  void run_out(Instant most);

  /// Notices that have not ended and accounts that are to be looked at again, at present.
  [[nodiscard]] std::size_t still_to_come() const;
  [[nodiscard]] Instant now() const { return clock_.now(); }
  [[nodiscard]] const Counters& counters() const { return partition_.counters(); }

 private:
  void settle_present();
  void cycle();

  VirtualClock clock_;
  std::shared_ptr<MemoryPartition> state_;
  MemoryStore store_;
  EngineOptions engine_;
  DispatchOptions dispatch_;
  Partition partition_;
  Sink sink_;
};

}  // namespace dun::scheduler
