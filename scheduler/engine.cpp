#include "scheduler/engine.hpp"

#include "scheduler/clock.hpp"
#include "scheduler/observe.hpp"

#include <algorithm>
#include <utility>

namespace dun::scheduler {
namespace {

// Between two rounds of attempts at the partitions that are not ours; real time.
constexpr Millis campaign_pause = Millis(500);
// Outcomes and reports about no account that wait while no partition can be written; then the oldest go.
constexpr std::size_t remarks_max = 1000;

}  // namespace

Engine::Engine(async::Executor executor, const Clock& clock, const EngineOptions& options,
               const DispatchOptions& dispatch, Sender& sender, std::shared_ptr<const Rules> rules,
               const StoreFactory& stores, RateCounter* rates)
    : clock_(clock),
      options_(options),
      dispatch_(dispatch),
      dispatcher_(dispatch, clock.steady()),
      ownership_(options.partitions),
      share_changed_(executor),
      attempt_over_(executor),
      let_go_(executor),
      sending_(executor, clock, options, dispatch, sender, dispatcher_, runners_,
               {.request_over = [this] { let_go_.notify(); },
                .pumped =
                    [this] {
                      if (rates_) rates_->look();
                    }}),
      tasks_(executor) {
  for (int number = 0; number < options.partitions; ++number)
    runners_.add(executor, number, clock, options, dispatch, dispatcher_, rules, stores(number));
  if (rates == nullptr) return;
  const auto part = [this] { return static_cast<double>(owned()) / ownership_.partitions(); };
  rates_.emplace(executor, clock, dispatcher_, *rates,
                 RateKeeper::Hooks{.part = part, .granted = [this] { sending_.pump(); }});
}

void Engine::start() {
  for (const Runner& runner : runners_) tasks_.spawn(run(runner.number()));
  tasks_.spawn(campaign());
  sending_.start();
  if (rates_) rates_->start();
}

Awaitable<void> Engine::stop(Millis most) {
  stopping_ = true;
  dispatcher_.drain();
  notify_all();
  share_changed_.notify();
  attempt_over_.notify();
  const auto running = [&] { return sending_.under_way() > 0 || owned() > 0; };
  const Millis deadline = real_time() + most;
  for (Millis left = most; running() && left > Millis(0); left = deadline - real_time()) co_await let_go_.wait(left);
  abandoned_ = true;
  notify_all();
  if (rates_) rates_->cancel();
  sending_.cancel();
  tasks_.cancel();
  if (rates_) co_await rates_->join();
  co_await sending_.join();
  co_await tasks_.join();
}

void Engine::wake(int partition) {
  Runner& runner = runners_.of(partition);
  runner.look_again();
  if (ownership_.owns(partition)) runner.notify();
}

void Engine::set_rules(std::shared_ptr<const Rules> rules) {
  for (Runner& runner : runners_) {
    runner.set_rules(rules);
    wake(runner.number());
  }
}

void Engine::set_share(int partitions) {
  if (partitions == share()) return;
  notify(ownership_.set_share(partitions));
  share_changed_.notify();
}

void Engine::notify(const std::vector<int>& partitions) {
  for (const int partition : partitions) runners_.of(partition).notify();
}

void Engine::notify_all() {
  for (Runner& runner : runners_) runner.notify();
}

/// In rounds: each partition that is not ours is tried once, as many at a time as there is room for.
Awaitable<void> Engine::campaign() {
  while (!stopping_) {
    for (int partition = 0; partition < ownership_.partitions(); ++partition) {
      while (!stopping_ && !ownership_.has_room() && ownership_.tries()) co_await attempt_over_.wait();
      if (stopping_ || !ownership_.has_room()) break;
      if (!ownership_.is_free(partition)) continue;
      ownership_.try_for(partition);
      runners_.of(partition).notify();
    }
    co_await share_changed_.wait(campaign_pause);
  }
}

Awaitable<void> Engine::run(int partition) {
  Runner& runner = runners_.of(partition);
  while (!abandoned_ && !(stopping_ && !ownership_.owns(partition))) {
    if (!ownership_.owns(partition)) {
      if (ownership_.trying_for(partition))
        co_await acquire(partition);
      else
        co_await runner.wait();
      continue;
    }
    if (ownership_.is_surplus(partition)) runner.withdraw();
    dispatch(partition);
    co_await runner.wait_for_work(leaves(partition));
    if (abandoned_) break;
    for (Outcome& remark : std::exchange(remarks_, {})) runner.put_out(std::move(remark));
    for (Post& post : std::exchange(posts_, {})) runner.post(std::move(post));
    if (!co_await runner.cycle()) {
      lost(partition);
      continue;
    }
    dispatch(partition);
    if (leaves(partition) && runner.partition().idle()) co_await hand_over(partition);
  }
}

Awaitable<void> Engine::acquire(int partition) {
  if (co_await runners_.of(partition).acquire())
    notify(ownership_.acquired(partition));
  else
    ownership_.not_acquired(partition);
  attempt_over_.notify();
}

Awaitable<void> Engine::hand_over(int partition) {
  Runner& runner = runners_.of(partition);
  runner.withdraw();
  co_await runner.release();
  ownership_.lost(partition);
  let_go_.notify();
}

void Engine::lost(int partition) {
  ownership_.lost(partition);
  for (Outcome& remark : runners_.of(partition).take_remarks()) put_out(std::move(remark));
  std::ranges::move(runners_.of(partition).take_posts(), std::back_inserter(posts_));
  let_go_.notify();
}

/// Shows what the partition has, and does what follows from it.
void Engine::dispatch(int partition) {
  if (!ownership_.is_surplus(partition)) runners_.of(partition).offer();
  sending_.pump();
}

void Engine::put_out(Outcome outcome) {
  remarks_.push_back(std::move(outcome));
  if (remarks_.size() > remarks_max) remarks_.pop_front();
  wake_one();
}

void Engine::report(const CaseEvent& event) {
  Fields fields = to_fields(event);
  options_.seal.sign(fields);
  posts_.push_back({.to = event.about, .id = event.id, .fields = std::move(fields)});
  if (posts_.size() > remarks_max) posts_.pop_front();
  wake_one();
}

/// The first that can put out what is about no account.
void Engine::wake_one() {
  const auto able =
      std::ranges::find_if(runners_, [&](const Runner& runner) { return ownership_.owns(runner.number()); });
  if (able != runners_.end()) wake(able->number());
}

Observations Engine::observe() const {
  return scheduler::observe(ownership_, runners_, dispatcher_, dispatch_, clock_);
}

std::vector<Engine::PartitionStatus> Engine::partitions() const {
  std::vector<PartitionStatus> all;
  for (const Runner& runner : runners_) {
    const Partition& partition = runner.partition();
    const bool owned = ownership_.owns(runner.number());
    all.push_back({.number = runner.number(),
                   .owned = owned,
                   .counters = partition.counters(),
                   .shelved = partition.shelved(),
                   .in_flight = partition.in_flight(),
                   .review = partition.review(),
                   .batches = runner.batches(),
                   .silent_for = owned ? runner.silent_for() : Millis(0),
                   .trouble = runner.trouble()});
  }
  return all;
}

}  // namespace dun::scheduler
