// Malformed events, where they are set aside.
#pragma once

#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/commit.hpp"
#include "scheduler/ports/store_error.hpp"
#include "scheduler/ports/stream.hpp"

#include <compare>
#include <cstddef>
#include <vector>

namespace dun::operations {

using scheduler::Awaitable;
using scheduler::StoreResult;

/// Where a rejected entry stands; as text `PARTITION:STREAM-ID`, such as `3:1767225600000-0`.
struct RejectedId {
  int partition = 0;
  scheduler::StreamId id;
  friend auto operator<=>(const RejectedId&, const RejectedId&) = default;
};

struct RejectedItem {
  RejectedId id;
  scheduler::RejectedEntry entry;
};

class RejectedStreams {
 public:
  virtual ~RejectedStreams() = default;
  [[nodiscard]] virtual int partitions() const = 0;
  /// The next entries of a partition behind `after`; fewer than `count` where it ends.
  virtual Awaitable<StoreResult<std::vector<RejectedItem>>> list(int partition, scheduler::StreamId after,
                                                                 std::size_t count) = 0;
  /// Puts the original back on its partition's stream, field by field as it came, and takes it off the rejected stream,
  /// both or neither. False: there is no such entry, it may have been requeued already.
  virtual Awaitable<StoreResult<bool>> requeue(RejectedId id) = 0;
};

}  // namespace dun::operations
