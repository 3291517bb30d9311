// Local days and times against an independent reading of the wall clocks of all zones.
#include "policies/calendar.hpp"
#include "policies/gates/caps.hpp"
#include "policies/rules/ladder.hpp"
#include "policies/rules/lead_time.hpp"
#include "tests/domain/random.hpp"
#include "tests/policies/wall_clock.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

namespace dun::test {
namespace {

using policies::find_zone;
using policies::QuietWindow;
using policies::Reading;
using policies::Zone;
using std::chrono::hours;
using std::chrono::minutes;
using LocalTime = date::local_time<Millis>;

std::string describe(const Zone& zone, Instant at) {
  return zone.name() + " at " + to_rfc3339(at) + ", seed " + std::to_string(run_seed());
}

/// Calls `check(zone, instant)` close to every transition of every zone, and at random instants.
template <typename Check>
void everywhere(int random_rounds, Check check) {
  Random random(run_seed());
  const auto& zones = date::get_tzdb().zones;
  for (const Zone& zone : zones) {
    if (find_zone(zone.name()) == nullptr) continue;  // `localtime`
    for (const Instant transition : transitions(zone, date::year(2005), date::year(2037)))
      for (const Millis away : {Millis(-1), Millis(0), Millis(random.between(-130, 130) * 60'000)}) {
        check(zone, transition + away);
        ASSERT_FALSE(testing::Test::HasFailure()) << describe(zone, transition + away);
      }
  }
  const Instant first = date::sys_days(date::year(2005) / 1 / 1);
  for (int round = 0; round < random_rounds; ++round) {
    const Instant at = first + Millis(random.between(0, Millis(date::days(32 * 365)).count()));
    const Zone& zone = random.pick(zones);
    if (find_zone(zone.name()) == nullptr) continue;
    check(zone, at);
    ASSERT_FALSE(testing::Test::HasFailure()) << describe(zone, at);
  }
}

TEST(CalendarProperty, WallTimesMeanTheirFirstOrLastShowing) {
  everywhere(20'000, [](const Zone& zone, Instant at) {
    const WallClock clock(zone, at - date::days(4), at + date::days(4));
    const LocalTime wall = clock.shows(at);
    EXPECT_EQ(policies::to_local(at, zone), wall);
    EXPECT_EQ(policies::local_day(at, zone), date::floor<date::days>(wall));
    for (const Millis away : {Millis(0), Millis(hours(-1)), Millis(minutes(30)), Millis(hours(24))}) {
      EXPECT_EQ(to_instant(wall + away, zone, Reading::earliest), clock.first_showing(wall + away));
      EXPECT_EQ(to_instant(wall + away, zone, Reading::latest), clock.last_showing(wall + away));
    }
    const auto day = date::floor<date::days>(wall);
    EXPECT_EQ(policies::start_of_day(day, zone), clock.last_showing(day));
  });
}

TEST(CalendarProperty, LadderStepsKeepTheLocalTime) {
  const policies::LadderOptions ladder;
  everywhere(20'000, [&](const Zone& zone, Instant at) {
    const Instant anchor = at - date::days(3);  // so that step 2 falls to the transition
    const WallClock clock(zone, anchor - date::days(2), anchor + date::days(10));
    const LocalTime wall = clock.shows(anchor);
    EXPECT_EQ(policies::rules::planned_at(ladder, 1, anchor, zone), anchor)
        << "the first step goes at once, whatever the clock shows";
    EXPECT_EQ(policies::rules::planned_at(ladder, 2, anchor, zone), clock.first_showing(wall + date::days(3)));
    EXPECT_EQ(policies::rules::planned_at(ladder, 3, anchor, zone), clock.first_showing(wall + date::days(7)));
    EXPECT_EQ(policies::rules::planned_at(ladder, 1, at, zone), at);
  });
}

/// The first instant at or after `at` on a day with room under the cap, found day by day.
Instant first_uncapped(const policies::CapOptions& cap, const std::vector<Instant>& handed_over, Instant at,
                       const WallClock& clock) {
  std::multiset<date::local_days> told;
  for (const Instant instant : handed_over) told.insert(date::floor<date::days>(clock.shows(instant)));
  const auto today = date::floor<date::days>(clock.shows(at));
  for (auto day = today;; day += date::days(1)) {
    std::size_t in_week = 0;
    for (auto each = day - date::days(6); each <= day; each += date::days(1)) in_week += told.count(each);
    const bool day_has_room = cap.per_day == 0 || told.count(day) < static_cast<std::size_t>(cap.per_day);
    const bool week_has_room = cap.per_week == 0 || in_week < static_cast<std::size_t>(cap.per_week);
    if (day_has_room && week_has_room) return day == today ? at : clock.last_showing(day);
  }
}

TEST(CapsProperty, PermitTheFirstDayWithRoom) {
  Random random(run_seed() + 1);
  everywhere(20'000, [&](const Zone& zone, Instant at) {
    const WallClock clock(zone, at - date::days(20), at + date::days(40));
    const policies::CapOptions cap{.per_day = static_cast<int>(random.between(0, 2)),
                                   .per_week = static_cast<int>(random.between(0, 4))};
    std::vector<Instant> handed_over;
    for (std::uint64_t left = random.below(7); left > 0; --left)
      handed_over.push_back(at - Millis(random.between(0, Millis(date::days(8)).count())));
    std::ranges::sort(handed_over);
    Instant permitted = at;
    while (const auto capped = find_cap(cap, handed_over, permitted, zone)) {
      ASSERT_GT(capped->until, permitted);
      ASSERT_TRUE(capped->rule == "caps.day" || capped->rule == "caps.week") << capped->rule;
      permitted = capped->until;
    }
    EXPECT_EQ(permitted, first_uncapped(cap, handed_over, at, clock));
  });
}

bool is_quiet(const std::vector<Span>& quiet, Instant at) {
  return std::ranges::any_of(quiet, [&](const Span& span) { return span.began <= at && at < span.ends; });
}

TEST(LeadTimeProperty, WarnsADayAheadWheneverThatIsPossibleAndNeverAtNight) {
  Random random(run_seed() + 2);
  const policies::LeadTimeOptions options;
  everywhere(50'000, [&](const Zone& zone, Instant now) {
    std::vector<QuietWindow> windows{QuietWindow{.name = "night"}};
    if (random.percent(50))
      windows.push_back({.name = "noon", .from = hours(11) + minutes(40), .until = hours(14), .days = 0x55});
    if (random.percent(20)) windows.push_back({.name = "sunday", .days = 0x40, .all_day = true});
    const Instant suspend_at = now + hours(20) + Millis(random.between(0, Millis(hours(60)).count()));
    const WallClock clock(zone, now - date::days(20), now + date::days(20));
    const auto quiet = all_quiet(windows, clock, now - date::days(8), now + date::days(8));

    const auto lead = policies::rules::lead_time(options, windows, suspend_at, now, zone);
    Instant out = lead.due.value_or(now);
    for (const Span& span : quiet)
      if (!lead.due && span.began <= out && out < span.ends) out = span.ends;
    EXPECT_FALSE(is_quiet(quiet, out)) << "out at " << to_rfc3339(out);
    EXPECT_GE(out, now);

    // Was there any instant that is permitted and a day ahead? The end of the quiet in force, or now, is the first.
    const Instant latest = suspend_at - hours(24);
    Instant first = now;
    for (const Span& span : quiet)
      if (span.began <= now && now < span.ends) first = span.ends;
    EXPECT_EQ(out <= latest, first <= latest) << "suspension at " << to_rfc3339(suspend_at);

    // The contract's rule: the day before, or the margin before the quiet that this would fall into.
    Instant due = date::floor<Seconds>(latest);
    for (bool moved = true; moved;) {
      moved = false;
      for (const Span& span : quiet)
        if (span.began <= due && due < span.ends) {
          due = span.began - minutes(30);
          moved = true;
        }
    }
    if (due >= now) EXPECT_EQ(lead.due, due) << "suspension at " << to_rfc3339(suspend_at);
  });
}

TEST(FindZone, KnowsTheDatabaseAndNothingElse) {
  for (const Zone& zone : date::get_tzdb().zones) {
    if (zone.name() == "localtime") continue;
    const Zone* const found = find_zone(zone.name());
    ASSERT_NE(found, nullptr) << zone.name();
    EXPECT_EQ(found->name(), zone.name());
    EXPECT_NO_THROW((void)policies::to_local(Instant(), *found)) << zone.name();
  }
  for (const char* known : {"Asia/Shanghai", "Asia/Chongqing", "America/St_Johns", "Etc/UTC", "PRC", "Europe/Berlin"})
    EXPECT_NE(find_zone(known), nullptr) << known;
  // `localtime` is a file of the machine, not a zone: what it means differs from host to host.
  for (const char* unknown : {"", " ", "Mars/Olympus", "Asia/Shanghai ", "Asia", "../etc/localtime", "localtime",
                              "posixrules", "right/Asia/Shanghai", "+08:00", "UTC+8", "CST"})
    EXPECT_EQ(find_zone(unknown), nullptr) << unknown;
  EXPECT_EQ(find_zone(std::string_view("Asia/Shanghai\0", 14)), nullptr);
  Random random(run_seed());
  for (int round = 0; round < 10'000; ++round) EXPECT_EQ(find_zone("x" + random.bytes(40)), nullptr);
}

}  // namespace
}  // namespace dun::test
