// Writes that survive a failover.
#pragma once

#include "redis/options.hpp"
#include "redis/protocol.hpp"
#include "redis/stream.hpp"

#include <string_view>
#include <vector>

namespace dun::redis {

/// Behind the writes of an operation, on the same connection.
void append_wait(Operation& operation, const Replication& replication);

/// Looks at the last reply to such an operation. Too few replicas are `unavailable`: the write stands, and a failover
/// may undo it.
[[nodiscard]] StoreResult<void> check_wait(const std::vector<Value>& replies, const Replication& replication,
                                           std::string_view what);

}  // namespace dun::redis
