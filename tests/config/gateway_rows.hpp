// What the tests of every key of gateways.toml have in common.
#pragma once

#include "config/gateways_loader.hpp"
#include "tests/config/every_key.hpp"

namespace dun::test {

/// In front of the keys of the shipped gateway.
inline const std::string sim = "gateways.sim.";

struct LoadedFile {
  config::GatewaysOptions options;
  config::Mistakes mistakes;
};

/// As the program does, in an environment that says nothing.
[[nodiscard]] inline LoadedFile load_gateways_file(const std::string& text) {
  LoadedFile loaded;
  const config::GatewaySources sources{.directory = DUN_SOURCE_DIR "/config",
                                       .environment = [](const std::string&) { return std::nullopt; }};
  const config::Document document(text, "gateways.toml", loaded.mistakes);
  config::read_gateways(document.root(), sources, loaded.mistakes, loaded.options);
  document.finish();
  return loaded;
}

/// Keys of test_every_flow_key.cpp.
[[nodiscard]] std::set<std::string> keys_of_the_flow();

}  // namespace dun::test
