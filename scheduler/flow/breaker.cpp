#include "scheduler/flow/breaker.hpp"

#include <algorithm>

namespace dun::scheduler::flow {

Breaker::Breaker(int failures, Millis pause, Millis pause_max)
    : failures_max_(std::max(failures, 1)),
      first_pause_(pause),
      pause_max_(std::max(pause, pause_max)),
      pause_(pause) {}

int Breaker::allows(Millis now, int open_requests) {
  if (state_ == State::open && now >= until_) state_ = State::trying;
  switch (state_) {
    case State::closed:
      return -1;
    case State::open:
      return 0;
    case State::trying:
      return open_requests == 0 ? 1 : 0;
  }
  return 0;
}

void Breaker::succeeded() {
  state_ = State::closed;
  failures_ = 0;
  pause_ = first_pause_;
}

void Breaker::failed(Millis now) {
  ++failures_;
  if (state_ == State::open) return;  // a straggler of the spell that opened it
  if (state_ == State::trying) {
    pause_ = std::min(pause_ * 2, pause_max_);
  } else if (failures_ < failures_max_) {
    return;
  }
  state_ = State::open;
  until_ = now + pause_;
}

}  // namespace dun::scheduler::flow
