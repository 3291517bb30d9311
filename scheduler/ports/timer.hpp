#pragma once

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace dun::scheduler {

/// An account timer: wake `account` at `at`. Stale unless the record's wake_at says the same.
struct TimerEntry {
  AccountId account;
  Instant at{};
  friend bool operator==(const TimerEntry&, const TimerEntry&) = default;
};

}  // namespace dun::scheduler
