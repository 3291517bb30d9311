#include "messages/catalogue.hpp"

#include "base/assert.hpp"
#include "base/text/nearest.hpp"
#include "messages/language.hpp"
#include "messages/segmentation.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace dun::messages {

struct Catalogue::Compiled {
  /// A receiver's language is almost always written just as ours is, so that is looked at before ICU is asked.
  [[nodiscard]] const Language& find(std::string_view lang) const {
    if (lang.empty()) return *fallback;
    for (const auto& language : languages)
      if (language->tag.text == lang) return *language;
    const auto asked = parse_language_tag(lang);
    const Language* best = fallback;
    int best_match = 0;
    for (const auto& language : languages) {
      if (!asked || language->tag.language != asked->language) continue;
      const int match = language->tag.text == asked->text ? 3 : language->tag.script == asked->script ? 2 : 1;
      if (match > best_match) best = language.get();
      best_match = std::max(match, best_match);
    }
    return *best;
  }

  std::vector<std::unique_ptr<const Language>> languages;  ///< by tag; the shorter, more general one first
  const Language* fallback = nullptr;
  int parts_max = 0;
  std::string version;
};

namespace {

std::string version_of(const CatalogueOptions& options) {
  std::vector<std::tuple<std::string_view, std::string_view, std::int64_t, std::string_view, std::string_view>> texts;
  for (const LanguageSource& language : options.languages) {
    for (const TextSource& text : language.texts)
      texts.emplace_back(language.lang, text.kind, text.step, text.brand, text.pattern);
    for (const SenderSource& sender : language.senders)
      texts.emplace_back(language.lang, sender.key, 0, sender.brand, sender.text);
  }
  std::ranges::sort(texts);
  IdBuilder id;
  id.add(options.default_lang).add(std::int64_t{options.parts_max});
  for (const auto& [lang, kind, step, brand, pattern] : texts) id.add(lang).add(kind).add(step).add(brand).add(pattern);
  return base32(id.hash()).substr(0, 8);
}

}  // namespace

Catalogue::Catalogue(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}

std::expected<Catalogue, std::vector<TextMistake>> Catalogue::compile(const CatalogueOptions& options) {
  std::vector<TextMistake> mistakes;
  bool readable = true;
  auto compiled = std::make_shared<Compiled>();
  for (const LanguageSource& source : options.languages) {
    auto language = compile_language(source, options.parts_max, mistakes);
    readable = readable && source.readable;
    if (language == nullptr) continue;
    const auto same = [&](const auto& other) { return other->tag.text == language->tag.text; };
    if (std::ranges::any_of(compiled->languages, same))
      mistakes.push_back({.file = source.file,
                          .line = source.line,
                          .column = source.column,
                          .message = fmt::format("a second file for language {}", language->tag.text)});
    compiled->languages.push_back(std::move(language));
  }
  std::ranges::sort(compiled->languages, {}, [](const auto& language) { return language->tag.text; });

  const auto wanted = parse_language_tag(options.default_lang);
  const auto at = std::ranges::find_if(
      compiled->languages, [&](const auto& language) { return wanted && language->tag.text == wanted->text; });
  if (at != compiled->languages.end()) compiled->fallback = at->get();
  if (compiled->fallback == nullptr) {
    std::vector<std::string_view> tags;
    for (const auto& language : compiled->languages) tags.push_back(language->tag.text);
    mistakes.push_back({.file = options.default_file,
                        .line = options.default_line,
                        .column = options.default_column,
                        .message = fmt::format("there are no texts for the default language {}{}", options.default_lang,
                                               tags.empty() ? "" : hint(options.default_lang, tags))});
  }
  if (!mistakes.empty() || !readable) {
    std::ranges::sort(mistakes);
    mistakes.erase(std::ranges::unique(mistakes).begin(), mistakes.end());  // of a text and its regional twins
    return std::unexpected(std::move(mistakes));
  }
  compiled->parts_max = options.parts_max;
  compiled->version = version_of(options);
  return Catalogue(std::move(compiled));
}

std::expected<Rendered, std::string> Catalogue::render(const MessageContext& context) const {
  const Language& language = compiled_->find(context.lang);
  const auto failed = [&](std::string_view why) {
    return std::unexpected(
        fmt::format("text '{}' step {} in {}: {}", to_text(context.kind), context.step, language.tag.text, why));
  };
  auto text = language.compose(context);
  if (!text) return failed(text.error());
  const auto counted = count(*text);
  if (!counted) return failed(counted.error());
  return Rendered{
      .text = std::move(*text), .encoding = counted->encoding, .parts = counted->parts, .version = compiled_->version};
}

const std::string& Catalogue::version() const {
  return compiled_->version;
}

int Catalogue::parts_max() const {
  return compiled_->parts_max;
}

const std::string& Catalogue::language_for(std::string_view lang) const {
  return compiled_->find(lang).tag.text;
}

std::vector<Catalogue::Entry> Catalogue::entries() const {
  std::vector<Entry> entries;
  for (const auto& language : compiled_->languages) {
    if (language->regional) continue;
    for (std::size_t slot = 0; slot < notice_kinds; ++slot)
      for (const Text& text : language->texts[slot])
        entries.push_back({.lang = language->tag.text,
                           .kind = static_cast<NoticeKind>(slot),
                           .step = text.step,
                           .brand = text.brand});
  }
  return entries;
}

}  // namespace dun::messages
