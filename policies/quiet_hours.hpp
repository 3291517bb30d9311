// Quiet hours: when nobody may be messaged (E1, E2, E4, E6; contract section 6).
#pragma once

#include "domain/vocabulary.hpp"
#include "policies/calendar.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace dun::policies {

/// Weekdays, bit 0 Monday to bit 6 Sunday.
using DaySet = std::uint8_t;
inline constexpr DaySet every_day = 0x7f;

/// One window of wall time, half-open: `from` is quiet, `until` is not. It wraps past midnight when `until` is not
/// later than `from`; `days` are the days on which it begins.
struct QuietWindow {
  std::string name;  ///< appears in reasons as `quiet_hours.NAME`
  std::chrono::minutes from{22 * 60};
  std::chrono::minutes until{7 * 60};
  DaySet days = every_day;
  bool all_day = false;  ///< the whole calendar day; `from` and `until` do not count
  friend bool operator==(const QuietWindow&, const QuietWindow&) = default;
};

struct QuietHoursOptions {
  std::vector<QuietWindow> windows;
  KindSet kinds;  ///< the notice kinds that keep the quiet hours
  friend bool operator==(const QuietHoursOptions&, const QuietHoursOptions&) = default;
};

/// A stretch of quiet: the union of windows that overlap or touch, so that its end is never quiet itself.
struct Quiet {
  Instant began{};
  Instant ends{};
  std::string rule;  ///< of the window that ends last
};

/// Whether `at` is quiet by these windows on the wall clocks of `zone`, and from when to when.
///
/// A wall time that starts or ends a window and falls into a daylight-saving gap means the first instant after it.
/// Where the clock shows it twice, a window starts at the first and ends at the second showing: an instant is quiet if
/// either reading makes it so.
[[nodiscard]] std::optional<Quiet> find_quiet(const std::vector<QuietWindow>& windows, Instant at, const Zone& zone);

/// When the next window begins after `after`, within eight days. While it is quiet the window in force does not count.
[[nodiscard]] std::optional<Instant> next_quiet(const std::vector<QuietWindow>& windows, Instant after,
                                                const Zone& zone);

}  // namespace dun::policies
