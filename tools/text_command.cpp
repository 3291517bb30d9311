// `dun text`: what a text looks like on a handset, and what it costs.
#include "base/text/nearest.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"

#include "config/dun_loader.hpp"
#include "config/messages_loader.hpp"
#include "messages/catalogue.hpp"
#include "messages/sample.hpp"
#include "messages/segmentation.hpp"
#include "messages/typography.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace dun;

struct TextOptions {
  std::string config = tools::default_config();
  std::string kind, lang, brand, zone;
  int step = 0;
  bool held = false, bare = false, all = false, json = false;
  std::optional<std::string> raw;
};

/// A text together with what it was made for; `about` stays empty for a raw one.
struct Printed {
  nlohmann::ordered_json about = nlohmann::ordered_json::object();
  std::string text;
  messages::Segmentation segmentation;
};

void print_json(const Printed& printed) {
  nlohmann::ordered_json record = printed.about;
  record["text"] = printed.text;
  record["encoding"] = to_text(printed.segmentation.encoding);
  record["parts"] = printed.segmentation.segments.size();
  record["units"] = printed.segmentation.units;
  record["segments"] = printed.segmentation.segments;
  tools::write_json(record);
}

void print_plain(const Printed& printed) {
  const auto& [encoding, units, segments] = printed.segmentation;
  const auto outside = messages::first_outside_gsm7(printed.text);
  tools::say("text      {}\n", printed.text);
  tools::say("encoding  {}{}\n", to_text(encoding),
             outside.empty()
                 ? ""
                 : fmt::format("  ({} is not in the GSM 7-bit alphabet)", messages::named_character(outside)));
  tools::say("parts     {}\n", segments.size());
  tools::say("units     {}\n", units);
  for (std::size_t i = 0; i < segments.size(); ++i)
    tools::say("{:<9} {}\n", fmt::format("{}/{}", i + 1, segments.size()), segments[i]);
}

void print_row(const Printed& printed) {
  const auto& about = printed.about;
  tools::say("{:<8} {:<20} {:>4} {:<10} {:<8} {:>5} {:>5}  {}\n", about.value("lang", ""), about.value("kind", ""),
             about.value("step", 0), about.value("brand", ""), to_text(printed.segmentation.encoding),
             printed.segmentation.segments.size(), printed.segmentation.units, printed.text);
}

/// False: it could not be told, and the reason stands on standard error.
bool print_raw(const std::string& text, bool json) {
  auto segmentation = messages::segment(text);
  if (!segmentation) {
    tools::complain("dun text: {}\n", segmentation.error());
    return false;
  }
  const Printed printed{.text = text, .segmentation = *std::move(segmentation)};
  json ? print_json(printed) : print_plain(printed);
  return true;
}

MessageContext sample(const TextOptions& options, NoticeKind kind, int step) {
  MessageContext context = options.bare ? messages::bare_sample_context(kind, step, options.held)
                                        : messages::sample_context(kind, step, options.held);
  context.lang = options.lang;
  if (!options.brand.empty()) context.brand = options.brand;
  if (!options.zone.empty()) context.zone = options.zone;
  return context;
}

bool print_rendered(const messages::Catalogue& catalogue, const MessageContext& context, const TextOptions& options) {
  const auto rendered = catalogue.render(context);
  if (!rendered) {
    tools::complain("dun text: {}\n", rendered.error());
    return false;
  }
  auto segmentation = messages::segment(rendered->text);
  if (!segmentation) {
    tools::complain("dun text: {}\n", segmentation.error());
    return false;
  }
  Printed printed{.text = rendered->text, .segmentation = *std::move(segmentation)};
  printed.about["lang"] = catalogue.language_for(context.lang);
  printed.about["kind"] = to_text(context.kind);
  printed.about["step"] = context.step;
  if (!context.brand.empty()) printed.about["brand"] = context.brand;
  printed.about["version"] = rendered->version;
  if (options.json) {
    print_json(printed);
  } else if (options.kind.empty()) {
    print_row(printed);
  } else {
    print_plain(printed);
  }
  return true;
}

/// Every text there is, or those of one language.
bool print_all(const messages::Catalogue& catalogue, const TextOptions& options) {
  if (!options.json)
    tools::say("{:<8} {:<20} {:>4} {:<10} {:<8} {:>5} {:>5}  {}\n", "lang", "kind", "step", "brand", "encoding",
               "parts", "units", "text");
  bool good = true;
  for (const auto& entry : catalogue.entries()) {
    if (!options.lang.empty() && entry.lang != catalogue.language_for(options.lang)) continue;
    if (!options.brand.empty() && !entry.brand.empty() && entry.brand != options.brand) continue;
    MessageContext context = sample(options, entry.kind, entry.step);
    context.lang = entry.lang;
    if (!entry.brand.empty()) context.brand = entry.brand;
    good = print_rendered(catalogue, context, options) && good;
  }
  return good;
}

/// The texts of a configuration. Of the rest of it only the default language and the limit matter here; what else may
/// be wrong with dun.toml is for `dun check` to say.
std::optional<messages::Catalogue> load(const std::filesystem::path& directory) {
  config::Mistakes mistakes, unrelated;
  config::DunOptions installation;
  config::read_dun(config::Document::open(directory / "dun.toml", unrelated).root(), config::Secrets::optional,
                   installation);
  const messages::CatalogueOptions texts{.default_lang = installation.messages.default_lang,
                                         .default_file = (directory / "dun.toml").string(),
                                         .default_line = installation.messages.default_location.line,
                                         .default_column = installation.messages.default_location.column,
                                         .parts_max = installation.messages.parts_max,
                                         .languages = config::load_messages(directory / "messages", mistakes)};
  auto catalogue = config::compile_messages(texts, mistakes);
  for (const config::Mistake& mistake : mistakes) tools::complain("{}\n", config::to_text(mistake));
  return mistakes.empty() ? std::move(catalogue) : std::nullopt;
}

/// Why there is no text of that step; empty if there is one. In service the last text stands for later steps, which is
/// not what somebody who asks for one wants to see.
std::string no_such_step(const messages::Catalogue& catalogue, const TextOptions& options, NoticeKind kind) {
  std::set<int> steps;
  for (const auto& entry : catalogue.entries())
    if (entry.kind == kind && entry.lang == catalogue.language_for(options.lang)) steps.insert(entry.step);
  if (options.step == 0 || steps.contains(options.step)) return {};
  steps.erase(0);
  if (steps.empty()) return fmt::format("{} has no steps", to_text(kind));
  return fmt::format("{} has no step {}; there are: {}", to_text(kind), options.step, fmt::join(steps, ", "));
}

int run(const TextOptions& options) {
  if (options.raw) return print_raw(*options.raw, options.json) ? 0 : 1;
  std::optional<NoticeKind> kind;
  if (!options.kind.empty()) {
    kind = notice_kind(options.kind);
    if (!kind) {
      tools::complain("dun text: unknown kind \"{}\"{}\n", options.kind, hint(options.kind, notice_kind_names()));
      return 2;
    }
  }
  const auto catalogue = load(options.config);
  if (!catalogue) return 1;
  if (const std::string why = kind ? no_such_step(*catalogue, options, *kind) : std::string(); !why.empty()) {
    tools::complain("dun text: {}\n", why);
    return 2;
  }
  const bool good =
      kind ? print_rendered(*catalogue, sample(options, *kind, options.step), options) : print_all(*catalogue, options);
  return good ? 0 : 1;
}

}  // namespace

void add_text_command(CLI::App& app, int& exit_code) {
  const auto options = std::make_shared<TextOptions>();
  CLI::App* const command = app.add_subcommand(
      "text", "Show a text with sample values as a handset gets it: encoding, units and SMS segments");
  command->add_option("--config", options->config, "Configuration directory; its messages/LANG.toml are read")
      ->capture_default_str();
  auto* const kind = command->add_option("--kind", options->kind, "Notice kind, such as dunning; none: list all texts");
  command->add_option("--step", options->step, "Step of the dunning ladder")->needs(kind)->check(CLI::Range(0, 99));
  command->add_option("--lang", options->lang, "Language of the receiver, such as en; the default one if not given");
  command->add_option("--brand", options->brand, "Brand of the account");
  command->add_option("--zone", options->zone, "Time zone of the receiver, such as Asia/Almaty");
  command->add_flag("--held", options->held, "As it reads when it was held over the night");
  command->add_flag("--bare", options->bare, "Without everything that a message may lack, such as the amount");
  auto* const all = command->add_flag("--all", options->all, "List every text, also what happens without --kind");
  auto* const raw =
      command->add_option("--raw", options->raw, "Take this text as it is, in place of one from the configuration");
  command->add_flag("--json", options->json, "One JSON object a text");
  all->excludes(kind);
  for (const char* const name : {"--kind", "--lang", "--brand", "--zone", "--held", "--bare", "--all"})
    raw->excludes(command->get_option(name));
  tools::set_footer(*command, {"dun text", "dun text --kind dunning --step 1 --lang en", "dun text --raw 'Hello'"});
  command->callback([options, &exit_code] { exit_code = run(*options); });
}
