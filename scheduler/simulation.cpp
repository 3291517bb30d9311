#include "scheduler/simulation.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

constexpr std::size_t batch = 256;
constexpr Millis lease_without_end = date::days(365'000);

template <typename T>
T must(StoreResult<T> result) {
  DUN_ASSERT(result.has_value());  // a memory store with one owner and no end of its lease cannot fail
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace

Simulation::Simulation(std::shared_ptr<const Rules> rules, Sink sink)
    : state_(std::make_shared<MemoryPartition>()),
      store_(state_, "simulation", clock_, lease_without_end),
      engine_{.partitions = 1, .batch_max = batch},
      dispatch_{.gateways = {{.name = "ideal"}}, .routes = Routes({"ideal", "ideal", "ideal"})},
      partition_(0, engine_, dispatch_, std::move(rules)),
      sink_(std::move(sink)) {
  partition_.recover(must(store_.acquire_now()), clock_.now());
}

void Simulation::publish(Fields event, Instant at) {
  if (at > clock_.now() || state_->events.size() >= batch) {
    settle_present();
    run_until(at);
  }
  state_->add(std::move(event));
}

void Simulation::run_until(Instant until) {
  settle_present();
  for (auto next = partition_.next_work(clock_.now()); next && *next <= until;
       next = partition_.next_work(clock_.now())) {
    clock_.set(*next);
    settle_present();
  }
  clock_.set(until);
}

void Simulation::run_out(Instant most) {
  settle_present();
  for (auto next = partition_.next_work(clock_.now()); next && *next <= most;
       next = partition_.next_work(clock_.now())) {
    clock_.set(*next);
    settle_present();
  }
}

std::size_t Simulation::still_to_come() const {
  std::size_t count = 0;
  for (const auto& [account, record] : state_->records) count += record.pending.size() + (record.wake_at ? 1 : 0);
  for (const auto& [id, record] : state_->cases)
    if (const auto* task = std::get_if<TaskCase>(&record)) count += task->pending.size();
  return count;
}

void Simulation::settle_present() {
  const auto has_turns = [&] {
    return std::ranges::any_of(all_lanes, [&](Lane lane) { return !partition_.turns(lane, clock_.now(), 1).empty(); });
  };
  while (!state_->events.empty() || partition_.has_work(clock_.now()) || has_turns()) cycle();
}

void Simulation::cycle() {
  const Instant now = clock_.now();
  const ReadRequest request = partition_.look(now);
  auto inputs = partition_.gather(request, must(store_.read_now(request)), {batch, batch, batch}, now);
  auto records = must(store_.load_now(inputs.accounts));
  auto decided = partition_.decide(std::move(inputs), std::move(records), now);
  for (const Outcome& outcome : decided.commit.journal) sink_(outcome);
  decided.commit.journal.clear();
  decided.commit.rejected.clear();
  must(store_.commit_now(decided.commit));
  partition_.committed(decided);
  for (const InFlight& claim : decided.claims) partition_.answered(judge(claim, SendAccepted{}, dispatch_, now));
}

}  // namespace dun::scheduler
