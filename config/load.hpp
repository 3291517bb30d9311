// The whole configuration of a directory, read and checked at once.
#pragma once

#include "config/dun_loader.hpp"
#include "config/gateways_loader.hpp"
#include "config/mistake.hpp"
#include "messages/catalogue.hpp"
#include "policies/options.hpp"
#include "scheduler/options.hpp"

#include <expected>
#include <filesystem>

namespace dun::config {

struct Configuration {
  DunOptions dun;
  policies::PolicySet policies;
  scheduler::MonitorOptions monitors;
  GatewaysOptions gateways;
  messages::Catalogue texts;
  /// Of what dun.toml and gateways.toml say, comments and layout aside, with the secrets and presets that they name: a
  /// running service can tell what has changed. [messages] of dun.toml goes with the texts, and not with this.
  std::string dun_hash, gateways_hash;
};

struct LoadOptions {
  /// Off, for commands that reach neither Redis nor a gateway: a secret that is not there is no mistake.
  bool secrets_required = true;
};

/// Reads dun.toml, policies.toml, people.toml, gateways.toml and messages/ in `directory`. Either everything is right,
/// or the error holds every mistake, in order of file and place. A file that is missing is a mistake; a key that is
/// missing means the shipped default.
[[nodiscard]] std::expected<Configuration, Mistakes> load(const std::filesystem::path& directory,
                                                          const LoadOptions& options = {});

/// dun.toml alone, for commands that only look into Redis: mistakes elsewhere do not stand in their way.
[[nodiscard]] std::expected<DunOptions, Mistakes> load_dun(const std::filesystem::path& directory);

}  // namespace dun::config
