// Contract section 6, sentence by sentence, beyond the stories of test_shipped_behaviour.cpp: the bounds, the kinds one
// by one, and what a sentence implies and does not say.
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

#include <set>

namespace dun::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// --------------------------------------------------------------------------------------------------- quiet hours

TEST(QuietKinds, WaitForTheMorning) {
  const std::vector<std::pair<std::string, std::string>> rows = {
      {"early_reminder", "credit.changed state=low opt_in=early_reminder"},
      {"dunning 1", "credit.changed state=arrears"},
      {"suspension_warning", "credit.changed state=suspension_due"},
      {"suspended", "service.suspended"},
      {"refund", "refund.credited amount=5 opt_in=refund"},
      {"charge", "charge.upcoming amount=5 charge_at=2026-03-05T10:00:00+08:00 opt_in=charge"},
  };
  for (const auto& [kind, event] : rows) {
    Scenario story;
    story.event("2026-03-02T22:00:00+08:00 " + event).until("2026-03-03T08:00:00+08:00");
    EXPECT_THAT(story.told(), ElementsAre("sent " + kind + " at 2026-03-03T07:00:00+08:00")) << kind;
    EXPECT_THAT(story.told({"held"}),
                ElementsAre("held " + kind + " at 2026-03-02T22:00:00+08:00 until 2026-03-03T07:00:00+08:00"));
    EXPECT_THAT(story.of(OutcomeType::notice_held).front().reasons, Contains("quiet_hours.night")) << kind;
  }
}

TEST(KindsWithoutQuietHours, GoAtOnce) {
  for (const auto& [kind, event] : std::vector<std::pair<std::string, std::string>>{
           {"resumed", "service.resumed"}, {"payment_received", "payment.received amount=5"}}) {
    Scenario story;
    story.event("2026-03-02T23:00:00+08:00 " + event).run_out();
    EXPECT_THAT(story.told({}), ElementsAre("sent " + kind + " at 2026-03-02T23:00:00+08:00"));
  }
}

TEST(QuietHours, AreThoseOfTheAccountsZoneWhenItsTurnComes) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-03T06:00:00+08:00 account.updated zone=Europe/Berlin")
      .until("2026-03-04T00:00:00+08:00");
  // Seven in Shanghai is midnight in Berlin.
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T14:00:00+08:00"));
}

TEST(QuietHours, OfAnotherZoneInWhichItIsDayHoldNothing) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-03T02:00:00+08:00 account.updated zone=Europe/Berlin")
      .until("2026-03-04T00:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T02:00:00+08:00")) << "seven in the evening";
}

// --------------------------------------------------------------------------------------------------------- ladder

TEST(Ladder, EachStepOnlyIfStillOwed) {
  for (const char* end : {"credit.changed state=clear", "credit.changed state=low", "payment.received amount=50",
                          "payment.received amount=50 balance=0", "credit.changed balance=1"}) {
    Scenario story;
    story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .event(std::string("2026-03-04T10:00:00+08:00 ") + end)
        .run_out();
    EXPECT_THAT(story.told(), Contains(HasSubstr("sent dunning")).Times(1)) << end;
  }
}

TEST(Ladder, StepsGoOnWhileTheStateWorsens) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-04T10:00:00+08:00 credit.changed state=suspension_due suspend_at=2026-03-20T10:00:00+08:00")
      .run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 2 at 2026-03-05T10:00:00+08:00",
                          "sent dunning 3 at 2026-03-09T10:00:00+08:00",
                          "sent suspension_warning at 2026-03-19T10:00:00+08:00"));
}

TEST(Ladder, DoesNotRunForAnAccountThatWasNeverInArrears) {
  for (const char* event : {"suspension.scheduled suspend_at=2026-03-20T10:00:00+08:00", "service.suspended",
                            "credit.changed state=suspension_due", "credit.changed state=suspended"}) {
    Scenario story;
    story.event(std::string("2026-03-02T10:00:00+08:00 ") + event).run_out();
    EXPECT_THAT(story.told(), Not(Contains(HasSubstr("dunning")))) << event;
  }
}

TEST(Ladder, EachStepIsSentOncePerEpisode) {
  // Low is not clear: the episode goes on, and what was sent in it is not sent again.
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-06T10:00:00+08:00 credit.changed state=low")
      .event("2026-03-07T10:00:00+08:00 credit.changed state=arrears")
      .run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 2 at 2026-03-05T10:00:00+08:00",
                          "sent dunning 3 at 2026-03-14T10:00:00+08:00"));
}

TEST(Ladder, WhatWasCancelledUnsentIsDecidedAnewUnderANewId) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T23:30:00+08:00 credit.changed state=low")
      .event("2026-03-03T01:30:00+08:00 credit.changed state=arrears")
      .until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_NE(story.of(OutcomeType::notice_cancelled).front().notice, story.of(OutcomeType::notice_sent).front().notice);
}

// ------------------------------------------------------------------------------------------------------ lead time

TEST(LeadTime, BoundsOfTheRule) {
  struct Row {
    const char* what;
    const char* event_time;
    const char* suspend_at;
    std::vector<std::string> told;
  };
  const auto sent = [](const char* time) {
    return std::string("sent suspension_warning at 2026-03-") + time + "+08:00";
  };
  const auto at_risk = [](const char* time) {
    return std::string("at_risk suspension_warning at 2026-03-") + time + "+08:00";
  };
  const std::vector<Row> rows = {
      {"the day before is the first quiet second", "02T10:00:00", "06T22:00:00", {sent("05T21:30:00")}},
      {"the day before is the last one that may", "02T10:00:00", "06T21:59:59", {sent("05T21:59:59")}},
      {"the day before is the last quiet second", "02T10:00:00", "06T06:59:59", {sent("04T21:30:00")}},
      {"the day before is the first that may", "02T10:00:00", "06T07:00:00", {sent("05T07:00:00")}},
      {"the day before is now", "02T10:00:00", "03T10:00:00", {sent("02T10:00:00")}},
      {"the day before is a second ago", "02T10:00:00", "03T09:59:59", {at_risk("02T10:00:00"), sent("02T10:00:00")}},
      {"the margin is over, the day is not", "02T21:40:00", "03T23:00:00", {sent("02T21:40:00")}},
      {"the margin is now", "02T21:30:00", "03T23:00:00", {sent("02T21:30:00")}},
      {"night, and the morning is early enough", "02T23:00:00", "04T07:00:00", {sent("03T07:00:00")}},
      {"night, and the morning is a second late",
       "02T23:00:00",
       "04T06:59:59",
       {at_risk("02T23:00:00"), sent("03T07:00:00")}},
  };
  for (const Row& row : rows) {
    Scenario story;
    story
        .event(std::string("2026-03-") + row.event_time + "+08:00 suspension.scheduled suspend_at=2026-03-" +
               row.suspend_at + "+08:00")
        .run_out();
    EXPECT_THAT(story.told({"sent", "at_risk"}), testing::ElementsAreArray(row.told)) << row.what;
  }
}

TEST(LeadTime, AnyEventWithADateIsEnough) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears suspend_at=2026-03-10T15:00:00+08:00").run_out();
  EXPECT_THAT(story.told(), Contains("sent suspension_warning at 2026-03-09T15:00:00+08:00"));
}

TEST(LeadTime, FollowsADateThatMovesWhileTheWarningIsHeld) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-10T15:00:00+08:00")
      .event("2026-03-03T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-08T15:00:00+08:00")
      .event("2026-03-04T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-20T15:00:00+08:00")
      .run_out();
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("sent suspension_warning at 2026-03-19T15:00:00+08:00"));
}

TEST(LeadTime, FollowsAZoneThatChangesWhileTheWarningIsHeld) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-10T15:00:00+08:00")
      .event("2026-03-03T10:00:00+08:00 account.updated zone=America/Los_Angeles")
      .run_out();
  // 15:00 in Shanghai is 00:00 in Los Angeles, which is on summer time from the eighth: half past nine the evening
  // before.
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("sent suspension_warning at 2026-03-09T12:30:00+08:00"));
}

TEST(LeadTime, ACancelledSuspensionIsNotWarnedOfAndARescheduledOneIs) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-02T11:00:00+08:00 suspension.scheduled suspend_at=2026-03-10T15:00:00+08:00")
      .event("2026-03-03T10:00:00+08:00 suspension.cancelled")
      .event("2026-03-04T11:00:00+08:00 suspension.scheduled suspend_at=2026-03-20T15:00:00+08:00")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                          "cancelled suspension_warning at 2026-03-03T10:00:00+08:00",
                          "sent dunning 2 at 2026-03-05T10:00:00+08:00", "sent dunning 3 at 2026-03-09T10:00:00+08:00",
                          "sent suspension_warning at 2026-03-19T15:00:00+08:00"));
}

TEST(LeadTime, AWarningOfTheLastEpisodeThatWaitsForItsReceiptIsNotTakenForTheNextOne) {
  StepDriver driver;
  driver.gateway([first = true](const auto&) mutable -> std::optional<StepDriver::Answer> {
    if (!std::exchange(first, false)) return StepDriver::Answer();
    return StepDriver::Answer{.result = StepDriver::Result::unknown, .after = date::days(30)};
  });
  driver.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-03T11:00:00+08:00")
      .event("2026-03-02T12:00:00+08:00 credit.changed state=clear")
      .event("2026-03-02T13:00:00+08:00 suspension.scheduled suspend_at=2026-03-20T15:00:00+08:00");
  EXPECT_THAT(driver.told({"at_risk"}), IsEmpty());
  driver.event("2026-03-03T13:00:00+08:00 suspension.scheduled suspend_at=2026-03-12T15:00:00+08:00");
  EXPECT_THAT(driver.told({"held"}), Contains("held suspension_warning at 2026-03-03T13:00:00+08:00 until "
                                              "2026-03-11T15:00:00+08:00"));
}

TEST(LeadTime, SuspensionItselfEndsTheWarning) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 suspension.scheduled suspend_at=2026-03-03T05:00:00+08:00")
      .event("2026-03-03T05:00:00+08:00 service.suspended")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}),
              ElementsAre("cancelled suspension_warning at 2026-03-03T05:00:00+08:00",
                          "sent suspended at 2026-03-03T07:00:00+08:00"));
}

TEST(LeadTime, AWarningIsVoidOnceTheDateHasPassed) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 suspension.scheduled suspend_at=2026-03-03T05:00:00+08:00").run_out();
  EXPECT_THAT(story.told({"sent", "expired"}), ElementsAre("expired suspension_warning at 2026-03-03T07:00:00+08:00"));
}

TEST(AtRisk, IsPutOutOnceWhenTheWarningFails) {
  const std::string scheduled = "2026-03-02T22:30:00+08:00 suspension.scheduled suspend_at=2026-03-20T15:00:00+08:00 ";
  const auto at_risk = [](const StepDriver& driver) { return driver.told({"at_risk"}).size(); };
  StepDriver opted_out;
  opted_out.event(scheduled).event("2026-03-03T10:00:00+08:00 account.updated opt_out=suspension_warning").run_out();
  EXPECT_EQ(at_risk(opted_out), 1U);
  StepDriver no_number;
  no_number.event(scheduled + "msisdn=").run_out();
  EXPECT_EQ(at_risk(no_number), 1U);
  StepDriver refused;
  refused.gateway([](const auto&) { return StepDriver::Answer{.result = StepDriver::Result::rejected}; })
      .event(scheduled)
      .run_out();
  EXPECT_EQ(at_risk(refused), 1U);
  StepDriver unanswered;
  unanswered
      .gateway([](const auto&) {
        return StepDriver::Answer{.result = StepDriver::Result::unknown, .after = std::chrono::hours(1)};
      })
      .event(scheduled)
      .run_out();
  EXPECT_EQ(at_risk(unanswered), 1U);
  StepDriver warned;
  warned.event(scheduled).run_out();
  EXPECT_EQ(at_risk(warned), 0U);
  StepDriver paid;
  paid.event(scheduled).event("2026-03-03T10:00:00+08:00 payment.received amount=50").run_out();
  EXPECT_EQ(at_risk(paid), 0U);
}

// --------------------------------------------------------------------------------------------------- cancellation

TEST(Cancellation, CoversDunningWarningAndManagerTask) {
  for (const char* end : {"credit.changed state=clear", "credit.changed state=low", "payment.received amount=50"}) {
    auto set = policies_with_people();
    set.people.people["li.na"].quiet = set.quiet_hours.windows;
    Scenario vip(set);
    vip.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears credit_level=7 manager=li.na")
        .event(std::string("2026-03-02T23:30:00+08:00 ") + end)
        .until("2026-03-03T12:00:00+08:00");
    EXPECT_THAT(vip.told({"cancelled", "closed"}),
                testing::UnorderedElementsAre("cancelled manager_task at 2026-03-02T23:30:00+08:00",
                                              "closed dunning at 2026-03-02T23:30:00+08:00"))
        << end;
    Scenario story;
    story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears suspend_at=2026-03-10T15:00:00+08:00")
        .event(std::string("2026-03-02T23:30:00+08:00 ") + end)
        .run_out();
    EXPECT_THAT(story.told({"cancelled"}),
                testing::UnorderedElementsAre("cancelled dunning 1 at 2026-03-02T23:30:00+08:00",
                                              "cancelled suspension_warning at 2026-03-02T23:30:00+08:00"))
        << end;
    EXPECT_THAT(story.told(), Not(Contains(HasSubstr("dunning")))) << end;
  }
}

TEST(Cancellation, APaymentThatLeavesArrearsCancelsNothing) {
  Scenario story;
  story
      .event(
          "2026-03-02T22:30:00+08:00 credit.changed state=suspension_due balance=-50 "
          "suspend_at=2026-03-10T15:00:00+08:00")
      .event("2026-03-02T23:30:00+08:00 payment.received amount=20 balance=-30")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("sent payment_received at 2026-03-02T23:30:00+08:00",
                                                             "sent suspension_warning at 2026-03-09T15:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_sent).back().text, HasSubstr("30.00"));
}

TEST(Cancellation, LeavesWhatStaysTrue) {
  // The service was stopped for another reason than the debt, and it still is: paying does not unsay it.
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 service.suspended reason=fraud")
      .event("2026-03-02T23:30:00+08:00 payment.received amount=50")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent payment_received at 2026-03-02T23:30:00+08:00",
                                        "sent suspended at 2026-03-03T07:00:00+08:00"));
}

// ---------------------------------------------------------------------------------------- suspended and resumed

TEST(Suspension, IsToldAgainInTheNextEpisodeEvenIfNobodySaidThatServiceResumed) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 service.suspended")
      .event("2026-03-02T11:00:00+08:00 service.suspended")
      .event("2026-03-03T10:00:00+08:00 payment.received amount=50")
      .event("2026-03-20T10:00:00+08:00 credit.changed state=suspension_due suspend_at=2026-03-25T10:00:00+08:00")
      .event("2026-03-25T10:00:00+08:00 service.suspended")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent suspended at 2026-03-02T10:00:00+08:00",
                                        "sent payment_received at 2026-03-03T10:00:00+08:00",
                                        "sent suspension_warning at 2026-03-24T10:00:00+08:00",
                                        "sent suspended at 2026-03-25T10:00:00+08:00"));
}

TEST(Suspension, ScheduledAgainAfterOneIsWarnedOfAndToldAgain) {
  for (const char* announced : {"suspension.scheduled", "credit.changed state=suspension_due"}) {
    Scenario story;
    story.event("2026-03-02T10:00:00+08:00 service.suspended")
        .event(std::string("2026-03-04T10:00:00+08:00 ") + announced + " suspend_at=2026-03-10T10:00:00+08:00")
        .event("2026-03-10T10:00:00+08:00 service.suspended")
        .run_out();
    EXPECT_THAT(story.told(), ElementsAre("sent suspended at 2026-03-02T10:00:00+08:00",
                                          "sent suspension_warning at 2026-03-09T10:00:00+08:00",
                                          "sent suspended at 2026-03-10T10:00:00+08:00"))
        << announced;
  }
}

TEST(Suspension, StandsThoughNothingIsOwedUntilSomethingSaysThatItEnded) {
  // Neither a charge nor a new address says that the service runs again, a position without debt does.
  for (const auto& [between, told] :
       {std::pair("charge.upcoming charge_at=2026-03-09T10:00:00+08:00", 1U), std::pair("account.updated lang=en", 1U),
        std::pair("dispute.opened until=2026-03-09T10:00:00+08:00", 1U),
        std::pair("credit.changed state=clear balance=12", 2U)}) {
    Scenario story;
    story.event("2026-03-02T09:00:00+08:00 credit.changed state=clear balance=10")
        .event("2026-03-02T10:00:00+08:00 service.suspended")
        .event(std::string("2026-03-03T10:00:00+08:00 ") + between)
        .event("2026-03-04T10:00:00+08:00 service.suspended")
        .event("2026-03-05T10:00:00+08:00 credit.changed balance=-300 suspend_at=2026-03-09T10:00:00+08:00")
        .run_out();
    EXPECT_THAT(story.told(), Contains(HasSubstr("sent suspended")).Times(told)) << between;
    EXPECT_THAT(story.told(), Not(Contains(HasSubstr("suspension_warning")))) << between;
  }
}

TEST(Suspension, OfWhatIsRunningAgainIsNotTold) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 service.suspended")
      .event("2026-03-03T01:00:00+08:00 service.resumed")
      .event("2026-03-03T01:01:00+08:00 service.resumed")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("cancelled suspended at 2026-03-03T01:00:00+08:00",
                                                             "sent resumed at 2026-03-03T01:00:00+08:00"));
}

// ------------------------------------------------------------------------------------------------------------ VIP

TEST(Vip, GetsNothingAndTheManagerHearsOfEachNewCauseOnce) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-500 credit_level=7 manager=li.na")
      .event("2026-03-03T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-20T15:00:00+08:00")
      .run_out();
  EXPECT_THAT(story.told({"sent", "opened"}), ElementsAre("opened dunning at 2026-03-02T10:00:00+08:00",
                                                          "sent manager_task at 2026-03-02T10:00:00+08:00",
                                                          "sent manager_update at 2026-03-03T10:00:00+08:00",
                                                          "sent manager_update 2 at 2026-03-05T10:00:00+08:00"));
  std::set<NoticeId> ids;
  for (const Outcome& sent : story.of(OutcomeType::notice_sent)) {
    EXPECT_EQ(sent.to, "+8613900000001");
    ids.insert(sent.notice);
  }
  EXPECT_EQ(ids.size(), 3U) << "an idempotent gateway would drop what repeats an id";
}

TEST(Vip, OtherLevelsAreDunned) {
  for (const char* level : {"0", "1", "6", "8", "-7"}) {
    Scenario story;
    story.event(std::string("2026-03-02T10:00:00+08:00 credit.changed state=arrears credit_level=") + level)
        .until("2026-03-02T11:00:00+08:00");
    EXPECT_THAT(story.told({}), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00")) << level;
  }
}

TEST(Vip, WhoBecomesOneWhileANoticeIsHeldIsSpared) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears suspend_at=2026-03-10T15:00:00+08:00")
      .event("2026-03-02T23:00:00+08:00 account.updated credit_level=7 manager=li.na")
      .until("2026-03-11T00:00:00+08:00");
  EXPECT_THAT(story.told({"cancelled"}),
              testing::UnorderedElementsAre("cancelled dunning 1 at 2026-03-02T23:00:00+08:00",
                                            "cancelled suspension_warning at 2026-03-02T23:00:00+08:00"));
  EXPECT_THAT(story.told({"opened"}), SizeIs(1));
  for (const Outcome& sent : story.of(OutcomeType::notice_sent)) EXPECT_EQ(sent.to, "+8613900000001");
}

TEST(Vip, WhoIsNoLongerOneIsWarned) {
  Scenario story;
  story
      .event(
          "2026-03-02T10:00:00+08:00 credit.changed state=suspension_due suspend_at=2026-03-10T15:00:00+08:00 "
          "credit_level=7")
      .event("2026-03-03T10:00:00+08:00 account.updated credit_level=3")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent manager_task at 2026-03-02T10:00:00+08:00",
                                        "sent suspension_warning at 2026-03-09T15:00:00+08:00"));
}

TEST(Vip, AManagerNobodyKnowsIsTheDefaultOne) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears credit_level=7 manager=nobody").run_out();
  EXPECT_EQ(story.of(OutcomeType::notice_sent).front().to, "+8613900000002");
  auto set = policies_with_people();
  set.people.default_manager.clear();
  Scenario lonely(set);
  lonely.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears credit_level=7").run_out();
  EXPECT_THAT(lonely.told({}), ElementsAre("opened dunning at 2026-03-02T10:00:00+08:00",
                                           "unreachable manager_task at 2026-03-02T10:00:00+08:00"));
}

TEST(Vip, AManagersOwnQuietHoursAreKept) {
  auto set = policies_with_people();
  set.people.people["li.na"].quiet = {{.name = "off", .from = std::chrono::hours(18), .until = std::chrono::hours(9)}};
  set.people.people["li.na"].zone = "Europe/Berlin";
  Scenario story(set);
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears credit_level=7 manager=li.na")
      .until("2026-03-03T00:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent manager_task at 2026-03-02T16:00:00+08:00"));
}

// ----------------------------------------------------------------------------------------------------------- caps

TEST(Caps, AreOneADayAndThreeInSevenDays) {
  Scenario story;
  for (const char* day : {"02", "03", "04", "05"})
    story.event(std::string("2026-03-") + day + "T10:00:00+08:00 credit.changed state=arrears")
        .event(std::string("2026-03-") + day + "T12:00:00+08:00 credit.changed state=clear")
        .event(std::string("2026-03-") + day + "T14:00:00+08:00 credit.changed state=arrears")
        .event(std::string("2026-03-") + day + "T16:00:00+08:00 credit.changed state=clear");
  story.event("2026-03-05T18:00:00+08:00 credit.changed state=arrears").until("2026-03-10T00:00:00+08:00");
  // From the fifth on nothing goes until the second is seven days back.
  EXPECT_THAT(
      story.told(),
      ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 1 at 2026-03-03T10:00:00+08:00",
                  "sent dunning 1 at 2026-03-04T10:00:00+08:00", "sent dunning 2 at 2026-03-09T07:00:00+08:00"));
}

TEST(Caps, AreForDunningAlone) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T11:00:00+08:00 suspension.scheduled suspend_at=2026-03-03T11:00:00+08:00")
      .event("2026-03-02T12:00:00+08:00 payment.received amount=1 balance=-49")
      .event("2026-03-02T13:00:00+08:00 payment.received amount=2 balance=-47")
      .until("2026-03-02T14:00:00+08:00");
  EXPECT_THAT(story.told(), SizeIs(4));
}

// ---------------------------------------------------------------------------------------------------------- texts

TEST(Texts, CarryTheEventTimeInTheAccountsZone) {
  Scenario story;
  story.event("2026-03-02T09:15:00-05:00 credit.changed state=arrears zone=America/New_York")
      .until("2026-03-04T00:00:00+08:00");
  EXPECT_THAT(story.of(OutcomeType::notice_sent).front().text, HasSubstr("03/02/2026, 09:15"));
}

TEST(Texts, SayWhenANoticeWasHeldForMoreThanTenMinutes) {
  const auto said = [](const std::string& time) {
    StepDriver driver;
    driver.event("2026-03-02T06:30:00+08:00 refund.credited amount=1")
        .event(time + " credit.changed state=arrears")
        .until("2026-03-02T08:00:00+08:00");
    return driver.claims().back().message.held;
  };
  EXPECT_FALSE(said("2026-03-02T06:50:00+08:00"));
  EXPECT_TRUE(said("2026-03-02T06:49:59.999+08:00"));
  EXPECT_FALSE(said("2026-03-02T07:30:00+08:00"));
}

TEST(Texts, AWarningThatWaitedForItsDayWasNotHeld) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-10T15:00:00+08:00").run_out();
  EXPECT_FALSE(driver.claims().back().message.held);
}

// -------------------------------------------------------------------------------------------------------- consent

TEST(Consent, OptInKindsGoOnlyToThoseWhoAskedForThem) {
  for (const auto& [kind, event] :
       std::vector<std::pair<std::string, std::string>>{{"early_reminder", "credit.changed state=low"},
                                                        {"refund", "refund.credited"},
                                                        {"charge", "charge.upcoming"}}) {
    Scenario without;
    without.event("2026-03-02T10:00:00+08:00 " + event).run_out();
    EXPECT_THAT(without.told({}), ElementsAre("suppressed " + kind + " at 2026-03-02T10:00:00+08:00"));
    Scenario with;
    with.event("2026-03-02T10:00:00+08:00 " + event + " opt_in=" + kind).run_out();
    EXPECT_THAT(with.told({}), ElementsAre("sent " + kind + " at 2026-03-02T10:00:00+08:00"));
    Scenario withdrawn;
    withdrawn.event("2026-03-02T09:00:00+08:00 account.updated opt_in=" + kind)
        .event("2026-03-02T10:00:00+08:00 " + event + " opt_in=")
        .run_out();
    EXPECT_THAT(withdrawn.told({"sent"}), IsEmpty());
  }
}

TEST(Consent, OptingOutWhileANoticeIsHeldStopsIt) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T23:00:00+08:00 account.updated opt_out=dunning")
      .until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(story.told({"sent", "suppressed"}), ElementsAre("suppressed dunning 1 at 2026-03-03T07:00:00+08:00"));
}

// ---------------------------------------------------------------------------------------------------- end of life

TEST(ClosedAccounts, AreToldNothingMore) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T23:00:00+08:00 account.closed")
      .event("2026-03-03T10:00:00+08:00 credit.changed state=suspension_due")
      .run_out();
  EXPECT_THAT(story.told({}), ElementsAre("held dunning 1 at 2026-03-02T22:30:00+08:00 until 2026-03-03T07:00:00+08:00",
                                          "cancelled dunning 1 at 2026-03-02T23:00:00+08:00"));
}

}  // namespace
}  // namespace dun::test
