// Writes that survive a failover.
#pragma once

#include "redis/protocol.hpp"
#include "redis/stream.hpp"

#include <string_view>
#include <vector>

namespace dun::redis {

/// Redis acknowledges a write before its replicas have it, and a failover undoes what the new master does not have.
/// WAIT closes that gap, for the price of the way to the replica and back.
struct Replication {
  int replicas = 0;     ///< a write counts as done when so many replicas have it; 0: when the server has it
  Millis within{3000};  ///< how long they have; must be below the deadline of the link
};

/// Behind the writes of an operation, on the same connection.
void append_wait(Operation& operation, const Replication& replication);

/// Looks at the last reply to such an operation. Too few replicas are `unavailable`: the write stands, and a failover
/// may undo it.
[[nodiscard]] StoreResult<void> check_wait(const std::vector<Value>& replies, const Replication& replication,
                                           std::string_view what);

}  // namespace dun::redis
