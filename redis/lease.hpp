// One owner, one writer: a lease in Redis that fences every commit.
#pragma once

#include "redis/link.hpp"
#include "redis/replication.hpp"
#include "redis/stream.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dun::redis {

struct LeaseOptions {
  std::string key;     ///< the lease: a string `OWNER EPOCH` that expires
  std::string meta;    ///< a hash in the same slot that keeps the epoch (field `epoch`) when the lease has gone
  std::string what;    ///< what it is for, in messages: `partition 3`
  std::string owner;   ///< who we are; two that call themselves the same take the lease from each other. No spaces
  Millis ttl{10'000};  ///< how long it lasts without a commit; how long others wait when we die
  Replication replication;
};

/// Makes two processes that both believe they own something harmless: a commit of this object is applied only if
/// nobody has taken the lease since acquire(), and it has not run out. The fence is a WATCH on the lease, so it lives
/// on one connection; a lost connection means acquiring again, and what the old one still had under way is void from
/// then on, because acquiring writes the lease. One call at a time.
class Lease {
 public:
  /// The link must be used by nobody else for transactions: an EXEC ends every WATCH of its connection.
  Lease(Link& link, LeaseOptions options);

  /// Takes the lease if it is free, has run out, or bears our name, and raises the epoch, which it returns. Otherwise
  /// `owned`, saying who has it.
  Awaitable<StoreResult<std::uint64_t>> acquire();

  /// Applies all of `writes` in one transaction that also renews the lease, in one round trip. The replies are those
  /// of the writes, none an error. Each write names its key as its first argument, XGROUP as its second. `fenced` and
  /// `refused`: nothing was applied. Too few replicas: `unavailable`, because a failover may undo it.
  Awaitable<StoreResult<std::vector<Value>>> commit(Operation writes);

  /// Waits for an operation on the lease's link however long its replies take to arrive, and renews the lease
  /// meanwhile: what is sent behind a large reply is performed before that has arrived. `fenced` when the lease was
  /// lost.
  Awaitable<StoreResult<std::vector<Value>>> finish_under(Link::Started started, std::optional<Millis> deadline = {});

  /// Gives the lease back if it is still ours. Never fails: at worst it runs out.
  Awaitable<void> release();

  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

 private:
  struct Watched;
  Awaitable<StoreResult<Watched>> watch();
  [[nodiscard]] std::string token(std::uint64_t epoch) const;
  [[nodiscard]] Command set_lease(std::uint64_t epoch) const;
  [[nodiscard]] StoreError lost(const Value& lease) const;

  Link& link_;
  LeaseOptions options_;
  std::uint64_t epoch_ = 0;
  std::optional<std::uint64_t> connection_;  // where the WATCH stands; none: the lease is not held
};

}  // namespace dun::redis
