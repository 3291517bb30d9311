#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace dun::test {
namespace {

std::string file_of(std::string_view body) {
  return fmt::format("routing = {{ default = \"g\" }}\n[gateways.g]\n{}", body);
}

}  // namespace

LoadedGateways load_gateways(std::string_view toml, const std::map<std::string, std::string>& environment) {
  LoadedGateways loaded;
  config::GatewaySources sources;
  sources.environment = [&](const std::string& name) {
    const auto found = environment.find(name);
    return found == environment.end() ? std::nullopt : std::optional(found->second);
  };
  const config::Document document(toml, "gateways.toml", loaded.mistakes);
  config::read_gateways(document.root(), sources, loaded.mistakes, loaded.options);
  document.finish();
  return loaded;
}

gateways::GatewaySpec gateway(std::string_view body, const std::map<std::string, std::string>& environment) {
  LoadedGateways loaded = load_gateways(file_of(body), environment);
  for (const config::Mistake& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
  return loaded.options.gateways.at(0);
}

std::string mistakes_in(std::string_view body) {
  std::string lines;
  for (const config::Mistake& mistake : load_gateways(file_of(body)).mistakes)
    lines += fmt::format("{}:{}: {}\n", mistake.line - 2, mistake.column, mistake.message);
  return lines;
}

}  // namespace dun::test
