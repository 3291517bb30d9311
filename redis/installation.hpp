// What is fixed when an installation is made, and must be the same for everybody who ever touches it.
#pragma once

#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "redis/stream.hpp"

#include <cstdint>

namespace dun::redis {

struct Installation {
  int partitions = 16;
  /// Hashes that the account records of a partition are spread over. A hash of about 64 records keeps Redis's compact
  /// encoding and its speed, so the default suits a million accounts a partition: 61 a bucket, 128 (the limit of the
  /// compact encoding, by default) at two million. With few accounts a bucket costs about 100 bytes of its own.
  std::uint32_t buckets = 16'384;
  friend bool operator==(const Installation&, const Installation&) = default;
};

/// Version of the layout of keys and records; another one is refused.
inline constexpr int layout_version = 1;

/// Makes the installation if there is none under this prefix, else compares: `corrupt`, naming both numbers, when
/// configuration disagrees with what was fixed.
Awaitable<StoreResult<void>> open_installation(Links& links, Keyspace keys, Installation wanted);

/// What was fixed, for commands that only look. `refused` when nothing was ever installed under this prefix.
Awaitable<StoreResult<Installation>> read_installation(Links& links, Keyspace keys);

}  // namespace dun::redis
