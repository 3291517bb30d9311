// What commands and the console do with Redis without owning anything: publish, look, requeue; behind the ports of
// operations/. None of it is on the way of a notice; all of it may run beside the engines.
#pragma once

#include "operations/ports/event_streams.hpp"
#include "operations/ports/journal.hpp"
#include "operations/ports/rejected_streams.hpp"
#include "operations/ports/status_view.hpp"
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
using operations::NumberedEvent;
Awaitable<StoreResult<void>> publish_numbered(Links& links, Keyspace keys, std::uint64_t connection,
                                              std::vector<NumberedEvent> events, Replication replication = {});

/// The streams of an installation, for `dun publish`.
class EventStreams final : public operations::EventStreams {
 public:
  EventStreams(Links& links, Keyspace keys, int partitions);
  Awaitable<StoreResult<void>> publish(std::vector<Fields> events, bool direct, int replicas) override;
  Awaitable<StoreResult<operations::NumberedEnd>> numbered_end() override;
  Awaitable<StoreResult<void>> publish_numbered(std::uint64_t connection, std::vector<NumberedEvent> events,
                                                int replicas) override;

 private:
  Links& links_;
  Keyspace keys_;
  int partitions_;
};

// -------------------------------------------------------------------------------------------------------- journal

using operations::JournalQuery;

/// Reads the journals of all partitions as one.
class JournalView final : public operations::Journal {
 public:
  using Page = operations::JournalPage;
  JournalView(Links& links, Keyspace keys, int partitions, JournalQuery query);

  Awaitable<StoreResult<Page>> next() override;
  Awaitable<StoreResult<void>> wait(Millis limit) override;

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

using operations::RejectedId;
using operations::RejectedItem;

/// From its text; none for what is no such text.
[[nodiscard]] std::optional<RejectedId> parse_rejected_id(std::string_view text);

/// The next entries of a partition behind `after`.
Awaitable<StoreResult<std::vector<RejectedItem>>> list_rejected(Links& links, Keyspace keys, int partition,
                                                                StreamId after, std::size_t count);
/// Puts the original on the stream that the router would put it on (its partition's, where it names no account), field
/// by field as it came, and takes it off the rejected stream, both or neither; on another partition's stream it is put
/// first, and may be put twice, which is a duplicate. False: there is no such entry, it may have been requeued already.
/// The links must not be used for other transactions meanwhile.
Awaitable<StoreResult<bool>> requeue_rejected(Links& links, Keyspace keys, int partitions, RejectedId id);

/// The rejected events of an installation, for `dun rejected`. The links are its alone meanwhile.
class RejectedStreams final : public operations::RejectedStreams {
 public:
  RejectedStreams(Links& links, Keyspace keys, int partitions);
  [[nodiscard]] int partitions() const override { return partitions_; }
  Awaitable<StoreResult<std::vector<RejectedItem>>> list(int partition, StreamId after, std::size_t count) override;
  Awaitable<StoreResult<bool>> requeue(RejectedId id) override;

 private:
  Links& links_;
  Keyspace keys_;
  int partitions_;
};

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

using operations::FrontDoorStatus;
using operations::LeaseStatus;
using operations::PartitionStatus;
Awaitable<StoreResult<PartitionStatus>> read_partition_status(Links& links, Keyspace keys, int partition);
Awaitable<StoreResult<FrontDoorStatus>> read_front_door_status(Links& links, Keyspace keys);

/// The case of an account's task; none if there is none.
Awaitable<StoreResult<std::optional<TaskCase>>> read_task(Links& links, Keyspace keys, Installation installation,
                                                          AccountId account);

/// All of an installation, for `dun status`.
class StatusView final : public operations::StatusView {
 public:
  StatusView(Links& links, Keyspace keys, int partitions);
  [[nodiscard]] int partitions() const override { return partitions_; }
  Awaitable<StoreResult<FrontDoorStatus>> front_door() override;
  Awaitable<StoreResult<PartitionStatus>> partition(int number) override;
  Awaitable<StoreResult<std::vector<std::string>>> processes() override;

 private:
  Links& links_;
  Keyspace keys_;
  int partitions_;
};

/// The record of an account; none if there is none.
Awaitable<StoreResult<std::optional<AccountRecord>>> read_record(Links& links, Keyspace keys, Installation installation,
                                                                 AccountId account);

}  // namespace dun::redis
