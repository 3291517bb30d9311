#pragma once

#include "domain/ids.hpp"
#include "domain/time.hpp"

#include <chrono>

namespace dun::scheduler {

/// The minute in which the timers of one list fire.
using TimerMinute = date::sys_time<std::chrono::minutes>;

/// An account timer: wake `account` at `at`. Stale unless the record's wake_at says the same.
struct TimerEntry {
  AccountId account;
  Instant at{};
  friend bool operator==(const TimerEntry&, const TimerEntry&) = default;
};

}  // namespace dun::scheduler
