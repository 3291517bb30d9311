// When somebody may not be messaged, as wall time.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dun {

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

}  // namespace dun
