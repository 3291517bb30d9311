#include "policies/gates/quiet_hours.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

bool begins_on(const QuietWindow& window, LocalDay day) {
  return (window.days >> (date::weekday(day).iso_encoding() - 1) & 1) != 0;
}

/// The window that begins on `day`, as instants; nothing if it does not begin then.
std::optional<Quiet> occurrence(const QuietWindow& window, LocalDay day, const Zone& zone) {
  if (!begins_on(window, day)) return std::nullopt;
  const auto from = window.all_day ? std::chrono::minutes(0) : window.from;
  const auto until = window.all_day ? std::chrono::minutes(24 * 60) : window.until;
  const LocalDay last = until <= from ? day + date::days(1) : day;
  Quiet quiet{.began = to_instant(LocalTime(day) + from, zone, Reading::earliest),
              .ends = to_instant(LocalTime(last) + until, zone, Reading::latest),
              .rule = {}};
  if (quiet.began >= quiet.ends) return std::nullopt;  // the whole window fell into a gap
  quiet.rule = "quiet_hours." + window.name;
  return quiet;
}

// A run of windows that overlap or touch is followed this far and no further; configuration that never lets anybody be
// messaged is refused when it is loaded.
constexpr date::days run_max{40};

/// Grows `quiet` by every occurrence on `day` that overlaps or touches it. True if one did.
bool grow(Quiet& quiet, std::span<const QuietWindow> windows, LocalDay day, const Zone& zone) {
  bool grown = false;
  for (const QuietWindow& window : windows) {
    auto other = occurrence(window, day, zone);
    if (!other || other->began > quiet.ends || other->ends < quiet.began) continue;
    if (other->ends > quiet.ends) {
      quiet.ends = other->ends;
      quiet.rule = std::move(other->rule);
      grown = true;
    }
    if (other->began < quiet.began) {
      quiet.began = other->began;
      grown = true;
    }
  }
  return grown;
}

}  // namespace

std::optional<Quiet> find_quiet(std::span<const QuietWindow> windows, Instant at, const Zone& zone) {
  const LocalDay today = local_day(at, zone);
  std::optional<Quiet> found;
  // A window that wraps began yesterday; a clock that jumps a whole day (as islands at the date line did) needs one
  // more.
  for (LocalDay day = today - date::days(2); day <= today + date::days(1) && !found; day += date::days(1)) {
    for (const QuietWindow& window : windows) {
      auto quiet = occurrence(window, day, zone);
      if (quiet && quiet->began <= at && at < quiet->ends) found = std::move(quiet);
    }
  }
  if (!found) return found;
  // A single window can touch itself too, where the clock jumps over the time between its end and its next start.
  for (bool grown = true; grown && found->ends - at < run_max && at - found->began < run_max;) {
    grown = false;
    const LocalDay last = local_day(found->ends, zone) + date::days(1);
    for (LocalDay day = local_day(found->began, zone) - date::days(2); day <= last; day += date::days(1))
      grown = grow(*found, windows, day, zone) || grown;
  }
  return found;
}

std::optional<Instant> next_quiet(std::span<const QuietWindow> windows, Instant after, const Zone& zone) {
  const LocalDay today = local_day(after, zone);
  std::optional<Instant> next;
  for (LocalDay day = today; day <= today + date::days(8) && !next; day += date::days(1)) {
    for (const QuietWindow& window : windows) {
      const auto quiet = occurrence(window, day, zone);
      if (quiet && quiet->began > after && (!next || quiet->began < *next)) next = quiet->began;
    }
  }
  return next;
}

}  // namespace dun::policies
