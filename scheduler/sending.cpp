#include "scheduler/sending.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace dun::scheduler {
namespace {

// The longest that dispatch sleeps; a gateway may ask for any pause.
constexpr Millis pump_pause_max = std::chrono::hours(1);

}  // namespace

Sending::Sending(async::Executor executor, const Clock& clock, const EngineOptions& options,
                 const DispatchOptions& dispatch, Sender& sender, Dispatcher& dispatcher, Runners& runners, Hooks hooks)
    : clock_(clock),
      options_(options),
      dispatch_(dispatch),
      sender_(sender),
      dispatcher_(dispatcher),
      runners_(runners),
      hooks_(std::move(hooks)),
      pump_later_(executor),
      tasks_(executor) {}

void Sending::cancel() {
  cancelled_ = true;
  tasks_.cancel();
}

Awaitable<void> Sending::join() {
  co_await tasks_.join();
}

void Sending::pump() {
  if (cancelled_) return;
  auto actions = dispatcher_.pump(clock_.steady());
  for (const int partition : actions.granted) runners_.of(partition).notify();
  for (Dispatcher::Start& returned : actions.returned)
    runners_.of(returned.partition).answered({.request = std::move(returned.request), .verdict = Returned{}});
  for (Dispatcher::Start& start : actions.starts) {
    if (!runners_.of(start.partition).is_surely_ours() || is_past(start.request.errand, clock_.now())) {
      take_back(std::move(start));
      continue;
    }
    ++under_way_;
    tasks_.spawn(send(std::move(start)));
  }
  pump_later_.notify();
  hooks_.pumped();
}

/// It may no longer be delivered (E10), because the night began while it waited for its tokens; or this process slept
/// through its lease, and the next owner has taken the claim for its own. It is decided again.
void Sending::take_back(Dispatcher::Start start) {
  dispatcher_.finished(start.request, SendRetry{.telling = false}, Millis(0), clock_.steady());
  runners_.of(start.partition).answered({.request = std::move(start.request), .verdict = Returned{}});
}

Awaitable<void> Sending::keep_pumping() {
  while (!cancelled_) {
    const Millis now = clock_.steady();
    const auto next = dispatcher_.next_pump(now);
    const Millis wait = next ? std::clamp(clock_.real(*next - now), Millis(1), pump_pause_max) : pump_pause_max;
    if (!co_await pump_later_.wait(wait) && next) pump();
  }
}

Awaitable<SendResult> Sending::perform(InFlight request) {
  GatewayRequest what = gateway_request(request, options_.seal.reference(request.notice), clock_.now());
  if (auto* message = std::get_if<SendRequest>(&what)) co_return co_await sender_.send(std::move(*message));
  co_return co_await sender_.ask(std::get<StatusRequest>(std::move(what)));
}

Awaitable<void> Sending::send(Dispatcher::Start start) {
  const InFlight& request = start.request;
  const Millis begun = clock_.steady();
  const SendResult result = co_await perform(request);
  --under_way_;
  hooks_.request_over();
  const Millis now = clock_.steady();
  // Latency is the gateway's, in real time, whatever clock decides.
  const auto before = dispatcher_.breaker(request.gateway);
  dispatcher_.finished(request, result, clock_.real(now - begun), now);
  tell_breaker(request.gateway, before, result);
  runners_.of(start.partition).answered(judge(request, result, dispatch_, clock_.now()));
  pump();
}

/// A gateway that stopped taking messages, with its reason and each other one, and that takes them again.
void Sending::tell_breaker(const std::string& gateway, flow::Breaker::State before, const SendResult& result) {
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

}  // namespace dun::scheduler
