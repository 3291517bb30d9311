// Mistakes made on purpose that each file by itself would let pass, and the words with which they are said.
#include "config/policy_checks.hpp"

#include "config/dun_loader.hpp"
#include "config/people_loader.hpp"
#include "config/policies_loader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace dun::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view somebody = "default_manager='a'\n[[person]]\nid='a'\nname='A'\nphone='+4915550000001'\n";

std::vector<std::string> check(std::string_view policies, std::string_view people = somebody) {
  Mistakes mistakes;
  policies::PolicySet set = policies::shipped_policies();
  const Document first(policies, "policies.toml", mistakes);
  read_policies(first.root(), set);
  const Document second(people, "people.toml", mistakes);
  read_people(second.root(), set.default_zone, set.people);
  check_together(first.root(), second.root(), set);
  first.finish();
  second.finish();
  std::ranges::sort(mistakes);
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(to_text(mistake));
  return lines;
}

std::string people_of(std::string_view more) {
  return std::string(somebody) + std::string(more);
}

TEST(FieldCases, D10_QuietHoursOfStaffAreRefusedAndTheMessageSaysWhereTheyAreSet) {
  for (const std::string kind : {"manager_task", "manager_update", "escalation", "ops_alert"})
    EXPECT_THAT(
        check("[quiet_hours]\nkinds = ['dunning', '" + kind + "']"),
        ElementsAre(AllOf(HasSubstr("policies.toml:2:9: error: kinds: \"" + kind + "\" does not go to customers"),
                          HasSubstr("in people.toml, as `quiet`"))));
  EXPECT_THAT(check("[quiet_hours]\nkinds = ['dunning', 'charge']"), IsEmpty());
}

TEST(FieldCases, D10_AKindThatNoTaskStandsInForIsNotSpared) {
  for (const std::string kind : {"charge", "refund", "suspended", "resumed", "payment_received", "early_reminder"})
    EXPECT_THAT(
        check("[vip]\nspared = ['dunning', '" + kind + "']"),
        ElementsAre(HasSubstr("policies.toml:2:10: error: spared: \"" + kind + "\" goes to customers of every")));
}

TEST(FieldCases, D10_SettingsOfAnotherSortOfConnectionAreRefused) {
  const auto dun = [](std::string_view text) {
    Mistakes mistakes;
    DunOptions options;
    const Document document(text, "dun.toml", mistakes);
    read_dun(document.root(), Secrets::optional, options);
    std::vector<std::string> lines;
    for (const Mistake& mistake : mistakes) lines.push_back(to_text(mistake));
    return lines;
  };
  EXPECT_THAT(dun("[redis]\nurl='redis://h'\n[redis.tls]\nca_file='ca.pem'"),
              ElementsAre("dun.toml:4:9: error: ca_file: is not used, because redis.url is not of the form rediss://"));
  EXPECT_THAT(dun("[redis]\nurl='redis://h'\n[redis.sentinel]\npassword='x'"),
              ElementsAre(HasSubstr("dun.toml:4:10: error: password: is not used")));
  EXPECT_THAT(dun("[redis]\nurl='rediss://h'\n[redis.tls]\nca_file='ca.pem'"), IsEmpty());
  EXPECT_THAT(dun("[redis]\nurl='redis+sentinel://h/m'\n[redis.sentinel]\npassword='x'"), IsEmpty());
  EXPECT_THAT(dun("[redis]\nurl='nonsense'\n[redis.tls]\nca_file='ca.pem'"), ElementsAre(HasSubstr("url: ")));
}

TEST(FieldCases, D11_AStepThatCapsAndTheLongestHoldNeverLetGoIsFound) {
  EXPECT_THAT(check("[[caps]]\nkind='dunning'\nper_day=1\nper_week=1\n[expiry.max_hold]\ndunning='3d'\n"),
              ElementsAre(AllOf(HasSubstr("policies.toml:1:1: error: after_days: step 2 can never be sent: "),
                                HasSubstr("caps.week"), HasSubstr("would hold it for 4d7h"),
                                HasSubstr("(expiry.max_hold, 3d)"))));
  // Held until the next step takes its place.
  EXPECT_THAT(check("[ladder]\nafter_days=[0, 1, 2]\n[[caps]]\nkind='dunning'\nper_day=1\nper_week=1\n"),
              ElementsAre(AllOf(HasSubstr("policies.toml:2:12: error: after_days: step 2 can never be sent"),
                                HasSubstr("until step 3 takes its place"))));
  // Seldom is not never.
  EXPECT_THAT(check("[ladder]\nafter_days=[0, 8]\n[[caps]]\nkind='dunning'\nper_day=1\nper_week=1\n"), IsEmpty());
  EXPECT_THAT(check(""), IsEmpty());
}

TEST(FieldCases, D11_WindowsAndCapsTogetherAreLookedAtAndNotEachForItself) {
  const std::string ladder =
      "[ladder]\nafter_days=[0, 1, 2]\n[expiry.max_hold]\ndunning='4d6h'\n[[caps]]\nkind='dunning'\nper_day=1\n";
  // The cap holds step 3 until the first hour of day 7, which is night: together longer than it may be held.
  EXPECT_THAT(check(ladder + "per_week=2\n"),
              ElementsAre(AllOf(HasSubstr("policies.toml:2:12: error: after_days: step 3 can never be sent: "),
                                HasSubstr("caps.week"), HasSubstr("quiet_hours.night"))));
  EXPECT_THAT(check(ladder + "per_week=2\n[quiet_hours]\nwindows=[]\n"), IsEmpty());
  EXPECT_THAT(check(ladder + "per_week=0\n"), IsEmpty());
}

TEST(FieldCases, D11_AReceiversOwnHoursAreHeldAgainstTheLongestHold) {
  const std::string nights = "quiet=[{from='18:00', until='09:00'}, {all_day=true, days=['fri','sat','sun']}]\n";
  // Thursday 18:00 to Monday 09:00.
  EXPECT_THAT(check("", people_of(nights)),
              ElementsAre(AllOf(HasSubstr("people.toml:6:7: error: quiet: may hold a manager_task for 3d15h"),
                                HasSubstr("(expiry.max_hold in policies.toml, 3d)"))));
  EXPECT_THAT(check("[expiry.max_hold]\nmanager_task='4d'\nmanager_update='4d'\nescalation='4d'\n", people_of(nights)),
              IsEmpty());
  EXPECT_THAT(check("[expiry.max_hold]\nmanager_task='4d'\nmanager_update='0s'\n", people_of(nights)),
              ElementsAre(HasSubstr("quiet: may hold a escalation")));
  EXPECT_THAT(check("", people_of("quiet=[{from='21:00', until='07:30'}]\n")), IsEmpty());
}

TEST(FieldCases, Check_ATaskThatReachesNobodyIsSaid) {
  EXPECT_THAT(check("", ""),
              ElementsAre(HasSubstr("people.toml:1:1: error: default_manager: without it the tasks of credit "
                                    "level 7 (policies.toml, vip.levels) reach nobody")));
  EXPECT_THAT(check("", "[[person]]\nid='a'\nname='A'\nphone='+4915550000001'\n"),
              ElementsAre(HasSubstr("error: default_manager: without it")));
  EXPECT_THAT(check("[vip]\nlevels=[]\n", ""), IsEmpty());
}

TEST(FieldCases, Check_ADeputyCircleIsFoundAtEveryoneInIt) {
  const std::string circle =
      "deputy='b'\n[[person]]\nid='b'\nname='B'\nphone='+4915550000002'\ndeputy='c'\n"
      "[[person]]\nid='c'\nname='C'\nphone='+4915550000003'\ndeputy='a'\n"
      "[[person]]\nid='d'\nname='D'\nphone='+4915550000004'\ndeputy='a'\n";
  EXPECT_THAT(check("", people_of(circle)),
              ElementsAre(HasSubstr("people.toml:6:8: error: deputy: \"a\" is in the end their own deputy"),
                          HasSubstr("people.toml:11:8: error: deputy: \"b\""),
                          HasSubstr("people.toml:16:8: error: deputy: \"c\"")));
  EXPECT_THAT(check("", people_of("deputy='b'\n[[person]]\nid='b'\nname='B'\nphone='+4915550000002'\ndeputy='a'\n")),
              testing::SizeIs(2));
}

TEST(FieldCases, Check_ADuplicateIdBringsOneError) {
  EXPECT_THAT(
      check("", people_of("[[person]]\nid='b'\nname='B'\nphone='+4915550000002'\ndeputy='a'\nsupervisor='a'\n"
                          "[[person]]\nid='a'\nname='C'\nphone='+4915550000003'\ndeputy='b'\nsupervisor='b'\n")),
      ElementsAre(HasSubstr("people.toml:13:4: error: id: \"a\" is listed above already")));
}

TEST(FieldCases, Check_MessagesQuoteWhatStandsThere) {
  struct Row {
    std::string_view text, mistake;
  };
  const Row rows[] = {
      {"[ladder]\nafter_days=[0, 5, 5]", "each step comes later than the one before it, found 5 after 5"},
      {"[ladder]\nafter_days=[4, 2]", "found 2 after 4"},
      {"[lead_time]\nlead='10m'\nmargin='30m'",
       "2:6: error: lead: 10m is shorter than the margin before quiet hours (30m)"},
      {"[lead_time]\nmargin='24h'\nlead='12h'", "3:6: error: lead: 12h is shorter than the margin"},
      {"[vip]\nlevels=[7, 777]", "levels: expected a list of whole numbers from 0 to 99, found 777"},
      // One mistake, and not a second one that is none.
      {"[[caps]]\nkind='dunning'\n[[caps]]\nkind='suspension_warning'",
       "kind: only \"dunning\" is counted per account, so only it can be capped, not \"suspension_warning\""},
      {"[[caps]]\nkind='refund'\n[[caps]]\nkind='dunning'", "so only it can be capped, not \"refund\""},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_THAT(check(row.text), ElementsAre(HasSubstr(std::string(row.mistake))));
  }
}

TEST(FieldCases, Check_AnUnknownZoneBringsTheOneThatWasMeant) {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Asia/Shangai", "did you mean \"Asia/Shanghai\"?"},
      {"America/NewYork", "did you mean \"America/New_York\"?"},
      {"Berlin", "did you mean \"Europe/Berlin\"?"},
      {"Qwertzuiop/Yxcvbnm", "expected an IANA name such as"},
  };
  for (const auto& [name, hint] : rows) {
    SCOPED_TRACE(name);
    EXPECT_THAT(check("default_zone='" + std::string(name) + "'"),
                testing::Contains(AllOf(HasSubstr("policies.toml:1:14"), HasSubstr(std::string(hint)))));
    EXPECT_THAT(check("", people_of("zone='" + std::string(name) + "'\n")), ElementsAre(HasSubstr(std::string(hint))));
  }
}

}  // namespace
}  // namespace dun::config
