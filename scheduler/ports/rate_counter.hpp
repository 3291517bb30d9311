#pragma once

#include "domain/time.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/store_error.hpp"

#include <cstdint>
#include <string>

namespace dun::scheduler {

/// What all processes together take of a gateway's rate (flow/rate_slices.hpp says what they make of it).
class RateCounter {
 public:
  virtual ~RateCounter() = default;
  struct Count {
    std::int64_t total = 0;  ///< asked for in this slice so far, by anybody, with this
    Millis left{0};          ///< until the slice ends, as of when it was counted
  };
  /// Counts `segments` in the gateway's present slice. A slice begins with the first that is counted, and the next one
  /// not before `length` has passed, by one clock for all. Real time.
  virtual Awaitable<StoreResult<Count>> add(std::string gateway, Millis length, int segments) = 0;
};

}  // namespace dun::scheduler
