// What is fixed when an installation is made, and must be the same for everybody who ever touches it.
#pragma once

#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "redis/options.hpp"
#include "redis/stream.hpp"

#include <cstdint>

namespace dun::redis {

/// Version of the layout of keys and records; another one is refused.
inline constexpr int layout_version = 1;

/// Makes the installation if there is none under this prefix, else compares: `corrupt`, naming both numbers, when
/// configuration disagrees with what was fixed.
Awaitable<StoreResult<void>> open_installation(Links& links, Keyspace keys, Installation wanted);

/// What was fixed, for commands that only look. `refused` when nothing was ever installed under this prefix.
Awaitable<StoreResult<Installation>> read_installation(Links& links, Keyspace keys);

}  // namespace dun::redis
