#include "scheduler/rate_keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace dun::scheduler {
namespace {

// Of a gateway for which nothing waits; it is woken before.
constexpr Millis idle_pause = std::chrono::hours(1);

}  // namespace

RateKeeper::RateKeeper(async::Executor executor, const Clock& clock, Dispatcher& dispatcher, RateCounter& counter,
                       Hooks hooks)
    : clock_(clock), dispatcher_(dispatcher), counter_(counter), hooks_(std::move(hooks)), tasks_(executor) {
  constexpr Millis long_span = date::days(1);
  dispatcher_.share_rates(static_cast<double>(long_span.count()) / static_cast<double>(clock.real(long_span).count()));
  for (const std::string& gateway : dispatcher_.gateway_names()) ready_.try_emplace(gateway, executor);
}

void RateKeeper::start() {
  for (const auto& [gateway, ready] : ready_) tasks_.spawn(keep(gateway));
}

void RateKeeper::look() {
  for (auto& [gateway, ready] : ready_)
    if (dispatcher_.ready_segments(gateway) > 0) ready.notify();
}

void RateKeeper::cancel() {
  cancelled_ = true;
  tasks_.cancel();
}

Awaitable<void> RateKeeper::join() {
  co_await tasks_.join();
}

Awaitable<void> RateKeeper::keep(std::string gateway) {
  flow::RateSlices& slices = dispatcher_.slices(gateway);
  async::Signal& ready = ready_.at(gateway);
  std::string trouble;
  while (!cancelled_) {
    const Millis now = clock_.steady();
    const int wanted = dispatcher_.ask_for_slice(gateway, now, hooks_.part());
    if (wanted == 0) {
      const bool waits = dispatcher_.ready_segments(gateway) > 0;
      const Millis wait = waits ? std::max(Millis(1), clock_.real(slices.next_look(now) - now)) : idle_pause;
      co_await ready.wait(wait);
      continue;
    }
    const auto counted = co_await counter_.add(gateway, slices.slice().length, wanted);
    if (counted) {
      slices.answered(clock_.steady(), counted->total, counted->left);
    } else {
      slices.failed(clock_.steady());
      if (counted.error().message != trouble)
        spdlog::warn("rate not granted gateway={} detail=\"{}\"", gateway, counted.error().message);
    }
    trouble = counted ? "" : counted.error().message;
    hooks_.granted();
  }
}

}  // namespace dun::scheduler
