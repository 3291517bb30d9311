#include "messages/language.hpp"

#include "domain/enum_index.hpp"
#include "domain/zones.hpp"
#include "messages/typography.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace dun::messages {
namespace {

icu::Locale locale_of(const std::string& tag) {
  UErrorCode status = U_ZERO_ERROR;
  return icu::Locale::forLanguageTag(tag, status);
}

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

const Sender& Language::sender_of(std::string_view brand) const {
  const auto own = senders.find(brand);
  return own == senders.end() ? senders.find("")->second : own->second;
}

std::expected<std::string, std::string> Language::compose(const MessageContext& context) const {
  const date::time_zone* const zone = zone_data().find(context.zone);
  if (zone == nullptr) return std::unexpected(fmt::format("the tz database has no zone '{}'", context.zone));
  const Filling filling{.message = context, .sender = sender_of(context.brand)};
  std::string out;
  out.reserve(512);
  const auto append = [&](std::size_t slot) {
    const Text* const text = choose(slot, context.step, context.brand);
    if (text != nullptr) text->pattern.render(filling, *zone, formats, out);
  };
  append(signature_slot);
  append(enum_index(context.kind));
  if (context.held) append(held_slot);
  return as_sent(std::move(out));
}

}  // namespace dun::messages
