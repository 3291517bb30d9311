#include "scheduler/flow/gateway_flow.hpp"

#include <algorithm>
#include <cmath>

namespace dun::scheduler::flow {
namespace {
constexpr double share_when_cold = 0.1;
}

GatewayFlow::GatewayFlow(const FlowOptions& options, Millis now)
    : options_(options),
      share_min_(options.ramp.count() > 0 ? share_when_cold : 1),
      share_(share_min_),
      advanced_at_(now),
      bucket_(options.rate, options.burst, now),
      window_(options.in_flight_min, options.in_flight_max, options.latency_target),
      breaker_(options.breaker_failures, options.breaker_pause, options.breaker_pause_max) {
  bucket_.refill(now, share_);
}

void GatewayFlow::wanted(Millis now, bool anything) {
  advance(now);
  wanted_ = anything;
}

void GatewayFlow::advance(Millis now) {
  // What waits while nothing may begin does not warm: a gateway that comes back is not met with everything at once.
  const Millis waits_from = wanted_ ? paused_until(advanced_at_).value_or(advanced_at_) : now;
  move_share(std::min(waits_from, now), share_min_ - 1, options_.ramp_after);
  move_share(now, 1 - share_min_, options_.ramp);
}

void GatewayFlow::move_share(Millis until, double over_whole_span, Millis span) {
  if (until <= advanced_at_) return;
  const auto passed = static_cast<double>((until - advanced_at_).count());
  share_ += over_whole_span * passed / static_cast<double>(std::max<Millis::rep>(span.count(), 1));
  share_ = std::clamp(share_, share_min_, 1.0);
  bucket_.refill(until, share_);
  advanced_at_ = until;
}

int GatewayFlow::ask_for_slice(Millis now, int ready, double part) {
  advance(now);
  part_ = part;
  if (!slices_ || paused(now)) return 0;
  const int wanted = slices_->wanted(now, ready, part, share_);
  if (wanted > 0) slices_->asked(now, wanted, part, share_);
  return wanted;
}

std::vector<Millis>::const_iterator GatewayFlow::first_that_moves(Millis now) const {
  return std::ranges::upper_bound(open_, now - window_.patience());
}

int GatewayFlow::room(Millis now) const {
  const auto hanging = static_cast<int>(first_that_moves(now) - open_.begin());
  return std::min(window_.size() + hanging, window_.most());
}

int GatewayFlow::allowance(Millis now, int waiting) {
  advance(now);
  if (now < paused_until_ || !breaker_.allows(now)) return 0;
  const int free = room(now) - open() - waiting;
  if (breaker_.state() != Breaker::State::closed) return std::clamp(free, 0, std::max(0, 1 - waiting));
  // At least one may wait for its tokens: it is the oldest, and it begins the moment they are there.
  const double tokens = slices_ ? std::min<double>(bucket_.tokens(), slices_->held(part_, share_)) : bucket_.tokens();
  const int covered = std::max(1, static_cast<int>(std::floor(tokens / segments_mean_))) - waiting;
  return std::max(0, std::min(free, covered));
}

bool GatewayFlow::may_begin(Millis now, int segments) {
  advance(now);
  return now >= paused_until_ && breaker_.allows(now) && bucket_.covers(segments) && (!slices_ || slices_->covers(now));
}

void GatewayFlow::begin(Millis now, int segments) {
  advance(now);
  bucket_.take(segments);
  if (slices_) slices_->take(segments);
  segments_mean_ += (segments - segments_mean_) * 0.05;
  open_.push_back(now);
  breaker_.begun(now);
}

void GatewayFlow::answered(Answer answer, Millis begun, Millis latency, Millis now, std::optional<Millis> pause) {
  if (const auto one = std::ranges::find(open_, begun); one != open_.end()) open_.erase(one);
  switch (answer) {
    case Answer::working:
      breaker_.succeeded();
      return window_.answered(latency, now, requests_a_second());
    case Answer::throttled:
      breaker_.succeeded();
      paused_until_ = std::max(paused_until_, now + pause.value_or(options_.throttle_pause));
      break;
    case Answer::down:
    case Answer::unknown:
      breaker_.failed(begun, now);
      break;
    case Answer::none:
      return breaker_.ended(begun, now);
  }
  window_.shrink(now, requests_a_second());
}

bool GatewayFlow::paused(Millis now) const {
  return paused_until(now).has_value();
}

std::optional<Millis> GatewayFlow::paused_until(Millis now) const {
  std::optional<Millis> until;
  if (now < paused_until_) until = paused_until_;
  if (!breaker_.allows(now)) until = std::max(until.value_or(now), breaker_.next_trial());
  return until;
}

std::optional<Millis> GatewayFlow::next_change(Millis now, int segments) const {
  if (const auto until = paused_until(now)) return until;
  std::optional<Millis> next;
  if (const Millis covered = advanced_at_ + bucket_.wait_for(segments); covered > now) next = covered;
  if (const auto moves = first_that_moves(now); moves != open_.end() && open() >= room(now)) {
    const Millis hangs = *moves + window_.patience();
    next = next ? std::min(*next, hangs) : hangs;
  }
  return next;
}

}  // namespace dun::scheduler::flow
