#include "tests/policies/wall_clock.hpp"
#include "policies/calendar.hpp"

#include <algorithm>
#include <stdexcept>

namespace dun::test {

using policies::QuietWindow;
using LocalTime = date::local_time<Millis>;

WallClock::WallClock(const date::time_zone& zone, Instant from, Instant until) {
  while (from < until) {
    const date::sys_info info = zone.get_info(date::floor<Seconds>(from));
    const Instant end = std::min<Instant>(until, info.end);
    stretches_.push_back({.begin = from, .end = end, .ahead = info.offset});
    from = end;
  }
}

LocalTime WallClock::shows(Instant instant) const {
  for (const Stretch& stretch : stretches_)
    if (stretch.begin <= instant && instant < stretch.end)
      return LocalTime((instant + stretch.ahead).time_since_epoch());
  throw std::out_of_range("instant outside of the clock's range");
}

Instant WallClock::first_showing(LocalTime wall) const {
  for (const Stretch& stretch : stretches_) {
    const Instant shown(wall.time_since_epoch() - stretch.ahead);
    if (shown < stretch.end) return std::max(shown, stretch.begin);
  }
  throw std::out_of_range("wall time beyond the clock's range");
}

Instant WallClock::last_showing(LocalTime wall) const {
  for (auto stretch = stretches_.rbegin(); stretch != stretches_.rend(); ++stretch) {
    const Instant shown(wall.time_since_epoch() - stretch->ahead);
    if (shown >= stretch->begin) return std::min(shown, stretch->end);
  }
  throw std::out_of_range("wall time before the clock's range");
}

std::vector<Span> all_quiet(const std::vector<QuietWindow>& windows, const WallClock& clock, Instant from,
                            Instant until) {
  std::vector<Span> spans;
  const auto last = date::floor<date::days>(clock.shows(until)) + date::days(1);
  for (auto day = date::floor<date::days>(clock.shows(from)) - date::days(3); day <= last; day += date::days(1)) {
    const unsigned weekday = (date::weekday(day).c_encoding() + 6) % 7;  // Monday is 0
    for (const QuietWindow& window : windows) {
      if ((window.days & (1U << weekday)) == 0) continue;
      LocalTime start = day;
      LocalTime end = day + date::days(1);
      if (!window.all_day) {
        start = day + window.from;
        end = (window.from < window.until ? day : day + date::days(1)) + window.until;
      }
      const Span span{.began = clock.first_showing(start), .ends = clock.last_showing(end)};
      if (span.began < span.ends) spans.push_back(span);
    }
  }
  std::ranges::sort(spans, {}, &Span::began);
  std::vector<Span> merged;
  for (const Span& span : spans) {
    if (!merged.empty() && span.began <= merged.back().ends)
      merged.back().ends = std::max(merged.back().ends, span.ends);
    else
      merged.push_back(span);
  }
  return merged;
}

bool reads_as_quiet(const std::vector<QuietWindow>& windows, LocalTime wall) {
  const auto today = date::floor<date::days>(wall);
  const auto of_day = wall - today;
  const auto on = [](const QuietWindow& window, date::local_days day) {
    return (window.days & (1U << ((date::weekday(day).c_encoding() + 6) % 7))) != 0;
  };
  return std::ranges::any_of(windows, [&](const QuietWindow& window) {
    if (window.all_day) return on(window, today);
    if (window.from < window.until) return on(window, today) && window.from <= of_day && of_day < window.until;
    return (on(window, today) && window.from <= of_day) || (on(window, today - date::days(1)) && of_day < window.until);
  });
}

std::vector<Instant> transitions(const date::time_zone& zone, date::year first, date::year last) {
  std::vector<Instant> list;
  const date::sys_seconds end = date::sys_days((last + date::years(1)) / 1 / 1);
  for (date::sys_seconds at = date::sys_days(first / 1 / 1);;) {
    at = zone.get_info(at).end;
    if (at >= end) return list;
    list.emplace_back(at);
  }
}

}  // namespace dun::test
