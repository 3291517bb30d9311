// Cases from the field (docs/field_cases.md), the D rows about what an event means: identity, payments, what is owed,
// where a ladder begins. Each row is a kind, probed with several inputs.
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// ------------------------------------------------------------------- D7, D8: payments that are none

TEST(FieldCases, D7_AReversedPaymentBringsTheDebtBackWithoutThanks) {
  for (const char* reversal : {"payment.reversed amount=50 balance=-50", "payment.reversed amount=50"}) {
    Scenario story;
    story.event(march(2) + " credit.changed state=arrears balance=-50")
        .event(march(3) + " payment.received amount=50 balance=0")
        .event(march(5) + " " + reversal)
        .run_out();
    EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent payment_received at " + march(3),
                                          "sent dunning 1 at " + march(5), "sent dunning 2 at " + march(8),
                                          "sent dunning 3 at " + march(12)))
        << reversal;
  }
}

TEST(FieldCases, D7_AReversalDoesNotEndWhatIsUnderWay) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50 credit_level=7")
      .event(march(2, "12:00:00") + " payment.reversed amount=20 balance=-70")
      .until(march(3));
  EXPECT_THAT(story.of(OutcomeType::task_closed), IsEmpty());
  EXPECT_THAT(story.of(OutcomeType::event_rejected), IsEmpty());
}

TEST(FieldCases, D7_AThanksThatWaitsForAPaymentTakenBackIsVoid) {
  policies::PolicySet set = policies_with_people();
  set.quiet_hours.kinds.add(NoticeKind::payment_received);
  Scenario story(set);
  story.event(march(2, "22:30:00") + " payment.received amount=50")
      .event(march(2, "23:30:00") + " payment.received amount=20")
      .event(march(3, "01:00:00") + " payment.reversed amount=50 balance=-50")
      .until(march(3, "07:00:01"));
  EXPECT_THAT(story.told(), Contains(HasSubstr("payment_received")).Times(1));
  EXPECT_THAT(story.told({"cancelled"}), ElementsAre("cancelled payment_received at " + march(3, "01:00:00")));
}

TEST(FieldCases, D8_APaymentOfNothingEndsNothingAndThanksForNothing) {
  for (const char* payment :
       {"payment.received amount=0", "payment.received amount=0.00", "payment.received amount=0.004",
        "payment.received amount=0 balance=-50", "payment.received amount=0.9 currency=JPY"}) {
    Scenario story;
    story.event(march(2) + " credit.changed state=arrears balance=-50").event(march(3) + " " + payment).until(march(6));
    EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent dunning 2 at " + march(5))) << payment;
  }
}

// --------------------------------------------------------------------- D9, D18, D19: identity and order

TEST(FieldCases, D9_TwoSourcesMayNumberAlike) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50 id=1001 source=billing")
      .event(march(3) + " payment.received amount=50 id=1001 source=payments")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent payment_received at " + march(3)));
}

TEST(FieldCases, D9_ThanksForPaymentsNumberedAlikeAreTwoNotices) {
  Scenario story;
  story.event(march(2) + " payment.received amount=50 id=1 source=shop")
      .event(march(2, "11:00:00") + " payment.received amount=50 id=1 source=bank")
      .run_out();
  const auto sent = story.of(OutcomeType::notice_sent);
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_NE(sent[0].client_ref, sent[1].client_ref);
}

TEST(FieldCases, D9_OneIdentityWithOtherContentIsAConflict) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50 id=7 source=billing")
      .late_event(march(2, "11:00:00"), march(2) + " credit.changed state=arrears balance=-50 id=7 source=billing")
      .event(march(3) + " payment.received amount=50 id=7 source=billing")
      .until(march(4));
  EXPECT_THAT(story.of(OutcomeType::event_duplicate), SizeIs(1));
  ASSERT_THAT(story.of(OutcomeType::event_conflict), SizeIs(1));
  EXPECT_EQ(story.of(OutcomeType::event_conflict)[0].event_type, "payment.received");
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2))) << "not applied";
}

TEST(FieldCases, D18_TwoPaymentsOfOneAmountAreTwo) {
  for (const char* fact : {"payment.received amount=20", "refund.credited amount=20 opt_in=refund",
                           "charge.upcoming amount=20 opt_in=charge"}) {
    Scenario story;
    story.event(march(2) + " " + fact).event(march(2) + " " + fact).run_out();
    EXPECT_THAT(story.told(), SizeIs(2)) << fact;
  }
}

TEST(FieldCases, D18_APositionStatedTwiceIsOne) {
  for (const char* fact : {"credit.changed state=low balance=5", "suspension.scheduled", "suspension.cancelled",
                           "account.updated segment=b"}) {
    Scenario story;
    story.event(march(2) + " " + fact).event(march(2) + " " + fact).run_out();
    EXPECT_THAT(story.of(OutcomeType::event_duplicate), SizeIs(1)) << fact;
  }
}

TEST(FieldCases, D19_EachSourceCountsForItself) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50 seq=100 source=billing")
      .event(march(3) + " payment.received amount=50 seq=1 source=payments")
      .event(march(4) + " credit.changed state=arrears balance=-10 seq=99 source=billing")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent payment_received at " + march(3)));
  EXPECT_THAT(story.of(OutcomeType::event_superseded), SizeIs(1));
}

TEST(FieldCases, D19_BetweenSourcesTheTimeDecides) {
  Scenario story;
  story.event(march(2) + " payment.received amount=5 seq=1 source=payments")
      .event(march(4) + " credit.changed state=arrears balance=-50 seq=100 source=billing")
      .late_event(march(5), march(3) + " payment.received amount=50 seq=2 source=payments")
      .until(march(8));
  EXPECT_THAT(story.told(), ElementsAre("sent payment_received at " + march(2), "sent dunning 1 at " + march(4),
                                        "sent payment_received at " + march(5), "sent dunning 2 at " + march(7)));
}

TEST(FieldCases, D20_ALatePaymentIsThankedForOnce) {
  Scenario story;
  story.event(march(4) + " credit.changed state=arrears balance=-50")
      .late_event(march(5), march(3) + " payment.received amount=50 id=p")
      .late_event(march(5, "11:00:00"), march(3) + " payment.received amount=50 id=p")
      .until(march(8));
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(4), "sent payment_received at " + march(5),
                                        "sent dunning 2 at " + march(7)))
      << "the position stands";
  EXPECT_THAT(story.of(OutcomeType::event_superseded), SizeIs(1));
}

// ------------------------------------------------------------------ D11: a duty does not die of somebody's hours

TEST(FieldCases, D11_ATaskOutlivesTheHoursOfItsManager) {
  policies::PolicySet set = policies_with_people();
  policies::Person& manager = set.people.people.at("li.na");
  manager.quiet = {{.name = "", .from = std::chrono::hours(18), .until = std::chrono::hours(9)},
                   {.name = "", .days = 0b1110000, .all_day = true}};
  StepDriver driver(set);
  driver.event("2026-03-05T18:30:00+08:00 credit.changed state=arrears balance=-50 credit_level=7 manager=li.na")
      .until("2026-03-09T12:00:00+08:00");
  EXPECT_THAT(driver.told(), ElementsAre("sent manager_task at 2026-03-09T09:00:00+08:00"));
  EXPECT_THAT(driver.last(OutcomeType::notice_sent).reasons, Contains("people.quiet_hours"));
}

// ---------------------------------------------------------------------------- D16, D27: what is owed

TEST(FieldCases, D16_ARoundingRestIsNoDebt) {
  for (const char* balance :
       {"-0.004", "-0.009999", "-0.4 currency=JPY", "-0.999 currency=JPY", "-0.0009 currency=BHD"}) {
    Scenario story;
    story.event(march(2) + " credit.changed balance=" + balance).run_out();
    EXPECT_THAT(story.told({}), IsEmpty()) << balance;
  }
  for (const char* balance : {"-0.01", "-1 currency=JPY", "-0.001 currency=BHD"}) {
    Scenario story;
    story.event(march(2) + " credit.changed balance=" + balance).run_out();
    EXPECT_THAT(story.told(), SizeIs(3)) << balance;
  }
}

TEST(FieldCases, D16_ARestAfterAPaymentIsPaidInFull) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " payment.received amount=50 balance=-0.003")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent payment_received at " + march(3)));
}

TEST(FieldCases, D27_BeyondALimitWhatLiesBeyondItIsOwed) {
  struct Row {
    const char* event;
    const char* owed;
    const char* limit;
  };
  for (const auto& [event, owed, limit] :
       {Row{"credit.changed balance=-120 credit_limit=100", "20", "100"},
        Row{"credit.changed state=arrears balance=-120 credit_limit=100", "20", "100"},
        Row{"credit.changed state=arrears balance=-80 credit_limit=100", "80", ""},
        Row{"credit.changed balance=-120.50", "120.50", ""},
        Row{"credit.changed balance=-7 credit_limit=0", "7", ""}}) {
    StepDriver driver;
    driver.event(march(2) + " " + event).until(march(2, "12:00:00"));
    const auto told = claims_of(driver, NoticeKind::dunning);
    ASSERT_THAT(told, SizeIs(1)) << event;
    EXPECT_EQ(told[0].message.owed->to_text(), owed) << event;
    EXPECT_EQ(told[0].message.credit_limit ? told[0].message.credit_limit->to_text() : "", limit) << event;
  }
}

TEST(FieldCases, D27_WithinTheLimitNothingIsStillOwed) {
  StepDriver driver;
  driver.event(march(2) + " credit.changed balance=-120 credit_limit=100")
      .event(march(3) + " payment.received amount=70 balance=-50")
      .run_out();
  const auto told = claims_of(driver, NoticeKind::payment_received);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_FALSE(told[0].message.owed.has_value());
  EXPECT_EQ(told[0].message.balance->to_text(), "-50");
  EXPECT_THAT(claims_of(driver, NoticeKind::dunning), SizeIs(1));
}

// ------------------------------------------------------------- D22, D23: where a ladder begins

TEST(FieldCases, D22_AnOldDebtThatIsNewHereBeginsWithTheFirstStep) {
  for (const char* prelude : {"", "account.updated segment=b"}) {
    for (const char* since : {"2025-06-02T10:00:00+08:00", "2026-02-25T10:00:00+08:00"}) {
      Scenario story;
      if (*prelude != '\0') story.event(march(1) + " " + prelude);
      story.late_event(march(2), std::string(since) + " credit.changed state=arrears balance=-50").run_out();
      EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent dunning 2 at " + march(5),
                                            "sent dunning 3 at " + march(9)))
          << since << prelude;
    }
  }
}

TEST(FieldCases, D22_ALadderDoesNotRunWhileNothingIsOwed) {
  Scenario story;
  story.event(march(2) + " credit.changed state=suspended balance=5")
      .event(march(12) + " credit.changed state=arrears balance=-50")
      .until(march(13));
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(12)));
}

// In one episode each step is said once (contract section 6), so it goes on with the next one.
TEST(FieldCases, D22_ADebtThatIsGoneStopsTheLadderUntilThereIsOneAgain) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " credit.changed state=suspended balance=5")
      .event(march(12) + " credit.changed state=arrears balance=-80")
      .until(march(16));
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent dunning 2 at " + march(15)));
}

TEST(FieldCases, D22_AFreshDebtKeepsItsOwnDays) {
  Scenario story;
  story.late_event(march(3), march(2) + " credit.changed state=arrears balance=-50").run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(3), "sent dunning 2 at " + march(5),
                                        "sent dunning 3 at " + march(9)));
}

TEST(FieldCases, D23_AnAccountReopenedIsToldAgainFromTheFirstStep) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " account.closed")
      .event(march(10) + " account.reopened")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent dunning 1 at " + march(10),
                                        "sent dunning 2 at " + march(13), "sent dunning 3 at " + march(17)));
}

TEST(FieldCases, D23_AnAccountThatWasOpenGoesOnAsItWas) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " account.reopened")
      .until(march(6));
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent dunning 2 at " + march(5)));
  EXPECT_THAT(story.of(OutcomeType::event_rejected), IsEmpty());
}

TEST(FieldCases, D23_AnAccountReopenedWithoutDebtIsToldNothing) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " account.closed")
      .event(march(4) + " payment.received amount=50 balance=0")
      .event(march(5) + " account.reopened")
      .event(march(6) + " refund.credited amount=5 opt_in=refund")
      .run_out();
  EXPECT_THAT(story.told(), ElementsAre("sent dunning 1 at " + march(2), "sent refund at " + march(6)));
}

// -------------------------------------------------------------------- D28: a position states all of itself

TEST(FieldCases, D28_WhatAPositionLeavesOutIsUnknown) {
  StepDriver driver;
  driver
      .event(march(2) + " credit.changed state=suspension_due balance=-50 credit_limit=10 due_at=" + march(1) +
             " suspend_at=" + march(20))
      .event(march(3) + " credit.changed state=arrears");
  const CreditPosition& credit = driver.record().credit;
  EXPECT_FALSE(credit.balance || credit.credit_limit || credit.due_at || credit.suspend_at || credit.exhausts_at);
  driver.run_out();
  EXPECT_THAT(driver.told(), Not(Contains(HasSubstr("suspension_warning"))));
  for (const policies::Claim& claim : claims_of(driver, NoticeKind::dunning)) EXPECT_FALSE(claim.message.owed);
}

TEST(FieldCases, D28_UnlessThePolicySaysKeep) {
  policies::PolicySet set = policies_with_people();
  set.credit.keep = {.credit_limit = true, .suspend_at = true};
  StepDriver driver(set);
  driver
      .event(march(2) + " credit.changed state=arrears balance=-50 credit_limit=10 due_at=" + march(1) +
             " suspend_at=" + march(20))
      .event(march(3) + " credit.changed state=arrears balance=-60");
  const CreditPosition& credit = driver.record().credit;
  EXPECT_EQ(credit.credit_limit->to_text(), "10");
  EXPECT_EQ(credit.suspend_at, at(march(20)));
  EXPECT_FALSE(credit.due_at.has_value());
}

TEST(FieldCases, D28_ABalanceAloneLeavesTheAnnouncedSuspensionStanding) {
  Scenario story;
  story.event(march(2) + " credit.changed balance=-50 credit_limit=10")
      .event(march(3) + " suspension.scheduled suspend_at=" + march(20))
      .event(march(4) + " credit.changed balance=-60")
      .run_out();
  EXPECT_THAT(story.told(), Contains("sent suspension_warning at " + march(19)));
}

}  // namespace
}  // namespace dun::test
