// How many requests may be open at a gateway: grows while answers come as quickly as they use to, halves when they do
// not. Pure.
#pragma once

#include "domain/time.hpp"

#include <optional>

namespace dun::scheduler::flow {

/// Additive increase, multiplicative decrease. One slow spell halves it once, not once for every answer of the spell.
///
/// Slow is what takes longer than the target and than the gateway itself used to take: answers that always take long
/// are no congestion. And it does not fall below what keeps the rate at the usual latency: by Little's law that many
/// requests are open on average when the gateway is well.
class Window {
 public:
  /// 1 <= min <= max; `target`: answers quicker than this are never slow.
  Window(int min, int max, Millis target);

  /// `rate`: requests a second that are to be kept up.
  void answered(Millis latency, Millis now, double rate);
  /// A time-out, a throttled or failed answer.
  void shrink(Millis now, double rate);
  [[nodiscard]] int size() const { return static_cast<int>(size_); }
  [[nodiscard]] int most() const { return static_cast<int>(max_); }

  /// A request that is open for longer hangs: others need not wait for it.
  [[nodiscard]] Millis patience() const;

 private:
  void learn(double latency, Millis now);
  [[nodiscard]] double floor(double rate) const;

  double min_, max_, size_;
  Millis target_;
  std::optional<double> usual_;  ///< latency over half a minute or so; milliseconds
  double recent_ = 0;            ///< over the last few answers
  Millis learnt_at_{0};
  Millis shrunk_at_{Millis::min() / 2};
};

}  // namespace dun::scheduler::flow
