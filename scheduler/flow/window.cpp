#include "scheduler/flow/window.hpp"

#include <algorithm>

namespace dun::scheduler::flow {

Window::Window(int min, int max, Millis target)
    : min_(std::max(min, 1)), max_(std::max<double>(max, min_)), size_(std::max(min_, max_ / 2)), target_(target) {}

void Window::answered(Millis latency, Millis now) {
  if (latency > target_) return shrink(now);
  size_ = std::min(max_, size_ + 1.0 / size_);
}

void Window::shrink(Millis now) {
  if (now - shrunk_at_ < target_) return;
  shrunk_at_ = now;
  size_ = std::max(min_, size_ / 2);
}

}  // namespace dun::scheduler::flow
