// A clock that stands still until it is set: time as an argument for simulations and tests.
#pragma once

#include "scheduler/ports/clock.hpp"

namespace dun::scheduler {

class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start = {}) : now_(start) {}
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Millis steady() const override { return now_.time_since_epoch(); }
  /// Nobody waits on virtual time: whoever drives it jumps.
  [[nodiscard]] Millis real(Millis /*span*/) const override { return Millis(0); }
  void set(Instant now) { now_ = std::max(now_, now); }

 private:
  Instant now_;
};

}  // namespace dun::scheduler
