#include "scheduler/flow/window.hpp"

#include <algorithm>
#include <cmath>

namespace dun::scheduler::flow {
namespace {
constexpr double usual_span = 30'000;  // milliseconds
constexpr double recent_gain = 1.0 / 8;
constexpr double slower_than_usual = 2;
constexpr double hangs_after = 4;  // times the usual latency
constexpr Millis patience_min{250};
}  // namespace

Window::Window(int min, int max, Millis target)
    : min_(std::max(min, 1)), max_(std::max<double>(max, min_)), size_(std::max(min_, max_ / 2)), target_(target) {}

void Window::learn(double latency, Millis now) {
  if (!usual_) usual_ = recent_ = latency;
  const auto passed = static_cast<double>(std::max(now - learnt_at_, Millis(0)).count());
  *usual_ += (latency - *usual_) * (1 - std::exp(-passed / usual_span));
  recent_ += (latency - recent_) * recent_gain;
  learnt_at_ = now;
}

double Window::floor(double rate) const {
  const double needed = std::ceil(rate * usual_.value_or(0) / 1000) + 1;
  return std::min(max_, std::max(min_, needed));
}

void Window::answered(Millis latency, Millis now, double rate) {
  const auto milliseconds = static_cast<double>(latency.count());
  learn(milliseconds, now);
  const double slow = std::max(static_cast<double>(target_.count()), slower_than_usual * *usual_);
  if (milliseconds > slow && recent_ > slow) return shrink(now, rate);
  size_ = std::min(max_, std::max(size_, floor(rate)) + 1.0 / size_);
}

void Window::shrink(Millis now, double rate) {
  if (now - shrunk_at_ < target_) return;
  shrunk_at_ = now;
  size_ = std::max(floor(rate), size_ / 2);
}

Millis Window::patience() const {
  const Millis most = target_ / 2;
  if (!usual_) return most;
  const Millis hangs(static_cast<std::int64_t>(hangs_after * *usual_));
  return std::min(most, std::max(hangs, patience_min));
}

}  // namespace dun::scheduler::flow
