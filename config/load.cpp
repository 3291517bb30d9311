#include "config/load.hpp"

#include "config/cross_checks.hpp"
#include "config/messages_loader.hpp"
#include "config/people_loader.hpp"
#include "config/policies_loader.hpp"
#include "config/policy_checks.hpp"
#include "domain/ids.hpp"

#include <algorithm>

namespace dun::config {
namespace {

/// The policies are what these two files say: comments and layout do not change the hash on every outcome.
std::string hash_of(const Document& policies, const Document& people) {
  return base32(IdBuilder().add(policies.canonical()).add(people.canonical()).hash()).substr(0, 8);
}

std::string hash_of(const std::string& contents, const std::string& beside) {
  return base32(IdBuilder().add(contents).add(beside).hash()).substr(0, 8);
}

DunOptions load_dun(const std::filesystem::path& directory, const LoadOptions& options, Mistakes& mistakes,
                    std::string& hash) {
  DunOptions dun;
  const Document document = Document::open(directory / "dun.toml", mistakes);
  read_dun(document.root(), options.secrets_required ? Secrets::required : Secrets::optional, dun);
  document.finish();
  hash = hash_of(document.canonical("messages"), document.secrets());
  return dun;
}

policies::PolicySet load_policies(const std::filesystem::path& directory, scheduler::MonitorOptions& monitors,
                                  Mistakes& mistakes) {
  policies::PolicySet set = policies::shipped_policies();
  const Document document = Document::open(directory / "policies.toml", mistakes);
  read_policies(document.root(), set);
  read_monitors(document.root().section("monitors"), monitors);
  const Document people = Document::open(directory / "people.toml", mistakes);
  read_people(people.root(), set.default_zone, set.people);
  check_together(document.root(), people.root(), set);
  people.finish();
  document.finish();
  set.hash = hash_of(document, people);
  return set;
}

GatewaysOptions load_gateways(const std::filesystem::path& directory, const LoadOptions& options,
                              const ListenAddress& listen, Mistakes& mistakes, std::string& hash) {
  GatewaysOptions gateways;
  const Document document = Document::open(directory / "gateways.toml", mistakes);
  const GatewaySources sources{
      .directory = directory, .settings_required = options.secrets_required, .beyond_loopback = !listen.is_loopback()};
  read_gateways(document.root(), sources, mistakes, gateways);
  document.finish();
  hash = hash_of(document.canonical(), gateways.beside);
  return gateways;
}

std::optional<messages::Catalogue> load_texts(const std::filesystem::path& directory, const MessageSettings& settings,
                                              const policies::PolicySet& policies, Mistakes& mistakes) {
  const messages::CatalogueOptions options{.default_lang = settings.default_lang,
                                           .default_file = (directory / "dun.toml").string(),
                                           .default_line = settings.default_location.line,
                                           .default_column = settings.default_location.column,
                                           .parts_max = settings.parts_max,
                                           .languages = load_messages(directory / "messages", mistakes)};
  check_texts_fit(directory, policies, options.languages, mistakes);
  // Without a language there is nothing to compile, and why has been said.
  return options.languages.empty() ? std::nullopt : compile_messages(options, mistakes);
}

}  // namespace

std::expected<Configuration, Mistakes> load(const std::filesystem::path& directory, const LoadOptions& options) {
  Mistakes mistakes;
  std::error_code error;
  if (!std::filesystem::is_directory(directory, error)) {
    mistakes.push_back({.file = directory.string(),
                        .message = "there is no such directory; expected one with dun.toml, "
                                   "policies.toml, people.toml, gateways.toml and messages/"});
    return std::unexpected(std::move(mistakes));
  }
  std::string dun_hash;
  std::string gateways_hash;
  DunOptions dun = load_dun(directory, options, mistakes, dun_hash);
  scheduler::MonitorOptions monitors;
  policies::PolicySet policies = load_policies(directory, monitors, mistakes);
  GatewaysOptions gateways = load_gateways(directory, options, dun.listen, mistakes, gateways_hash);
  auto texts = load_texts(directory, dun.messages, policies, mistakes);
  if (mistakes.empty() && texts)
    return Configuration{.dun = std::move(dun),
                         .policies = std::move(policies),
                         .monitors = monitors,
                         .gateways = std::move(gateways),
                         .texts = *std::move(texts),
                         .dun_hash = std::move(dun_hash),
                         .gateways_hash = std::move(gateways_hash)};
  std::ranges::sort(mistakes);
  mistakes.erase(std::ranges::unique(mistakes).begin(), mistakes.end());
  return std::unexpected(std::move(mistakes));
}

std::expected<DunOptions, Mistakes> load_dun(const std::filesystem::path& directory) {
  Mistakes mistakes;
  std::string unused;
  DunOptions dun = load_dun(directory, {}, mistakes, unused);
  if (mistakes.empty()) return dun;
  return std::unexpected(std::move(mistakes));
}

}  // namespace dun::config
