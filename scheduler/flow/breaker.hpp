// Stops sending to a gateway that is down, and finds out with single requests when it is back. Pure.
#pragma once

#include "domain/time.hpp"

namespace dun::scheduler::flow {

/// Closed until `failures` answers in a row say that the gateway is down; then open for a pause, after which one
/// request is let through: its success closes the breaker, its failure opens it again for twice as long, up to a bound.
class Breaker {
 public:
  enum class State : std::uint8_t { closed, open, trying };
  Breaker(int failures, Millis pause, Millis pause_max);

  /// Requests allowed besides those open: none, one, or no bound (-1).
  [[nodiscard]] int allows(Millis now, int open_requests);
  void succeeded();
  void failed(Millis now);
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] Millis open_until() const { return until_; }

 private:
  int failures_max_;
  Millis first_pause_, pause_max_, pause_;
  State state_ = State::closed;
  int failures_ = 0;
  Millis until_{0};
};

}  // namespace dun::scheduler::flow
