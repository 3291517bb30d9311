// Amounts of money as billing writes them: decimal, never binary floating point (E40).
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace dun {

/// A decimal amount in some currency, exact to a millionth. What the currency is stands beside it, never in it;
/// amounts of different currencies are not compared or added.
class Amount {
 public:
  constexpr Amount() = default;
  static constexpr Amount from_micros(std::int64_t micros) { return Amount(micros); }

  /// `-12.50`, `100`, `0.005`: optional sign, digits, at most six decimals, at most nine trillion.
  [[nodiscard]] static std::expected<Amount, std::string> parse(std::string_view text);

  [[nodiscard]] constexpr std::int64_t micros() const { return micros_; }
  [[nodiscard]] constexpr bool negative() const { return micros_ < 0; }
  /// Shortest decimal text, at least two decimals when there are any: `-12.50`, `100`, `0.005`.
  [[nodiscard]] std::string to_text() const;

  constexpr Amount operator-() const { return Amount(-micros_); }
  /// Saturates at the ends of the range; billing's amounts are twelve orders of magnitude below them.
  [[nodiscard]] Amount plus(Amount other) const;
  constexpr auto operator<=>(const Amount&) const = default;

 private:
  explicit constexpr Amount(std::int64_t micros) : micros_(micros) {}
  std::int64_t micros_ = 0;
};

/// ISO 4217 by form: three capital letters.
[[nodiscard]] bool is_currency(std::string_view text);

/// Whether ISO 4217 knows the code as money of today. A misspelt one (XXY) would stand in a text as it is, and XXX
/// (none) and XTS (for tests) name no money.
[[nodiscard]] bool is_known_currency(std::string_view code);

/// Decimals of the currency's smallest unit as ICU shows it: CNY 2, JPY 0, BHD 3; 2 where the currency is not known.
[[nodiscard]] int minor_digits(std::string_view currency);

/// What can be paid of the amount: what lies below the currency's smallest unit is a rounding rest and is dropped,
/// towards zero. -0.004 CNY is nothing.
[[nodiscard]] Amount truncated_to_unit(Amount amount, std::string_view currency);

}  // namespace dun
