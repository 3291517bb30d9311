// The presets of config/gateway-presets/, compiled in, so that a configuration directory need not hold them.
#pragma once

#include <span>
#include <string_view>

namespace dun::config {

struct GatewayPreset {
  std::string_view name;
  std::string_view text;  ///< TOML
};

extern const std::span<const GatewayPreset> gateway_presets;

}  // namespace dun::config
