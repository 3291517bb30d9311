#include "scheduler/flow/breaker.hpp"

#include <algorithm>

namespace dun::scheduler::flow {
namespace {
constexpr int part_of_outage = 20;
constexpr int longer_by = 3;
}  // namespace

Breaker::Breaker(int failures, Millis pause, Millis pause_max)
    : failures_max_(std::max(failures, 1)), pause_min_(pause), pause_max_(std::max(pause, pause_max)) {}

void Breaker::begun(Millis now) {
  if (state_ == State::closed) return;
  state_ = State::trying;
  tried_at_ = now;
  ++trials_;
  plan(now);
}

void Breaker::succeeded() {
  state_ = State::closed;
  failures_ = trials_ = 0;
}

void Breaker::failed(Millis begun, Millis now) {
  if (state_ != State::closed) return ended(begun, now);
  if (++failures_ < failures_max_) return;
  state_ = State::open;
  opened_at_ = tried_at_ = now;
  plan(now);
}

void Breaker::ended(Millis begun, Millis now) {
  // Others are stragglers of the spell that opened it.
  if (state_ == State::closed || begun < opened_at_ || trials_ == 0) return;
  if (--trials_ == 0) state_ = State::open;
  plan(now);
}

void Breaker::plan(Millis now) {
  const Millis pause = std::clamp((now - opened_at_) / part_of_outage, pause_min_, pause_max_);
  next_trial_ = tried_at_ + pause;
  for (int unanswered = 1; unanswered < trials_ && next_trial_ < tried_at_ + pause_max_; ++unanswered)
    next_trial_ = tried_at_ + (next_trial_ - tried_at_) * longer_by;
}

std::string_view to_text(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::open:
      return "open";
    case Breaker::State::trying:
      return "trying";
  }
  return "?";
}

}  // namespace dun::scheduler::flow
