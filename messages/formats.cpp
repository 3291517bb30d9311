#include "messages/formats.hpp"

#include "base/assert.hpp"
#include "messages/segmentation.hpp"
#include "messages/typography.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <set>

#include <fmt/format.h>
#include <unicode/currunit.h>
#include <unicode/timezone.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>

namespace dun::messages {
namespace {

using namespace std::string_view_literals;

// In the order of MoneyStyle.
constexpr std::array money_styles = {"currency"sv,
                                     "::unit-width-narrow"sv,
                                     "::unit-width-iso-code"sv,
                                     "::unit-width-full-name"sv,
                                     "::unit-width-hidden"sv,
                                     "sign"sv};

constexpr int decimals_max = 6;  // Amount is exact to a millionth

void append(icu::UnicodeString text, std::string& out) {
  for (std::int32_t i = 0; i < text.length(); ++i) {
    const char16_t unit = text[i];
    const bool space = unit == u'\u00a0' || unit == u'\u2007' || unit == u'\u2009' || unit == u'\u202f';
    if (space) text.setCharAt(i, u' ');
  }
  text.toUTF8String(out);
}

/// ICU fails here only if its data is missing or memory is out.
void append(const icu::number::FormattedNumber& number, std::string& out) {
  UErrorCode status = U_ZERO_ERROR;
  append(number.toString(status), out);
  DUN_ASSERT(U_SUCCESS(status));
}

/// ICU turns a number formatter into its quick form at the third use, in whatever thread that is. Used up to there
/// before it is shared, it never changes again.
void make_quick(const icu::number::LocalizedNumberFormatter& formatter) {
  UErrorCode status = U_ZERO_ERROR;
  for (int uses = 0; uses < 4; ++uses) static_cast<void>(formatter.formatInt(1, status));
  DUN_ASSERT(U_SUCCESS(status));
}

std::array<char16_t, 4> currency_code(std::string_view currency) {
  return {static_cast<char16_t>(currency[0]), static_cast<char16_t>(currency[1]), static_cast<char16_t>(currency[2]),
          0};
}

std::unique_ptr<icu::DateFormat> named_format(std::string_view type, std::string_view style,
                                              const icu::Locale& locale) {
  constexpr std::array styles = {"full"sv, "long"sv, "medium"sv, "short"sv};
  static_assert(icu::DateFormat::kFull == 0 && icu::DateFormat::kShort == styles.size() - 1);
  const auto* const at = std::ranges::find(styles, style.empty() ? "medium"sv : style);
  if (at == styles.end()) return nullptr;
  const auto width = static_cast<icu::DateFormat::EStyle>(at - styles.begin());
  return std::unique_ptr<icu::DateFormat>(type == "time" ? icu::DateFormat::createTimeInstance(width, locale)
                                                         : icu::DateFormat::createDateInstance(width, locale));
}

}  // namespace

Formats::Formats(const icu::Locale& locale)
    : locale_(locale),
      whole_(icu::number::NumberFormatter::withLocale(locale)),
      decimal_(icu::number::NumberFormatter::withLocale(locale).precision(
          icu::number::Precision::minMaxFraction(2, decimals_max))) {
  UErrorCode status = U_ZERO_ERROR;
  patterns_.reset(icu::DateTimePatternGenerator::createInstance(locale_, status));
  cardinal_.reset(icu::PluralRules::forLocale(locale_, UPLURAL_TYPE_CARDINAL, status));
  ordinal_.reset(icu::PluralRules::forLocale(locale_, UPLURAL_TYPE_ORDINAL, status));
  DUN_ASSERT(U_SUCCESS(status));
  make_quick(whole_);
  make_quick(decimal_);
}

std::expected<const DateStyle*, std::string> Formats::date_style(std::string_view type, std::string_view style) {
  const std::pair key{std::string(type), std::string(style)};
  if (const auto at = dates_.find(key); at != dates_.end()) return &at->second;

  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::SimpleDateFormat> format;
  if (auto named = named_format(type, style, locale_)) {
    format.reset(dynamic_cast<icu::SimpleDateFormat*>(named.release()));
    DUN_ASSERT(format != nullptr);
  } else {
    const bool skeleton = style.starts_with("::");
    auto pattern = icu::UnicodeString::fromUTF8(skeleton ? style.substr(2) : style);
    if (const auto why = mistaken_fields(pattern, skeleton); !why.empty())
      return std::unexpected("shows what was not meant: " + why);
    if (skeleton) pattern = patterns_->getBestPattern(pattern, status);
    if (U_FAILURE(status) || pattern.isEmpty()) return std::unexpected("is no date skeleton such as ::MMMdHmm");
    if (const auto fields = fields_of(pattern); !fields) return std::unexpected(fields.error());
    format = std::make_unique<icu::SimpleDateFormat>(pattern, locale_, status);
    if (U_FAILURE(status)) return std::unexpected("is no date pattern such as yyyy-MM-dd HH:mm");
  }
  format->setTimeZone(*icu::TimeZone::getGMT());
  icu::UnicodeString pattern;
  const auto fields = fields_of(format->toPattern(pattern));
  if (!fields) return std::unexpected(fields.error());
  return &dates_.emplace(key, DateStyle{.format = std::move(format), .fields = *fields}).first->second;
}

void Formats::append_date(const DateStyle& style, Instant local, std::string& out) const {
  icu::UnicodeString text;
  append(style.format->format(static_cast<UDate>(local.time_since_epoch().count()), text), out);
}

/// Every month with every day of the week, and every hour: dates are made of these independently, so walking them one
/// after the other finds the longest of both. Two digits for day and year throughout.
std::vector<Instant> Formats::telling_instants() const {
  using date::days;
  std::vector<Instant> telling;
  std::set<std::string, std::less<>> seen;
  const Instant first = date::sys_days(date::year(2026) / 10 / 21) + std::chrono::minutes(30);
  for (const auto& [key, style] : dates_) {
    const auto longest = [&](const std::vector<Instant>& instants) {
      Instant best = instants.front();
      std::size_t most = 0;
      for (const Instant instant : instants) {
        std::string text;
        append_date(style, instant, text);
        text = as_sent(std::move(text));
        const auto counted = count(text);
        const auto units = static_cast<std::size_t>(counted ? counted->units : 0);
        if (units > most) best = instant;
        most = std::max(most, units);
        for (std::string_view rest = text; !first_outside_gsm7(rest).empty();) {
          const std::string_view outside = first_outside_gsm7(rest);
          if (seen.emplace(outside).second) telling.push_back(instant);
          rest.remove_prefix(static_cast<std::size_t>(outside.data() - rest.data()) + outside.size());
        }
      }
      return best;
    };
    std::vector<Instant> all_days, hours;
    for (int month = 1; month <= 12; ++month)
      for (int day = 20; day < 27; ++day)
        all_days.push_back(date::sys_days(date::year(2026) / month / day) + std::chrono::hours(22));
    for (int hour = 0; hour < 24; ++hour) hours.push_back(first + std::chrono::hours(hour));
    const Instant day = longest(all_days), hour = longest(hours);
    telling.push_back(date::floor<days>(day) + (hour - date::floor<days>(hour)));
  }
  std::ranges::sort(telling);
  telling.erase(std::ranges::unique(telling).begin(), telling.end());
  return telling;
}

bool Formats::is_known_currency(std::string_view code) {
  UErrorCode status = U_ZERO_ERROR;
  return is_currency(code) && ucurr_isAvailable(currency_code(code).data(), U_DATE_MIN, U_DATE_MAX, &status) != 0;
}

std::vector<std::string> Formats::currencies() {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UEnumeration, decltype(&uenum_close)> codes(
      ucurr_openISOCurrencies(UCURR_COMMON | UCURR_NON_DEPRECATED, &status), &uenum_close);
  std::vector<std::string> all;
  while (const char* const code = uenum_next(codes.get(), nullptr, &status)) all.emplace_back(code);
  DUN_ASSERT(U_SUCCESS(status));
  return all;
}

UNumberUnitWidth Formats::width_of(MoneyStyle style, std::string_view currency) const {
  switch (style) {
    case MoneyStyle::symbol:
      return UNUM_UNIT_WIDTH_SHORT;
    case MoneyStyle::narrow:
      return UNUM_UNIT_WIDTH_NARROW;
    case MoneyStyle::code:
      return UNUM_UNIT_WIDTH_ISO_CODE;
    case MoneyStyle::name:
      return UNUM_UNIT_WIDTH_FULL_NAME;
    case MoneyStyle::hidden:
      return UNUM_UNIT_WIDTH_HIDDEN;
    case MoneyStyle::sign:
      break;
  }
  UErrorCode status = U_ZERO_ERROR;
  std::int32_t length = 0;
  const auto code = currency_code(currency);  // ICU gives this back for a currency that it does not know
  const char16_t* const sign =
      ucurr_getName(code.data(), locale_.getName(), UCURR_SYMBOL_NAME, nullptr, &length, &status);
  std::string utf8;
  icu::UnicodeString(sign, length).toUTF8String(utf8);
  const bool plain = U_SUCCESS(status) && length == 1 && first_outside_gsm7(utf8).empty();
  return plain ? UNUM_UNIT_WIDTH_SHORT : UNUM_UNIT_WIDTH_ISO_CODE;
}

Formats::NumberFormatter Formats::make_money(MoneyStyle style, std::string_view currency) const {
  UErrorCode status = U_ZERO_ERROR;
  const auto code = currency_code(currency);
  const int decimals = ucurr_getDefaultFractionDigits(code.data(), &status);
  const icu::CurrencyUnit unit(code.data(), status);
  DUN_ASSERT(U_SUCCESS(status));
  return icu::number::NumberFormatter::withLocale(locale_)
      .unit(unit)
      .unitWidth(width_of(style, currency))
      .precision(icu::number::Precision::minMaxFraction(std::min(decimals, decimals_max), decimals_max));
}

const Formats::NumberFormatter* Formats::kept_money(MoneyStyle style, std::string_view currency) const {
  std::string key(currency);
  key += static_cast<char>('0' + static_cast<int>(style));
  {
    const std::shared_lock lock(money_mutex_);
    if (const auto at = money_.find(key); at != money_.end()) return &at->second;
  }
  if (!is_known_currency(currency)) return nullptr;
  NumberFormatter made = make_money(style, currency);
  make_quick(made);
  const std::unique_lock lock(money_mutex_);
  return &money_.emplace(key, std::move(made)).first->second;
}

void Formats::append_money(MoneyStyle style, Amount amount, std::string_view currency, std::string& out) const {
  UErrorCode status = U_ZERO_ERROR;
  const std::string digits = amount.to_text();
  // CLDR's name of the yuan in Chinese is the currency's official one; people say and write 元.
  if (style == MoneyStyle::name && currency == "CNY" && std::string_view(locale_.getLanguage()) == "zh") {
    append_money(MoneyStyle::hidden, amount, currency, out);
    out += "元";
    return;
  }
  if (!is_currency(currency)) return append(decimal_.formatDecimal(digits, status), out);
  if (const auto* const kept = kept_money(style, currency)) return append(kept->formatDecimal(digits, status), out);
  append(make_money(style, currency).formatDecimal(digits, status), out);
}

void Formats::append_number(std::int64_t number, std::string& out) const {
  UErrorCode status = U_ZERO_ERROR;
  append(whole_.formatInt(number, status), out);
}

std::string Formats::plural_category(std::int64_t number, bool ordinal) const {
  std::string category;
  (ordinal ? ordinal_ : cardinal_)->select(static_cast<double>(number)).toUTF8String(category);
  return category;
}

std::optional<MoneyStyle> money_style(std::string_view name) {
  const auto* const at = std::ranges::find(money_styles, name);
  if (at == money_styles.end()) return std::nullopt;
  return static_cast<MoneyStyle>(at - money_styles.begin());
}

std::span<const std::string_view> money_style_names() {
  return money_styles;
}

}  // namespace dun::messages
