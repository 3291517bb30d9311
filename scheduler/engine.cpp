#include "scheduler/engine.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace dun::scheduler {
namespace {

// Turns offered to dispatch at a time, for each lane of a partition.
constexpr std::size_t offered_turns = 256;
// Between two rounds of attempts at the partitions that are not ours; real time.
constexpr Millis campaign_pause = Millis(500);
// While turns wait for the front door to be routed: real time before the next look.
constexpr Millis routing_pause = Millis(10);
// Real time that grants wait for the ingest barrier before they are given up: meanwhile they hold up newer notices.
constexpr Millis grants_kept = Millis(100);
// Between two looks for the barrier.
constexpr Millis barrier_pause = Millis(1);
// Outcomes about no account that wait while no partition can be written; then the oldest go.
constexpr std::size_t remarks_max = 1000;
// The longest that dispatch sleeps; a gateway may ask for any pause.
constexpr Millis pump_pause_max = std::chrono::hours(1);

std::string_view to_text(StoreError::Kind kind) {
  switch (kind) {
    case StoreError::Kind::unavailable:
      return "unavailable";
    case StoreError::Kind::owned:
      return "owned";
    case StoreError::Kind::fenced:
      return "fenced";
    case StoreError::Kind::refused:
      return "refused";
    case StoreError::Kind::corrupt:
      return "corrupt";
  }
  return "?";
}

/// Of an attempt to acquire that did not succeed.
spdlog::level::level_enum level_of(StoreError::Kind kind) {
  if (kind == StoreError::Kind::owned) return spdlog::level::debug;
  return kind == StoreError::Kind::unavailable ? spdlog::level::warn : spdlog::level::err;
}

Millis real_time() {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

/// What stands between a gateway and the notices, as far as is known.
std::string describe(const Dispatcher::GatewayStatus& gateway) {
  std::string state = gateway.breaker == flow::Breaker::State::closed ? "" : "it says that it is down; ";
  if (gateway.paused_until) state += "paused; ";
  state += fmt::format("of {} requests {} refused, {} throttled, {} down, {} without answer", gateway.begun,
                       gateway.refused, gateway.throttled, gateway.down, gateway.unknown);
  return gateway.refusal.empty() ? state : state + "; the last that it did not take: " + gateway.refusal;
}

/// Grants taken and not used yet, because the ingest barrier has not been reached since.
struct HeldGrants {
  Grants grants{};
  std::optional<Millis> since;

  [[nodiscard]] bool any() const { return since.has_value(); }
  void add(const Grants& more, Millis real_now) {
    for (std::size_t i = 0; i < grants.size(); ++i) grants[i] += more[i];
    if (!since && std::ranges::any_of(grants, [](std::size_t count) { return count > 0; })) since = real_now;
  }
  Grants take() {
    since.reset();
    return std::exchange(grants, {});
  }
};

}  // namespace

/// One partition, its store and what its loop waits for.
struct Engine::Runner {
  Runner(async::Executor executor, int number, const EngineOptions& engine, const DispatchOptions& dispatch,
         std::shared_ptr<const Rules> rules, std::unique_ptr<PartitionStore> its_store)
      : partition(number, engine, dispatch, std::move(rules)),
        store(std::move(its_store)),
        signal(std::move(executor)) {}

  Partition partition;
  std::unique_ptr<PartitionStore> store;
  async::Signal signal;
  bool owned = false;
  bool trying = false;   ///< the campaign has told it to acquire
  bool surplus = false;  ///< owned, and more than our share
  HeldGrants grants;
  bool look = true;  ///< something may be new in the stream
  Millis committed_at{0};
  Millis renewed_at{0};  ///< the lease was surely ours at this real time
  std::uint64_t batches = 0;
  std::uint64_t rejected_before = 0;  ///< malformed events, as of its acquisition
  Millis read_to_end_at{0};           ///< real time; as of its acquisition if it was not since
  std::optional<Millis> stuck_since;  ///< real time of the first of the attempts that have failed since one succeeded
  std::string trouble;                ///< why the last of them did
};

Engine::Engine(async::Executor executor, const Clock& clock, const EngineOptions& options,
               const DispatchOptions& dispatch, Sender& sender, std::shared_ptr<const Rules> rules,
               const StoreFactory& stores, RateCounter* rates)
    : clock_(clock),
      options_(options),
      dispatch_(dispatch),
      sender_(sender),
      dispatcher_(dispatch, clock.steady()),
      share_(options.partitions),
      share_changed_(executor),
      attempt_over_(executor),
      let_go_(executor),
      pump_later_(executor),
      rates_(rates),
      tasks_(executor) {
  for (int number = 0; number < options.partitions; ++number)
    runners_.push_back(std::make_unique<Runner>(executor, number, options, dispatch, rules, stores(number)));
  if (rates_ == nullptr) return;
  constexpr Millis long_span = date::days(1);
  dispatcher_.share_rates(static_cast<double>(long_span.count()) / static_cast<double>(clock.real(long_span).count()));
  for (const std::string& gateway : dispatcher_.gateway_names()) rate_ready_.try_emplace(gateway, executor);
}

Engine::~Engine() = default;

void Engine::start() {
  for (const auto& runner : runners_) tasks_.spawn(run(runner.get()));
  tasks_.spawn(campaign());
  tasks_.spawn(keep_pumping());
  for (auto& [gateway, ready] : rate_ready_) tasks_.spawn(keep_rate(gateway, &ready));
}

Awaitable<void> Engine::stop(Millis most) {
  stopping_ = true;
  dispatcher_.drain();
  for (const auto& runner : runners_) runner->signal.notify();
  share_changed_.notify();
  attempt_over_.notify();
  pump_later_.notify();
  const auto running = [&] {
    return sending_ > 0 || std::ranges::any_of(runners_, [](const auto& runner) { return runner->owned; });
  };
  const Millis deadline = real_time() + most;
  for (Millis left = most; running() && left > Millis(0); left = deadline - real_time()) co_await let_go_.wait(left);
  abandoned_ = true;
  for (const auto& runner : runners_) runner->signal.notify();
  tasks_.cancel();
  co_await tasks_.join();
}

void Engine::wake(int partition) {
  Runner& runner = *runners_.at(static_cast<std::size_t>(partition));
  runner.look = true;
  if (runner.owned) runner.signal.notify();
}

void Engine::set_rules(std::shared_ptr<const Rules> rules) {
  for (const auto& runner : runners_) {
    runner->partition.set_rules(rules);
    wake(runner->partition.number());
  }
}

void Engine::set_share(int partitions) {
  if (partitions == share_) return;
  share_ = partitions;
  rebalance();
  share_changed_.notify();
}

int Engine::owned() const {
  return static_cast<int>(std::ranges::count_if(runners_, [](const auto& runner) { return runner->owned; }));
}

/// How many further partitions may be acquired now.
int Engine::room() const {
  const auto held = [](const auto& runner) { return runner->owned || runner->trying; };
  return share_ - static_cast<int>(std::ranges::count_if(runners_, held));
}

/// The first that are owned stay, whatever their state, so that shares that are told again move nothing.
void Engine::rebalance() {
  int kept = 0;
  for (const auto& runner : runners_) {
    if (!runner->owned) continue;
    const bool surplus = kept == share_;
    if (!surplus) ++kept;
    if (std::exchange(runner->surplus, surplus) != surplus) runner->signal.notify();
  }
}

bool Engine::leaves(const Runner& runner) const {
  return stopping_ || runner.surplus;
}

/// In rounds: each partition that is not ours is tried once, as many at a time as there is room for.
Awaitable<void> Engine::campaign() {
  while (!stopping_) {
    for (const auto& runner : runners_) {
      const auto others_try = [&] { return std::ranges::any_of(runners_, [](const auto& r) { return r->trying; }); };
      while (!stopping_ && room() <= 0 && others_try()) co_await attempt_over_.wait();
      if (stopping_ || room() <= 0) break;
      if (runner->owned || runner->trying) continue;
      runner->trying = true;
      runner->signal.notify();
    }
    co_await share_changed_.wait(campaign_pause);
  }
}

Awaitable<void> Engine::run(Runner* runner) {
  while (!abandoned_ && !(stopping_ && !runner->owned)) {
    if (!runner->owned) {
      if (runner->trying) {
        co_await acquire(runner);
        runner->trying = false;
        attempt_over_.notify();
      } else {
        co_await runner->signal.wait();
      }
      continue;
    }
    if (runner->surplus) withdraw(*runner);
    co_await wait_for_work(runner);
    if (abandoned_) break;
    if (!co_await cycle(runner)) continue;
    offer(*runner);
    pump();
    if (!leaves(*runner) || !runner->partition.idle()) continue;
    withdraw(*runner);
    co_await runner->store->release();
    runner->owned = runner->surplus = false;
    let_go_.notify();
    spdlog::info("partition handed over partition={}", runner->partition.number());
  }
}

Awaitable<void> Engine::acquire(Runner* runner) {
  const Millis asked_at = real_time();
  auto recovery = co_await runner->store->acquire();
  if (!recovery) co_return give_up(*runner, recovery.error());
  runner->partition.recover(*recovery, clock_.now());
  runner->owned = true;
  runner->look = true;
  runner->committed_at = Millis(0);
  runner->renewed_at = asked_at;
  runner->read_to_end_at = real_time();
  runner->rejected_before = recovery->counters.rejected;
  spdlog::info("partition owned partition={} epoch={} shelved={} in_flight={}", runner->partition.number(),
               recovery->epoch, runner->partition.shelved(), recovery->in_flight.size());
  rebalance();
}

Awaitable<void> Engine::wait_for_work(Runner* runner) {
  const Instant now = clock_.now();
  offer(*runner);
  pump();
  if (runner->grants.any()) {
    co_await runner->signal.wait(barrier_pause);
    co_return;
  }
  if (leaves(*runner) && runner->partition.idle()) co_return;
  if (runner->look || runner->partition.has_work(now) || dispatcher_.has_grants(runner->partition.number())) co_return;
  Millis wait = options_.idle_look;
  if (const auto next = runner->partition.next_work(now); next && *next > now)
    wait = std::min(wait, clock_.real(*next - now));
  // Who leaves takes no more turns: it waits for answers, and looks as often as its lease needs.
  if (!leaves(*runner) && !runner->partition.caught_up()) wait = std::min(wait, routing_pause);
  co_await runner->signal.wait(std::max(wait, Millis(1)));
}

Awaitable<bool> Engine::cycle(Runner* runner) {
  Partition& partition = runner->partition;
  runner->look = false;
  for (Outcome& remark : std::exchange(remarks_, {})) partition.put_out(std::move(remark));
  // The present of this batch, and of the turns that grants have brought, is before the stream is read.
  const Instant now = clock_.now();
  ReadRequest request = partition.look(now);
  request.new_barrier = !runner->grants.any();
  runner->grants.add(dispatcher_.take_grants(partition.number()), real_time());
  auto reply = co_await runner->store->read(request);
  if (!reply) co_return give_up(*runner, reply.error()), false;
  const bool turns = reply->at_end;
  if (turns) runner->read_to_end_at = real_time();
  auto inputs =
      partition.gather(request, *std::move(reply), turns ? runner->grants.take() : Grants{}, now, clock_.now());
  std::vector<std::optional<AccountRecord>> records;
  if (!inputs.accounts.empty()) {
    auto loaded = co_await runner->store->load(inputs.accounts);
    if (!loaded) co_return give_up(*runner, loaded.error()), false;
    records = *std::move(loaded);
  }
  auto batch = partition.decide(std::move(inputs), std::move(records), now);
  const Millis real_now = real_time();
  if (!batch.commit.empty() || real_now - runner->committed_at >= options_.idle_look) {
    auto committed = co_await runner->store->commit(batch.commit);
    if (!committed) {
      partition.dropped(batch);
      give_up(*runner, committed.error());
      co_return false;
    }
    runner->committed_at = runner->renewed_at = real_now;
    ++runner->batches;
  }
  partition.committed(batch);
  runner->stuck_since.reset();
  runner->trouble.clear();
  if (!turns && runner->grants.since && real_now - *runner->grants.since > grants_kept) {
    runner->grants.take();
    partition.fell_behind();
  }
  if (!runner->grants.any()) dispatcher_.submit(partition.number(), std::move(batch.claims));
  co_return true;
}

void Engine::offer(Runner& runner) {
  if (!runner.owned || runner.surplus) return;
  for (const Lane lane : all_lanes)
    dispatcher_.offer(runner.partition.number(), lane, runner.partition.turns(lane, clock_.now(), offered_turns));
}

void Engine::pump() {
  auto actions = dispatcher_.pump(clock_.steady());
  for (const int partition : actions.granted) runners_.at(static_cast<std::size_t>(partition))->signal.notify();
  for (Dispatcher::Start& returned : actions.returned) {
    Runner& runner = *runners_.at(static_cast<std::size_t>(returned.partition));
    runner.partition.answered({.request = std::move(returned.request), .verdict = Returned{}});
    runner.signal.notify();
  }
  for (Dispatcher::Start& start : actions.starts) {
    const Runner& runner = *runners_.at(static_cast<std::size_t>(start.partition));
    const bool fenced = real_time() - runner.renewed_at >= options_.lease_ttl;
    if (fenced || is_past(start.request.errand, clock_.now())) {
      take_back(std::move(start));
      continue;
    }
    ++sending_;
    tasks_.spawn(send(std::move(start)));
  }
  pump_later_.notify();
  for (auto& [gateway, ready] : rate_ready_)
    if (dispatcher_.ready_segments(gateway) > 0) ready.notify();
}

/// It may no longer be delivered (E10), because the night began while it waited for its tokens; or this process slept
/// through its lease, and the next owner has taken the claim for its own. It is decided again.
void Engine::take_back(Dispatcher::Start start) {
  dispatcher_.finished(start.request, SendRetry{.telling = false}, Millis(0), clock_.steady());
  Runner& runner = *runners_.at(static_cast<std::size_t>(start.partition));
  runner.partition.answered({.request = std::move(start.request), .verdict = Returned{}});
  runner.signal.notify();
}

Awaitable<void> Engine::keep_pumping() {
  while (!abandoned_) {
    const Millis now = clock_.steady();
    const auto next = dispatcher_.next_pump(now);
    const Millis wait = next ? std::clamp(clock_.real(*next - now), Millis(1), pump_pause_max) : pump_pause_max;
    if (!co_await pump_later_.wait(wait) && next) pump();
  }
}

/// Asks the common counter for as much of the gateway's rate as is needed, one question at a time.
Awaitable<void> Engine::keep_rate(std::string gateway, async::Signal* ready) {
  flow::RateSlices& slices = dispatcher_.slices(gateway);
  std::string trouble;
  while (!abandoned_) {
    const Millis now = clock_.steady();
    const double part = static_cast<double>(owned()) / options_.partitions;
    const int wanted = dispatcher_.ask_for_slice(gateway, now, part);
    if (wanted == 0) {
      const bool waits = dispatcher_.ready_segments(gateway) > 0;
      const Millis wait = waits ? std::max(Millis(1), clock_.real(slices.next_look(now) - now)) : pump_pause_max;
      co_await ready->wait(wait);
      continue;
    }
    const auto counted = co_await rates_->add(gateway, slices.slice().length, wanted);
    if (counted) {
      slices.answered(clock_.steady(), counted->total, counted->left);
    } else {
      slices.failed(clock_.steady());
      if (counted.error().message != trouble)
        spdlog::warn("rate not granted gateway={} detail=\"{}\"", gateway, counted.error().message);
    }
    trouble = counted ? "" : counted.error().message;
    pump();
  }
}

Awaitable<SendResult> Engine::perform(InFlight request) {
  GatewayRequest what = gateway_request(request, options_.seal.reference(request.notice), clock_.now());
  if (auto* message = std::get_if<SendRequest>(&what)) co_return co_await sender_.send(std::move(*message));
  co_return co_await sender_.ask(std::get<StatusRequest>(std::move(what)));
}

/// A gateway that stopped taking messages, with its reason and each other one, and that takes them again.
void Engine::tell_breaker(const std::string& gateway, flow::Breaker::State before, const SendResult& result) {
  constexpr auto closed = flow::Breaker::State::closed;
  const bool stopped = dispatcher_.breaker(gateway) != closed;
  if (stopped) {
    std::string reason = refusal_of(result);
    const auto told = told_reasons_.find(gateway);
    if (reason.empty() || (told != told_reasons_.end() && told->second == reason)) return;
    spdlog::warn("gateway stopped gateway={} detail=\"{}\"", gateway, reason);
    told_reasons_.insert_or_assign(gateway, std::move(reason));
  } else if (before != closed) {
    told_reasons_.erase(gateway);
    spdlog::info("gateway takes messages again gateway={}", gateway);
  }
}

Awaitable<void> Engine::send(Dispatcher::Start start) {
  const InFlight& request = start.request;
  const Millis begun = clock_.steady();
  const SendResult result = co_await perform(request);
  --sending_;
  let_go_.notify();
  const Millis now = clock_.steady();
  // Latency is the gateway's, in real time, whatever clock decides.
  const auto before = dispatcher_.breaker(request.gateway);
  dispatcher_.finished(request, result, clock_.real(now - begun), now);
  tell_breaker(request.gateway, before, result);
  Runner& runner = *runners_.at(static_cast<std::size_t>(start.partition));
  runner.partition.answered(judge(request, result, dispatch_, clock_.now()));
  runner.signal.notify();
  pump();
}

void Engine::withdraw(Runner& runner) {
  for (InFlight& unbegun : dispatcher_.withdraw(runner.partition.number()))
    runner.partition.answered({.request = std::move(unbegun), .verdict = Returned{}});
  runner.grants.take();
}

void Engine::give_up(Runner& runner, const StoreError& error) {
  const int number = runner.partition.number();
  withdraw(runner);
  if (runner.owned)
    spdlog::error("partition given up partition={} cause={} detail=\"{}\"", number, to_text(error.kind), error.message);
  else if (runner.trouble != error.message)
    spdlog::log(level_of(error.kind), "partition not acquired partition={} cause={} detail=\"{}\"", number,
                to_text(error.kind), error.message);
  for (Outcome& remark : runner.partition.take_remarks()) put_out(std::move(remark));
  runner.owned = runner.surplus = false;
  let_go_.notify();
  // That another process has it is as it should be.
  const bool is_ours_to_mend = error.kind != StoreError::Kind::owned;
  runner.trouble = is_ours_to_mend ? error.message : "";
  if (!is_ours_to_mend)
    runner.stuck_since.reset();
  else if (!runner.stuck_since)
    runner.stuck_since = real_time();
}

void Engine::put_out(Outcome outcome) {
  remarks_.push_back(std::move(outcome));
  if (remarks_.size() > remarks_max) remarks_.pop_front();
  const auto able = std::ranges::find_if(runners_, [](const auto& runner) { return runner->owned; });
  if (able != runners_.end()) wake((*able)->partition.number());
}

Observations Engine::observe() const {
  Observations seen{.complete = owned() >= share_};
  const Millis real_now = real_time();
  const Instant now = clock_.now();
  for (const auto& runner : runners_) {
    seen.texts = runner->partition.texts_version();
    for (const auto& [text, count] : runner->partition.long_texts()) seen.long_texts[text] += count;
    // One that failed before others took on its share is theirs to mend.
    const bool ours = runner->owned || owned() < share_;
    seen.partitions.push_back({.number = runner->partition.number(),
                               .owned = runner->owned,
                               .stuck_for = ours && runner->stuck_since ? real_now - *runner->stuck_since : Millis(0),
                               .trouble = runner->trouble,
                               .unread_for = runner->owned ? real_now - runner->read_to_end_at : Millis(0),
                               .rejected = runner->partition.counters().rejected - runner->rejected_before});
    add(seen.sources, runner->partition.sources());
  }
  for (const Lane lane : all_lanes) {
    Observations::LaneState state{.lane = lane, .gateway = dispatch_.routes.of(lane).gateway()};
    for (const auto& runner : runners_) {
      const auto due = runner->owned ? runner->partition.oldest_due(lane, now) : std::nullopt;
      if (due && (!state.oldest_due || *due < *state.oldest_due)) state.oldest_due = due;
    }
    seen.lanes.push_back(std::move(state));
  }
  for (const auto& gateway : gateways())
    seen.gateways.push_back({.name = gateway.name,
                             .waits = gateway.waits,
                             .accepted = gateway.accepted,
                             .unknown = gateway.unknown,
                             .state = describe(gateway)});
  return seen;
}

std::vector<Engine::PartitionStatus> Engine::partitions() const {
  std::vector<PartitionStatus> all;
  for (const auto& runner : runners_)
    all.push_back({.number = runner->partition.number(),
                   .owned = runner->owned,
                   .counters = runner->partition.counters(),
                   .shelved = runner->partition.shelved(),
                   .in_flight = runner->partition.in_flight(),
                   .review = runner->partition.review(),
                   .batches = runner->batches,
                   .silent_for = runner->owned ? real_time() - runner->renewed_at : Millis(0),
                   .trouble = runner->trouble});
  return all;
}

}  // namespace dun::scheduler
