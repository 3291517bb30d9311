// Which processes are running on an installation, and what they do.
#pragma once

#include "redis/keys.hpp"
#include "redis/link.hpp"
#include "redis/stream.hpp"

#include <string>
#include <vector>

namespace dun::redis {

struct RunningProcess {
  std::string owner;   ///< its name, as in leases
  std::string roles;   ///< such as `engine,console`; empty while it stops
  std::string status;  ///< what it says of itself, for `dun status`; not read by announce()
};

/// Says that this process is alive for another `ttl`, and reads who else is: two round trips. What a process has said
/// runs out by itself when it dies; whoever finds it has run out strikes it from the register, so nobody needs to.
Awaitable<StoreResult<std::vector<RunningProcess>>> announce(Link& link, Keyspace keys, RunningProcess self,
                                                             Millis ttl);
/// Strikes a process from the register at once. Never fails: at worst it runs out.
Awaitable<void> retire(Link& link, Keyspace keys, std::string owner);
/// All that are alive, with their status, by name.
Awaitable<StoreResult<std::vector<RunningProcess>>> running_processes(Link& link, Keyspace keys);

}  // namespace dun::redis
