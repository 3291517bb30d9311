// How many requests may be open at a gateway: grows while answers come quickly, halves when they do not. Pure.
#pragma once

#include "domain/time.hpp"

namespace dun::scheduler::flow {

/// Additive increase, multiplicative decrease. One slow spell halves it once, not once for every answer of the spell.
class Window {
 public:
  /// 1 <= min <= max; `target`: answers slower than this shrink it.
  Window(int min, int max, Millis target);

  void answered(Millis latency, Millis now);
  /// A time-out, a throttled or failed answer.
  void shrink(Millis now);
  [[nodiscard]] int size() const { return static_cast<int>(size_); }

 private:
  double min_, max_, size_;
  Millis target_;
  Millis shrunk_at_{Millis::min() / 2};
};

}  // namespace dun::scheduler::flow
