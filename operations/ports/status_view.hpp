// How an installation is: what is stored of each partition and of the front door, and who is running.
#pragma once

#include "domain/time.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/look.hpp"
#include "scheduler/ports/store_error.hpp"
#include "scheduler/ports/stream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dun::operations {

using scheduler::Awaitable;
using scheduler::StoreResult;

struct LeaseStatus {
  std::string owner;  ///< empty: nobody has it
  std::uint64_t epoch = 0;
  Millis left{0};
};

struct PartitionStatus {
  int partition = 0;
  LeaseStatus lease;
  scheduler::StreamId cursor;
  std::uint64_t unread = 0;  ///< events behind the cursor; exact unless entries were deleted by hand
  std::optional<scheduler::StreamId> oldest_unread;  ///< its `ms` says since when it waits
  scheduler::Counters counters;
  std::vector<scheduler::Recovery::Shelf> shelves;  ///< held notices by release time
  std::uint64_t timer_minutes = 0;
  std::uint64_t in_flight = 0;
  Instant hold_until;  ///< claims wait until then, because a replica took over; the machine's time
  std::uint64_t events = 0, journal = 0, outcomes = 0, rejected = 0;  ///< entries in the streams
  std::uint64_t unreadable = 0;                                       ///< account records set aside
};

struct FrontDoorStatus {
  LeaseStatus lease;
  scheduler::StreamId cursor;
  std::uint64_t length = 0;
  std::optional<scheduler::StreamId> oldest_unrouted;
  Instant hold_until;  ///< as for a partition; holds all of them
};

class StatusView {
 public:
  virtual ~StatusView() = default;
  [[nodiscard]] virtual int partitions() const = 0;
  virtual Awaitable<StoreResult<FrontDoorStatus>> front_door() = 0;
  virtual Awaitable<StoreResult<PartitionStatus>> partition(int number) = 0;
  /// What each process that is running says of itself (operations/process_status.hpp), by their names.
  virtual Awaitable<StoreResult<std::vector<std::string>>> processes() = 0;
};

}  // namespace dun::operations
