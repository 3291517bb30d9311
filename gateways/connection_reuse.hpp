// Whether connections to a gateway may be used again. Pure.
#pragma once

#include "domain/time.hpp"

#include <algorithm>
#include <optional>

namespace dun::gateways {

/// A server may close a connection that it thinks idle at the moment when we send on it: then nobody knows whether it
/// read the request, and one message is in doubt. That happens to everybody now and then. Where it happens twice within
/// a minute, connections are not used again for a while, and for twice as long whenever it happens again after that.
class ConnectionReuse {
 public:
  [[nodiscard]] bool allowed(Millis now) const { return now >= again_at_; }

  /// A connection that had been used before closed under a request without a byte of an answer.
  void failed(Millis now) {
    if (!allowed(now)) return;  // one that was open before
    const bool once_more = pause_ != Millis(0) && now - again_at_ <= pause_;
    const bool twice = failed_at_ && now - *failed_at_ <= together;
    failed_at_ = now;
    if (!once_more && !twice) return;
    pause_ = once_more ? std::min(pause_ * 2, pause_max) : pause_min;
    again_at_ = now + pause_;
  }

 private:
  static constexpr Millis together = std::chrono::minutes(1);
  static constexpr Millis pause_min = std::chrono::minutes(10);
  static constexpr Millis pause_max = std::chrono::hours(8);

  std::optional<Millis> failed_at_;
  Millis pause_{0};
  Millis again_at_ = Millis::min();
};

}  // namespace dun::gateways
