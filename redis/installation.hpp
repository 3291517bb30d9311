// What is fixed when an installation is made, and must be the same for everybody who ever touches it.
#pragma once

#include "redis/keys.hpp"
#include "redis/links.hpp"
#include "redis/options.hpp"
#include "redis/stream.hpp"

#include <cstdint>

namespace dun::redis {

/// Version of the layout of keys and records. 2: tasks are cases (ADR 0022). What layout 1 has is read, and moved
/// record by record; any other one is refused.
inline constexpr int layout_version = 2;

/// Makes the installation if there is none under this prefix, else compares: `corrupt`, naming both numbers, when
/// configuration disagrees with what was fixed.
///
/// Raises an older layout to ours as soon as no process of the version before is alive: two layouts are never written
/// side by side. `unavailable`, naming those processes, until then. Nobody of ours may have announced itself before.
Awaitable<StoreResult<void>> open_installation(Links& links, Keyspace keys, Installation wanted);

/// What was fixed, for commands that only look. `refused` when nothing was ever installed under this prefix.
Awaitable<StoreResult<Installation>> read_installation(Links& links, Keyspace keys);

}  // namespace dun::redis
