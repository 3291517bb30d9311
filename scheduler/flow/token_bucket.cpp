#include "scheduler/flow/token_bucket.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace dun::scheduler::flow {
namespace {
constexpr double ordinary_segments = 10;
}

TokenBucket::TokenBucket(double rate, double burst, Millis now)
    : rate_(rate), burst_(std::max(burst, 1.0)), filled_at_(now) {
  DUN_ASSERT(rate > 0);
}

void TokenBucket::refill(Millis now, double share) {
  if (now > filled_at_) {
    const double seconds = static_cast<double>((now - filled_at_).count()) / 1000.0;
    tokens_ += seconds * rate_ * share_;
    filled_at_ = now;
  }
  share_ = share;
  tokens_ = std::min(tokens_, std::max(burst_ * share_, std::min(burst_, ordinary_segments)));
}

double TokenBucket::needed(int segments) const {
  return std::min(static_cast<double>(segments), burst_);
}

bool TokenBucket::covers(int segments) const {
  return tokens_ + 1e-9 >= needed(segments);
}

Millis TokenBucket::wait_for(int segments) const {
  const double missing = needed(segments) - tokens_;
  if (missing <= 1e-9) return Millis(0);
  return Millis(static_cast<std::int64_t>(std::ceil(missing / (rate_ * share_) * 1000.0)));
}

}  // namespace dun::scheduler::flow
