// Edge cases (docs/edge_cases.md): quiet hours, zones, days and clocks.
#include "policies/calendar.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using policies::find_quiet;
using policies::find_zone;
using policies::QuietWindow;
using std::chrono::hours;
using std::chrono::minutes;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

/// Until when `time` is quiet, on the wall clock of `zone`; "" when it is not.
std::string quiet_until(const std::vector<QuietWindow>& windows, const std::string& time,
                        const std::string& zone = "Asia/Shanghai", int ahead_minutes = 480) {
  const auto quiet = find_quiet(windows, at(time), *find_zone(zone));
  return quiet ? to_rfc3339(quiet->ends, minutes(ahead_minutes)) : "";
}

const std::vector<QuietWindow> night{QuietWindow{.name = "night"}};

TEST(EdgeCases, E1_TheWindowCrossesMidnightAndIsHalfOpen) {
  EXPECT_EQ(quiet_until(night, "2026-03-02T21:59:59.999+08:00"), "");
  EXPECT_EQ(quiet_until(night, "2026-03-02T22:00:00+08:00"), "2026-03-03T07:00:00+08:00");
  EXPECT_EQ(quiet_until(night, "2026-03-02T23:59:59+08:00"), "2026-03-03T07:00:00+08:00");
  EXPECT_EQ(quiet_until(night, "2026-03-03T00:00:00+08:00"), "2026-03-03T07:00:00+08:00");
  EXPECT_EQ(quiet_until(night, "2026-03-03T06:59:59.999+08:00"), "2026-03-03T07:00:00+08:00");
}

TEST(EdgeCases, E4_TheEndOfTheWindowMaySend) {
  EXPECT_EQ(quiet_until(night, "2026-03-03T07:00:00.000+08:00"), "");
  Scenario story;
  story.event("2026-03-03T07:00:00.000+08:00 credit.changed state=arrears").until("2026-03-03T07:00:00.000+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(EdgeCases, E2_AGapReleasesAtTheFirstInstantAfterIt) {
  // New York, 8 March 2026: 02:00 to 03:00 is never shown.
  const std::vector<QuietWindow> windows{{.name = "early", .from = hours(22), .until = hours(2) + minutes(30)}};
  EXPECT_EQ(quiet_until(windows, "2026-03-08T01:59:59.999-05:00", "America/New_York", -240),
            "2026-03-08T03:00:00-04:00");
  EXPECT_EQ(quiet_until(windows, "2026-03-08T03:00:00-04:00", "America/New_York", -240), "");
  // The next night is as long as any other.
  EXPECT_EQ(quiet_until(windows, "2026-03-08T22:00:00-04:00", "America/New_York", -240), "2026-03-09T02:30:00-04:00");
}

TEST(EdgeCases, E2_AWindowInsideTheGapDoesNotHappen) {
  const std::vector<QuietWindow> windows{
      {.name = "w", .from = hours(2) + minutes(10), .until = hours(2) + minutes(50)}};
  EXPECT_EQ(quiet_until(windows, "2026-03-08T03:00:00-04:00", "America/New_York", -240), "");
  EXPECT_EQ(quiet_until(windows, "2026-03-08T01:59:59-05:00", "America/New_York", -240), "");
}

TEST(EdgeCases, E2_AnOverlapIsQuietIfEitherReadingIs) {
  // New York, 1 November 2026: 01:00 to 02:00 is shown twice.
  const std::vector<QuietWindow> ends{{.name = "w", .from = hours(22), .until = hours(1) + minutes(30)}};
  EXPECT_EQ(quiet_until(ends, "2026-11-01T01:29:59-04:00", "America/New_York", -300), "2026-11-01T01:30:00-05:00");
  EXPECT_EQ(quiet_until(ends, "2026-11-01T01:40:00-04:00", "America/New_York", -300), "2026-11-01T01:30:00-05:00");
  EXPECT_EQ(quiet_until(ends, "2026-11-01T01:29:59-05:00", "America/New_York", -300), "2026-11-01T01:30:00-05:00");
  EXPECT_EQ(quiet_until(ends, "2026-11-01T01:30:00-05:00", "America/New_York", -300), "");
  const std::vector<QuietWindow> begins{{.name = "w", .from = hours(1) + minutes(30), .until = hours(7)}};
  EXPECT_EQ(quiet_until(begins, "2026-11-01T01:29:59-04:00", "America/New_York", -300), "");
  EXPECT_EQ(quiet_until(begins, "2026-11-01T01:10:00-05:00", "America/New_York", -300), "2026-11-01T07:00:00-05:00");
}

TEST(EdgeCases, E2_HeldAndLadderNoticesKeepTheLocalTimeOverTheChange) {
  Scenario story;
  story.event("2026-03-07T22:30:00-05:00 credit.changed state=arrears zone=America/New_York").run_out();
  // 07:00 of the eighth and eleventh and fifteenth in New York, where it is -04:00 by then.
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-08T19:00:00+08:00", "sent dunning 2 at 2026-03-11T19:00:00+08:00",
                          "sent dunning 3 at 2026-03-15T19:00:00+08:00"));
  Scenario day;
  day.event("2026-03-06T10:00:00-05:00 credit.changed state=arrears zone=America/New_York").run_out();
  EXPECT_THAT(day.told(),
              ElementsAre("sent dunning 1 at 2026-03-06T23:00:00+08:00", "sent dunning 2 at 2026-03-09T22:00:00+08:00",
                          "sent dunning 3 at 2026-03-13T22:00:00+08:00"));
}

TEST(EdgeCases, E2_ADayThatAnIslandSkippedEndsTheNightBefore) {
  // Apia had no 30 December 2011: the night of the 29th goes straight over into the one that ends on the 31st.
  const auto quiet = find_quiet(night, at("2011-12-29T23:00:00-10:00"), *find_zone("Pacific/Apia"));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->began, at("2011-12-29T22:00:00-10:00"));
  EXPECT_EQ(quiet->ends, at("2011-12-31T07:00:00+14:00"));
}

TEST(EdgeCases, E3_AnUnknownZoneIsTheConfiguredOneAndIsCounted) {
  for (const char* zone : {"Mars/Olympus", "localtime", "+08:00"}) {
    Scenario story;
    story.event(std::string("2026-03-02T23:00:00+08:00 credit.changed state=arrears zone=") + zone)
        .until("2026-03-03T08:00:00+08:00");
    EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00")) << zone;
    EXPECT_EQ(story.counters().zone_unknown, 1U) << zone;
  }
}

TEST(EdgeCases, E3_AMissingZoneIsTheConfiguredOne) {
  auto set = policies_with_people();
  set.default_zone = "Europe/Berlin";
  Scenario story(set);
  story.event("2026-03-02T23:00:00+01:00 credit.changed state=arrears zone=").until("2026-03-03T08:00:00+01:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T14:00:00+08:00"));
  EXPECT_EQ(story.counters().zone_unknown, 0U);
}

TEST(EdgeCases, E6_OverlappingAndTouchingWindowsAreOne) {
  const std::vector<QuietWindow> windows{{.name = "night"},
                                         {.name = "morning", .from = hours(6), .until = hours(8)},
                                         {.name = "breakfast", .from = hours(8), .until = hours(9)},
                                         {.name = "noon", .from = hours(12), .until = hours(14)}};
  const auto quiet = find_quiet(windows, at("2026-03-02T23:00:00+08:00"), *find_zone("Asia/Shanghai"));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->began, at("2026-03-02T22:00:00+08:00"));
  EXPECT_EQ(quiet->ends, at("2026-03-03T09:00:00+08:00"));
  EXPECT_EQ(quiet->rule, "quiet_hours.breakfast");
  EXPECT_EQ(quiet_until(windows, "2026-03-03T08:30:00+08:00"), "2026-03-03T09:00:00+08:00");
  EXPECT_EQ(quiet_until(windows, "2026-03-03T09:00:00+08:00"), "");
  EXPECT_EQ(quiet_until(windows, "2026-03-03T12:00:00+08:00"), "2026-03-03T14:00:00+08:00");
}

TEST(EdgeCases, E6_AllDayIsTheWholeCalendarDay) {
  // Saturday 7 and Sunday 8 March 2026, with the nights around them.
  const std::vector<QuietWindow> windows{{.name = "night"}, {.name = "weekend", .days = 0x60, .all_day = true}};
  const auto quiet = find_quiet(windows, at("2026-03-07T12:00:00+08:00"), *find_zone("Asia/Shanghai"));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->began, at("2026-03-06T22:00:00+08:00"));
  EXPECT_EQ(quiet->ends, at("2026-03-09T07:00:00+08:00"));
  EXPECT_EQ(quiet->rule, "quiet_hours.night");
}

TEST(EdgeCases, E6_AWindowBeginsOnItsDaysOnly) {
  const std::vector<QuietWindow> friday{{.name = "w", .days = 0x10}};
  EXPECT_EQ(quiet_until(friday, "2026-03-05T23:00:00+08:00"), "");
  EXPECT_EQ(quiet_until(friday, "2026-03-06T06:00:00+08:00"), "");
  EXPECT_EQ(quiet_until(friday, "2026-03-06T23:00:00+08:00"), "2026-03-07T07:00:00+08:00");
  EXPECT_EQ(quiet_until(friday, "2026-03-07T06:00:00+08:00"), "2026-03-07T07:00:00+08:00");
  EXPECT_EQ(quiet_until(friday, "2026-03-07T23:00:00+08:00"), "");
}

TEST(EdgeCases, E6_NoWindowsMeanNoQuiet) {
  EXPECT_EQ(quiet_until({}, "2026-03-07T23:00:00+08:00"), "");
  EXPECT_FALSE(policies::next_quiet({}, at("2026-03-07T23:00:00+08:00"), *find_zone("Asia/Shanghai")));
}

TEST(EdgeCases, E29_ADayIsACalendarDayOfTheAccountsZone) {
  // Nine in the evening and eight in the morning are eleven hours apart and two days.
  Scenario story;
  story.event("2026-03-02T21:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-03T07:30:00+08:00 credit.changed state=clear")
      .event("2026-03-03T08:00:00+08:00 credit.changed state=arrears")
      .until("2026-03-03T09:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T21:00:00+08:00",
                                        "sent dunning 1 at 2026-03-03T08:00:00+08:00"));
  // The same instants in New York are eight in the morning and seven in the evening of one day.
  Scenario elsewhere;
  elsewhere.event("2026-03-02T21:00:00+08:00 credit.changed state=arrears zone=America/New_York")
      .event("2026-03-03T07:30:00+08:00 credit.changed state=clear zone=America/New_York")
      .event("2026-03-03T08:00:00+08:00 credit.changed state=arrears zone=America/New_York")
      .until("2026-03-04T09:00:00+08:00");
  EXPECT_THAT(elsewhere.told(), ElementsAre("sent dunning 1 at 2026-03-02T21:00:00+08:00",
                                            "sent dunning 1 at 2026-03-03T20:00:00+08:00"));
  EXPECT_THAT(elsewhere.of(OutcomeType::notice_sent).back().reasons, Contains("caps.day"));
}

TEST(EdgeCases, E36_ATimeTooFarInTheFutureIsRejected) {
  Scenario story;
  story.late_event("2026-03-02T10:00:00+08:00", "2026-03-02T10:10:00.001+08:00 credit.changed state=arrears")
      .until("2026-03-03T10:00:00+08:00");
  EXPECT_THAT(story.told(), IsEmpty());
  ASSERT_EQ(story.of(OutcomeType::event_rejected).size(), 1U);
  EXPECT_EQ(story.of(OutcomeType::event_rejected).front().field, "time");
}

TEST(EdgeCases, E36_AClockAheadByLittleIsTakenAsNow) {
  Scenario story;
  story.late_event("2026-03-02T10:00:00+08:00", "2026-03-02T10:10:00+08:00 credit.changed state=arrears").run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 2 at 2026-03-05T10:00:00+08:00",
                          "sent dunning 3 at 2026-03-09T10:00:00+08:00"));
}

}  // namespace
}  // namespace dun::test
