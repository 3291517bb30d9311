// What the command line of `dun serve` says in place of dun.toml.
#pragma once

#include "config/dun_loader.hpp"
#include "tools/daemon.hpp"

#include <optional>
#include <string>

namespace dun::tools {

/// A sentence for the operator where it is wrong.
[[nodiscard]] std::optional<std::string> override_by(const DaemonOptions& options, config::DunOptions& dun);

}  // namespace dun::tools
