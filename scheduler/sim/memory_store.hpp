// A partition's state in memory: what `dun simulate` and the tests use in the place of Redis. It keeps the same
// promises as redis/partition_store.*, and the same conformance suite holds it to them.
#pragma once

#include "domain/case_record.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/shelf.hpp"
#include "scheduler/ports/store.hpp"
#include "scheduler/ports/stream.hpp"
#include "scheduler/ports/timer.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace dun::scheduler {

/// What would stand in the server: shared by all stores that compete for one partition.
struct MemoryPartition {
  std::string owner;      ///< of the lease; empty when it is free
  Instant lease_until{};  ///< it is free from then on
  std::uint64_t epoch = 0;
  StreamId cursor;
  Counters counters;
  std::string policy;  ///< of the last commit, as is `committed_at`
  std::optional<Instant> committed_at;
  std::deque<StreamEntry> events;  ///< entries behind the cursor are dropped
  StreamId last_id;
  std::uint64_t front_door = 0, front_door_routed = 0;  ///< entries ever added there, and routed from there
  std::unordered_map<AccountId, AccountRecord> records;
  std::map<ShelfKey, std::deque<ShelfEntry>> shelves;
  std::map<TimerMinute, std::vector<TimerEntry>> timers;
  std::map<NoticeId, InFlight> in_flight;
  std::map<CaseId, CaseRecord> cases;
  std::vector<Post> posts;  ///< not known to have been brought
  std::vector<Outcome> journal;
  std::vector<RejectedEntry> rejected;

  /// XADD: the entry gets the next id.
  StreamId add(Fields fields);
};

/// One owner's hold on a MemoryPartition. Not thread-safe.
class MemoryStore final : public PartitionStore {
 public:
  /// `now` tells when leases run out; `lease` is how long one lasts without a commit.
  MemoryStore(std::shared_ptr<MemoryPartition> partition, std::string owner, const Clock& clock,
              Millis lease = std::chrono::seconds(10));

  Awaitable<StoreResult<Recovery>> acquire() override;
  Awaitable<StoreResult<ReadReply>> read(ReadRequest request) override;
  Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> load(std::vector<AccountId> accounts) override;
  Awaitable<StoreResult<void>> bring(Post post) override;
  Awaitable<StoreResult<void>> commit(Commit commit) override;
  Awaitable<void> release() override;

  // The same without an event loop, for a simulation that never waits.
  StoreResult<Recovery> acquire_now();
  StoreResult<ReadReply> read_now(const ReadRequest& request);
  StoreResult<std::vector<std::optional<AccountRecord>>> load_now(const std::vector<AccountId>& accounts);
  StoreResult<void> commit_now(Commit commit);
  StoreResult<void> bring_now(Post post);
  void release_now();

  [[nodiscard]] MemoryPartition& partition() { return *partition_; }
  /// Where posts go; by default back to this partition.
  using Carrier = std::function<void(const Post&)>;
  void set_carrier(Carrier carrier) { carrier_ = std::move(carrier); }

 private:
  [[nodiscard]] bool holds_lease() const;
  std::shared_ptr<MemoryPartition> partition_;
  std::string owner_;
  const Clock& clock_;
  Millis lease_;
  std::uint64_t epoch_ = 0;
  struct Barrier {
    Instant as_of{};
    std::uint64_t front_door = 0;
  };
  std::optional<Barrier> barrier_;
  Carrier carrier_;
};

}  // namespace dun::scheduler
