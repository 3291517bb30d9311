// `dun check`: everything that is wrong with a configuration, at once; or what it means.
#include "domain/enum_index.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"

#include "config/describe.hpp"
#include "config/load.hpp"
#include "domain/zones.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace dun;
using nlohmann::ordered_json;

struct CheckOptions {
  std::string directory = tools::default_config();
  bool describe = false, json = false, without_secrets = false;
};

std::vector<std::string> languages(const messages::Catalogue& texts) {
  std::set<std::string> names;
  for (const auto& entry : texts.entries()) names.insert(entry.lang);
  return {names.begin(), names.end()};
}

std::vector<std::string> windows(const policies::PolicySet& set) {
  std::vector<std::string> described;
  for (const auto& window : set.quiet_hours.windows)
    described.push_back(fmt::format("{} {}", window.name, config::describe(window)));
  return described;
}

std::string routing(const scheduler::DispatchOptions& dispatch) {
  std::string text;
  for (const Lane lane : all_lanes) {
    const std::string& gateway = dispatch.routes.of(lane).gateway();
    text += fmt::format("{}{} by {}", text.empty() ? "" : ", ", to_text(lane), gateway);
  }
  return text;
}

void print_plain(const config::Configuration& loaded, const CheckOptions& options) {
  if (options.describe) {
    for (const std::string& sentence : config::describe(loaded.policies)) tools::say("{}\n", sentence);
    tools::say("{}\n", config::describe(loaded.monitors));
    return;
  }
  const auto& gateways = loaded.gateways.dispatch.gateways;
  tools::say("{} is right\n", options.directory);
  tools::say("policies     {}\n", loaded.policies.hash);
  tools::say("redis        {}, prefix {}, {} partitions\n", loaded.dun.redis.site.display(), loaded.dun.redis.prefix,
             loaded.dun.redis.installation.partitions);
  for (const auto& gateway : gateways)
    tools::say("gateway      {}, {} segments/s, {} in flight\n", gateway.name, gateway.flow.rate,
               gateway.flow.in_flight_max);
  tools::say("routing      {}\n", routing(loaded.gateways.dispatch));
  tools::say("texts        {} in {} ({})\n", loaded.texts.entries().size(), fmt::join(languages(loaded.texts), ", "),
             loaded.texts.version());
  for (const std::string& window : windows(loaded.policies)) tools::say("quiet hours  {}\n", window);
  tools::say("people       {}\n", loaded.policies.people.people.size());
  tools::say("time zones   {}\n",
             dun::describe(zone_data().version(), date::floor<Millis>(std::chrono::system_clock::now())));
}

void print_json(const config::Configuration& loaded) {
  ordered_json gateways = ordered_json::array();
  for (const auto& gateway : loaded.gateways.dispatch.gateways)
    gateways.push_back(
        {{"name", gateway.name}, {"rate", gateway.flow.rate}, {"in_flight", gateway.flow.in_flight_max}});
  ordered_json texts = ordered_json::array();
  for (const auto& entry : loaded.texts.entries())
    texts.push_back(
        {{"lang", entry.lang}, {"kind", to_text(entry.kind)}, {"step", entry.step}, {"brand", entry.brand}});
  const ordered_json object = {{"right", true},
                               {"policy", loaded.policies.hash},
                               {"texts_version", loaded.texts.version()},
                               {"gateways", gateways},
                               {"texts", texts},
                               {"quiet_hours", windows(loaded.policies)},
                               {"people", loaded.policies.people.people.size()},
                               {"zones", zone_data().version().name},
                               {"zones_written", to_rfc3339(zone_data().version().written)},
                               {"rules", config::describe(loaded.policies)},
                               {"monitors", config::describe(loaded.monitors)}};
  tools::write_json(object);
}

void print_mistakes(const config::Mistakes& mistakes, bool json) {
  if (!json) {
    for (const config::Mistake& mistake : mistakes) tools::say("{}\n", to_text(mistake));
    return;
  }
  ordered_json list = ordered_json::array();
  for (const config::Mistake& mistake : mistakes)
    list.push_back(
        {{"file", mistake.file}, {"line", mistake.line}, {"column", mistake.column}, {"message", mistake.message}});
  tools::write_json({{"right", false}, {"mistakes", list}});
}

int run(const CheckOptions& options) {
  const auto loaded = config::load(options.directory, {.secrets_required = !options.without_secrets});
  if (!loaded) {
    print_mistakes(loaded.error(), options.json);
    return 1;
  }
  if (options.json) {
    print_json(*loaded);
  } else {
    print_plain(*loaded, options);
  }
  return 0;
}

}  // namespace

void add_check_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<CheckOptions>();
  CLI::App* command =
      app.add_subcommand("check", "Check all configuration and print every mistake as FILE:LINE:COL: error: MESSAGE");
  command->add_option("--config", options->directory, "Directory of the configuration")->capture_default_str();
  command->add_flag("--describe", options->describe, "Say in plain sentences what the policies mean");
  command->add_flag("--without-secrets", options->without_secrets,
                    "Do not ask for environment variables and files that secrets come from");
  command->add_flag("--json", options->json, "As one JSON object: the mistakes, or what was read");
  tools::set_footer(*command, {"dun check --config config", "dun check --config config --describe"},
                    "Exit code 1 if there is a mistake.");
  command->callback([options, &exit_code] { exit_code = run(*options); });
}
