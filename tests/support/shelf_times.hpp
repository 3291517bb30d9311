// Shelves and timers by bare numbers.
#pragma once

#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/timer.hpp"

#include <chrono>
#include <cstdint>

namespace dun::test {

constexpr scheduler::ShelfSecond at_second(std::int64_t since_epoch) {
  return scheduler::ShelfSecond(Seconds(since_epoch));
}

constexpr scheduler::TimerMinute at_minute(std::int64_t since_epoch) {
  return scheduler::TimerMinute(std::chrono::minutes(since_epoch));
}

}  // namespace dun::test
