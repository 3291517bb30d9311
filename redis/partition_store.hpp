// The state of one partition in Redis: scheduler::PartitionStore as one transaction a commit.
#pragma once

#include "redis/keys.hpp"
#include "redis/lease.hpp"
#include "redis/link.hpp"
#include "redis/options.hpp"
#include "redis/takeover.hpp"
#include "redis/tally.hpp"
#include "scheduler/ports/store.hpp"
#include "scheduler/ports/stream.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dun::redis {

struct PartitionStoreOptions {
  std::string prefix = "dun";
  int partition = 0;
  std::uint32_t buckets = Installation().buckets;  ///< as installed
  std::string owner;                               ///< who we are, unique among running processes; no spaces
  Millis lease_ttl{10'000};  ///< how long a partition stands still when its owner dies; commits must come more often
  OutcomeFilter published = OutcomeFilter::standard();
  Retention retention;
  int trim_every = 256;      ///< commits between two trimmings
  Millis audit_every{1000};  ///< how often it is looked whether entries were removed unread, or the stream begun anew
  Replication replication;
  TakeoverOptions takeover;
  /// Called with a sentence for the log when something was found wrong with the partition's streams; the same goes out
  /// as an alert with the next commit.
  std::function<void(const std::string& what)> on_remark;
};

/// Implements the port by WATCH, MULTI and EXEC of native commands; every key is in docs/data_model.md. Owns its
/// connection, because the fence is bound to one. The owner calls close() before it destroys the store.
///
/// A record that cannot be read does not stop its partition: its account or case is taken for a new one, and the next
/// commit sets the bytes aside and raises an alert.
class RedisPartitionStore final : public scheduler::PartitionStore {
 public:
  /// `door`: a link to the front door, for a cluster, where that is on another server than the partition may be. It
  /// outlives the store.
  RedisPartitionStore(Executor executor, Site site, LinkOptions link_options, PartitionStoreOptions options,
                      Link* door = nullptr);

  Awaitable<StoreResult<scheduler::Recovery>> acquire() override;
  Awaitable<StoreResult<scheduler::ReadReply>> read(scheduler::ReadRequest request) override;
  Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> load(std::vector<AccountId> accounts) override;
  Awaitable<StoreResult<void>> bring(scheduler::Post post) override;
  Awaitable<StoreResult<void>> commit(scheduler::Commit commit) override;
  Awaitable<void> release() override;

  /// Ends the connection and waits until nothing runs. The lease stays as it is: release() gives it back.
  Awaitable<void> close();

 private:
  Awaitable<StoreResult<void>> check_types();
  /// Where the front door ends, how far it has been routed, and until when claims wait because it may lack its end.
  struct Door {
    StreamId last, routed;
    WallTime hold_until;
  };
  [[nodiscard]] Operation look_at_door(bool sets_barrier) const;
  [[nodiscard]] StoreResult<Door> take_door(std::vector<Value>::iterator& replies, bool sets_barrier) const;
  Awaitable<StoreResult<scheduler::Recovery>> with_due(scheduler::Recovery recovery, Value due);
  void add_trimming(Operation& writes, StreamId cursor) const;
  Awaitable<void> make_room();
  StoreResult<void> take_cases(scheduler::Recovery& recovery, const Value& cases, const Value& posts);
  void set_aside(scheduler::Commit& commit, Operation& writes) const;
  Awaitable<StoreResult<void>> renew_outputs();
  Awaitable<StoreResult<StreamId>> renew_events();
  StoreResult<void> take_events(Value&& found, std::size_t most, scheduler::ReadReply& reply);
  [[nodiscard]] bool must_audit() const;
  void tell(Tally::Finding finding);
  Awaitable<StoreResult<bool>> keep_mark(const Value& groups, StreamId after);
  Awaitable<StoreResult<bool>> audit(const Value& facts, StreamId after, scheduler::ReadReply& reply);
  void remark(std::string reason, std::string what);

  /// Where the front door ended when a notice's turn came.
  struct Barrier {
    Instant as_of{};
    StreamId door;
  };

  /// The engine's cursor `from` stands at `to` in the stream, until it has read something behind that.
  struct Moved {
    StreamId from, to;
    bool passed = false;  ///< it has been given the entry that bears the id `from` now
  };

  PartitionStoreOptions options_;
  std::optional<Barrier> barrier_;
  std::optional<Moved> moved_;
  StreamId routed_;               ///< how far the front door was routed at the last look
  std::size_t piece_;             ///< events that are read at a time; fewer for a while behind one that is too large
  std::vector<Outcome> remarks_;  ///< to be told with the next commit
  Tally tally_;
  bool marked_ = false;     ///< our mark was set on the stream (stream_mark.hpp)
  std::uint64_t read_ = 0;  ///< events, as of the last commit
  std::optional<std::chrono::steady_clock::time_point> audited_at_;  ///< none: not since the partition was acquired
  Keyspace keyspace_;
  PartitionKeys keys_;
  struct Unreadable {
    std::string key, bytes, problem;
  };
  std::map<std::string, Unreadable> unreadable_;  ///< read, and not yet set aside; by the field it stands under
  Link link_;
  Link* door_;  ///< none: the front door is where the partition is
  Lease lease_;
  Takeover takeover_;
  int commits_until_trim_;
  bool committed_ = false;       ///< once, whoever has owned the partition since
  std::uint64_t server_ms_ = 0;  ///< the server's time as of the last journal entry; 0: not known yet
};

}  // namespace dun::redis
