// Is this Redis fit to keep what must not be lost?
#pragma once

#include "redis/link.hpp"
#include "redis/stream.hpp"

#include <string>
#include <vector>

namespace dun::redis {

struct ServerReport {
  std::string version;
  std::vector<std::string> warnings;  ///< for the log, each with its remedy; the first one is the worst
};

/// The start-up check. `refused`, with the remedy, for a server that may throw away data: any `maxmemory-policy` but
/// noeviction. Warns when acknowledged writes can be lost (no AOF, or not synced), when the server is a replica, and
/// when record hashes would lose their compact encoding. Where the ACL forbids CONFIG it makes do with INFO and says
/// what it could not see.
Awaitable<StoreResult<ServerReport>> check_server(Link& link);

}  // namespace dun::redis
