// What one process sees at this moment, put together for the monitors (scheduler/monitors.hpp).
#pragma once

#include "scheduler/dispatcher.hpp"
#include "scheduler/monitors.hpp"
#include "scheduler/ownership.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/runner.hpp"

namespace dun::scheduler {

[[nodiscard]] Observations observe(const Ownership& ownership, const Runners& runners, const Dispatcher& dispatcher,
                                   const DispatchOptions& options, const Clock& clock);

}  // namespace dun::scheduler
