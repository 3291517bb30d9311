// Stops sending to a gateway that is down or mute, and finds out with single requests when it is back. Pure.
#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <string_view>

namespace dun::scheduler::flow {

/// Closed until `failures` answers in a row say that the gateway is down; then open, and single requests try it. The
/// first good answer, to whichever request, closes it.
///
/// A trial begins a pause after the one before began. The pause is a twentieth of the time for which the breaker has
/// been open, within its bounds: a gateway that was away for a while is found back after a small part of that while.
/// One that says that it is down is asked at no cost, but each request that a mute one swallows costs its notice an
/// attempt. So where more than one trial is unanswered, the pause is three times as long for each further one: while
/// pauses are short there is always one under way, on another connection where the first one hangs, and yet there are
/// few.
class Breaker {
 public:
  enum class State : std::uint8_t {
    closed,
    open,    ///< nothing may begin before `next_trial()`
    trying,  ///< as open, and a trial is under way
  };
  Breaker(int failures, Millis pause, Millis pause_max);

  /// Whether a request may begin: while it is not closed, one at a time from next_trial() on.
  [[nodiscard]] bool allows(Millis now) const { return state_ == State::closed || now >= next_trial_; }
  void begun(Millis now);

  /// An answer to a request that began at `begun`.
  void succeeded();
  void failed(Millis begun, Millis now);
  /// It ended without saying anything about the gateway.
  void ended(Millis begun, Millis now);

  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Millis next_trial() const { return next_trial_; }

 private:
  void plan(Millis now);

  int failures_max_;
  Millis pause_min_, pause_max_;
  State state_ = State::closed;
  int failures_ = 0;
  Millis opened_at_{0};
  Millis tried_at_{0};  ///< when the last trial began
  int trials_ = 0;      ///< unanswered
  Millis next_trial_{0};
};

[[nodiscard]] std::string_view to_text(Breaker::State state);

}  // namespace dun::scheduler::flow
