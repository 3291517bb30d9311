// Gateways for tests, written as an operator writes them.
#pragma once

#include "config/gateways_loader.hpp"

#include <map>
#include <string>
#include <string_view>

namespace dun::test {

struct LoadedGateways {
  config::GatewaysOptions options;
  config::Mistakes mistakes;
};

/// Reads a whole gateways.toml, with `environment` in place of the process's.
LoadedGateways load_gateways(std::string_view toml, const std::map<std::string, std::string>& environment = {});

/// The one gateway "g" of a file without mistakes: `body` is what follows `[gateways.g]`, with tables named
/// `[gateways.g.request]`, and so on.
gateways::GatewaySpec gateway(std::string_view body, const std::map<std::string, std::string>& environment = {});

/// The mistakes in such a file, one a line: LINE:COLUMN: MESSAGE, where the line counts from that of `[gateways.g]`.
std::string mistakes_in(std::string_view body);

/// A gateway with everything that `finish` asks for, so that a test adds only what it is about.
inline constexpr std::string_view minimal = R"(
unknown = { rule = "hold" }
request = { url = "http://h/s", query = { to = "{to}", text = "{text}" } }
response = [{ status = 200, result = "accepted" }]
)";

}  // namespace dun::test
