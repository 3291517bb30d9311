#include "scheduler/runner.hpp"

#include "scheduler/clock.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace dun::scheduler {
namespace {

// Turns offered to dispatch at a time, for each lane of a partition.
constexpr std::size_t offered_turns = 256;
// While turns wait for the front door to be routed: real time before the next look.
constexpr Millis routing_pause = Millis(10);
// Real time that grants wait for the ingest barrier before they are given up: meanwhile they hold up newer notices.
constexpr Millis grants_kept = Millis(100);
// Between two looks for the barrier.
constexpr Millis barrier_pause = Millis(1);

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

}  // namespace

void Runner::HeldGrants::add(const Grants& more, Millis real_now) {
  for (std::size_t i = 0; i < grants.size(); ++i) grants[i] += more[i];
  if (!since && std::ranges::any_of(grants, [](std::size_t count) { return count > 0; })) since = real_now;
}

Grants Runner::HeldGrants::take() {
  since.reset();
  return std::exchange(grants, {});
}

Runner::Runner(async::Executor executor, int number, const Clock& clock, const EngineOptions& options,
               const DispatchOptions& dispatch, Dispatcher& dispatcher, std::shared_ptr<const Rules> rules,
               std::unique_ptr<PartitionStore> store)
    : clock_(clock),
      options_(options),
      dispatcher_(dispatcher),
      partition_(number, options, dispatch, std::move(rules)),
      store_(std::move(store)),
      signal_(std::move(executor)) {}

Awaitable<bool> Runner::acquire() {
  const Millis asked_at = real_time();
  const auto recovery = co_await store_->acquire();
  if (!recovery) {
    const StoreError& error = recovery.error();
    if (trouble_ != error.message)
      spdlog::log(level_of(error.kind), "partition not acquired partition={} cause={} detail=\"{}\"", number(),
                  to_text(error.kind), error.message);
    stumbled(error);
    co_return false;
  }
  partition_.recover(*recovery, clock_.now());
  look_ = true;
  committed_at_ = Millis(0);
  renewed_at_ = asked_at;
  read_to_end_at_ = real_time();
  rejected_before_ = recovery->counters.rejected;
  spdlog::info("partition owned partition={} epoch={} shelved={} in_flight={}", number(), recovery->epoch,
               partition_.shelved(), recovery->in_flight.size());
  co_return true;
}

Awaitable<bool> Runner::cycle() {
  look_ = false;
  // The present of this batch, and of the turns that grants have brought, is before the stream is read.
  const Instant now = clock_.now();
  ReadRequest request = partition_.look(now);
  request.new_barrier = !grants_.any();
  grants_.add(dispatcher_.take_grants(number()), real_time());
  auto reply = co_await store_->read(request);
  if (!reply) co_return give_up(reply.error()), false;
  const bool turns = reply->at_end;
  if (turns) read_to_end_at_ = real_time();
  auto inputs = partition_.gather(request, *std::move(reply), turns ? grants_.take() : Grants{}, now, clock_.now());
  std::vector<std::optional<AccountRecord>> records;
  if (!inputs.accounts.empty()) {
    auto loaded = co_await store_->load(inputs.accounts);
    if (!loaded) co_return give_up(loaded.error()), false;
    records = *std::move(loaded);
  }
  auto batch = partition_.decide(std::move(inputs), std::move(records), now);
  const Millis real_now = real_time();
  if (!batch.commit.empty() || real_now - committed_at_ >= options_.idle_look) {
    auto committed = co_await store_->commit(batch.commit);
    if (!committed) {
      partition_.dropped(batch);
      co_return give_up(committed.error()), false;
    }
    committed_at_ = renewed_at_ = real_now;
    ++batches_;
  }
  partition_.committed(batch);
  stuck_since_.reset();
  trouble_.clear();
  if (!turns && grants_.since && real_now - *grants_.since > grants_kept) {
    grants_.take();
    partition_.fell_behind();
  }
  if (!grants_.any()) dispatcher_.submit(number(), std::move(batch.claims));
  co_await bring_posts();
  co_return true;
}

/// What could not be brought is tried again after the next batch.
Awaitable<void> Runner::bring_posts() {
  const std::vector<Post> posts = partition_.cases().to_bring();
  for (const Post& post : posts) {
    const auto brought = co_await store_->bring(post);
    if (!brought) {
      spdlog::warn("post not brought case={} id={} cause={} detail=\"{}\"", post.to.str(), post.id.str(),
                   to_text(brought.error().kind), brought.error().message);
      co_return;
    }
    partition_.cases().brought(post.id);
  }
}

Awaitable<void> Runner::wait_for_work(bool leaving) {
  const Instant now = clock_.now();
  if (grants_.any()) {
    co_await signal_.wait(barrier_pause);
    co_return;
  }
  if (leaving && partition_.idle()) co_return;
  if (look_ || partition_.has_work(now) || dispatcher_.has_grants(number())) co_return;
  Millis wait = options_.idle_look;
  if (const auto next = partition_.next_work(now); next && *next > now) wait = std::min(wait, clock_.real(*next - now));
  // Who leaves takes no more turns: it waits for answers, and looks as often as its lease needs.
  if (!leaving && !partition_.caught_up()) wait = std::min(wait, routing_pause);
  co_await signal_.wait(std::max(wait, Millis(1)));
}

Awaitable<void> Runner::wait() {
  co_await signal_.wait();
}

Awaitable<void> Runner::release() {
  co_await store_->release();
  spdlog::info("partition handed over partition={}", number());
}

void Runner::answered(Answer answer) {
  partition_.answered(std::move(answer));
  signal_.notify();
}

void Runner::offer() {
  for (const Lane lane : all_lanes)
    dispatcher_.offer(number(), lane, partition_.turns(lane, clock_.now(), offered_turns));
}

void Runner::withdraw() {
  for (InFlight& unbegun : dispatcher_.withdraw(number()))
    partition_.answered({.request = std::move(unbegun), .verdict = Returned{}});
  grants_.take();
}

void Runner::give_up(const StoreError& error) {
  withdraw();
  spdlog::error("partition given up partition={} cause={} detail=\"{}\"", number(), to_text(error.kind), error.message);
  stumbled(error);
}

void Runner::stumbled(const StoreError& error) {
  // That another process has it is as it should be.
  const bool is_ours_to_mend = error.kind != StoreError::Kind::owned;
  trouble_ = is_ours_to_mend ? error.message : "";
  if (!is_ours_to_mend) return stuck_since_.reset();
  stumbled_over_ = error.message;
  if (stuck_since_) return;
  stuck_since_ = real_time();
  ++stumbles_;
}

bool Runner::is_surely_ours() const {
  return real_time() - renewed_at_ < options_.lease_ttl;
}

Millis Runner::silent_for() const {
  return real_time() - renewed_at_;
}

Millis Runner::unread_for() const {
  return real_time() - read_to_end_at_;
}

Millis Runner::stuck_for() const {
  return stuck_since_ ? real_time() - *stuck_since_ : Millis(0);
}

}  // namespace dun::scheduler
