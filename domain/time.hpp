// Instants and spans. Local time does not exist here: it lives in policies/calendar.* only.
#pragma once

#include <date/date.h>

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

namespace dun {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

/// A point in time, UTC, to the millisecond. Everything that is decided is decided from one of these.
using Instant = date::sys_time<Millis>;

/// Reads RFC 3339 with an offset (`2026-01-31T21:45:00+08:00`, `...Z`); fractions beyond milliseconds are cut off.
/// The error says what was expected. A leap second (`:60`) is read as the last millisecond of its minute.
[[nodiscard]] std::expected<Instant, std::string> parse_rfc3339(std::string_view text);

/// `2026-01-31T13:45:00.000Z`: always UTC, always milliseconds, so that equal instants are equal bytes.
[[nodiscard]] std::string to_rfc3339(Instant instant);

/// The same instant on a wall clock that stands `offset` ahead of UTC: `2026-01-31T21:45:00+08:00`.
[[nodiscard]] std::string to_rfc3339(Instant instant, std::chrono::seconds offset);

/// `90s`, `10m`, `24h`, `3d`, `250ms`, or several in falling units (`1h30m`). Never negative.
[[nodiscard]] std::expected<Millis, std::string> parse_span(std::string_view text);

/// In falling units (`1h30m`), so that parse_span reads it back to the same span.
[[nodiscard]] std::string to_text(Millis span);

}  // namespace dun
