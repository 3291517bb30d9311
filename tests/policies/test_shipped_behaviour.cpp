// Contract section 6, what the shipped policies do: each sentence a story.
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Lines = std::vector<std::string>;

TEST(Ladder, SendsStepsAtOnceAndAfterThreeAndSevenDaysWhileOwed) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 2 at 2026-03-05T10:00:00+08:00",
                          "sent dunning 3 at 2026-03-09T10:00:00+08:00"));
}

TEST(Ladder, ShiftsStepsOutOfQuietHoursAndSaysTheyWereHeld) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears balance=-50").run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00", "sent dunning 2 at 2026-03-06T07:00:00+08:00",
                          "sent dunning 3 at 2026-03-10T07:00:00+08:00"));
  for (const Outcome& sent : story.of(OutcomeType::notice_sent)) EXPECT_THAT(sent.text, HasSubstr("(held)"));
  EXPECT_EQ(story.of(OutcomeType::notice_sent).front().event_time, at("2026-03-02T22:30:00+08:00"));
}

TEST(QuietHours, AreHalfOpen) {
  const auto sent_at = [](const std::string& time) {
    Scenario story;
    story.event(time + " credit.changed state=arrears").until("2026-03-04T12:00:00+08:00");
    return story.told();
  };
  EXPECT_THAT(sent_at("2026-03-02T21:59:59.999+08:00"), ElementsAre("sent dunning 1 at 2026-03-02T21:59:59.999+08:00"));
  EXPECT_THAT(sent_at("2026-03-02T22:00:00+08:00"), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(sent_at("2026-03-02T23:59:59+08:00"), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(sent_at("2026-03-03T06:59:59.999+08:00"), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(sent_at("2026-03-03T07:00:00+08:00"), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(Payment, WithoutABalanceVoidsWhatIsHeld) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-03T06:59:00+08:00 payment.received amount=50")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("cancelled dunning 1 at 2026-03-03T06:59:00+08:00",
                                                             "sent payment_received at 2026-03-03T06:59:00+08:00"));
  EXPECT_EQ(story.of(OutcomeType::notice_cancelled).front().cause.str(), "e2");
}

TEST(Payment, OfAPartLeavesTheRestToBeSent) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-03T01:00:00+08:00 payment.received amount=20 balance=-30")
      .until("2026-03-03T08:00:00+08:00");
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("sent payment_received at 2026-03-03T01:00:00+08:00",
                                                             "sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_sent).back().text, HasSubstr("30.00"));
}

TEST(LeadTime, WarnsADayAhead) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-06T15:00:00+08:00").run_out();
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("sent suspension_warning at 2026-03-05T15:00:00+08:00"));
}

TEST(LeadTime, LeavesAMarginBeforeTheNight) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-06T02:00:00+08:00").run_out();
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("sent suspension_warning at 2026-03-04T21:30:00+08:00"));
}

TEST(LeadTime, TooLateGoesAtTheFirstPermittedInstantAndIsReported) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 suspension.scheduled suspend_at=2026-03-03T20:00:00+08:00").run_out();
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("at_risk suspension_warning at 2026-03-02T23:00:00+08:00",
                                                           "sent suspension_warning at 2026-03-03T07:00:00+08:00"));
}

TEST(LeadTime, WithoutADateWarnsAtOnce) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=suspension_due").run_out();
  EXPECT_THAT(story.told({"sent", "at_risk"}), ElementsAre("sent suspension_warning at 2026-03-02T10:00:00+08:00"));
}

TEST(Suspension, AndResumptionFollowTheirEvents) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 service.suspended")
      .event("2026-03-02T23:00:00+08:00 payment.received amount=50")
      .event("2026-03-02T23:05:00+08:00 service.resumed")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent suspended at 2026-03-02T10:00:00+08:00",
                                        "sent payment_received at 2026-03-02T23:00:00+08:00",
                                        "sent resumed at 2026-03-02T23:05:00+08:00"));
}

TEST(Vip, GetsATaskInPlaceOfDunning) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-500 credit_level=7 manager=li.na")
      .event("2026-03-03T10:00:00+08:00 payment.received amount=500")
      .run_out();
  EXPECT_THAT(
      story.told({"sent", "opened", "closed"}),
      ElementsAre("opened dunning at 2026-03-02T10:00:00+08:00", "sent manager_task at 2026-03-02T10:00:00+08:00",
                  "closed dunning at 2026-03-03T10:00:00+08:00", "sent payment_received at 2026-03-03T10:00:00+08:00"));
  EXPECT_EQ(story.of(OutcomeType::notice_sent).front().to, "+8613900000001");
}

TEST(Consent, IsNeededForRefundsAndCharges) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 refund.credited amount=5")
      .event("2026-03-02T11:00:00+08:00 account.updated opt_in=refund")
      .event("2026-03-02T12:00:00+08:00 refund.credited amount=6")
      .run_out();
  EXPECT_THAT(story.told({"sent", "suppressed"}), ElementsAre("suppressed refund at 2026-03-02T10:00:00+08:00",
                                                              "sent refund at 2026-03-02T12:00:00+08:00"));
}

TEST(Episode, EndsWhenClearAndTheNextOneIsToldAgainButNotTwiceADay) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T11:00:00+08:00 credit.changed state=clear")
      .event("2026-03-02T12:00:00+08:00 credit.changed state=arrears")
      .until("2026-03-04T00:00:00+08:00");
  EXPECT_THAT(story.told({"sent", "held"}),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                          "held dunning 1 at 2026-03-02T12:00:00+08:00 until 2026-03-03T07:00:00+08:00",
                          "sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(Intake, TakesAnEventOnceAndNeverGoesBack) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears id=x")
      .event("2026-03-02T10:01:00+08:00 credit.changed state=clear id=y")
      .late_event("2026-03-02T10:02:00+08:00", "2026-03-02T10:01:00+08:00 credit.changed state=clear id=y")
      .late_event("2026-03-02T10:03:00+08:00", "2026-03-02T09:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T10:04:00+08:00 credit.changed state=nonsense")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00"));
  EXPECT_EQ(story.counters().applied, 2U);
  EXPECT_EQ(story.counters().duplicate, 1U);
  EXPECT_EQ(story.counters().superseded, 1U);
  EXPECT_EQ(story.counters().rejected, 1U);
}

TEST(Hold, OfADisputeStartsTheLadderAgainAtItsEnd) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-03T10:00:00+08:00 dispute.opened until=2026-03-20T12:00:00+08:00")
      .run_out();
  EXPECT_THAT(
      story.told(),
      ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 1 at 2026-03-20T12:00:00+08:00",
                  "sent dunning 2 at 2026-03-23T12:00:00+08:00", "sent dunning 3 at 2026-03-27T12:00:00+08:00"));
}

}  // namespace
}  // namespace dun::test
