// How readers of one language write dates, amounts and whole numbers; ICU's knowledge behind a small face.
#pragma once

#include "domain/money.hpp"
#include "domain/time.hpp"
#include "messages/date_letters.hpp"

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <unicode/dtptngen.h>
#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/plurrule.h>
#include <unicode/smpdtfmt.h>

namespace dun::messages {

struct DateStyle {
  std::unique_ptr<const icu::SimpleDateFormat> format;
  DateFields fields = 0;
};

/// How an amount shows its currency; in a text `{owed, number, currency}`, `{owed, number, ::unit-width-...}` or
/// `{owed, number, sign}`: the sign where it is a single character of the GSM alphabet, as those of pound, euro, dollar
/// and yen are, and the code elsewhere.
enum class MoneyStyle : std::uint8_t { symbol, narrow, code, name, hidden, sign };

/// One language's formatters. They are slow to make (10 us to 1 ms) and quick to use (about 1 us), so they are made
/// once: those that texts name when texts are compiled, those of a currency when it first comes up.
///
/// Dates are given as local time, that is, shifted by the zone's offset, and are formatted as if in UTC. So the only
/// source of zone rules is the tz database that quiet hours are decided by, and a text cannot disagree with them
/// because ICU carries an older one.
///
/// Guarantee: const functions may be called from any number of threads. Every no-break or narrow space that ICU
/// writes comes out as an ordinary one, because SMS alphabets lack them.
class Formats {
 public:
  explicit Formats(const icu::Locale& locale);

  /// The style behind `{x, TYPE, STYLE}` with the type `date` or `time`; STYLE is empty, `short`, `medium`, `long`,
  /// `full`, `::` and a skeleton, or a pattern. Owned by this object. The error says what is wrong with it.
  [[nodiscard]] std::expected<const DateStyle*, std::string> date_style(std::string_view type, std::string_view style);

  void append_date(const DateStyle& style, Instant local, std::string& out) const;
  /// What the walk over days and hours found for the styles that texts name: an instant for each date that is longest
  /// and each character outside the GSM alphabet that only some dates bring along.
  [[nodiscard]] std::vector<Instant> telling_instants() const;

  /// Whether ISO 4217 has or had a currency of that code.
  [[nodiscard]] static bool is_known_currency(std::string_view code);
  /// Codes of the currencies in use.
  [[nodiscard]] static std::vector<std::string> currencies();

  /// Every digit of the amount and at least those its currency usually has. Without a currency only the number.
  void append_money(MoneyStyle style, Amount amount, std::string_view currency, std::string& out) const;
  void append_number(std::int64_t number, std::string& out) const;

  /// The plural category (`one`, `few`, `other`) of a number.
  [[nodiscard]] std::string plural_category(std::int64_t number, bool ordinal) const;

 private:
  using NumberFormatter = icu::number::LocalizedNumberFormatter;
  [[nodiscard]] NumberFormatter make_money(MoneyStyle style, std::string_view currency) const;
  /// The width that `style` means for this currency.
  [[nodiscard]] UNumberUnitWidth width_of(MoneyStyle style, std::string_view currency) const;
  /// The kept formatter of a currency, made when it first comes up. Null for a code that no currency has, so that a
  /// producer's typing errors cannot fill the memory.
  [[nodiscard]] const NumberFormatter* kept_money(MoneyStyle style, std::string_view currency) const;

  icu::Locale locale_;
  std::unique_ptr<icu::DateTimePatternGenerator> patterns_;
  std::map<std::pair<std::string, std::string>, DateStyle> dates_;
  NumberFormatter whole_, decimal_;
  std::unique_ptr<const icu::PluralRules> cardinal_, ordinal_;
  mutable std::shared_mutex money_mutex_;
  mutable std::unordered_map<std::string, NumberFormatter> money_;  ///< by currency and style; never shrinks
};

/// The style that a text names, or nothing; `money_style_names()` are all there are.
[[nodiscard]] std::optional<MoneyStyle> money_style(std::string_view name);
[[nodiscard]] std::span<const std::string_view> money_style_names();

}  // namespace dun::messages
