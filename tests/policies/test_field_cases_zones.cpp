// Wall clocks behind the last transition that a zone's file lists (field case D13), as the rules see them.
#include "policies/calendar.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using policies::find_zone;
using policies::Reading;
using testing::ElementsAre;

policies::LocalTime wall(const std::string& rfc3339) {
  return policies::LocalTime(at(rfc3339).time_since_epoch());
}

TEST(FieldCases, D13_NightIsNightIn2040) {
  // In New York's summer of 2040 it is 22:30, and not 21:30; in Berlin and Sydney, and in the other half of the year.
  struct Row {
    const char* zone;
    const char* instant;
    bool quiet;
    const char* ends;
  };
  const std::vector<policies::QuietWindow> night{{.name = "night"}};
  for (const Row& row : {
           Row{"America/New_York", "2040-07-11T02:30:00Z", true, "2040-07-11T11:00:00Z"},
           Row{"America/New_York", "2040-07-11T01:59:59Z", false, ""},
           Row{"America/New_York", "2040-12-11T02:30:00Z", false, ""},
           Row{"America/New_York", "2040-12-11T03:00:00Z", true, "2040-12-11T12:00:00Z"},
           Row{"Europe/Berlin", "2045-06-01T20:00:00Z", true, "2045-06-02T05:00:00Z"},
           Row{"Europe/Berlin", "2045-06-01T19:59:59Z", false, ""},
           Row{"Europe/Berlin", "2045-06-02T05:00:00Z", false, ""},
           Row{"Australia/Sydney", "2050-01-10T11:00:00Z", true, "2050-01-10T20:00:00Z"},
           Row{"Australia/Sydney", "2050-07-10T11:00:00Z", false, ""},
           Row{"Australia/Lord_Howe", "2050-01-10T11:00:00Z", true, "2050-01-10T20:00:00Z"},
           Row{"Asia/Shanghai", "2050-07-10T14:00:00Z", true, "2050-07-10T23:00:00Z"},
       }) {
    const auto quiet = policies::find_quiet(night, at(row.instant), *find_zone(row.zone));
    ASSERT_EQ(quiet.has_value(), row.quiet) << row.zone << ' ' << row.instant;
    if (quiet) EXPECT_EQ(to_rfc3339(quiet->ends), to_rfc3339(at(row.ends))) << row.zone << ' ' << row.instant;
  }
}

TEST(FieldCases, D13_DaysGapsAndOverlapsBehindTheListAreRight) {
  const auto& new_york = *find_zone("America/New_York");
  // The clock goes forward on 2040-03-11 and back on 2040-11-04.
  EXPECT_EQ(policies::to_instant(wall("2040-03-11T02:30:00Z"), new_york, Reading::earliest),
            at("2040-03-11T07:00:00Z"));
  EXPECT_EQ(policies::to_instant(wall("2040-11-04T01:30:00Z"), new_york, Reading::earliest),
            at("2040-11-04T05:30:00Z"));
  EXPECT_EQ(policies::to_instant(wall("2040-11-04T01:30:00Z"), new_york, Reading::latest), at("2040-11-04T06:30:00Z"));
  EXPECT_EQ(policies::add_calendar_days(at("2040-03-10T15:00:00Z"), 3, new_york), at("2040-03-13T14:00:00Z"));
  const auto day = policies::local_day(at("2040-07-11T02:30:00Z"), new_york);
  EXPECT_EQ(policies::start_of_day(day, new_york), at("2040-07-10T04:00:00Z"));
}

TEST(FieldCases, D13_NobodyIsWokenIn2040) {
  for (const auto& [zone, sent] : std::vector<std::pair<std::string, std::string>>{
           {"America/New_York", "sent dunning 1 at 2040-07-11T19:00:00+08:00"},  // 07:00 there
           {"Asia/Shanghai", "sent dunning 1 at 2040-07-11T10:30:00+08:00"}}) {
    Scenario story;
    story.event("2040-07-11T10:30:00+08:00 credit.changed state=arrears balance=-50 zone=" + zone)
        .until("2040-07-12T00:00:00+08:00");
    EXPECT_THAT(story.told(), ElementsAre(sent)) << zone;
  }
}

}  // namespace
}  // namespace dun::test
