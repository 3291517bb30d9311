// Local time, and nowhere else: what a wall clock in a zone says, and which instant a wall time means.
#pragma once

#include "domain/time.hpp"

#include <date/tz.h>

#include <string_view>

namespace dun::policies {

using Zone = date::time_zone;
using LocalTime = date::local_time<Millis>;
using LocalDay = date::local_days;

/// The zone of that IANA name, in whatever case (D26), or nullptr if the tz database does not know it (E3). Its name()
/// is as the database has it. Never throws.
[[nodiscard]] const Zone* find_zone(std::string_view name);

/// Which of two instants a wall time means that a clock shows twice (E2).
enum class Reading : std::uint8_t { earliest, latest };

[[nodiscard]] LocalTime to_local(Instant instant, const Zone& zone);
[[nodiscard]] LocalDay local_day(Instant instant, const Zone& zone);

/// The instant of a wall time. One that a clock never shows (a gap) means the first instant after the gap.
[[nodiscard]] Instant to_instant(LocalTime local, const Zone& zone, Reading reading);

/// The same wall time `days` calendar days later, the earlier reading where there are two; 0 days later is `instant`.
[[nodiscard]] Instant add_calendar_days(Instant instant, int days, const Zone& zone);

/// The first instant of the calendar day; after it the clock does not show the day before again.
[[nodiscard]] Instant start_of_day(LocalDay day, const Zone& zone);

}  // namespace dun::policies
