// Quiet hours: when nobody may be messaged (E1, E2, E4, E6; contract section 6).
#pragma once

#include "policies/calendar.hpp"
#include "policies/options.hpp"

#include <optional>
#include <span>
#include <string>

namespace dun::policies {

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
[[nodiscard]] std::optional<Quiet> find_quiet(std::span<const QuietWindow> windows, Instant at, const Zone& zone);

/// When the next window begins after `after`, within eight days. While it is quiet the window in force does not count.
[[nodiscard]] std::optional<Instant> next_quiet(std::span<const QuietWindow> windows, Instant after, const Zone& zone);

}  // namespace dun::policies
