#pragma once

#include "domain/account_record.hpp"
#include "domain/ids.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/commit.hpp"
#include "scheduler/ports/look.hpp"
#include "scheduler/ports/post.hpp"
#include "scheduler/ports/store_error.hpp"

#include <optional>
#include <vector>

namespace dun::scheduler {

/// The state of one partition. One engine uses it, one call at a time.
class PartitionStore {
 public:
  virtual ~PartitionStore() = default;
  /// Takes the lease if it is free, expired or already ours (an `unavailable` commit is resolved by acquiring again and
  /// reading what is there), raises the epoch, and reads what the partition holds. `owned` while another one has it.
  virtual Awaitable<StoreResult<Recovery>> acquire() = 0;
  virtual Awaitable<StoreResult<ReadReply>> read(ReadRequest request) = 0;
  /// One record for each account asked, in that order; none where there is none. Accounts are asked once each.
  virtual Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> load(std::vector<AccountId> accounts) = 0;
  /// Adds the post to the stream of its case's partition, or to the front door, which leads there. Whether it was added
  /// is not known where it fails.
  virtual Awaitable<StoreResult<void>> bring(Post post) = 0;
  /// Applies the commit and renews the lease, or says why not.
  virtual Awaitable<StoreResult<void>> commit(Commit commit) = 0;
  /// Gives the lease back, so that another process need not wait for it to run out.
  virtual Awaitable<void> release() = 0;
};

}  // namespace dun::scheduler
