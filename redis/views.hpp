// What commands and the console do with Redis without owning anything: publish, look, requeue. None of it is on the way
// of a notice; all of it may run beside the engines.
#pragma once

#include "redis/installation.hpp"
#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "redis/renewal.hpp"
#include "redis/replication.hpp"
#include "redis/stream.hpp"
#include "redis/takeover.hpp"
#include "scheduler/ports/commit.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/look.hpp"

#include <cstdint>
#include <deque>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

// -------------------------------------------------------------------------------------------------------- publish

/// Puts events on the front door, or, when the number of partitions is given, straight on the streams of their
/// partitions. All that go to one stream in order, or none; with an error it is not known which streams have them, and
/// publishing them again is safe because events are known by their ids. Fields must not be empty.
Awaitable<StoreResult<void>> publish_events(Links& links, Keyspace keys, std::optional<int> partitions,
                                            std::vector<Fields> events, Replication replication = {});

/// The id that the stream's last entry has or had: entries that are gone count; zero where there never was any. It is
/// true as long as the connection lasts: a server that takes over may have less.
struct StreamEnd {
  StreamId id;
  std::uint64_t connection = 0;
};
Awaitable<StoreResult<StreamEnd>> read_stream_end(Links& links, std::string stream);

/// Puts events that their producer has numbered on the front door, which must be its alone, in order: an event's stream
/// id is `NUMBER-0`, and numbers grow. So the producer that knows where the stream ends knows what to send again. Done
/// on the connection on which the end was read or not at all, or else a gap could be left behind; with an error, read
/// it again.
struct NumberedEvent {
  std::uint64_t number = 0;
  Fields fields;
};
Awaitable<StoreResult<void>> publish_numbered(Links& links, Keyspace keys, std::uint64_t connection,
                                              std::vector<NumberedEvent> events, Replication replication = {});

// -------------------------------------------------------------------------------------------------------- journal

struct JournalQuery {
  std::optional<AccountId> account;
  std::set<OutcomeType> types;  ///< empty: all but event.applied, which is not an outcome to others
  bool everything = false;      ///< event.applied too, for `dun explain`
  std::size_t page = 256;       ///< journal entries read from a partition at a time
};

/// Reads the journals of all partitions as one, merged by `at`; within a partition the order is that of the commits.
/// What is added meanwhile comes too, so that it can be followed.
class JournalView {
 public:
  JournalView(Links& links, Keyspace keys, int partitions, JournalQuery query);

  struct Page {
    std::vector<Outcome> outcomes;
    std::vector<std::string> problems;  ///< entries that could not be read, with key and id; they are skipped
    bool at_end = false;                ///< nothing is left at present
  };
  Awaitable<StoreResult<Page>> next();
  /// Returns when something may have been added behind what next() has read, or when the limit has passed.
  Awaitable<StoreResult<void>> wait(Millis limit);

 private:
  struct Source {
    std::string key;
    StreamId after;
    std::deque<Outcome> ahead;
    bool at_end = false;
  };
  void take(Source& source, const StreamEntry& entry, Page& page) const;
  [[nodiscard]] bool wanted(const Outcome& outcome) const;

  Links& links_;
  JournalQuery query_;
  std::vector<Source> sources_;
};

// ------------------------------------------------------------------------------------------------------- rejected

/// Where a rejected entry stands; as text `PARTITION:STREAM-ID`, such as `3:1767225600000-0`.
struct RejectedId {
  int partition = 0;
  StreamId id;
  friend auto operator<=>(const RejectedId&, const RejectedId&) = default;
};
[[nodiscard]] std::string to_text(const RejectedId& id);
[[nodiscard]] std::optional<RejectedId> parse_rejected_id(std::string_view text);

struct RejectedItem {
  RejectedId id;
  scheduler::RejectedEntry entry;
};
/// The next entries of a partition behind `after`.
Awaitable<StoreResult<std::vector<RejectedItem>>> list_rejected(Links& links, Keyspace keys, int partition,
                                                                StreamId after, std::size_t count);
/// Puts the original on the stream that the router would put it on (its partition's, where it names no account), field
/// by field as it came, and takes it off the rejected stream, both or neither; on another partition's stream it is put
/// first, and may be put twice, which is a duplicate. False: there is no such entry, it may have been requeued already.
/// The links must not be used for other transactions meanwhile.
Awaitable<StoreResult<bool>> requeue_rejected(Links& links, Keyspace keys, int partitions, RejectedId id);

// -------------------------------------------------------------------------------------------------------- streams

/// A stream that events come in by: the front door or a partition's.
struct StreamStatus {
  std::string key;
  StreamFacts facts;
  StreamId cursor;  ///< up to where it has been read
};
Awaitable<StoreResult<std::vector<StreamStatus>>> list_streams(Links& links, Keyspace keys, int partitions);

/// Takes out entries whose ids lie beyond the clock; those that are unread are added again, under new ids, behind what
/// is there. The service may run: who owns the stream takes its lease anew. `refused` for a key that is none of these
/// streams. The links must not be used for other transactions meanwhile.
struct StreamRenewed {
  StreamId end;             ///< of what was left
  std::size_t removed = 0;  ///< entries
  std::size_t kept = 0;     ///< of those, added again
};
Awaitable<StoreResult<StreamRenewed>> renew_stream(Links& links, Keyspace keys, int partitions, std::string key);

// --------------------------------------------------------------------------------------------------------- status

struct LeaseStatus {
  std::string owner;  ///< empty: nobody has it
  std::uint64_t epoch = 0;
  Millis left{0};
};
struct PartitionStatus {
  int partition = 0;
  LeaseStatus lease;
  StreamId cursor;
  std::uint64_t unread = 0;               ///< events behind the cursor; exact unless entries were deleted by hand
  std::optional<StreamId> oldest_unread;  ///< its `ms` says since when it waits
  scheduler::Counters counters;
  std::vector<scheduler::Recovery::Shelf> shelves;  ///< held notices by release time
  std::uint64_t timer_minutes = 0;
  std::uint64_t in_flight = 0;
  WallTime hold_until;  ///< claims wait until then, because a replica took over
  std::uint64_t events = 0, journal = 0, outcomes = 0, rejected = 0;  ///< entries in the streams
  std::uint64_t unreadable = 0;                                       ///< account records set aside
};
Awaitable<StoreResult<PartitionStatus>> read_partition_status(Links& links, Keyspace keys, int partition);

struct FrontDoorStatus {
  LeaseStatus lease;
  StreamId cursor;
  std::uint64_t length = 0;
  std::optional<StreamId> oldest_unrouted;
  WallTime hold_until;  ///< as for a partition; holds all of them
};
Awaitable<StoreResult<FrontDoorStatus>> read_front_door_status(Links& links, Keyspace keys);

/// The record of an account; none if there is none.
Awaitable<StoreResult<std::optional<AccountRecord>>> read_record(Links& links, Keyspace keys, Installation installation,
                                                                 AccountId account);

}  // namespace dun::redis
