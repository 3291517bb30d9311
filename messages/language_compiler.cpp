// What is wrong with the texts of a language: of each by itself, of what is not there, and of what they become when
// they are filled in.
#include "base/text/nearest.hpp"
#include "domain/enum_index.hpp"
#include "messages/language.hpp"
#include "messages/sample.hpp"
#include "messages/segmentation.hpp"
#include "messages/typography.hpp"

#include "base/assert.hpp"
#include "domain/zones.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace dun::messages {
namespace {

/// The fields that a text leaves out, in words.
std::string missing_fields(DateFields shown) {
  std::vector<std::string_view> missing;
  if ((shown & date_field::month) == 0) missing.emplace_back("month");
  if ((shown & date_field::day) == 0) missing.emplace_back("day");
  if ((shown & date_field::hour) == 0) missing.emplace_back("hour");
  if ((shown & date_field::minute) == 0) missing.emplace_back("minute");
  return fmt::format("{}", fmt::join(missing, ", "));
}

/// The amount that a notice of a kind is about; empty where it is about none.
std::string_view amount_of(NoticeKind kind) {
  switch (kind) {
    case NoticeKind::early_reminder:
      return "balance";
    case NoticeKind::dunning:
    case NoticeKind::suspension_warning:
    case NoticeKind::suspended:
    case NoticeKind::manager_task:
    case NoticeKind::manager_update:
    case NoticeKind::escalation:
      return "owed";
    case NoticeKind::payment_received:
    case NoticeKind::refund:
    case NoticeKind::charge:
      return "amount";
    case NoticeKind::resumed:
    case NoticeKind::ops_alert:
      return {};
  }
  DUN_ASSERT(false);
}

/// The first bracket without a partner among `pairs` ("()[]"), empty if every one has its own.
std::string unpaired(std::string_view utf8, std::u16string_view pairs) {
  const auto text = icu::UnicodeString::fromUTF8(utf8);
  const auto shown = [](char16_t bracket) {
    std::string name;
    icu::UnicodeString(bracket).toUTF8String(name);
    return name;
  };
  std::u16string open;
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const std::size_t at = pairs.find(text[i]);
    if (at == std::u16string_view::npos) continue;
    if (at % 2 == 0) {
      open += text[i];
    } else if (open.empty() || open.back() != pairs[at - 1]) {
      return shown(text[i]);
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? std::string() : shown(open.back());
}

/// A character that is printed as it is and was meant to be a brace.
std::string full_width_brace(std::string_view literal) {
  for (const std::string_view brace : {"｛", "｝"})
    if (literal.contains(brace)) return std::string(brace);
  return {};
}

class LanguageCompiler {
 public:
  LanguageCompiler(const LanguageSource& source, int parts_max, std::vector<TextMistake>& mistakes)
      : source_(source), parts_max_(parts_max), mistakes_(mistakes), wrong_(source.texts.size()) {}

  void compile(Language& language) {
    for (const SenderSource& sender : source_.senders) add(language, sender);
    for (auto& [brand, sender] : language.senders) fill_up(sender, language.senders[""]);
    for (std::size_t i = 0; i < source_.texts.size(); ++i) add(language, i);
    for (auto& texts : language.texts)
      std::ranges::sort(texts, {}, [](const Text& text) { return std::tie(text.step, text.brand); });
    for (std::size_t slot = 0; slot < slots; ++slot) check_present(language, slot);
    check_rendered(language);
  }

 private:
  void add(Language& language, const SenderSource& source) {
    Sender& sender = language.senders[source.brand];
    const auto refuse = [&](std::string why) {
      mistakes_.push_back(
          {.file = source.file, .line = source.line, .column = source.column, .message = std::move(why)});
    };
    std::string text = as_sent(source.text);
    const auto counted = count(text);
    if (!counted) return refuse(fmt::format("{}: {}", source.key, counted.error()));
    const auto characters = icu::UnicodeString::fromUTF8(text);
    for (std::int32_t at = 0; at < characters.length(); at = characters.moveIndex32(at, 1))
      if (u_iscntrl(characters.char32At(at)) != 0)
        return refuse(fmt::format("{}: holds a line break or another control character", source.key));
    if (const auto found = first_outside_gsm7(text); source_.gsm7_only && !found.empty())
      return refuse(fmt::format("{}: {} is not in the GSM 7-bit alphabet, which gsm7_only demands", source.key,
                                named_character(found)));
    (source.key == "name" ? sender.name : source.key == "pay" ? sender.pay : sender.call) = std::move(text);
  }

  static void fill_up(Sender& sender, const Sender& all) {
    if (sender.name.empty()) sender.name = all.name;
    if (sender.pay.empty()) sender.pay = all.pay;
    if (sender.call.empty()) sender.call = all.call;
  }

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
    auto pattern = CompiledText::compile(text.pattern, language.formats);
    if (!pattern) {
      for (const std::string& mistake : pattern.error()) wrong(index, mistake);
      return;
    }
    if (!around) check_shape(index, static_cast<NoticeKind>(*slot), *pattern);
    check_characters(index, language, *pattern);
    texts.push_back({.step = text.step, .brand = text.brand, .source = index, .pattern = std::move(*pattern)});
  }

  void check_shape(std::size_t index, NoticeKind kind, const CompiledText& pattern) {
    const DateFields shown = pattern.event_time_fields();
    if (shown != date_field::all)
      wrong(index, fmt::format("does not always show the event time to the minute (lacks {}): write "
                               "{{event_time, date, ::MMMdHmm}} outside every branch, or in all of them",
                               missing_fields(shown)));
    constexpr std::string_view spaces = " \t\r\n";
    const std::string& text = source_.texts[index].pattern;
    if (!text.empty() && (spaces.contains(text.front()) || spaces.contains(text.back())))
      wrong(index, "begins or ends with a space or line break");
    if (wrong_[index]) return;
    if (kind != NoticeKind::ops_alert && !pattern.always_shows(*find_argument("account")))
      wrong(index, "does not always show the account: write {account} outside every branch, or in all of them");
    const std::string_view amount = amount_of(kind);
    if (!amount.empty() && !pattern.may_show(*find_argument(amount)))
      wrong(index, fmt::format("never shows the amount: write {{{0}, select, none {{}} other {{{{{0}, number, "
                               "currency}}}}}}",
                               amount));
  }

  void check_characters(std::size_t index, const Language& language, const CompiledText& pattern) {
    if (const auto brace = pattern.find_in_literals(full_width_brace); !brace.empty())
      wrong(index, fmt::format("{} would be printed as it is; write {{ and }} around what is filled in",
                               named_character(brace)));
    if (!source_.gsm7_only) return;
    const auto outside = pattern.find_in_literals([](std::string_view literal) {
      const std::string sent = as_sent(std::string(literal));
      return std::string(first_outside_gsm7(sent));
    });
    if (!outside.empty())
      wrong(index,
            fmt::format("{} is not in the GSM 7-bit alphabet, which gsm7_only demands", named_character(outside)));
    for (const MoneyStyle style : pattern.money_styles())
      if (const std::string& problem = sign_outside_gsm7(language, style); !problem.empty()) wrong(index, problem);
  }

  /// A text meets the currencies of all accounts, not only the one that its writer had in mind.
  const std::string& sign_outside_gsm7(const Language& language, MoneyStyle style) {
    const auto [found, is_new] = signs_.try_emplace(style);
    const bool signs = style == MoneyStyle::symbol || style == MoneyStyle::narrow || style == MoneyStyle::name;
    if (!is_new || !signs) return found->second;
    for (const std::string& currency : Formats::currencies()) {
      std::string text;
      language.formats.append_money(style, Amount::from_micros(1'286'500'000), currency, text);
      const std::string sent = as_sent(text);
      const auto outside = first_outside_gsm7(sent);
      if (outside.empty()) continue;
      found->second = fmt::format(
          "writes an amount in {} as {} with {}, which is not in the GSM 7-bit alphabet; write "
          "{{..., number, sign}}, which takes the code where there is no such sign",
          currency, text, named_character(outside));
      break;
    }
    return found->second;
  }

  void check_present(const Language& language, std::size_t slot) {
    if (named_[slot] || slot == signature_slot) return;
    mistakes_.push_back({.file = source_.file,
                         .line = 1,
                         .column = 1,
                         .message = fmt::format("no text for '{}' in {}; every kind needs one for all brands",
                                                text_kinds()[slot], language.tag.text)});
  }

  /// Fills in every text for every brand with what may come together, at the dates that are written in the most telling
  /// ways, and looks at the result.
  void check_rendered(const Language& language) {
    std::set<std::string> brands = {""};
    for (const TextSource& text : source_.texts) brands.insert(text.brand);
    for (const auto& [brand, sender] : language.senders) brands.insert(brand);
    for (const std::string& brand : brands) check_frame(language, brand);
    const std::vector<Instant> instants = language.formats.telling_instants();
    for (std::size_t slot = 0; slot < notice_kinds; ++slot) {
      for (const Text& text : language.texts[slot]) {
        for (const std::string& brand : brands) {
          if (!brand.empty() && text.brand != brand && !has_frame(language, brand)) continue;  // as without a brand
          auto samples = telling_samples(static_cast<NoticeKind>(slot), text.step);
          for (MessageContext& context : samples) {
            if (!brand.empty()) context.brand = brand;
            check_rendered(language, context, brand);
          }
          samples.resize(fullest_samples);  // dates are written alike in all of them
          for (MessageContext& context : samples) {
            for (const Instant instant : instants) {
              set_every_instant(context, instant);
              check_rendered(language, context, brand);
            }
          }
        }
      }
    }
  }

  void check_rendered(const Language& language, const MessageContext& context, std::string_view brand) {
    const auto slot = enum_index(context.kind);
    const Text* const chosen = language.choose(slot, context.step, context.brand);
    if (chosen == nullptr || wrong_[chosen->source]) return;
    const std::size_t index = chosen->source;
    const auto text = language.compose(context);
    if (!text) return wrong(index, text.error());
    const auto counted = count(*text);
    if (!counted) return wrong(index, counted.error());
    const std::string whose = brand.empty() ? std::string() : fmt::format(" for brand '{}'", brand);
    const std::string when = date::format("%F", date::floor<date::days>(context.event_time));
    if (counted->parts > parts_max_)
      wrong(index, fmt::format("takes {} SMS segments ({} units, {}) with sample values{}, the limit is {}",
                               counted->parts, counted->units, to_text(counted->encoding), whose, parts_max_));
    if (source_.gsm7_only && counted->encoding != Encoding::gsm7 && !frame_is_wrong())
      wrong(index, fmt::format("{} gets into the text{}, for example on {}, which is not in the GSM 7-bit alphabet",
                               named_character(first_outside_gsm7(*text)), whose, when));
    if (const auto bracket = unpaired(*text, u"【】"); !bracket.empty() && !frame_is_wrong())
      wrong(index, fmt::format("'{}' has no partner{}", bracket, whose));
  }

  /// Whether what stands around texts, or who writes, is the brand's own.
  static bool has_frame(const Language& language, const std::string& brand) {
    const auto is_own = [&](const Text& text) { return text.brand == brand; };
    return language.senders.contains(brand) || std::ranges::any_of(language.texts[signature_slot], is_own) ||
           std::ranges::any_of(language.texts[held_slot], is_own);
  }

  /// What stands around every text has its brackets in pairs: networks look for them.
  void check_frame(const Language& language, const std::string& brand) {
    for (const std::size_t slot : {signature_slot, held_slot}) {
      const Text* const text = language.choose(slot, 0, brand);
      if (text == nullptr || wrong_[text->source]) continue;
      MessageContext context = sample_context(NoticeKind::dunning, 1, true);
      context.brand = brand;
      std::string rendered;
      text->pattern.render({.message = context, .sender = language.sender_of(brand)}, zone_data().get(context.zone),
                           language.formats, rendered);
      if (const auto bracket = unpaired(rendered, u"【】[]()（）［］「」《》"); !bracket.empty())
        wrong(text->source, fmt::format("'{}' has no partner in '{}'", bracket, rendered));
    }
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
  std::vector<TextMistake>& mistakes_;
  std::vector<bool> wrong_;                  ///< texts that have a mistake already
  std::array<bool, slots> named_{};          ///< slots for which there is a text for all brands, right or wrong
  std::map<MoneyStyle, std::string> signs_;  ///< what is wrong with a style under gsm7_only; empty if nothing is
};

}  // namespace

std::unique_ptr<Language> compile_language(const LanguageSource& source, int parts_max,
                                           std::vector<TextMistake>& mistakes) {
  auto tag = parse_language_tag(source.lang);
  if (!tag) {
    mistakes.push_back({.file = source.file,
                        .line = source.line,
                        .column = source.column,
                        .message = fmt::format("'{}' is no language tag such as zh-CN or en", source.lang)});
    return nullptr;
  }
  auto language = std::make_unique<Language>(std::move(*tag));
  language->regional = source.regional;
  if (source.readable) LanguageCompiler(source, parts_max, mistakes).compile(*language);
  return language;
}

}  // namespace dun::messages
