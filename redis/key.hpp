// The installation's key (scheduler/seal.hpp), where it is kept in Redis.
#pragma once

#include "redis/link.hpp"
#include "redis/stream.hpp"

#include <string>
#include <string_view>

namespace dun::redis {

/// `PREFIX/key`: outside the keys that begin with `PREFIX:`, which whoever only reads may see; no prefix has a slash.
[[nodiscard]] std::string key_name(std::string_view prefix);

/// The key that the installation has, or `fresh` where it had none: then that is it from now on. `refused` where the
/// user may not touch it; the message says what to grant.
Awaitable<StoreResult<std::string>> open_key(Link& link, std::string prefix, std::string fresh);

/// Puts the key back where Redis has lost it. False if it has another one: this process and those that start now no
/// longer know each other's signatures.
Awaitable<StoreResult<bool>> hold_key(Link& link, std::string prefix, std::string own);

}  // namespace dun::redis
