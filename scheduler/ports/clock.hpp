#pragma once

#include "domain/time.hpp"

namespace dun::scheduler {

/// Wall time decides, monotonic time measures (design, principle 6). A fast or virtual clock scales both.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  /// Time since some fixed point; never goes back.
  [[nodiscard]] virtual Millis steady() const = 0;
  /// How long a span of this clock takes in the real world: what a timer of the event loop is to be set to.
  [[nodiscard]] virtual Millis real(Millis span) const = 0;
};

}  // namespace dun::scheduler
