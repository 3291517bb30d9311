#include "domain/time.hpp"

#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

namespace dun {
namespace {

/// Reads exactly `width` digits from the front.
std::optional<int> digits(std::string_view& text, std::size_t width) {
  if (text.size() < width) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < width; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(width);
  return value;
}

bool literal(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// Fraction of a second behind the point, to milliseconds; further digits are cut off.
std::optional<int> fraction(std::string_view& text) {
  int millis = 0;
  std::size_t count = 0;
  for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count)
    if (count < 3) millis = millis * 10 + (text[count] - '0');
  if (count == 0) return std::nullopt;
  for (std::size_t i = count; i < 3; ++i) millis *= 10;
  text.remove_prefix(count);
  return millis;
}

/// Minutes ahead of UTC.
std::optional<int> offset(std::string_view& text) {
  if (literal(text, "Zz")) return 0;
  const bool west = text.starts_with('-');
  if (!literal(text, "+-")) return std::nullopt;
  const auto hours = digits(text, 2);
  if (!hours || !literal(text, ":")) return std::nullopt;
  const auto minutes = digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int total = *hours * 60 + *minutes;
  return west ? -total : total;
}

struct Unit {
  std::string_view name;
  std::int64_t millis;
};
constexpr std::array units = {Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000}, Unit{"s", 1000},
                              Unit{"ms", 1}};

}  // namespace

std::expected<Instant, std::string> parse_rfc3339(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>("expected RFC 3339 with an offset, such as 2026-01-31T21:45:00+08:00");
  };
  const auto year = digits(text, 4);
  if (!year || !literal(text, "-")) return wrong();
  const auto month = digits(text, 2);
  if (!month || !literal(text, "-")) return wrong();
  const auto day = digits(text, 2);
  if (!day || !literal(text, "Tt ")) return wrong();
  const auto hour = digits(text, 2);
  if (!hour || !literal(text, ":")) return wrong();
  const auto minute = digits(text, 2);
  if (!minute || !literal(text, ":")) return wrong();
  auto second = digits(text, 2);
  if (!second) return wrong();
  int millis = 0;
  if (literal(text, ".")) {
    const auto read = fraction(text);
    if (!read) return wrong();
    millis = *read;
  }
  const auto ahead = offset(text);
  if (!ahead || !text.empty()) return wrong();
  const date::year_month_day ymd{date::year(*year), date::month(static_cast<unsigned>(*month)),
                                 date::day(static_cast<unsigned>(*day))};
  if (!ymd.ok()) return std::unexpected<std::string>("there is no such day in the calendar");
  if (*hour > 23 || *minute > 59 || *second > 60) return std::unexpected<std::string>("there is no such time of day");
  if (*second == 60) {
    second = 59;
    millis = 999;
  }
  return date::sys_days(ymd) + std::chrono::hours(*hour) + std::chrono::minutes(*minute - *ahead) +
         std::chrono::seconds(*second) + Millis(millis);
}

namespace {

/// At least so many digits.
void append_number(std::string& text, std::int64_t number, std::size_t width) {
  std::array<char, 24> digits{};
  const auto* end = std::to_chars(digits.begin(), digits.end(), std::abs(number)).ptr;
  const auto size = static_cast<std::size_t>(end - digits.begin());
  if (number < 0) text += '-';
  if (size < width) text.append(width - size, '0');
  text.append(digits.begin(), size);
}

/// Everything but the offset.
std::string civil(Instant instant, bool with_millis) {
  const auto day = date::floor<date::days>(instant);
  const date::year_month_day ymd(day);
  const date::hh_mm_ss time(instant - day);
  std::string text;
  text.reserve(32);
  append_number(text, static_cast<int>(ymd.year()), 4);
  text += '-';
  append_number(text, static_cast<unsigned>(ymd.month()), 2);
  text += '-';
  append_number(text, static_cast<unsigned>(ymd.day()), 2);
  text += 'T';
  append_number(text, time.hours().count(), 2);
  text += ':';
  append_number(text, time.minutes().count(), 2);
  text += ':';
  append_number(text, time.seconds().count(), 2);
  if (!with_millis) return text;
  text += '.';
  append_number(text, time.subseconds().count(), 3);
  return text;
}

}  // namespace

std::string to_rfc3339(Instant instant) {
  return civil(instant, true) + "Z";
}

std::string to_rfc3339(Instant instant, std::chrono::seconds ahead) {
  const auto minutes = std::abs(std::chrono::duration_cast<std::chrono::minutes>(ahead).count());
  std::string text = civil(instant + ahead, (instant.time_since_epoch() % Seconds(1)).count() != 0);
  text += ahead.count() < 0 ? '-' : '+';
  append_number(text, minutes / 60 % 100, 2);
  text += ':';
  append_number(text, minutes % 60, 2);
  return text;
}

std::expected<Millis, std::string> parse_span(std::string_view text) {
  const auto wrong = [] {
    return std::unexpected<std::string>("expected a span of time such as 90s, 10m, 24h, 3d or 1h30m");
  };
  constexpr std::int64_t max = std::int64_t{36'500} * 86'400'000;
  if (text.empty()) return wrong();
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    std::size_t at = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      number = number * 10 + (text[at] - '0');
      if (number > max) return std::unexpected<std::string>("span of time is beyond a hundred years");
    }
    std::size_t letters = at;
    while (letters < text.size() && (text[letters] < '0' || text[letters] > '9')) ++letters;
    const std::string_view name = text.substr(at, letters - at);
    std::size_t unit = next_unit;
    while (unit < units.size() && units[unit].name != name) ++unit;
    if (at == 0 || unit == units.size()) return wrong();
    if (number > max / units[unit].millis)
      return std::unexpected<std::string>("span of time is beyond a hundred years");
    total += number * units[unit].millis;
    if (total > max) return std::unexpected<std::string>("span of time is beyond a hundred years");
    next_unit = unit + 1;
    text.remove_prefix(letters);
  }
  return Millis(total);
}

std::string to_text(Millis span) {
  std::int64_t rest = span.count();
  if (rest == 0) return "0s";
  std::string text;
  for (const Unit& unit : units) {
    if (rest >= unit.millis) text += std::to_string(rest / unit.millis) + std::string(unit.name);
    rest %= unit.millis;
  }
  return text;
}

}  // namespace dun
