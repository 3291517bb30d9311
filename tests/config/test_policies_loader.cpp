#include "config/policies_loader.hpp"

#include "config/people_loader.hpp"
#include "policies/options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dun::config {
namespace {

using policies::PolicySet;
using policies::QuietWindow;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Read {
  PolicySet set = policies::shipped_policies();
  scheduler::MonitorOptions monitors;
  std::vector<std::string> mistakes;
};

std::vector<std::string> lines_of(Mistakes mistakes) {
  std::ranges::sort(mistakes);
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(to_text(mistake));
  return lines;
}

Read read(std::string_view text) {
  Read result;
  Mistakes mistakes;
  const Document document(text, "p.toml", mistakes);
  read_policies(document.root(), result.set);
  read_monitors(document.root().section("monitors"), result.monitors);
  document.finish();
  result.mistakes = lines_of(std::move(mistakes));
  return result;
}

TEST(PoliciesLoader, the_shipped_file_says_what_shipped_policies_does) {
  Mistakes mistakes;
  const Document document = Document::open(DUN_SOURCE_DIR "/config/policies.toml", mistakes);
  // From nothing, so that every key must stand in the file.
  PolicySet set;
  set.lanes.fill(Lane::bulk);
  set.caps.clear();
  set.vip.levels.clear();
  set.ladder.steps.clear();
  scheduler::MonitorOptions monitors{.store_after = Millis(0),
                                     .store_max = 0,
                                     .store_within = Millis(0),
                                     .intake_after = Millis(0),
                                     .gateway_after = Millis(0),
                                     .backlog_after = Millis(0),
                                     .rejected_max = 0,
                                     .rejected_within = Millis(0),
                                     .unanswered_max = 0,
                                     .unanswered_within = Millis(0)};
  read_policies(document.root(), set);
  read_monitors(document.root().section("monitors"), monitors);
  document.finish();
  EXPECT_THAT(lines_of(mistakes), IsEmpty());
  EXPECT_EQ(monitors, scheduler::MonitorOptions());
  const PolicySet shipped = policies::shipped_policies();
  EXPECT_EQ(set.default_zone, shipped.default_zone);
  EXPECT_EQ(set.held_after, shipped.held_after);
  EXPECT_EQ(set.credit, shipped.credit);
  EXPECT_EQ(set.quiet_hours, shipped.quiet_hours);
  EXPECT_EQ(set.ladder, shipped.ladder);
  EXPECT_EQ(set.lead_time, shipped.lead_time);
  EXPECT_EQ(set.vip, shipped.vip);
  EXPECT_EQ(set.caps, shipped.caps);
  EXPECT_EQ(set.consent, shipped.consent);
  EXPECT_EQ(set.expiry, shipped.expiry);
  EXPECT_EQ(set.holds, shipped.holds);
  EXPECT_EQ(set.exclusions, shipped.exclusions);
  EXPECT_EQ(set.intake, shipped.intake);
  EXPECT_EQ(set.lanes, shipped.lanes);
}

TEST(PoliciesLoader, an_empty_file_means_the_shipped_behaviour) {
  const Read result = read("");
  EXPECT_THAT(result.mistakes, IsEmpty());
  EXPECT_EQ(result.set, policies::shipped_policies());
}

TEST(PoliciesLoader, reads_windows) {
  const Read result = read(R"(
[quiet_hours]
kinds = ["dunning"]
[[quiet_hours.windows]]
name = "night"
from = "21:30"
until = "08:00"
days = ["fri", "sat"]
[[quiet_hours.windows]]
name = "sunday"
all_day = true
days = ["sun"]
)");
  EXPECT_THAT(result.mistakes, IsEmpty());
  EXPECT_THAT(result.set.quiet_hours.windows,
              ElementsAre(QuietWindow{.name = "night", .from = minutes(21 * 60 + 30), .until = hours(8), .days = 0x30},
                          QuietWindow{.name = "sunday", .days = 0x40, .all_day = true}));
  EXPECT_TRUE(result.set.quiet_hours.kinds.has(NoticeKind::dunning));
  EXPECT_FALSE(result.set.quiet_hours.kinds.has(NoticeKind::charge));
}

TEST(PoliciesLoader, reads_monitors) {
  const Read result = read("[monitors]\nstore_after = '5s'\nrejected_max = 7\n");
  EXPECT_THAT(result.mistakes, IsEmpty());
  EXPECT_EQ(result.monitors, (scheduler::MonitorOptions{.store_after = std::chrono::seconds(5), .rejected_max = 7}));
}

TEST(FieldCases, D15_D21_ReadsWhatEventsMaySay) {
  const Read result = read("[credit]\nbalance_means = 'debt'\n[intake]\npast_max = '90d'\nplausible = '400d'\n");
  EXPECT_THAT(result.mistakes, IsEmpty());
  const Instant now{hours(24 * 20'000)};
  const EventBounds bounds = policies::event_bounds(result.set, now);
  EXPECT_EQ(bounds.now, now);
  EXPECT_EQ(bounds.latest, now + minutes(10));
  EXPECT_EQ(bounds.earliest, now - date::days(90));
  EXPECT_EQ(bounds.plausible, date::days(400));
  EXPECT_EQ(bounds.balance_means, BalanceMeans::debt);
  EXPECT_EQ(policies::event_bounds(policies::shipped_policies(), now).earliest, now - date::days(1830));
}

TEST(PoliciesLoader, no_windows_at_all_can_be_said) {
  const Read result = read("[quiet_hours]\nwindows = []\n");
  EXPECT_THAT(result.mistakes, IsEmpty());
  EXPECT_THAT(result.set.quiet_hours.windows, IsEmpty());
}

struct WrongRow {
  std::string_view text;
  std::string_view mistake;
};

TEST(PoliciesLoader, names_the_place_of_each_mistake) {
  const WrongRow rows[] = {
      {"default_zone = 'Asia/Atlantis'", "p.toml:1:16: error: default_zone: the tz database knows no zone"},
      {"held_after = 10", "p.toml:1:14: error: held_after: expected a span of time in quotes"},
      {"[monitors]\nstore_after = '0s'", "p.toml:2:15: error: store_after: "},
      {"[monitors]\ngateway = '1m'", "p.toml:2:1: error: "},
      {"[credit]\nlow_below = '-5'", "p.toml:2:13: error: low_below: expected zero or more"},
      {"[credit]\nlow_below = 'much'", "p.toml:2:13: error: low_below: "},
      // E6: from = until
      {"[[quiet_hours.windows]]\nname='a'\nfrom='07:00'\nuntil='07:00'", "p.toml:4:7: error: from and until are equal"},
      {"[[quiet_hours.windows]]\nname='a'\nfrom='07:00'\nuntil='08:00'\nall_day=true",
       "p.toml:3:6: error: an all_day window has neither"},
      {"[[quiet_hours.windows]]\nname='a'\nfrom='07:00'", "lacks \"until\""},
      {"[[quiet_hours.windows]]\nfrom='07:00'\nuntil='08:00'", "lacks \"name\""},
      {"[[quiet_hours.windows]]\nname='A night'\nfrom='07:00'\nuntil='08:00'", "p.toml:2:6: error: name: expected"},
      {"[[quiet_hours.windows]]\nname='a'\nfrom='07:00'\nuntil='08:00'\ndays=[]",
       "p.toml:5:6: error: days: expected at"},
      {"[[quiet_hours.windows]]\nname='a'\nfrom='01:00'\nuntil='02:00'\n[[quiet_hours.windows]]\nname='a'\nfrom='01:00'"
       "\nuntil='02:00'",
       "p.toml:6:6: error: name: there is another window"},
      {"[[quiet_hours.windows]]\nname='a'\nall_day=true", "leave less than an hour a week"},
      {"[quiet_hours]\nkinds = ['duning']", "p.toml:2:10: error: kinds: \"duning\" is none of early_reminder"},
      {"[ladder]\nafter_days = [0, 3, 3]", "p.toml:2:14: error: after_days: each step comes later"},
      {"[ladder]\nafter_days = [-1]", "p.toml:2:15: error: after_days: expected"},
      {"[lead_time]\nlead = '24'", "p.toml:2:8: error: lead: expected a span"},
      {"[vip]\nspared = ['manager_task']", "p.toml:2:10: error: spared: \"manager_task\" does not go to customers"},
      {"[[caps]]\nkind = 'charge'", "p.toml:2:8: error: kind: only \"dunning\" is counted"},
      {"[[caps]]\nper_day = 1", "p.toml:1:1: error: [caps] lacks \"kind\""},
      {"[[caps]]\nkind = 'dunning'\nper_day = 4\nper_week = 3", "p.toml:3:11: error: per_day: more than per_week"},
      {"[[caps]]\nkind = 'dunning'\n[[caps]]\nkind = 'dunning'",
       "p.toml:4:8: error: kind: \"dunning\" is capped above"},
      {"[expiry.max_hold]\ndunning = '9h'", "p.toml:2:11: error: dunning: quiet hours may hold it for 9h, longer than"},
      {"[expiry.max_hold]\nduning = '9d'", "p.toml:2:1: error: unknown key \"duning\"; did you mean \"dunning\"?"},
      {"[credit]\nbalance_means = 'debit'", "p.toml:2:17: error: balance_means: \"debit\" is none of credit, debt"},
      {"[intake]\npast_max = '1h'", "p.toml:2:12: error: past_max: "},
      {"[intake]\nplausible = '0s'", "p.toml:2:13: error: plausible: "},
      {"[monitors]\nsuperseded_run = 0", "p.toml:2:18: error: superseded_run: "},
      {"[intake]\nids_remembered = 65", "p.toml:2:18: error: ids_remembered: expected a whole number from 1 to 64"},
      {"[lanes]\ndunning = 'fast'", "p.toml:2:11: error: dunning: \"fast\" is none of urgent, normal, bulk"},
      {"[quite_hours]", "p.toml:1:2: error: unknown key \"quite_hours\"; did you mean \"quiet_hours\"?"},
  };
  for (const WrongRow& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_THAT(read(row.text).mistakes, ElementsAre(HasSubstr(std::string(row.mistake))));
  }
}

TEST(PoliciesLoader, the_longest_quiet_joins_windows_and_reaches_around_the_week) {
  const QuietWindow night{.name = "night"};
  EXPECT_EQ(longest_quiet({}), minutes(0));
  EXPECT_EQ(longest_quiet({night}), hours(9));
  EXPECT_EQ(longest_quiet({night, {.name = "morning", .from = hours(6), .until = hours(9)}}), hours(11));
  // Sunday whole, with the nights before and after it: Saturday 22:00 to Monday 07:00.
  EXPECT_EQ(longest_quiet({night, {.name = "sunday", .days = 0x40, .all_day = true}}), hours(33));
  EXPECT_EQ(longest_quiet({{.name = "always", .all_day = true}}), hours(7 * 24));
}

// ---------------------------------------------------------------------------------------------------------- people

struct ReadPeople {
  policies::PeopleOptions people;
  std::vector<std::string> mistakes;
};

ReadPeople read_people_text(std::string_view text) {
  ReadPeople result;
  Mistakes mistakes;
  const Document document(text, "people.toml", mistakes);
  read_people(document.root(), "Asia/Shanghai", result.people);
  document.finish();
  result.mistakes = lines_of(std::move(mistakes));
  return result;
}

TEST(PeopleLoader, the_shipped_file_is_right) {
  Mistakes mistakes;
  const Document document = Document::open(DUN_SOURCE_DIR "/config/people.toml", mistakes);
  policies::PeopleOptions people;
  read_people(document.root(), "Asia/Shanghai", people);
  document.finish();
  EXPECT_THAT(lines_of(mistakes), IsEmpty());
  EXPECT_TRUE(people.people.contains(people.default_manager));
  EXPECT_GE(people.people.size(), 5U);
}

TEST(PeopleLoader, reads_a_person_and_fills_in_what_is_left_out) {
  const ReadPeople result = read_people_text(R"(
default_manager = "a"
[[person]]
id = "a"
name = "Ann"
phone = "+49 1555-0000001"
quiet = [{ from = "21:00", until = "07:30" }]
work_until = "17:00"
work_days = ["sat", "sun"]
supervisor = "b"
[[person]]
id = "b"
name = "Bea"
phone = "+4915550000002"
zone = "Europe/Berlin"
)");
  EXPECT_THAT(result.mistakes, IsEmpty());
  const policies::Person& ann = result.people.people.at("a");
  EXPECT_EQ(ann.phone, "+4915550000001");
  EXPECT_EQ(ann.zone, "Asia/Shanghai");
  EXPECT_EQ(ann.work_from, hours(9));
  EXPECT_EQ(ann.work_until, hours(17));
  EXPECT_EQ(ann.work_days, 0x60);
  EXPECT_THAT(ann.quiet, ElementsAre(QuietWindow{.from = hours(21), .until = minutes(7 * 60 + 30)}));
  EXPECT_EQ(result.people.people.at("b").zone, "Europe/Berlin");
}

TEST(PeopleLoader, names_the_place_of_each_mistake) {
  constexpr std::string_view who = "[[person]]\nid='ann.1'\nname='A'\nphone='+4915550000001'\n";
  const WrongRow rows[] = {
      {"supervisor = 'bob'", "people.toml:5:14: error: supervisor: nobody here has the id \"bob\""},
      {"deputy = 'ann.2'",
       "people.toml:5:10: error: deputy: nobody here has the id \"ann.2\"; did you mean \"ann.1\"?"},
      {"deputy = 'ann.1'", "people.toml:5:10: error: deputy: \"ann.1\" cannot be their own deputy"},
      {"supervisor = 'ann.1'", "people.toml:5:14: error: supervisor: \"ann.1\" cannot be their own supervisor"},
      {"zone = 'Mars'", "people.toml:5:8: error: zone: the tz database knows no zone \"Mars\""},
      {"work_from = '19:00'", "people.toml:5:13: error: working hours end after they begin"},
      {"quiet = [{ from = '07:00', until = '07:00' }]", "people.toml:5:36: error: from and until are equal"},
      {"[[person]]\nid='ann.1'\nname='B'\nphone='+4915550000002'",
       "people.toml:6:4: error: id: \"ann.1\" is listed above"},
      {"[[person]]\nid='b'\nname='B'\nphone='12345'", "people.toml:8:7: error: phone: expected an E.164 number"},
      {"[[person]]\nid='b c'\nname='B'\nphone='+4915550000002'", "people.toml:6:4: error: id: expected 1 to 64"},
      {"[[person]]\nid='b'\nname='B'", "people.toml:5:1: error: [person] lacks \"phone\""},
  };
  for (const WrongRow& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_THAT(read_people_text(std::string(who) + std::string(row.text)).mistakes,
                ElementsAre(HasSubstr(std::string(row.mistake))));
  }
  EXPECT_THAT(read_people_text("default_manager = 'x'").mistakes,
              ElementsAre(HasSubstr("people.toml:1:19: error: default_manager: nobody here has the id \"x\"")));
}

TEST(PeopleLoader, a_circle_of_supervisors_is_found) {
  const ReadPeople result = read_people_text(
      "[[person]]\nid='a'\nname='A'\nphone='+4915550000001'\nsupervisor='b'\n"
      "[[person]]\nid='b'\nname='B'\nphone='+4915550000002'\nsupervisor='a'\n"
      "[[person]]\nid='c'\nname='C'\nphone='+4915550000003'\nsupervisor='a'\n");
  EXPECT_THAT(result.mistakes, ElementsAre(HasSubstr("people.toml:5:12: error: supervisor: \"a\" is in the end"),
                                           HasSubstr("people.toml:10:12: error: supervisor: \"b\" is in the end")));
}

}  // namespace
}  // namespace dun::config
