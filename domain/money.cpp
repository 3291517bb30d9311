#include "domain/money.hpp"

#include <algorithm>
#include <limits>

namespace dun {
namespace {
constexpr std::int64_t one = 1'000'000;
constexpr std::int64_t whole_max = std::numeric_limits<std::int64_t>::max() / one - 1;
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
}  // namespace

std::expected<Amount, std::string> Amount::parse(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>("expected a decimal amount such as -12.50, with at most six decimals");
  };
  std::string_view rest = text;
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  const std::size_t point = std::min(rest.find('.'), rest.size());
  const std::string_view whole = rest.substr(0, point);
  const std::string_view decimals = point < rest.size() ? rest.substr(point + 1) : std::string_view();
  if (whole.empty() || (point < rest.size() && decimals.empty()) || decimals.size() > 6) return wrong();
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(decimals, is_digit)) return wrong();
  std::int64_t units = 0;
  for (const char c : whole) {
    units = units * 10 + (c - '0');
    if (units > whole_max) return std::unexpected<std::string>("amount is beyond nine trillion");
  }
  std::int64_t fraction = 0;
  for (std::size_t i = 0; i < 6; ++i) fraction = fraction * 10 + (i < decimals.size() ? decimals[i] - '0' : 0);
  const std::int64_t micros = units * one + fraction;
  return Amount(negative ? -micros : micros);
}

std::string Amount::to_text() const {
  const std::uint64_t magnitude =
      micros_ < 0 ? ~static_cast<std::uint64_t>(micros_) + 1 : static_cast<std::uint64_t>(micros_);
  std::string text = (micros_ < 0 ? "-" : "") + std::to_string(magnitude / one);
  if (magnitude % one == 0) return text;
  std::string decimals = std::to_string(one + magnitude % one).substr(1);
  while (decimals.size() > 2 && decimals.back() == '0') decimals.pop_back();
  return text + "." + decimals;
}

Amount Amount::plus(Amount other) const {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(micros_, other.micros_, &sum))
    sum = micros_ < 0 ? std::numeric_limits<std::int64_t>::min() + 1 : std::numeric_limits<std::int64_t>::max();
  return Amount(sum);
}

bool is_currency(std::string_view text) {
  return text.size() == 3 && std::ranges::all_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace dun
