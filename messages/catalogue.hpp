// The texts: which words a receiver gets for a notice, in their language, with their numbers and times.
#pragma once

#include "domain/message.hpp"

#include <compare>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dun::messages {

/// What a text can be for: the notice kinds, then `signature`, put in front of every text, and `held`, put behind every
/// text that was held.
[[nodiscard]] std::span<const std::string_view> text_kinds();

/// One text as somebody wrote it; `kind` is one of `text_kinds()`. The pattern is in the syntax of ICU MessageFormat;
/// `arguments.hpp` lists what it may mention.
struct TextSource {
  std::string kind;
  int step = 0;       ///< of the ladder; 0: for every step without a text of its own
  std::string brand;  ///< empty: for every brand without a text of its own
  std::string pattern;
  std::string file;  ///< where the pattern stands, for mistakes
  int line = 0, column = 0;
};

/// One word about who writes to the customers of a brand: `key` is `name`, `pay` or `call`.
struct SenderSource {
  std::string brand;  ///< empty: of every brand that has none of its own
  std::string key, text;
  std::string file;
  int line = 0, column = 0;
};

struct LanguageSource {
  std::string lang;        ///< BCP 47, such as `zh-CN`
  bool gsm7_only = false;  ///< texts must not need UCS-2, in which a segment holds 70 instead of 160 characters
  std::string file;
  int line = 1, column = 1;  ///< where the tag is written, if it is; for mistakes
  std::vector<TextSource> texts;
  std::vector<SenderSource> senders;
  /// The same texts once more, with the dates and amounts of a region: it is in no list of texts.
  bool regional = false;
  /// Off: its file could not be read, which was said. The language is there, and nothing more is said about it.
  bool readable = true;
};

struct CatalogueOptions {
  std::string default_lang = "zh-CN";  ///< for receivers whose language is unknown or not among these
  /// Where that is written, for the mistake that there are no texts in it.
  std::string default_file;
  int default_line = 1, default_column = 1;
  /// Most SMS segments of a text with sample values; a longer one is a mistake. With real values a text may become
  /// longer (a long name, one letter outside the GSM alphabet): it is sent all the same, and counted.
  int parts_max = 4;
  std::vector<LanguageSource> languages;
};

/// One thing wrong with the texts, and where.
struct TextMistake {
  std::string file;
  int line = 0, column = 0;
  std::string message;
  friend auto operator<=>(const TextMistake&, const TextMistake&) = default;
};

/// All texts in all languages, compiled.
///
/// Problem: a wrong text is found at 07:00 by a hundred thousand customers.
/// Guarantee: what compiles has, in every language, a text for every notice kind that renders for any message, shows
/// the event time to the minute and, when held, says so. What is left to go wrong at rendering is a value that is not
/// UTF-8.
/// A value type; copies share the compiled texts. Rendering may go on in any number of threads at once.
class Catalogue {
 public:
  /// Error: all mistakes in all texts, in order of file and line; empty only where a language was not readable.
  [[nodiscard]] static std::expected<Catalogue, std::vector<TextMistake>> compile(const CatalogueOptions& options);

  /// The text of a notice. Language: the very tag, else one of the same language and script, else of the same
  /// language, else the default. Within it the text of the highest step that is not above the asked one, of two for one
  /// step the brand's own. About 5 us. The error names the text.
  [[nodiscard]] std::expected<Rendered, std::string> render(const MessageContext& context) const;

  /// Short hash of every text and limit (E30).
  [[nodiscard]] const std::string& version() const;

  /// The limit that `Rendered::parts` may lie above, where values are longer than those of samples.
  [[nodiscard]] int parts_max() const;

  /// Tag of the language that a receiver with this one gets.
  [[nodiscard]] const std::string& language_for(std::string_view lang) const;

  /// What there is a text for, in order of language, kind and step.
  struct Entry {
    std::string lang;
    NoticeKind kind = NoticeKind::dunning;
    int step = 0;
    std::string brand;
  };
  [[nodiscard]] std::vector<Entry> entries() const;

 private:
  struct Compiled;
  explicit Catalogue(std::shared_ptr<const Compiled> compiled);
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace dun::messages
