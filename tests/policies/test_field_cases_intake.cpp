// What comes in askew, as the rules see it (field cases D21, D26, S20, U6).
#include "policies/calendar.hpp"
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FieldCases, D26_ZoneNamesAreFoundInAnyCase) {
  for (const auto& [name, right] : std::vector<std::pair<std::string, std::string>>{
           {"america/new_york", "America/New_York"},
           {"AMERICA/NEW_YORK", "America/New_York"},
           {"America/New_York", "America/New_York"},
           {"asia/SHANGHAI", "Asia/Shanghai"},
           {"etc/utc", "Etc/UTC"},
           {"america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"},
           {"america/port-au-prince", "America/Port-au-Prince"}}) {
    const policies::Zone* zone = policies::find_zone(name);
    ASSERT_NE(zone, nullptr) << name;
    EXPECT_EQ(zone->name(), right);
  }
  for (const char* unknown : {"", "America", "America/New York", "America/New_York ", "localtime", "LocalTime",
                              "Amer\xc4\xb1"
                              "ca/New_York",
                              "+08:00"})
    EXPECT_EQ(policies::find_zone(unknown), nullptr) << unknown;
}

TEST(FieldCases, D26_TheNightIsThatOfTheZoneMeant) {
  for (const char* zone : {"america/new_york", "America/New_York", "AMERICA/new_york"}) {
    Scenario story;
    // 15:00 in Shanghai is 02:00 in New York.
    story.event(std::string("2026-03-02T15:00:00+08:00 credit.changed state=arrears zone=") + zone)
        .until("2026-03-02T23:00:00+08:00");
    EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T20:00:00+08:00")) << zone;
    EXPECT_EQ(story.counters().zone_unknown, 0U);
  }
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 account.updated zone=europe/berlin");
  EXPECT_EQ(driver.record().profile.zone, "Europe/Berlin") << "kept as the tz database has it";
}

TEST(FieldCases, S20_APaymentCountsWhateverElseItCarries) {
  for (const char* ornament : {"msisdn=12345", "credit_level=gold", "opt_out=all", "zone=Mars/Olympus", "seq=x",
                               "due_at=soon", "brand=Telef\xf3nica"}) {
    Scenario story;
    story.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears balance=-50")
        .event(std::string("2026-03-02T23:30:00+08:00 payment.received amount=50 ") + ornament)
        .run_out();
    EXPECT_THAT(story.told(), ElementsAre("sent payment_received at 2026-03-02T23:30:00+08:00")) << ornament;
    const auto applied = story.of(OutcomeType::event_applied);
    ASSERT_EQ(applied.size(), 2U) << ornament;
    const std::string name = std::string(ornament).substr(0, std::string(ornament).find('='));
    EXPECT_THAT(applied[0].detail, testing::Not(HasSubstr("left out")));
    EXPECT_THAT(applied[1].detail, HasSubstr("left out: " + name + " (")) << ornament;
  }
}

TEST(FieldCases, S20_AFieldThatCannotBeReadIsLeftAsItWas) {
  StepDriver driver;
  driver.event(
      "2026-03-02T10:00:00+08:00 account.updated msisdn=+8613800138001 zone=Europe/Berlin credit_level=6 brand=main "
      "opt_in=refund");
  const Profile before = driver.record().profile;
  driver.event(
      "2026-03-02T10:01:00+08:00 account.updated msisdn=12345 zone=Europe/Berlni credit_level=gold brand=Telef\xf3nica "
      "opt_in=everything");
  EXPECT_EQ(driver.record().profile, before);
  driver.event("2026-03-02T10:02:00+08:00 account.updated msisdn=+8613800138002 credit_level=x");
  EXPECT_EQ(driver.record().profile.msisdn, "+8613800138002") << "what can be read counts";
  EXPECT_EQ(driver.record().profile.credit_level, 6);
}

TEST(FieldCases, S20_AFieldThatCannotBeReadMakesNothingOlder) {
  const std::vector<Field> fields = {{"zone", "Mars/Olympus"}, {"credit_level", "gold"}, {"msisdn", "12345"}};
  for (const Field& unreadable : fields) {
    StepDriver driver;
    const auto update = [&](const std::string& id, const std::string& time, const Fields& more) {
      Fields event{{"id", id}, {"type", "account.updated"}, {"account", "A1"}, {"time", time}};
      event.insert(event.end(), more.begin(), more.end());
      driver.event(event, at("2026-03-02T10:00:00+08:00"));
    };
    update("a", "2026-03-02T10:00:00+08:00", {unreadable});
    update("b", "2026-03-02T09:00:00+08:00", {{"lang", "en"}});
    EXPECT_EQ(driver.taken(), policies::Taken::applied) << unreadable.first;
    EXPECT_EQ(driver.record().profile.lang, "en") << unreadable.first;
    update("c", "2026-03-02T10:00:00+08:00", {unreadable, {"brand", "b"}});
    update("d", "2026-03-02T09:30:00+08:00", {{"lang", "fr"}});
    EXPECT_EQ(driver.taken(), policies::Taken::superseded) << "what can be read counts";
  }
}

TEST(FieldCases, U6_AnUnknownZoneIsSaidAndCounted) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 account.updated zone=America/New_York")
      .event("2026-03-02T10:01:00+08:00 account.updated zone=America/New_Yrok lnag=en")
      .event("2026-03-02T10:02:00+08:00 account.updated brand=x")
      .run_out();
  const auto applied = story.of(OutcomeType::event_applied);
  ASSERT_EQ(applied.size(), 3U);
  EXPECT_THAT(applied[0].detail, testing::Not(HasSubstr("zone")));
  EXPECT_THAT(applied[1].detail, HasSubstr("lnag (no field of this name)"));
  EXPECT_THAT(applied[1].detail, HasSubstr("zone (the tz database knows no zone \"America/New_Yrok\")"));
  EXPECT_THAT(applied[2].detail, testing::Not(HasSubstr("zone")));
  EXPECT_EQ(story.counters().zone_unknown, 1U);
  EXPECT_EQ(story.counters().refused, 1U);
}

TEST(FieldCases, U6_ALanguageWithoutTextsAndAChannelThatIsNotServedAreSaid) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 account.updated lang=de-DE channels=email")
      .event("2026-03-02T10:01:00+08:00 account.updated lang=EN_gb channels=sms,email")
      .event("2026-03-02T10:02:00+08:00 account.updated lang=en-US")
      .run_out();
  const auto applied = story.of(OutcomeType::event_applied);
  ASSERT_EQ(applied.size(), 3U);
  EXPECT_THAT(applied[0].detail, HasSubstr("lang: there are no texts in \"de-DE\""));
  EXPECT_THAT(applied[0].detail, HasSubstr("channels: only sms is sent, not \"email\""));
  for (const std::size_t fine : {1U, 2U}) EXPECT_EQ(applied[fine].detail, "clear") << fine;
  EXPECT_EQ(story.counters().refused, 1U);
}

TEST(FieldCases, D21_DebtsThatArePositiveAreDebts) {
  auto set = policies_with_people();
  set.credit.balance_means = BalanceMeans::debt;
  Scenario owing(set);
  owing.event("2026-03-02T10:00:00+08:00 credit.changed balance=50").until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(owing.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00"));
  Scenario paid(set);
  paid.event("2026-03-02T10:00:00+08:00 credit.changed balance=-50").run_out();
  EXPECT_THAT(paid.told(), IsEmpty());
  Scenario part(set);
  part.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=50")
      .event("2026-03-02T11:00:00+08:00 payment.received amount=20 balance=30")
      .until("2026-03-02T12:00:00+08:00");
  EXPECT_EQ(part.of(OutcomeType::event_applied).back().detail, "arrears, balance -30 CNY");
}

TEST(FieldCases, D15_AClockAtZeroTellsNobodyAnything) {
  Scenario story;
  story.late_event("2026-03-02T10:00:00+08:00", "1970-01-01T00:00:00Z credit.changed state=arrears").run_out();
  EXPECT_THAT(story.told(), IsEmpty());
  ASSERT_EQ(story.of(OutcomeType::event_rejected).size(), 1U);
  EXPECT_EQ(story.of(OutcomeType::event_rejected).front().field, "time");
}

}  // namespace
}  // namespace dun::test
