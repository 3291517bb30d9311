// Quiet hours against an independent reading of the wall clocks of every zone in the tz database, around every
// transition of 2005 to 2037 (the last year that the database spells out) and at random instants.
#include "policies/calendar.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "tests/domain/random.hpp"
#include "tests/policies/wall_clock.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace dun::test {
namespace {

using policies::every_day;
using policies::find_quiet;
using policies::next_quiet;
using policies::QuietWindow;
using std::chrono::hours;
using std::chrono::minutes;

constexpr date::year first_year{2005};
constexpr date::year last_year{2037};

std::string describe(const std::vector<QuietWindow>& windows, const date::time_zone& zone, Instant at) {
  std::string text = zone.name() + " at " + to_rfc3339(at) + ", seed " + std::to_string(run_seed());
  for (const QuietWindow& window : windows)
    text += "\n  " + std::to_string(window.from.count()) + " to " + std::to_string(window.until.count()) + " days " +
            std::to_string(window.days) + (window.all_day ? " all day" : "");
  return text;
}

std::string describe(const std::optional<Span>& span) {
  return span ? to_rfc3339(span->began) + " to " + to_rfc3339(span->ends) : std::string("not quiet");
}

/// What the policies say of one instant, held to what the clock says. False, and a failure, where they differ.
bool agrees(const std::vector<QuietWindow>& windows, const date::time_zone& zone, const WallClock& clock,
            const std::vector<Span>& quiet, Instant at) {
  const auto after = std::ranges::upper_bound(quiet, at, {}, &Span::began);
  std::optional<Span> expected;
  if (after != quiet.begin() && at < std::prev(after)->ends) expected = *std::prev(after);
  const auto found = find_quiet(windows, at, zone);
  const auto actual = found ? std::optional(Span{.began = found->began, .ends = found->ends}) : std::nullopt;
  EXPECT_TRUE(actual == expected) << describe(windows, zone, at) << "\n  is " << describe(actual) << "\n  should be "
                                  << describe(expected);
  if (reads_as_quiet(windows, clock.shows(at)))
    EXPECT_TRUE(found) << describe(windows, zone, at) << "\n  the clock on the wall shows a quiet time";
  if (!found && after != quiet.end() && after->began - at < date::days(7))
    EXPECT_EQ(next_quiet(windows, at, zone), after->began) << describe(windows, zone, at);
  return !testing::Test::HasFailure();
}

/// Looks every `grid` around `middle`, and at both ends of every quiet stretch there.
bool agrees_around(const std::vector<QuietWindow>& windows, const date::time_zone& zone, Instant middle, Millis reach,
                   Millis grid) {
  const Instant from = middle - reach;
  const Instant until = middle + reach;
  const WallClock clock(zone, from - date::days(30), until + date::days(30));
  const std::vector<Span> quiet = all_quiet(windows, clock, from - date::days(20), until + date::days(20));
  const auto look = [&](Instant at) {
    return agrees(windows, zone, clock, quiet, at - Millis(1)) && agrees(windows, zone, clock, quiet, at);
  };
  for (Instant at = from; at <= until; at += grid)
    if (!look(at)) return false;
  for (const Span& span : quiet)
    if (span.began > from && span.ends < until && !(look(span.began) && look(span.ends))) return false;
  return true;
}

QuietWindow random_window(Random& random, minutes near) {
  QuietWindow window{.name = "w", .days = every_day};
  if (random.percent(40)) window.days = static_cast<policies::DaySet>(random.between(1, every_day));
  if (random.percent(10)) window.all_day = true;
  const auto wall_time = [&] {
    // Half of the times lie close to where the clock is changed, and half are whole half hours.
    std::int64_t minute = random.percent(50) ? near.count() + random.between(-100, 100) : random.between(0, 1439);
    if (random.percent(50)) minute -= minute % 30;
    return minutes((minute + 1440) % 1440);
  };
  do {
    window.from = wall_time();
    window.until = wall_time();
  } while (window.from == window.until);
  return window;
}

/// Configuration that never lets anybody be messaged is refused when it is loaded.
bool leaves_time(const std::vector<QuietWindow>& windows) {
  for (int minute = 0; minute < 7 * 1440; ++minute)
    if (!reads_as_quiet(windows, date::local_days(date::year(2026) / 3 / 2) + minutes(minute))) return true;
  return false;
}

std::vector<QuietWindow> random_windows(Random& random, minutes near) {
  std::vector<QuietWindow> windows;
  do {
    windows.clear();
    for (std::uint64_t left = 1 + random.below(4); left > 0; --left) windows.push_back(random_window(random, near));
  } while (!leaves_time(windows));
  return windows;
}

TEST(QuietHoursProperty, ShippedWindowAgreesWithTheClocksOfAllZonesAroundEveryTransition) {
  const std::vector<QuietWindow> shipped{QuietWindow{.name = "night"}};
  for (const auto& zone : date::get_tzdb().zones) {
    if (policies::find_zone(zone.name()) == nullptr) continue;  // `localtime`
    for (const Instant transition : transitions(zone, first_year, last_year))
      ASSERT_TRUE(agrees_around(shipped, zone, transition, hours(36), hours(2)));
  }
}

TEST(QuietHoursProperty, RandomWindowsAgreeWithTheClocksOfAllZonesAroundEveryTransition) {
  Random random(run_seed());
  for (const auto& zone : date::get_tzdb().zones) {
    if (policies::find_zone(zone.name()) == nullptr) continue;
    for (const Instant transition : transitions(zone, first_year, last_year)) {
      const auto wall = WallClock(zone, transition - date::days(1), transition + date::days(1)).shows(transition);
      const auto near = date::floor<minutes>(wall - date::floor<date::days>(wall));
      ASSERT_TRUE(agrees_around(random_windows(random, near), zone, transition, hours(36), minutes(205)));
    }
  }
}

TEST(QuietHoursProperty, RandomWindowsAgreeAtRandomInstants) {
  Random random(run_seed());
  const auto& zones = date::get_tzdb().zones;
  const Instant first = date::sys_days(first_year / 1 / 1);
  for (int round = 0; round < 20'000; ++round) {
    const Instant middle = first + Millis(random.between(0, Millis(date::days(32 * 365)).count()));
    const auto& zone = random.pick(zones);
    if (policies::find_zone(zone.name()) == nullptr) continue;
    ASSERT_TRUE(agrees_around(random_windows(random, hours(2)), zone, middle, hours(30), minutes(611)));
  }
}

}  // namespace
}  // namespace dun::test
