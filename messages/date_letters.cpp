#include "messages/date_letters.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace dun::messages {
namespace {

using namespace std::string_view_literals;

/// A field of a date pattern: a run of one letter.
struct Field {
  char16_t letter = 0;
  int width = 0;
  bool close = false;  ///< no space stands between it and the field before
};

/// Nothing if a quote is not closed.
std::optional<std::vector<Field>> fields_in(const icu::UnicodeString& pattern) {
  std::vector<Field> fields;
  bool quoted = false, close = true, running = false;
  for (std::int32_t i = 0; i < pattern.length(); ++i) {
    const char16_t c = pattern[i];
    if (c == u'\'') quoted = !quoted;
    const bool letter = !quoted && ((c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z'));
    if (letter && running && fields.back().letter == c) {
      ++fields.back().width;
    } else if (letter) {
      fields.push_back({.letter = c, .width = 1, .close = close});
      close = true;
    } else if (c == u' ') {
      close = false;
    }
    running = letter;
  }
  if (quoted) return std::nullopt;
  return fields;
}

/// Letters that mean something else than those who write them think, and what they wanted.
std::string_view mistaken(char16_t letter) {
  switch (letter) {
    case u'Y':
      return "is the year of the week, another one at the turn of the year; the year is y";
    case u'U':
    case u'r':
    case u'u':
      return "is a year of another calendar; the year is y";
    case u'D':
      return "is the day of the year; the day of the month is d";
    case u'F':
    case u'g':
      return "is no day of the month; that is d";
    case u'k':
      return "counts hours from 1, midnight is 24; the hour is H";
    case u'K':
      return "counts hours from 0 to 11; the hour is H, or h with a";
    case u'A':
    case u'S':
      return "is a fraction; a text needs no more than H and m";
    default:
      return {};
  }
}

}  // namespace

std::expected<DateFields, std::string> fields_of(const icu::UnicodeString& pattern) {
  constexpr std::u16string_view zone_letters = u"zZOvVXx", letters = u"GyYuUrQqMLwWdDFgEecabBhHKkmsSA";
  const auto found = fields_in(pattern);
  if (!found) return std::unexpected("has a quote that is not closed");
  DateFields fields = 0;
  bool half_day = false, half_named = false;
  for (const auto& [c, width, close] : *found) {
    if (zone_letters.contains(c))
      return std::unexpected("shows a time zone, but every time is given in the reader's own");
    if (!letters.contains(c)) return std::unexpected(fmt::format("has no date field '{}'", static_cast<char>(c)));
    if (c == u'M' || c == u'L') fields |= date_field::month;
    if (c == u'd') fields |= date_field::day;
    if (c == u'H' || c == u'k') fields |= date_field::hour;
    if (c == u'm') fields |= date_field::minute;
    half_day = half_day || c == u'h' || c == u'K';
    half_named = half_named || c == u'a' || c == u'b' || c == u'B';
  }
  if (half_day && half_named) fields |= date_field::hour;
  return fields;
}

std::string mistaken_fields(const icu::UnicodeString& text, bool skeleton) {
  const auto fields = fields_in(text);
  if (!fields) return {};
  const auto has = [&](std::u16string_view letters) {
    return std::ranges::any_of(*fields, [&](const Field& field) { return letters.contains(field.letter); });
  };
  const Field* before = nullptr;
  for (const Field& field : *fields) {
    const auto name = static_cast<char>(field.letter);
    if (const auto why = mistaken(field.letter); !why.empty()) return fmt::format("'{}' {}", name, why);
    const bool after_hour = before != nullptr && u"hHjJC"sv.contains(before->letter);
    if (field.letter == u'm' && !(skeleton ? has(u"hHjJC") : after_hour))
      return "'m' is minutes, and no hour stands before it; the month is M";
    if (field.letter == u'M' && !skeleton && after_hour && field.width <= 2 && field.close)
      return "'M' is the month, and behind an hour minutes are meant; they are m";
    if (std::ranges::count(*fields, field.letter, &Field::letter) > 1)
      return fmt::format("'{}' stands in it twice{}", name,
                         field.letter == u'M'   ? "; minutes are m"
                         : field.letter == u'm' ? "; the month is M"
                                                : "");
    before = &field;
  }
  if (!skeleton && has(u"h") && !has(u"abB")) return "'h' does not tell morning from evening; add a, or write H";
  return {};
}

}  // namespace dun::messages
