// gateways.toml: the SMS gateways, how fast each is fed, and which notices go where.
#pragma once

#include "config/toml_reader.hpp"
#include "gateways/options.hpp"
#include "scheduler/options.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::config {

struct GatewaysOptions {
  std::vector<gateways::GatewaySpec> gateways;  ///< as the file lists them
  scheduler::DispatchOptions dispatch;          ///< the same gateways as the engine sees them, and the routing
  std::string
      beside;  ///< what its presets and files of secrets said, to tell whether that has changed. Not to be shown
};

/// Where the file's presets and settings come from.
struct GatewaySources {
  /// The configuration directory: `gateway-presets/NAME.toml` in it stands in place of the preset of that name that the
  /// program brings along, and paths of `{file:PATH}` begin there.
  std::filesystem::path directory;
  /// Looks up `{env:NAME}`. The default asks the process's environment.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Off: a setting that is not there becomes a placeholder, for commands that send nothing and need no secrets.
  bool settings_required = true;
  /// Our listener can be reached from other machines: then receipts must prove where they come from.
  bool beyond_loopback = false;
};

/// What is wrong then, and how to mend it.
inline constexpr std::string_view unprotected_receipts =
    "console.listen is reachable from other machines, and anybody there may say what was delivered: set token, sources "
    "or signature_header in its [receipts], or listen on 127.0.0.1";

/// Reads and checks everything. Mistakes in a preset are reported at their place in the preset's file; `mistakes` is
/// where those of `root` go as well.
void read_gateways(const Section& root, const GatewaySources& sources, Mistakes& mistakes, GatewaysOptions& options);

/// Whether all that is other is how messages are handed over and receipts taken, which a running service can exchange.
/// What its engine counts on is not: which gateways there are and their paths, their flow, the routing.
[[nodiscard]] bool can_be_exchanged(const GatewaysOptions& in_force, const GatewaysOptions& fresh);

/// The presets that the program brings along.
[[nodiscard]] std::vector<std::string> preset_names();

}  // namespace dun::config
