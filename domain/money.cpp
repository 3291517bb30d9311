#include "domain/money.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace dun {
namespace {
constexpr std::int64_t one = 1'000'000;
constexpr std::int64_t whole_max = std::numeric_limits<std::int64_t>::max() / one - 1;

// ISO 4217 as ICU 72 knows it and as amended since (XCG, ZWG); each code is followed by a space.
constexpr std::string_view known_currencies =
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHE CHF CHW CLF CLP CNH CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
    "GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK "
    "LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB "
    "PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB "
    "TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN USS UYI UYU UYW UZS VED VEF VES VND VUV WST XAF XAG XAU XBA XBB "
    "XBC XBD XCD XCG XDR XFO XFU XOF XPD XPF XPT XSU XUA YER ZAR ZMW ZWG ";

struct MinorDigits {
  int digits;
  std::string_view currencies;  // each followed by a space
};
// The exceptions to two, as ICU has them: a text rounds an amount to what ICU says, so this has to agree with it.
constexpr std::array minor_digit_exceptions = {
    MinorDigits{0,
                "ADP AFN ALL BIF BYR CLP DJF ESP GNF IQD IRR ISK ITL JPY KMF KPW KRW LAK LBP LUF MGA MGF MMK MRO "
                "PYG RSD RWF SLL SOS STD SYP TMM TRL UGX UYI VND VUV XAF XOF XPF YER ZMK ZWD "},
    MinorDigits{3, "BHD JOD KWD LYD OMR TND "},
    MinorDigits{4, "CLF UYW "},
};

/// Whether `codes`, each of three letters and a space, hold the code.
constexpr bool holds(std::string_view codes, std::string_view code) {
  if (code.size() != 3) return false;
  for (; !codes.empty(); codes.remove_prefix(4))
    if (codes.starts_with(code)) return true;
  return false;
}

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

bool is_known_currency(std::string_view code) {
  return holds(known_currencies, code);
}

int minor_digits(std::string_view currency) {
  const auto exception = std::ranges::find_if(
      minor_digit_exceptions, [&](const MinorDigits& each) { return holds(each.currencies, currency); });
  return exception == minor_digit_exceptions.end() ? 2 : exception->digits;
}

Amount truncated_to_unit(Amount amount, std::string_view currency) {
  std::int64_t unit = one;
  for (int digits = minor_digits(currency); digits > 0; --digits) unit /= 10;
  return Amount::from_micros(amount.micros() - amount.micros() % unit);
}

}  // namespace dun
