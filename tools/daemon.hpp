// The running service: `dun serve`. The composition root that joins engine, Redis, gateways and console.
#pragma once

#include "scheduler/clock.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dun::tools {

struct DaemonOptions {
  std::string config;                                    ///< directory
  std::vector<std::string> roles;                        ///< in place of those in dun.toml, if any
  std::string redis_url, prefix, listen, health, owner;  ///< in place of those in dun.toml, unless empty
  std::optional<scheduler::WallClock::Fast> clock;
  std::string log_level = "info";
};

/// Runs until SIGTERM or SIGINT, then drains; SIGHUP reads policies, people and texts again. Returns the exit code: 0
/// after an orderly stop, 1 if it could not start or had to give up.
[[nodiscard]] int run_daemon(const DaemonOptions& options);

}  // namespace dun::tools
