// A commit as Redis commands: much in few.
#pragma once

#include "redis/keys.hpp"
#include "redis/outcome_filter.hpp"
#include "redis/protocol.hpp"
#include "scheduler/ports/commit.hpp"

#include <cstdint>

namespace dun::redis {

/// Everything a commit changes but the lease, each command with its key first. One command for all records of a bucket,
/// for all entries of a shelf, for all claims; one packed journal entry. The public outcomes go to their stream in the
/// same transaction as the journal, so that there is nothing to repeat or to lose between the two. The rejected stream
/// keeps its newest `rejected_max` entries, and up to a hundred more.
[[nodiscard]] Operation commit_commands(const scheduler::Commit& commit, const PartitionKeys& keys,
                                        std::uint32_t buckets, const OutcomeFilter& published, int rejected_max);

/// The rejected stream's form of an entry: `reason`, `field`, `at`, `stream_id`, then every field of the original in
/// its order as `original.NAME`. Any bytes and repeated names come back from it unchanged.
[[nodiscard]] Fields to_fields(const scheduler::RejectedEntry& entry);
/// The reverse; what is missing or odd is left empty, because people may write to that stream.
[[nodiscard]] scheduler::RejectedEntry rejected_from_fields(const Fields& fields);

}  // namespace dun::redis
