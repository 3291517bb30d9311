// The letters of date patterns, which are easily mistaken: `YYYY` is right for most of a year, `mm` between year and
// day looks like months and is minutes.
#pragma once

#include <expected>
#include <string>

#include <unicode/unistr.h>

namespace dun::messages {

/// What a reader can tell from a written date, as bits. An hour counts only if morning and evening are told apart.
using DateFields = unsigned;
namespace date_field {
inline constexpr DateFields month = 1, day = 2, hour = 4, minute = 8, all = 15;
}

/// What a date pattern shows, or why it cannot be used.
[[nodiscard]] std::expected<DateFields, std::string> fields_of(const icu::UnicodeString& pattern);

/// Why a pattern, or a skeleton without its `::`, would show another time than whoever wrote it meant; empty if it
/// would not. The fields of a skeleton have no order.
[[nodiscard]] std::string mistaken_fields(const icu::UnicodeString& text, bool skeleton);

}  // namespace dun::messages
