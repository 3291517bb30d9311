// The texts of one language, compiled.
#pragma once

#include "messages/catalogue.hpp"
#include "messages/compiled_text.hpp"
#include "messages/formats.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dun::messages {

/// What texts are kept by, in the order of `text_kinds()`: the notice kinds, then the two that go around every text.
inline constexpr std::size_t signature_slot = notice_kinds, held_slot = notice_kinds + 1, slots = notice_kinds + 2;
[[nodiscard]] std::optional<std::size_t> slot_of(std::string_view kind);

struct Text {
  int step = 0;
  std::string brand;
  std::size_t source = 0;  ///< index among the language's sources, for mistakes
  CompiledText pattern;
};

/// A language tag taken apart, with what it leaves out filled in: `zh-TW` is language `zh` and script `Hant`.
struct LanguageTag {
  std::string text;  ///< canonical: `zh-TW` for `zh_tw`
  std::string language, script;
};
/// Nothing if it is no BCP 47 tag that names a language. Underscores and any case will do.
[[nodiscard]] std::optional<LanguageTag> parse_language_tag(std::string_view tag);

/// Owned by the catalogue, immutable once compiled; stays where it is, because patterns point into its formats.
struct Language {
  explicit Language(LanguageTag language_tag);

  /// The text for a slot: highest step not above `step`, else the lowest; of two the brand's own. Null if there is
  /// none.
  [[nodiscard]] const Text* choose(std::size_t slot, int step, std::string_view brand) const;
  /// The words for a brand: its own, and for what it has none of those for all brands.
  [[nodiscard]] const Sender& sender_of(std::string_view brand) const;
  /// Signature, text, and the remark on holding, as it is sent; error: the zone is unknown.
  [[nodiscard]] std::expected<std::string, std::string> compose(const MessageContext& context) const;

  LanguageTag tag;
  Formats formats;
  std::array<std::vector<Text>, slots> texts;  ///< each ordered by step and brand
  std::map<std::string, Sender, std::less<>> senders = {{"", {}}};
  bool regional = false;
};

/// Compiles one language; what is wrong is added to `mistakes`. Null only if the tag itself is wrong.
[[nodiscard]] std::unique_ptr<Language> compile_language(const LanguageSource& source, int parts_max,
                                                         std::vector<TextMistake>& mistakes);

}  // namespace dun::messages
