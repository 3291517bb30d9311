// What a store reads from a partition's event stream.
#pragma once

#include "domain/credit_event.hpp"

#include <compare>
#include <cstdint>

namespace dun::scheduler {

/// An id in a Redis stream, `milliseconds-sequence`; ordered.
struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

/// One entry of a partition's event stream, as it stands there: nothing about it has been believed yet.
struct StreamEntry {
  StreamId id;
  Fields fields;
  /// Bytes of the whole entry if it is larger than an event may be. Then `fields` are the beginning of what was there.
  std::uint64_t oversize = 0;
  friend bool operator==(const StreamEntry&, const StreamEntry&) = default;
};

}  // namespace dun::scheduler
