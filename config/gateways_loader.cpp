#include "config/gateways_loader.hpp"

#include "base/text/nearest.hpp"
#include "config/gateway_presets.hpp"
#include "config/gateway_reader.hpp"
#include "domain/enum_index.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace dun::config {
namespace {

constexpr std::string_view preset_folder = "gateway-presets";

bool is_gateway_name(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
             std::string_view::npos;
}

gateways::Settings settings_of(const GatewaySources& sources, std::string& beside) {
  gateways::Settings settings;
  settings.environment = [sources](const std::string& name) -> std::optional<std::string> {
    if (sources.environment) {
      if (auto value = sources.environment(name)) return value;
    } else if (const char* value = std::getenv(name.c_str())) {
      return value;
    }
    return std::nullopt;
  };
  settings.file = [sources, &beside](const std::string& path) {
    auto secret = read_secret_file(sources.directory / path);
    if (secret) beside += fmt::format("{}:{}", secret->size(), *secret);
    return secret;
  };
  // Where a URL is expected this is one, and anywhere else it does no harm.
  if (!sources.settings_required) settings.missing = "http://unset";
  return settings;
}

/// The preset's own file where the configuration has one, else the one that the program brings along.
std::unique_ptr<Document> open_preset(const Section& section, const GatewaySources& sources, Mistakes& mistakes) {
  std::string name;
  if (!section.read_text("preset", name)) return nullptr;
  const std::filesystem::path file = sources.directory / preset_folder / (name + ".toml");
  std::error_code error;
  if (is_gateway_name(name) && std::filesystem::exists(file, error))
    return std::make_unique<Document>(Document::open(file, mistakes));
  for (const GatewayPreset& preset : gateway_presets)
    if (preset.name == name)
      return std::make_unique<Document>(preset.text, fmt::format("{}/{}.toml", preset_folder, name), mistakes);
  std::vector<std::string_view> names;
  for (const GatewayPreset& preset : gateway_presets) names.push_back(preset.name);
  section.mistake("preset", fmt::format("there is no preset \"{}\"{}", name, hint(name, names)));
  return nullptr;
}

void read_gateway(const Section& section, const std::string& name, const GatewaySources& sources, Mistakes& mistakes,
                  GatewaysOptions& options) {
  const gateways::Settings settings = settings_of(sources, options.beside);
  GatewayReader reader(name, settings);
  const auto preset = open_preset(section, sources, mistakes);
  if (preset) reader.read(preset->root());
  reader.read(section);
  reader.check();
  if (preset) preset->finish();
  if (preset) options.beside += preset->canonical();
  options.gateways.push_back(reader.spec());
  options.dispatch.gateways.push_back(reader.options());
}

void check_receipt_paths(const Section& section, const GatewaysOptions& options) {
  for (const auto& one : options.gateways)
    for (const auto& other : options.gateways) {
      if (&one >= &other || one.receipts.path.empty() || one.receipts.path != other.receipts.path) continue;
      section.mistake(other.name, fmt::format("gateways \"{}\" and \"{}\" take receipts at the same path, {}", one.name,
                                              other.name, one.receipts.path));
    }
}

/// A reference that we gave out can be read by whoever reads the gateway's records: from other machines it is not
/// enough.
void check_receipts_are_protected(const Section& section, const GatewaysOptions& options) {
  for (const auto& gateway : options.gateways)
    if (!gateway.receipts.path.empty() && !gateways::is_protected(gateway.receipts))
      section.mistake(gateway.name, fmt::format("gateway \"{}\": {}", gateway.name, unprotected_receipts));
}

void read_gateway_name(const Section& section, std::string_view key, const GatewaysOptions& options,
                       std::string& target) {
  std::string name;
  if (!section.read_text(key, name)) return;
  std::vector<std::string_view> names;
  for (const auto& gateway : options.gateways) names.push_back(gateway.name);
  if (std::ranges::find(names, name) == names.end())
    section.mistake(key, fmt::format("{}: there is no gateway \"{}\"{}", key, name, hint(name, names)));
  target = name;
}

void read_routing(const Section& section, GatewaysOptions& options) {
  std::string standard;
  section.require("default", "the gateway of every lane that names no other");
  read_gateway_name(section, "default", options, standard);
  for (const Lane lane : all_lanes) {
    std::string gateway = standard;
    read_gateway_name(section, to_text(lane), options, gateway);
    options.dispatch.routes.of(lane).gateways = {std::move(gateway)};
  }
}

void read_weights(const Section& section, scheduler::DispatchOptions& dispatch) {
  for (const Lane lane : all_lanes) section.read_int(to_text(lane), dispatch.lane_weight.at(enum_index(lane)), 1, 1000);
}

void read_retry(const Section& section, scheduler::RetryOptions& retry) {
  section.read_span("first", retry.first, Millis(1), std::chrono::hours(24));
  section.read_span("most", retry.most, Millis(1), std::chrono::hours(24));
  section.read_int("attempts_max", retry.attempts_max, 1, 1000);
  if (retry.first > retry.most) section.mistake("first", "first lies above most");
}

/// A repeat that the gateway does not know again is told twice.
void check_memory(const Section& section, const GatewaysOptions& options) {
  const scheduler::RetryOptions& retry = options.dispatch.retry;
  for (std::size_t i = 0; i < options.gateways.size(); ++i) {
    const gateways::GatewaySpec& gateway = options.gateways[i];
    if (options.dispatch.gateways[i].unknown != scheduler::UnknownRule::same_ref) continue;
    Millis last = (gateway.transport.connect_timeout + gateway.transport.total_timeout) * retry.attempts_max;
    Millis pause = retry.first;
    for (int attempt = 1; attempt < retry.attempts_max; ++attempt, pause = std::min(2 * pause, retry.most))
      last += pause;
    if (gateway.remembers_for > Millis(0) && gateway.remembers_for < last)
      section.mistake(gateway.name,
                      fmt::format("gateway \"{}\": it remembers a message for {} (remembers_for), but [retry] and its "
                                  "time-outs repeat one for up to {}",
                                  gateway.name, dun::to_text(gateway.remembers_for), dun::to_text(last)));
  }
}

}  // namespace

void read_gateways(const Section& root, const GatewaySources& sources, Mistakes& mistakes, GatewaysOptions& options) {
  const Section gateways = root.section("gateways");
  for (const Word& name : gateways.keys()) {
    if (!is_gateway_name(name.text))
      gateways.mistake(name.location, "a gateway's name is 1 to 32 letters, digits, - and _");
    if (const Section gateway = gateways.section(name.text))
      read_gateway(gateway, name.text, sources, mistakes, options);
  }
  if (root && options.gateways.empty())
    root.mistake(root.location("gateways"), "there is no gateway: expected [gateways.NAME]");
  check_receipt_paths(gateways, options);
  if (sources.beyond_loopback) check_receipts_are_protected(gateways, options);
  if (root.require("routing", "which gateway notices go to: [routing] with default = \"NAME\""))
    read_routing(root.section("routing"), options);
  read_weights(root.section("lane_weights"), options.dispatch);
  read_retry(root.section("retry"), options.dispatch.retry);
  check_memory(gateways, options);
}

bool can_be_exchanged(const GatewaysOptions& in_force, const GatewaysOptions& fresh) {
  const auto has_the_same_path = [](const gateways::GatewaySpec& one, const gateways::GatewaySpec& other) {
    return one.receipts.path == other.receipts.path;
  };
  return in_force.dispatch == fresh.dispatch &&
         std::ranges::equal(in_force.gateways, fresh.gateways, has_the_same_path);
}

std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const GatewayPreset& preset : gateway_presets) names.emplace_back(preset.name);
  return names;
}

}  // namespace dun::config
