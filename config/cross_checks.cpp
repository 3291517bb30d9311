#include "config/cross_checks.hpp"

#include "config/toml_reader.hpp"
#include "messages/language.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace dun::config {
namespace {

using messages::LanguageSource;

/// The text that a step of the ladder takes; 0 is the one for every step without a text of its own.
int step_of_text(const LanguageSource& language, int step) {
  int best = 0;
  for (const messages::TextSource& text : language.texts)
    if (text.kind == "dunning" && text.brand.empty() && text.step <= step) best = std::max(best, text.step);
  return best;
}

void check_ladder(const Section& ladder, int steps, const LanguageSource& language) {
  for (int step = 2; step <= steps; ++step) {
    const int text = step_of_text(language, step);
    if (text == 0 || text != step_of_text(language, step - 1)) continue;
    return ladder.mistake("after_days",
                          fmt::format("after_days: step {} has no text of its own in {}, so that [dunning.{}] "
                                      "would be sent again; add [dunning.{}] there",
                                      step, language.file, text, step));
  }
}

void check_language(const Section& person, const std::vector<LanguageSource>& languages) {
  std::string lang;
  if (person.form("lang") != Form::text || !person.read_text("lang", lang)) return;
  const auto wanted = messages::parse_language_tag(lang);
  std::set<std::string_view> known;
  for (const LanguageSource& language : languages) {
    const auto tag = messages::parse_language_tag(language.lang);
    if (wanted && tag && tag->language == wanted->language) return;
    known.insert(language.lang);
  }
  person.mistake("lang", fmt::format("lang: there are no texts in \"{}\"; there are {}", lang, fmt::join(known, ", ")));
}

}  // namespace

void check_texts_fit(const std::filesystem::path& directory, const policies::PolicySet& policies,
                     const std::vector<LanguageSource>& languages, Mistakes& mistakes) {
  if (languages.empty()) return;
  // What is wrong with these files themselves has been said. They are read again for the places.
  Mistakes said;
  const Document rules = Document::open(directory / "policies.toml", said);
  const Document people = Document::open(directory / "people.toml", said);
  const std::size_t before = said.size();
  for (const LanguageSource& language : languages)
    if (language.readable && !language.regional)
      check_ladder(rules.root().section("ladder"), static_cast<int>(policies.ladder.steps.size()), language);
  for (const Section& person : people.root().sections("person")) check_language(person, languages);
  mistakes.insert(mistakes.end(), said.begin() + static_cast<std::ptrdiff_t>(before), said.end());
}

}  // namespace dun::config
