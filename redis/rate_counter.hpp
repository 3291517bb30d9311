// How much of each gateway's rate all processes take, counted in Redis.
#pragma once

#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "scheduler/ports/rate_counter.hpp"

#include <string>

namespace dun::redis {

/// A slice is the life of one key: the first count makes it, its expiry ends it. So the server's clock alone measures
/// slices, and those of the hosts need not agree. Nothing can stick: a count that finds the key without an expiry, or
/// with one that is too far off because a clock was set back, sets it right. One key a gateway, one round trip.
///
/// A failover that loses the key begins a new slice early: one slice more may be granted then.
class RedisRateCounter final : public scheduler::RateCounter {
 public:
  /// The links outlive it.
  RedisRateCounter(Links& links, Keyspace keys) : links_(links), keys_(std::move(keys)) {}
  Awaitable<scheduler::StoreResult<Count>> add(std::string gateway, Millis length, int segments) override;

 private:
  Links& links_;
  Keyspace keys_;
};

}  // namespace dun::redis
