// Edge cases (docs/edge_cases.md): events in any order and number, states, holds, and what a claim still sees.
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(EdgeCases, E7_PaymentArrivesWhileHeld) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-03T01:00:00+08:00 payment.received amount=50 balance=0")
      .run_out();
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("cancelled dunning 1 at 2026-03-03T01:00:00+08:00",
                                                             "sent payment_received at 2026-03-03T01:00:00+08:00"));
  const Outcome cancelled = story.of(OutcomeType::notice_cancelled).front();
  EXPECT_THAT(cancelled.reasons, ElementsAre("ladder.step1", "quiet_hours.night", "credit.clear"));
  EXPECT_EQ(cancelled.cause.str(), "e2");
}

TEST(EdgeCases, E8_APaymentInTheStreamWhenTheTurnComesStopsTheNotice) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears balance=-50")
      .until("2026-03-03T06:59:59.999+08:00")
      .event("2026-03-03T06:59:59.999+08:00 payment.received amount=50")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent payment_received at 2026-03-03T06:59:59.999+08:00"));
}

TEST(EdgeCases, E9_ANoticeHeldTooLongExpires) {
  auto set = policies_with_people();
  set.expiry.max_hold.at(static_cast<std::size_t>(NoticeKind::dunning)) = std::chrono::hours(8);
  Scenario story(set);
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears").until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(story.told({}), ElementsAre("held dunning 1 at 2026-03-02T22:30:00+08:00 until 2026-03-03T07:00:00+08:00",
                                          "expired dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_expired).front().reasons, Contains("expiry.max_hold"));
}

TEST(EdgeCases, E9_AnOlderStepNeverFollowsANewerOne) {
  // Three steps were sent within the week; the next episode's first step is held so long that its second overtakes it.
  Scenario story;
  for (const char* day : {"02", "03", "04"})
    story.event(std::string("2026-03-") + day + "T10:00:00+08:00 credit.changed state=arrears")
        .event(std::string("2026-03-") + day + "T20:00:00+08:00 credit.changed state=clear");
  story.event("2026-03-05T10:00:00+08:00 credit.changed state=arrears").until("2026-03-11T12:00:00+08:00");
  EXPECT_THAT(
      story.told({"sent", "held", "cancelled"}),
      ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 1 at 2026-03-03T10:00:00+08:00",
                  "sent dunning 1 at 2026-03-04T10:00:00+08:00",
                  "held dunning 1 at 2026-03-05T10:00:00+08:00 until 2026-03-09T07:00:00+08:00",
                  "held dunning 2 at 2026-03-08T10:00:00+08:00 until 2026-03-09T07:00:00+08:00",
                  "cancelled dunning 1 at 2026-03-08T10:00:00+08:00", "sent dunning 2 at 2026-03-09T07:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_cancelled).front().reasons, Contains("ladder.later_step"));
}

TEST(EdgeCases, E10_ABacklogThatRunsIntoTheNightIsHeldAgain) {
  StepDriver driver;
  driver.event("2026-03-02T06:00:00+08:00 credit.changed state=arrears")
      .stall_until("2026-03-02T22:00:00+08:00")
      .until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(driver.told({"held", "sent"}),
              ElementsAre("held dunning 1 at 2026-03-02T06:00:00+08:00 until 2026-03-02T07:00:00+08:00",
                          "held dunning 1 at 2026-03-02T22:00:00+08:00 until 2026-03-03T07:00:00+08:00",
                          "sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(EdgeCases, E10_TheGatewayMustNotDeliverItAtNightNorAfterItsEnd) {
  const auto valid_until = [](const std::string& event) {
    StepDriver driver;
    driver.event(event);
    return to_rfc3339(driver.claims().back().valid_until, std::chrono::hours(8));
  };
  EXPECT_EQ(valid_until("2026-03-02T10:00:00+08:00 credit.changed state=arrears"), "2026-03-02T22:00:00+08:00");
  EXPECT_EQ(valid_until("2026-03-02T21:59:59+08:00 credit.changed state=arrears"), "2026-03-02T22:00:00+08:00");
  EXPECT_EQ(valid_until("2026-03-02T10:00:00+08:00 suspension.scheduled suspend_at=2026-03-02T15:00:00+08:00"),
            "2026-03-02T15:00:00+08:00");
  EXPECT_EQ(valid_until("2026-03-02T10:00:00+08:00 charge.upcoming amount=5 charge_at=2026-03-02T12:00:00+08:00 "
                        "opt_in=charge"),
            "2026-03-02T12:00:00+08:00");
  // Kinds without quiet hours: until they expire.
  EXPECT_EQ(valid_until("2026-03-02T23:00:00+08:00 payment.received amount=5"), "2026-03-03T23:00:00+08:00");
}

TEST(EdgeCases, E12_TheSameEventUnderANewIdIsTakenOnce) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-5 id=x")
      .late_event("2026-03-02T10:05:00+08:00",
                  "2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-5 id=y seq=9 source=b")
      .late_event("2026-03-02T10:06:00+08:00", "2026-03-02T10:00:00+08:00 credit.changed state=clear id=z")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00"));
  EXPECT_EQ(story.of(OutcomeType::event_duplicate).size(), 1U);
  EXPECT_EQ(story.of(OutcomeType::event_duplicate).front().cause.str(), "y");
}

TEST(EdgeCases, E13_WithoutSeqTheOlderTimeIsSuperseded) {
  Scenario story;
  story.event("2026-03-02T10:05:00+08:00 credit.changed state=clear")
      .late_event("2026-03-02T10:06:00+08:00", "2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .run_out();
  EXPECT_THAT(story.told(), IsEmpty());
  EXPECT_EQ(story.of(OutcomeType::event_superseded).front().cause.str(), "e2");
}

TEST(EdgeCases, E13_SeqDecidesBeforeTime) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=clear seq=5")
      .event("2026-03-02T10:01:00+08:00 credit.changed state=arrears seq=4")
      .late_event("2026-03-02T10:02:00+08:00", "2026-03-02T09:00:00+08:00 credit.changed state=arrears seq=6")
      .until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:02:00+08:00"));
  EXPECT_EQ(story.of(OutcomeType::event_superseded).size(), 1U);
}

TEST(EdgeCases, E13_SeqDecidesForProfileFieldsToo) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:05+08:00 account.updated msisdn=+8613800138001 seq=1")
      .event("2026-03-02T10:00:03+08:00 account.updated msisdn=+8613800138002 seq=2");
  EXPECT_EQ(driver.record().profile.msisdn, "+8613800138002");
  driver.event("2026-03-02T10:00:04+08:00 account.updated msisdn=+8613800138003");
  EXPECT_EQ(driver.record().profile.msisdn, "+8613800138002") << "without seq an older time is superseded";
}

TEST(EdgeCases, E13_EqualTimesAreTakenInTheOrderTheyCome) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T23:00:00+08:00 credit.changed state=clear")
      .event("2026-03-02T23:00:00+08:00 credit.changed state=low")
      .run_out();
  EXPECT_THAT(story.told({"cancelled", "sent"}), ElementsAre("cancelled dunning 1 at 2026-03-02T23:00:00+08:00"));
  EXPECT_EQ(story.counters().applied, 3U);
}

TEST(EdgeCases, E13_AHoldOrAProfileIsNotOlderThanAPosition) {
  // Position, profile and holds come from different systems, each with its own clock.
  StepDriver driver;
  driver.event("2026-03-02T10:05:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T10:01:00+08:00 dispute.opened until=2026-03-20T00:00:00+08:00 msisdn= zone= lang=");
  EXPECT_EQ(driver.taken(), policies::Taken::applied);
  driver.event("2026-03-02T10:00:00+08:00 dispute.closed msisdn= zone= lang=");
  EXPECT_EQ(driver.taken(), policies::Taken::superseded);
}

TEST(EdgeCases, E14_BillingsStateRules) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=clear balance=-500")
      .event("2026-03-02T11:00:00+08:00 credit.changed state=arrears balance=-400")
      .until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T11:00:00+08:00"));
}

TEST(EdgeCases, E14_APaymentNeverMakesAPositionWorse) {
  // Not due yet, says billing: the payment of a part of it does not make the rest arrears.
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=clear balance=-50")
      .event("2026-03-02T11:00:00+08:00 payment.received amount=20 balance=-30")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent payment_received at 2026-03-02T11:00:00+08:00"));
}

TEST(EdgeCases, E14_WithoutAStateTheResidualCounts) {
  const auto state = [](const std::string& fields) {
    StepDriver driver;
    driver.event("2026-03-02T10:00:00+08:00 credit.changed " + fields);
    return to_text(driver.record().credit.state);
  };
  EXPECT_EQ(state("balance=0"), "clear");
  EXPECT_EQ(state("balance=-0.01"), "arrears");
  EXPECT_EQ(state("balance=-50 credit_limit=50"), "clear");
  EXPECT_EQ(state("balance=-50.01 credit_limit=50"), "arrears");
  EXPECT_EQ(state("balance=-9223372036853 credit_limit=-9223372036853"), "arrears");
  EXPECT_EQ(state("balance=-50 state=low"), "low");
}

TEST(EdgeCases, E14_APartPaymentThatClearsTheLimitEndsTheArrears) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed balance=-150 credit_limit=100")
      .event("2026-03-02T23:00:00+08:00 payment.received amount=60 balance=-90")
      .run_out();
  EXPECT_THAT(story.told({"cancelled", "sent"}), ElementsAre("cancelled dunning 1 at 2026-03-02T23:00:00+08:00",
                                                             "sent payment_received at 2026-03-02T23:00:00+08:00"));
}

TEST(EdgeCases, E15_RecoversAndWorsensWithinAMinute) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T22:30:20+08:00 credit.changed state=clear")
      .event("2026-03-02T22:30:40+08:00 credit.changed state=arrears")
      .until("2026-03-04T00:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  Scenario other;
  other.event("2026-03-02T22:30:00+08:00 service.suspended")
      .event("2026-03-02T22:30:30+08:00 service.resumed")
      .until("2026-03-04T00:00:00+08:00");
  EXPECT_THAT(other.told(), ElementsAre("sent resumed at 2026-03-02T22:30:30+08:00"));
}

TEST(EdgeCases, E16_AStepThatIsJumpedIsNotSent) {
  Scenario story;
  story.event("2026-03-01T10:00:00+08:00 credit.changed state=clear balance=1")
      .late_event("2026-03-06T11:00:00+08:00", "2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 2 at 2026-03-06T11:00:00+08:00",
                                        "sent dunning 3 at 2026-03-09T10:00:00+08:00"));
}

TEST(EdgeCases, E17_CatchingUpSendsOneMessageWithTheLatestState) {
  StepDriver driver;
  driver.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears balance=-50")
      .stall_until("2026-03-12T12:00:00+08:00")
      .run_out();
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 3 at 2026-03-12T12:00:00+08:00"));
}

TEST(EdgeCases, E18_AHoldHasAnEndAndTheLadderStartsAgainWithItsFirstStep) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-06T10:00:00+08:00 promise.made until=2026-03-12T12:00:00+08:00")
      .run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "sent dunning 2 at 2026-03-05T10:00:00+08:00",
                          "sent dunning 1 at 2026-03-12T12:00:00+08:00", "sent dunning 2 at 2026-03-15T12:00:00+08:00",
                          "sent dunning 3 at 2026-03-19T12:00:00+08:00"));
}

TEST(EdgeCases, E18_AHoldThatIsLiftedStartsTheLadderAtOnce) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T12:00:00+08:00 dispute.opened until=2026-03-20T12:00:00+08:00")
      .event("2026-03-02T13:00:00+08:00 promise.made until=2026-03-08T12:00:00+08:00")
      .event("2026-03-04T12:00:00+08:00 dispute.closed")
      .event("2026-03-05T12:00:00+08:00 promise.withdrawn")
      .until("2026-03-07T00:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                                        "sent dunning 1 at 2026-03-05T12:00:00+08:00"));
}

TEST(EdgeCases, E18_ExemptFromDunningIsNotExemptFromSuspension) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 dispute.opened until=2026-03-20T12:00:00+08:00")
      .event("2026-03-02T11:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T12:00:00+08:00 suspension.scheduled suspend_at=2026-03-05T12:00:00+08:00")
      .event("2026-03-05T12:00:00+08:00 service.suspended")
      .until("2026-03-06T00:00:00+08:00");
  EXPECT_THAT(story.told(), ElementsAre("sent suspension_warning at 2026-03-04T12:00:00+08:00",
                                        "sent suspended at 2026-03-05T12:00:00+08:00"));
}

TEST(EdgeCases, E18_AHoldThatEndsInARepeatedHourStartsTheLadder) {
  // 01:30 of 1 November 2026 is shown twice in New York; the dispute ends at the second.
  auto set = policies_with_people();
  set.quiet_hours.windows.clear();
  StepDriver driver(set);
  driver.event("2026-10-20T10:00:00-04:00 credit.changed state=arrears zone=America/New_York")
      .event("2026-10-21T10:00:00-04:00 dispute.opened until=2026-11-01T01:30:00-05:00 zone=America/New_York");
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.run_out();
  EXPECT_THAT(driver.told(), Contains("sent dunning 1 at 2026-11-01T14:30:00+08:00"));
}

// The ladder began by a clock that was ahead and is set back: its anchor lies ahead, and no hold has put it there.
TEST(EdgeCases, E18_AHoldThatNeverWasDoesNotRestartTheLadderWhenTheClockIsSetBack) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  ASSERT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00"));
  AccountRecord record = driver.record();
  const auto closed = parse_event(story_event("2026-03-02T10:00:01+08:00 dispute.closed", 2), EventBounds());
  const auto effects = policies::step(AccountId("A1"), record, policies::EventArrived{&*closed}, driver.policies(),
                                      at("2026-03-02T09:55:00+08:00"));
  EXPECT_THAT(effects.shelvings, IsEmpty());
  EXPECT_EQ(record.episode.ladder_step, 1);
}

TEST(EdgeCases, E19_AHoldWhoseStartLiesInThePastIsAcceptedAndVoidsWhatIsHeld) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .late_event("2026-03-03T02:00:00+08:00",
                  "2026-03-01T12:00:00+08:00 dispute.opened until=2026-03-20T12:00:00+08:00")
      .until("2026-03-19T00:00:00+08:00");
  EXPECT_THAT(story.told({"sent", "cancelled"}), ElementsAre("cancelled dunning 1 at 2026-03-03T02:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_cancelled).front().reasons, Contains("hold.dispute"));
}

TEST(EdgeCases, E19_AHoldThatIsOverAlreadyChangesNothing) {
  Scenario story;
  story.event("2026-03-02T22:30:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T23:00:00+08:00 dispute.opened until=2026-03-02T22:45:00+08:00")
      .run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00", "sent dunning 2 at 2026-03-06T07:00:00+08:00",
                          "sent dunning 3 at 2026-03-10T07:00:00+08:00"));
}

}  // namespace
}  // namespace dun::test
