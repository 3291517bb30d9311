// Where notices lie until they may go.
#pragma once

#include "domain/subject.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <compare>
#include <cstdint>

namespace dun::scheduler {

/// A place in a lane: which pending notice of which subject. Stored in about 20 bytes.
struct ShelfEntry {
  Subject subject;
  std::uint32_t ordinal = 0;
  std::uint32_t generation = 0;
  Instant decided_at{};  ///< first in, first out across partitions is by this
  friend bool operator==(const ShelfEntry&, const ShelfEntry&) = default;
};

/// The second from which on the notices of a shelf may go.
using ShelfSecond = date::sys_seconds;

/// A shelf: the notices of one lane that may go from `at` on, in arrival order.
struct ShelfKey {
  Lane lane = Lane::normal;
  ShelfSecond at{};
  friend auto operator<=>(const ShelfKey&, const ShelfKey&) = default;
};

}  // namespace dun::scheduler
