// The `meta` hash of a partition: how far it has read, what it has counted, and by which policies it was decided.
#pragma once

#include "redis/codec.hpp"
#include "redis/protocol.hpp"
#include "scheduler/ports/counters.hpp"
#include "scheduler/ports/stream.hpp"

#include <optional>
#include <string>

namespace dun::redis {

struct PartitionMeta {
  scheduler::StreamId cursor;
  scheduler::Counters counters;
  std::string policy;
  std::optional<Instant> at;           ///< of the last commit, by its owner's clock; none before the first
  std::optional<std::int64_t> missed;  ///< see tally.hpp
  bool marked = false;                 ///< see stream_mark.hpp
};

/// Sets every field but `epoch`, which is the lease's, and `missed` and `marked`, which the store sets.
[[nodiscard]] Command write_meta(std::string key, const PartitionMeta& meta);

/// From the reply to HGETALL; what is absent is zero. The error names the field that is not what write_meta writes.
[[nodiscard]] Decoded<PartitionMeta> read_meta(const Value& reply);

}  // namespace dun::redis
