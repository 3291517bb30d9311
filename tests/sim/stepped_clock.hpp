// A machine's clock: it runs with true time, and its wall time may be stepped.
#pragma once

#include "scheduler/ports/clock.hpp"

namespace dun::test {

class SteppedClock final : public scheduler::Clock {
 public:
  explicit SteppedClock(const scheduler::Clock& time) : time_(time) {}
  [[nodiscard]] Instant now() const override { return time_.now() + ahead_; }
  [[nodiscard]] Millis steady() const override { return time_.steady(); }
  [[nodiscard]] Millis real(Millis span) const override { return time_.real(span); }
  /// How far the wall clock stands ahead of true time from now on.
  void step_to(Millis ahead) { ahead_ = ahead; }
  [[nodiscard]] Millis ahead() const { return ahead_; }

 private:
  const scheduler::Clock& time_;
  Millis ahead_{0};
};

}  // namespace dun::test
