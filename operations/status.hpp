// What waits, what goes, who does it: `dun status`.
#pragma once

#include "operations/ports/status_view.hpp"
#include "operations/process_status.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/shelf.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace dun::operations {

/// Read partition by partition, so that their figures are not of one moment.
struct Status {
  struct FrontDoor {
    std::uint64_t length = 0;
    std::string router;     ///< empty: nobody routes
    Millis waits{0};        ///< how much longer claims wait, because a replica of Redis took over
    bool unrouted = false;  ///< something is still to be routed
  };
  struct Partition {
    int number = 0;
    std::string owner;  ///< empty: nobody
    std::uint64_t epoch = 0;
    std::uint64_t unread = 0;
    std::uint64_t held = 0;
    std::uint64_t in_flight = 0;
    Millis waits{0};  ///< as for the front door
    scheduler::Counters counters;
    std::uint64_t unreadable = 0;  ///< account records set aside
  };
  struct Process {
    ProcessStatus status;
    std::string json;  ///< as it said so: one of another version may say more
  };
  struct Totals {
    scheduler::Counters counters;
    std::uint64_t unread = 0, in_flight = 0, unreadable = 0;
    Millis waits{0};  ///< the longest
  };
  FrontDoor front_door;
  std::vector<Partition> partitions;
  std::map<scheduler::ShelfSecond, std::uint64_t> held_by_release;
  std::vector<Process> processes;

  [[nodiscard]] Totals totals() const;
};

/// `now`: of the machine.
Awaitable<StoreResult<Status>> read_status(StatusView& view, Instant now);

/// One line.
[[nodiscard]] std::string to_json_text(const Status& status);

void add(scheduler::Counters& sum, const scheduler::Counters& more);

}  // namespace dun::operations
