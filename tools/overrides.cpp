#include "tools/overrides.hpp"

#include "redis/address.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace dun::tools {

std::optional<std::string> override_by(const DaemonOptions& options, config::DunOptions& dun) {
  if (!options.owner.empty()) dun.owner = options.owner;
  if (!options.prefix.empty()) dun.redis.prefix = options.prefix;
  if (!options.redis_url.empty()) {
    auto site = redis::parse_site(options.redis_url);
    if (!site) return "--redis: " + site.error();
    site->server.tls = dun.redis.site.server.tls;
    site->sentinel_user = dun.redis.site.sentinel_user;
    site->sentinel_password = dun.redis.site.sentinel_password;
    dun.redis.site = *std::move(site);
  }
  if (!options.listen.empty()) {
    const auto listen = config::parse_listen(options.listen);
    if (!listen) return "--listen: " + listen.error();
    dun.listen = *listen;
  }
  if (!options.health.empty()) {
    const auto health = config::parse_listen(options.health);
    if (!health) return "--health: " + health.error();
    dun.health = *health;
  }
  if (options.roles.empty()) return std::nullopt;
  dun.roles.clear();
  const auto names = config::role_names();
  for (const std::string& role : options.roles) {
    const auto at = std::ranges::find(names, role);
    if (at == names.end())
      return fmt::format("--roles: no role is called {}; there are: {}", role, fmt::join(names, ", "));
    dun.roles.push_back(static_cast<config::Role>(at - names.begin()));
  }
  return std::nullopt;
}

}  // namespace dun::tools
