// The way from the front door to the partitions.
#pragma once

#include "redis/copies.hpp"
#include "redis/installation.hpp"
#include "redis/keys.hpp"
#include "redis/lease.hpp"
#include "redis/link.hpp"
#include "redis/stream.hpp"
#include "redis/stream_mark.hpp"
#include "redis/takeover.hpp"
#include "redis/tally.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dun::redis {

struct RouterOptions {
  std::string prefix = "dun";
  int partitions = Installation().partitions;  ///< as installed
  std::string owner;                           ///< who we are, as for a partition
  Millis lease_ttl{10'000};                    ///< how long the front door stands still when the router's process dies
  std::size_t batch = 512;                     ///< entries copied in one transaction
  Millis block{1000};                          ///< how long one look waits for an entry; below a third of lease_ttl
  Millis retry{500};                           ///< pause after a failure, or while another process is the router
  std::chrono::hours retention{24};            ///< how long the front door keeps what has been routed
  int trim_every = 64;                         ///< batches between two trimmings
  Millis audit_every{1000};                    ///< as for a partition; a look that waited counts too
  Replication replication;
  TakeoverOptions takeover;
  /// Called when the router starts, stops or cannot work, with a sentence for the log. All is well too while another
  /// process routes.
  std::function<void(bool well, const std::string& what)> on_change;
  /// Called when something was found wrong with the front door that an operator must know of: the id of the alert, and
  /// a sentence.
  std::function<void(const std::string& reason, const std::string& what)> on_remark;
};

/// Billing may write to one stream and know nothing of partitions: this copies each entry, all fields verbatim, to the
/// partition of its account, in order. One process does it at a time, the others wait for its lease. An entry without
/// a usable account, and every source.heartbeat, goes to partition 0, whose engine says what is wrong with it. Nothing
/// is looked at but `account` and `type`.
///
/// On one server the copies and the cursor are one transaction, so each entry is routed once; in a cluster it is at
/// least once (copies.hpp), which event ids make harmless. The owner calls close() before it destroys the router.
class Router {
 public:
  Router(Executor executor, Site site, LinkOptions link_options, RouterOptions options);

  /// Routes until cancelled, through every failure. Run it in a task group.
  Awaitable<void> run();

  /// The steps run() is made of. Taking the lease; `owned` while another process has it.
  Awaitable<StoreResult<void>> acquire();
  /// One batch, waiting up to `block` for the first entry; how many were copied.
  Awaitable<StoreResult<std::size_t>> step();

  /// Gives the lease back, ends the connection and waits until nothing runs.
  Awaitable<void> close();

  /// The partition that an entry belongs to.
  [[nodiscard]] static int partition_for(const Fields& fields, int partitions);
  /// The same; none where it names nothing that belongs to one partition more than to another.
  [[nodiscard]] static std::optional<int> home_of(const Fields& fields, int partitions);

 private:
  Awaitable<StoreResult<void>> go_back_to_the_marks();
  Awaitable<StoreResult<void>> renew_door();
  void remark(const std::string& reason, const std::string& what) const;
  /// What one look at the front door finds.
  struct Found {
    std::optional<StreamFacts> facts;  ///< from before, now and then
    std::vector<StreamEntry> entries;
    bool to_end = false;
    Mark mark = Mark::there;
  };
  Awaitable<StoreResult<Found>> read();
  [[nodiscard]] Command write_meta(StreamId cursor, std::uint64_t routed) const;
  void tell(Tally::Finding finding) const;
  Awaitable<StoreResult<void>> begin_anew(Mark mark);
  Awaitable<StoreResult<void>> keep_mark(Mark found);
  [[nodiscard]] std::size_t take_piece(std::vector<StreamEntry>& entries) const;
  [[nodiscard]] Operation copies_of(const std::vector<StreamEntry>& entries) const;
  void add_trimming(Operation& writes, StreamId cursor);
  void report(bool well, const std::string& what);

  RouterOptions options_;
  Keyspace keyspace_;
  Link link_;
  Lease lease_;
  Takeover takeover_;
  std::optional<Copies> copies_;  ///< in a cluster only
  StreamId cursor_;
  std::uint64_t routed_ = 0;  ///< entries, up to the cursor
  Tally tally_;
  bool marked_ = false;                                              ///< our mark was set on the front door
  std::optional<std::chrono::steady_clock::time_point> audited_at_;  ///< none: not since the lease was taken
  int batches_until_trim_;
  std::size_t piece_;  ///< entries that are read at a time; fewer for a while behind one that is too large
  std::string reported_;
};

}  // namespace dun::redis
