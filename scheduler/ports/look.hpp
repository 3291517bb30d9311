// What a partition's owner reads: all that is there when it begins, and then what is next.
#pragma once

#include "domain/case_record.hpp"
#include "domain/time.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/stream.hpp"
#include "scheduler/ports/timer.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace dun::scheduler {

/// What the new owner of a partition finds.
struct Recovery {
  std::uint64_t epoch = 0;  ///< of the lease just taken
  StreamId cursor;          ///< last entry whose effects are committed
  Counters counters;
  std::string policy;         ///< of the last commit, as is `at`
  std::optional<Instant> at;  ///< none before the first
  struct Shelf {
    ShelfKey key;
    std::uint64_t entries = 0;
  };
  std::vector<Shelf> shelves;
  std::vector<TimerMinute> timer_minutes;
  std::vector<InFlight> in_flight;
  /// All that there are: people have to work them, so they are few, and their owner keeps them at hand.
  struct Case {
    CaseId id;
    CaseRecord value;
  };
  std::vector<Case> cases;
  std::vector<Post> posts;  ///< not known to have been brought
};

/// One look at the partition: one round trip.
struct ReadRequest {
  Instant now{};            ///< when it is asked
  bool new_barrier = true;  ///< the barrier is set at `now`; else one that was not reached yet stays where it is
  StreamId after;
  std::size_t events_max = 256;
  struct Shelf {
    ShelfKey key;
    std::size_t skip = 0;  ///< entries at its head that the engine already holds
    std::size_t count = 0;
  };
  std::vector<Shelf> shelves;
  struct Minute {
    TimerMinute minute{};
    std::size_t skip = 0;
    std::size_t count = std::numeric_limits<std::size_t>::max();  ///< by default all of it
  };
  std::vector<Minute> timers;
};
struct ReadReply {
  std::vector<StreamEntry> events;
  bool more = false;  ///< the next look finds further events, though fewer came than were asked for
  /// The ingest barrier (design, principle 7) has been reached: with these events, everything that was in the stream
  /// and at the front door at `as_of` has been read. Without it no claim may be made from this look.
  bool at_end = false;
  Instant as_of{};
  std::vector<std::vector<ShelfEntry>> shelves;  ///< one for each asked
  std::vector<std::vector<TimerEntry>> timers;   ///< one for each minute asked
};

}  // namespace dun::scheduler
