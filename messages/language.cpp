#include "messages/language.hpp"

#include "messages/nearest.hpp"
#include "messages/sample.hpp"
#include "messages/segmentation.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include <date/tz.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dun::messages {
namespace {

constexpr int step_max = 99;

icu::Locale locale_of(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  return icu::Locale::forLanguageTag(tag, status);
}

/// The fields that a text leaves out, in words.
std::string missing_fields(DateFields shown) {
  std::vector<std::string_view> missing;
  if ((shown & date_field::month) == 0) missing.emplace_back("month");
  if ((shown & date_field::day) == 0) missing.emplace_back("day");
  if ((shown & date_field::hour) == 0) missing.emplace_back("hour");
  if ((shown & date_field::minute) == 0) missing.emplace_back("minute");
  return fmt::format("{}", fmt::join(missing, ", "));
}

/// Compiles the texts of one language and collects what is wrong with them: first of each text by itself, then of what
/// is not there, then of what the texts become when they are filled in.
class LanguageCompiler {
 public:
  LanguageCompiler(const LanguageSource& source, int parts_max, std::vector<Mistake>& mistakes)
      : source_(source), parts_max_(parts_max), mistakes_(mistakes), wrong_(source.texts.size()) {}

  void compile(Language& language) {
    for (std::size_t i = 0; i < source_.texts.size(); ++i) add(language, i);
    for (auto& texts : language.texts)
      std::ranges::sort(texts, {}, [](const Text& text) { return std::tie(text.step, text.brand); });
    for (std::size_t slot = 0; slot < slots; ++slot) check_present(language, slot);
    check_rendered(language);
  }

 private:
  void add(Language& language, std::size_t index) {
    const TextSource& text = source_.texts[index];
    const auto slot = slot_of(text.kind);
    if (!slot) return wrong(index, fmt::format("unknown kind '{}'{}", text.kind, hint(text.kind, text_kinds())));
    const bool around = *slot >= notice_kinds;
    if (text.step < 0 || text.step > step_max || (around && text.step != 0))
      return wrong(index, fmt::format("step {} of '{}' is not possible", text.step, text.kind));
    auto& texts = language.texts[*slot];
    if (std::ranges::any_of(texts, [&](const Text& t) { return t.step == text.step && t.brand == text.brand; }))
      return wrong(index, fmt::format("a second text for the same kind, step and brand ('{}')", text.kind));
    named_[*slot] = named_[*slot] || text.brand.empty();
    auto pattern = Pattern::compile(text.pattern, language.formats);
    if (!pattern) {
      for (const std::string& mistake : pattern.error()) wrong(index, mistake);
      return;
    }
    if (!around) check_shape(index, *pattern);
    if (source_.gsm7_only) {
      if (const auto found = pattern->first_outside_gsm7(); !found.empty())
        wrong(index, fmt::format("'{}' is not in the GSM 7-bit alphabet, which gsm7_only demands", found));
    }
    texts.push_back({.step = text.step, .brand = text.brand, .source = index, .pattern = std::move(*pattern)});
  }

  void check_shape(std::size_t index, const Pattern& pattern) {
    const DateFields shown = pattern.event_time_fields();
    if (shown != date_field::all)
      wrong(index, fmt::format("does not always show the event time to the minute (lacks {}): write "
                               "{{event_time, date, ::MMMdHmm}} outside every branch, or in all of them",
                               missing_fields(shown)));
    constexpr std::string_view spaces = " \t\r\n";
    const std::string& text = source_.texts[index].pattern;
    if (!text.empty() && (spaces.contains(text.front()) || spaces.contains(text.back())))
      wrong(index, "begins or ends with a space or line break");
  }

  void check_present(const Language& language, std::size_t slot) {
    if (named_[slot] || slot == signature_slot) return;
    mistakes_.push_back({.file = source_.file,
                         .line = 1,
                         .column = 1,
                         .message = fmt::format("no text for '{}' in {}; every kind needs one for all brands",
                                                text_kinds()[slot], language.tag.text)});
  }

  /// Fills in every text for every brand, with everything and with as little as possible, and looks at the result.
  void check_rendered(const Language& language) {
    std::set<std::string> brands = {""};
    for (const TextSource& text : source_.texts) brands.insert(text.brand);
    for (std::size_t slot = 0; slot < notice_kinds; ++slot) {
      for (const Text& text : language.texts[slot]) {
        for (const std::string& brand : brands) {
          const auto kind = static_cast<NoticeKind>(slot);
          for (MessageContext context :
               {sample_context(kind, text.step, true), bare_sample_context(kind, text.step, true)}) {
            if (!brand.empty()) context.brand = brand;
            check_rendered(language, context, brand);
          }
        }
      }
    }
  }

  void check_rendered(const Language& language, const MessageContext& context, std::string_view brand) {
    const auto slot = static_cast<std::size_t>(context.kind);
    const Text* const chosen = language.choose(slot, context.step, context.brand);
    if (chosen == nullptr || wrong_[chosen->source]) return;
    const std::size_t index = chosen->source;
    const auto text = language.compose(context);
    if (!text) return wrong(index, text.error());
    const auto counted = count(*text);
    if (!counted) return wrong(index, counted.error());
    const std::string whose = brand.empty() ? std::string() : fmt::format(" for brand '{}'", brand);
    if (counted->parts > parts_max_)
      wrong(index, fmt::format("takes {} SMS segments ({} units, {}) with sample values{}, the limit is {}",
                               counted->parts, counted->units, to_text(counted->encoding), whose, parts_max_));
    if (source_.gsm7_only && counted->encoding != Encoding::gsm7 && !frame_is_wrong())
      wrong(index, fmt::format("'{}' gets into the text{}, which is not in the GSM 7-bit alphabet",
                               first_outside_gsm7(*text), whose));
  }

  /// A wrong signature or remark would be reported again with every text that it goes around.
  [[nodiscard]] bool frame_is_wrong() const {
    for (std::size_t i = 0; i < source_.texts.size(); ++i) {
      const auto slot = slot_of(source_.texts[i].kind);
      if (wrong_[i] && slot && *slot >= notice_kinds) return true;
    }
    return false;
  }

  void wrong(std::size_t index, std::string message) {
    const TextSource& text = source_.texts[index];
    mistakes_.push_back({.file = text.file, .line = text.line, .column = text.column, .message = std::move(message)});
    wrong_[index] = true;
  }

  const LanguageSource& source_;
  const int parts_max_;
  std::vector<Mistake>& mistakes_;
  std::vector<bool> wrong_;          ///< texts that have a mistake already
  std::array<bool, slots> named_{};  ///< slots for which there is a text for all brands, right or wrong
};

}  // namespace

std::span<const std::string_view> text_kinds() {
  static const auto kinds = [] {
    std::array<std::string_view, slots> list;
    std::ranges::copy(notice_kind_names(), list.begin());
    list[signature_slot] = "signature";
    list[held_slot] = "held";
    return list;
  }();
  return kinds;
}

std::optional<std::size_t> slot_of(std::string_view kind) {
  const auto kinds = text_kinds();
  const auto at = std::ranges::find(kinds, kind);
  if (at == kinds.end()) return std::nullopt;
  return static_cast<std::size_t>(at - kinds.begin());
}

std::optional<LanguageTag> parse_language_tag(std::string_view tag) {
  std::string dashed(tag);
  std::ranges::replace(dashed, '_', '-');
  UErrorCode status = U_ZERO_ERROR;
  icu::Locale locale = icu::Locale::forLanguageTag(dashed, status);
  const std::string_view language = locale.getLanguage();
  if (U_FAILURE(status) || locale.isBogus() || language.empty() || language == "und") return std::nullopt;
  LanguageTag parsed{
      .text = locale.toLanguageTag<std::string>(status), .language = std::string(language), .script = {}};
  locale.addLikelySubtags(status);
  parsed.script = locale.getScript();
  if (U_FAILURE(status)) return std::nullopt;
  return parsed;
}

Language::Language(LanguageTag language_tag) : tag(std::move(language_tag)), formats(locale_of(tag.text)) {}

const Text* Language::choose(std::size_t slot, int step, std::string_view brand) const {
  const Text* best = nullptr;
  for (const Text& text : texts[slot]) {
    if (!text.brand.empty() && text.brand != brand) continue;
    if (best == nullptr || text.step <= step) best = &text;
  }
  return best;
}

std::expected<std::string, std::string> Language::compose(const MessageContext& context) const {
  const date::time_zone* zone = nullptr;
  try {
    zone = date::locate_zone(context.zone);
  } catch (const std::runtime_error&) {
    return std::unexpected(fmt::format("the tz database has no zone '{}'", context.zone));
  }
  std::string out;
  out.reserve(512);
  const auto append = [&](std::size_t slot) {
    const Text* const text = choose(slot, context.step, context.brand);
    if (text != nullptr) text->pattern.render(context, *zone, formats, out);
  };
  append(signature_slot);
  append(static_cast<std::size_t>(context.kind));
  if (context.held) append(held_slot);
  return out;
}

std::unique_ptr<Language> compile_language(const LanguageSource& source, int parts_max,
                                           std::vector<Mistake>& mistakes) {
  auto tag = parse_language_tag(source.lang);
  if (!tag) {
    mistakes.push_back({.file = source.file,
                        .line = 1,
                        .column = 1,
                        .message = fmt::format("'{}' is no language tag such as zh-CN or en", source.lang)});
    return nullptr;
  }
  auto language = std::make_unique<Language>(std::move(*tag));
  LanguageCompiler(source, parts_max, mistakes).compile(*language);
  return language;
}

}  // namespace dun::messages
