#include "config/messages_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <system_error>

namespace dun::config {
namespace {

using messages::LanguageSource;
using messages::TextSource;

/// The step that a key such as `2` in `[dunning.2]` means.
std::optional<int> step_of(std::string_view key) {
  int step = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), step);
  if (error != std::errc() || end != key.data() + key.size() || step < 1) return std::nullopt;
  return step;
}

void read_text(const Section& section, TextSource source, LanguageSource& language) {
  if (!section.read_text("text", source.pattern)) return;
  const Location location = section.location("text");
  source.file = section.file();
  source.line = location.line;
  source.column = location.column;
  language.texts.push_back(std::move(source));
}

/// `[dunning]` and the steps below it.
void read_kind(const Section& section, const TextSource& source, LanguageSource& language) {
  if (!section) return;
  read_text(section, source, language);
  const std::vector<Word> keys = section.keys();
  if (keys.empty()) section.require("text", "what the receiver reads");
  for (const Word& key : keys) {
    if (key.text == "text") continue;
    const auto step = step_of(key.text);
    if (!step) {
      section.mistake(key.location, fmt::format("unknown key \"{}\"; expected \"text\", or a step such as [{}.1]",
                                                key.text, section.path()));
      continue;
    }
    TextSource at_step = source;
    at_step.step = *step;
    const Section below = section.section(key.text);
    below.require("text", "what the receiver reads");
    read_text(below, std::move(at_step), language);
  }
}

constexpr std::size_t word_max = 60;  // of who writes, where to pay, whom to call: they stand in every text

/// Who writes, and every kind, as they stand in this table.
void read_kinds(const Section& section, const std::string& brand, LanguageSource& language) {
  for (const std::string_view key : {"name", "pay", "call"}) {
    std::string text;
    if (!section.read_text(key, text)) continue;
    if (text.empty() || text.size() > word_max) {
      section.mistake(
          key, fmt::format("{}: expected 1 to {} bytes of text; leave the key out where there is none", key, word_max));
      continue;
    }
    const Location location = section.location(key);
    language.senders.push_back({.brand = brand,
                                .key = std::string(key),
                                .text = std::move(text),
                                .file = section.file(),
                                .line = location.line,
                                .column = location.column});
  }
  for (const std::string_view kind : messages::text_kinds())
    read_kind(section.section(kind), {.kind = std::string(kind), .brand = brand}, language);
}

}  // namespace

messages::LanguageSource read_messages(const Section& root, std::string lang) {
  LanguageSource language{.lang = std::move(lang), .file = root.file()};
  root.read_bool("gsm7_only", language.gsm7_only);
  read_kinds(root, std::string(), language);
  const Section brands = root.section("brand");
  for (const Word& brand : brands.keys()) read_kinds(brands.section(brand.text), brand.text, language);
  return language;
}

std::vector<LanguageSource> read_regions(const Section& root, const LanguageSource& language) {
  std::vector<std::string> tags;
  root.read_texts("regions", tags);
  std::vector<LanguageSource> regions;
  for (std::string& tag : tags) {
    const Location location = root.location("regions");
    LanguageSource& region = regions.emplace_back(language);
    region.lang = std::move(tag);
    region.line = location.line;
    region.column = location.column;
    region.regional = true;
  }
  return regions;
}

std::vector<messages::LanguageSource> load_messages(const std::filesystem::path& directory, Mistakes& mistakes) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error))
    if (at->path().extension() == ".toml") files.push_back(at->path());
  if (error) {
    mistakes.push_back({.file = directory.string(), .message = fmt::format("cannot be read: {}", error.message())});
    return {};
  }
  if (files.empty())
    mistakes.push_back({.file = directory.string(), .message = "holds no texts: expected files such as zh-CN.toml"});
  std::ranges::sort(files);
  std::vector<LanguageSource> languages;
  for (const auto& file : files) {
    const Document document = Document::open(file, mistakes);
    if (!document.root()) {
      languages.push_back({.lang = file.stem().string(), .file = file.string(), .readable = false});
      continue;
    }
    const LanguageSource language = read_messages(document.root(), file.stem().string());
    std::ranges::move(read_regions(document.root(), language), std::back_inserter(languages));
    languages.push_back(language);
    document.finish();
  }
  return languages;
}

std::optional<messages::Catalogue> compile_messages(const messages::CatalogueOptions& options, Mistakes& mistakes) {
  auto catalogue = messages::Catalogue::compile(options);
  if (catalogue) return *std::move(catalogue);
  for (const messages::TextMistake& mistake : catalogue.error())
    mistakes.push_back(
        {.file = mistake.file, .line = mistake.line, .column = mistake.column, .message = mistake.message});
  return std::nullopt;
}

}  // namespace dun::config
