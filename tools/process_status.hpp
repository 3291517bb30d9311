// What a running process says of itself, for `dun status` and for `dun up`: a JSON text under `PREFIX:process:OWNER`
// that runs out by itself when the process is gone.
#pragma once

#include "redis/keys.hpp"
#include "redis/link.hpp"
#include "redis/stream.hpp"
#include "scheduler/engine.hpp"

#include <string>
#include <vector>

namespace dun::tools {

struct ProcessStatus {
  std::string owner;
  std::string policy;  ///< hash of the policy set in force
  Instant now{};       ///< of its clock
  std::vector<scheduler::Engine::PartitionStatus> partitions;
  std::vector<scheduler::Dispatcher::GatewayStatus> gateways;
};

/// The command that stores it for `ttl`.
[[nodiscard]] redis::Command store_process_status(const std::string& prefix, const ProcessStatus& status, Millis steady,
                                                  Millis ttl);
/// All that are alive, as they were stored.
async::Awaitable<redis::StoreResult<std::vector<std::string>>> read_process_statuses(redis::Link& link,
                                                                                     std::string prefix);

}  // namespace dun::tools
