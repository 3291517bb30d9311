// What a partition's owner writes, at once.
#pragma once

#include "domain/account_record.hpp"
#include "domain/case_record.hpp"
#include "domain/outcome.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/stream.hpp"
#include "scheduler/ports/timer.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dun::scheduler {

/// A malformed entry on its way to the rejected stream.
struct RejectedEntry {
  std::string field, reason;
  Instant at{};
  StreamEntry original;
};

/// Everything that follows from one batch, applied at once or not at all, under the lease.
struct Commit {
  std::uint64_t epoch = 0;
  StreamId cursor;
  Counters counters;
  std::string policy;  ///< Rules::decided_by() of all that waits; empty while there are several
  struct Record {
    AccountId account;
    std::optional<AccountRecord> value;  ///< none: removed
  };
  std::vector<Record> records;
  struct ShelfChange {
    ShelfKey key;
    std::size_t take = 0;              ///< entries removed from the head, before anything is added
    std::vector<ShelfEntry> put_back;  ///< to the head, the first of these first
    std::vector<ShelfEntry> append;    ///< to the tail
    bool emptied = false;              ///< nothing is left after this change: the shelf ends
  };
  std::vector<ShelfChange> shelves;  ///< a key at most once
  struct Case {
    CaseId id;
    std::optional<CaseRecord> value;  ///< none: removed
  };
  std::vector<Case> cases;
  std::vector<Post> posts;       ///< to be brought
  std::vector<EventId> brought;  ///< posts that were
  struct TimerChange {
    TimerMinute minute{};
    std::vector<TimerEntry> append;
    bool drop = false;  ///< the minute is over and all of it has fired
  };
  std::vector<TimerChange> timers;
  std::vector<InFlight> claims;
  std::vector<NoticeId> settled;  ///< in-flight entries that end
  Instant at{};
  std::vector<Outcome> journal;
  std::vector<RejectedEntry> rejected;
  [[nodiscard]] bool empty() const {
    return records.empty() && shelves.empty() && timers.empty() && claims.empty() && settled.empty() &&
           journal.empty() && rejected.empty() && cases.empty() && posts.empty() && brought.empty();
  }
};

}  // namespace dun::scheduler
