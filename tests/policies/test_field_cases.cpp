// Cases from the field (docs/field_cases.md), the D rows that the rules answer for. Each row is a kind, probed with
// several inputs.
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

// ---------------------------------------------------------------------- D1: nothing accuses who owes nothing

TEST(FieldCases, D1_AHeldSuspensionOfADebtThatIsPaidIsVoid) {
  for (const char* payment : {"payment.received amount=50 balance=0", "payment.received amount=50",
                              "payment.received amount=50 balance=12.50", "credit.changed state=clear balance=0",
                              "credit.changed state=low balance=3", "credit.changed balance=0"}) {
    Scenario story;
    story.event(march(2) + " credit.changed state=arrears balance=-50")
        .event(march(2, "22:30:00") + " service.suspended")
        .event(march(2, "23:00:00") + " " + payment)
        .run_out();
    EXPECT_THAT(story.told(), Not(Contains(HasSubstr("suspended")))) << payment;
  }
}

TEST(FieldCases, D1_PaidBeforeTheSuspensionIsToldWithoutTheReason) {
  for (const char* before : {"payment.received amount=50 balance=0", "payment.received amount=50",
                             "credit.changed state=clear balance=25"}) {
    for (const char* hour : {"12:00:00", "22:30:00"}) {
      StepDriver driver;
      driver.event(march(2) + " credit.changed state=arrears balance=-50")
          .event(march(2, "11:00:00") + " " + before)
          .event(march(2, hour) + " service.suspended")
          .run_out();
      const auto told = claims_of(driver, NoticeKind::suspended);
      ASSERT_THAT(told, SizeIs(1)) << before;
      EXPECT_EQ(told[0].message.reason, SuspensionReason::other) << before;
      EXPECT_FALSE(told[0].message.owed.has_value()) << before;
    }
  }
}

TEST(FieldCases, D1_AnotherReasonThanADebtIsTheOneToldAndBringsNoDunning) {
  for (const char* reason : {"fraud", "own_wish", "other"}) {
    StepDriver driver;
    driver.event(march(2) + " credit.changed state=clear balance=80")
        .event(march(2, "22:30:00") + " service.suspended reason=" + reason)
        .run_out();
    const auto told = claims_of(driver, NoticeKind::suspended);
    ASSERT_THAT(told, SizeIs(1));
    EXPECT_EQ(to_text(told[0].message.reason), reason);
    EXPECT_EQ(told[0].message.state, CreditState::clear);
    EXPECT_THAT(driver.told(), SizeIs(1)) << "nothing about a debt beside it";
  }
}

TEST(FieldCases, D1_ADebtIsTheReasonWhileItIsOwed) {
  StepDriver driver;
  driver.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(2, "22:30:00") + " service.suspended")
      .event(march(2, "23:00:00") + " payment.received amount=20 balance=-30")
      .run_out();
  const auto told = claims_of(driver, NoticeKind::suspended);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].message.reason, SuspensionReason::debt);
  EXPECT_EQ(told[0].message.owed->to_text(), "30");
}

// ----------------------------------------------------------------- D2: what was told is told of a date

TEST(FieldCases, D2_AnotherDateOfSuspensionIsAnotherWarning) {
  for (const char* between :
       {"suspension.cancelled", "credit.changed state=arrears balance=-60", "account.updated segment=b"}) {
    Scenario story;
    story.event(march(1) + " credit.changed state=arrears balance=-50")
        .event(march(1, "11:00:00") + " suspension.scheduled suspend_at=" + march(4))
        .event(march(5) + " " + between)
        .event(march(6) + " suspension.scheduled suspend_at=" + march(25))
        .run_out();
    EXPECT_THAT(story.told(), AllOf(Contains("sent suspension_warning at " + march(3)),
                                    Contains("sent suspension_warning at " + march(24))))
        << between;
    const auto sent = story.of(OutcomeType::notice_sent);
    std::set<std::string> ids;
    for (const Outcome& outcome : sent) ids.insert(outcome.notice.str());
    EXPECT_EQ(ids.size(), sent.size()) << "each under an id of its own";
  }
}

TEST(FieldCases, D2_TheSameDateIsNotToldTwice) {
  Scenario story;
  story.event(march(1) + " credit.changed state=arrears balance=-50")
      .event(march(1, "11:00:00") + " suspension.scheduled suspend_at=" + march(4))
      .event(march(3, "12:00:00") + " suspension.scheduled suspend_at=" + march(4) + " reason=debt")
      .event(march(3, "13:00:00") + " credit.changed state=suspension_due balance=-70 suspend_at=" + march(4))
      .run_out();
  EXPECT_THAT(story.told(), Contains(HasSubstr("suspension_warning")).Times(1));
}

TEST(FieldCases, D2_ANearerDateIsAtRisk) {
  Scenario story;
  story.event(march(1) + " credit.changed state=arrears balance=-50")
      .event(march(1, "11:00:00") + " suspension.scheduled suspend_at=" + march(4))
      .event(march(3, "12:00:00") + " suspension.scheduled suspend_at=" + march(3, "20:00:00"))
      .run_out();
  EXPECT_THAT(story.told(), Contains("sent suspension_warning at " + march(3, "12:00:00")));
  ASSERT_THAT(story.of(OutcomeType::suspension_at_risk), SizeIs(1));
}

TEST(FieldCases, D2_TheManagerIsToldOfEachDateToo) {
  Scenario story;
  story.event(march(1) + " credit.changed state=arrears balance=-50 credit_level=7")
      .event(march(1, "11:00:00") + " suspension.scheduled suspend_at=" + march(4))
      .event(march(2) + " suspension.cancelled")
      .event(march(3) + " suspension.scheduled suspend_at=" + march(25))
      .until(march(3, "12:00:00"));
  EXPECT_THAT(story.told(), Contains(HasSubstr("sent manager_update")).Times(2));
  EXPECT_THAT(story.told(), Not(Contains(HasSubstr("suspension_warning"))));
  std::set<std::string> ids;
  for (const Outcome& outcome : story.of(OutcomeType::notice_sent)) ids.insert(outcome.notice.str());
  EXPECT_EQ(ids.size(), story.of(OutcomeType::notice_sent).size());
}

TEST(FieldCases, D2_AWarningWhoseTextMayBeOutIsNotRewrittenToAnotherDate) {
  StepDriver driver;
  driver.gateway([](const policies::Claim& claim) -> std::optional<StepDriver::Answer> {
    if (claim.attempt == 1 && claim.message.kind == NoticeKind::suspension_warning)
      return StepDriver::Answer{.result = StepDriver::Result::retry, .after = date::days(1), .perhaps_taken = true};
    return StepDriver::Answer();
  });
  driver.event(march(1) + " credit.changed state=suspension_due balance=-50 suspend_at=" + march(4))
      .until(march(3, "11:00:00"))
      .event(march(3, "12:00:00") + " suspension.scheduled suspend_at=" + march(25))
      .run_out();
  const auto told = claims_of(driver, NoticeKind::suspension_warning);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_NE(told[0].notice, told[1].notice);
  EXPECT_EQ(told[1].message.suspend_at, at(march(25)));
}

TEST(FieldCases, D2_AnEarlierWarningInDoubtDoesNotUnsayTheLaterOne) {
  for (const StepDriver::Answer& answer :
       {StepDriver::Answer{.result = StepDriver::Result::retry, .after = std::chrono::hours(1), .perhaps_taken = true},
        StepDriver::Answer{
            .result = StepDriver::Result::unknown, .after = std::chrono::hours(1), .then_repeat = true}}) {
    StepDriver driver;
    driver.gateway([](const policies::Claim& claim) {
      return claim.message.suspend_at == at(march(4)) ? std::nullopt : std::optional(StepDriver::Answer());
    });
    // The date moves while the first warning is under way.
    driver.event(march(3, "11:00:00") + " credit.changed state=suspension_due balance=-50 suspend_at=" + march(4))
        .event(march(3, "11:01:00") + " suspension.scheduled suspend_at=" + march(4, "08:00:00"));
    driver.answer(driver.in_flight().front().ordinal, answer).run_out();
    EXPECT_THAT(claims_of(driver, NoticeKind::suspension_warning), SizeIs(2)) << "one of each date";
  }
}

TEST(FieldCases, D2_AStepThatEndsUnsentDoesNotForgetTheDateThatWasTold) {
  Scenario story;
  story.event(march(2) + " credit.changed state=arrears balance=-50 suspend_at=" + march(4, "12:00:00"))
      .event(march(5, "23:00:00") + " dispute.opened until=" + march(20))
      .event(march(5, "23:10:00") + " dispute.closed")
      .run_out();
  EXPECT_THAT(story.told(), Contains(HasSubstr("suspension_warning")).Times(1));
}

TEST(FieldCases, D2_AServiceStoppedForFraudDoesNotUnsayAWarning) {
  Scenario story;
  story.event(march(1) + " credit.changed state=arrears balance=-50")
      .event(march(1, "11:00:00") + " suspension.scheduled suspend_at=" + march(4))
      .event(march(7) + " service.suspended reason=fraud")
      .run_out();
  EXPECT_THAT(story.told(), Contains(HasSubstr("suspension_warning")).Times(1));
}

// ------------------------------------------------------------- D3: nothing threatens with what has happened

TEST(FieldCases, D3_DunningOfASuspendedAccountSaysSo) {
  for (const char* afterwards : {"account.updated segment=b", "credit.changed state=arrears balance=-60",
                                 "credit.changed balance=-60", "credit.changed state=suspended balance=-60"}) {
    StepDriver driver;
    driver.event(march(1) + " credit.changed state=arrears balance=-50 suspend_at=" + march(3))
        .event(march(1, "12:00:00") + " service.suspended")
        .event(march(1, "13:00:00") + " " + afterwards)
        .run_out();
    const auto told = claims_of(driver, NoticeKind::dunning);
    ASSERT_THAT(told, SizeIs(3)) << afterwards;
    for (std::size_t i = 1; i < told.size(); ++i) {
      EXPECT_EQ(told[i].message.state, CreditState::suspended) << afterwards;
      EXPECT_FALSE(told[i].message.suspend_at.has_value()) << afterwards;
    }
  }
}

TEST(FieldCases, D3_ADatePastWithoutASuspensionIsNotThreatenedWith) {
  StepDriver driver;
  driver.event(march(1) + " credit.changed state=arrears balance=-50")
      .event(march(1, "12:00:00") + " suspension.scheduled suspend_at=" + march(3))
      .run_out();
  const auto told = claims_of(driver, NoticeKind::dunning);
  ASSERT_THAT(told, SizeIs(3));
  for (const std::size_t i : {std::size_t{1}, std::size_t{2}}) {
    EXPECT_FALSE(told[i].message.suspend_at.has_value());
    EXPECT_EQ(told[i].message.state, CreditState::arrears);
  }
}

TEST(FieldCases, D2_AVipsManagerWhoCannotBeToldPutsTheSuspensionAtRisk) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) {
    return std::optional(StepDriver::Answer{.result = StepDriver::Result::rejected, .reason = "gateway.rejected"});
  });
  driver.event(march(2) + " suspension.scheduled credit_level=7 suspend_at=" + march(20)).until(march(3));
  EXPECT_THAT(driver.told({"at_risk"}), SizeIs(1));
}

TEST(FieldCases, D2_ADateThatIsTakenBackUntoldIsNotToldAsSoonAgain) {
  Scenario story;
  story.event(march(2) + " suspension.scheduled")
      .event(march(3) + " suspension.scheduled suspend_at=" + march(20))
      .event(march(4) + " credit.changed state=suspension_due")
      .event(march(5) + " credit.changed state=suspension_due suspend_at=" + march(20))
      .run_out();
  EXPECT_THAT(story.told(),
              ElementsAre("sent suspension_warning at " + march(2), "sent suspension_warning at " + march(19)));
}

TEST(FieldCases, D3_ASuspensionPlannedForWhatIsStoppedIsNotThreatenedWith) {
  for (const char* state : {"arrears", "suspended"}) {
    StepDriver driver;
    driver.event(march(1) + " credit.changed state=arrears balance=-50")
        .event(march(1, "12:00:00") + " service.suspended")
        .event(march(2) + " credit.changed balance=-60 state=" + state + " suspend_at=" + march(28))
        .run_out();
    for (const policies::Claim& claim : driver.claims())
      EXPECT_FALSE(claim.message.state == CreditState::suspended && claim.message.suspend_at) << state;
  }
}

// ---------------------------------------------------------------------- D4, D5: one position is one value

TEST(FieldCases, D4_AmountAndTimeAreOfOneEvent) {
  struct Row {
    const char* event;
    const char* owed;
  };
  for (const auto& [event, owed] :
       {Row{"credit.changed state=arrears balance=-300", "300"}, Row{"payment.received amount=20 balance=-30", "30"},
        Row{"credit.changed balance=-70.50 currency=EUR", "70.50"},
        Row{"payment.reversed amount=10 balance=-60", "60"}}) {
    StepDriver driver;
    driver.event(march(2) + " credit.changed state=arrears balance=-50").event(march(4) + " " + event).until(march(6));
    const auto told = claims_of(driver, NoticeKind::dunning);
    ASSERT_THAT(told, SizeIs(2)) << event;
    EXPECT_EQ(told[0].message.event_time, at(march(2)));
    EXPECT_EQ(told[1].message.event_time, at(march(4))) << event;
    EXPECT_EQ(told[1].message.owed->to_text(), owed) << event;
    EXPECT_EQ(driver.last(OutcomeType::notice_sent).event_time, at(march(4))) << event;
  }
}

TEST(FieldCases, D4_AHeldNoticeAndAWarningTellTheNewestPosition) {
  StepDriver driver;
  driver.event(march(2, "22:10:00") + " credit.changed state=arrears balance=-50")
      .event(march(2, "23:10:00") + " credit.changed state=arrears balance=-300")
      .event(march(2, "23:20:00") + " suspension.scheduled suspend_at=" + march(9))
      .run_out();
  for (const NoticeKind kind : {NoticeKind::dunning, NoticeKind::suspension_warning}) {
    const auto told = claims_of(driver, kind);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told[0].message.owed->to_text(), "300");
    EXPECT_EQ(told[0].message.event_time, at(march(2, "23:10:00")));
  }
}

TEST(FieldCases, D4_WhatComesBackUntakenTellsTheNewestPosition) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) { return std::nullopt; });
  driver.event(march(2) + " credit.changed state=arrears balance=-50").until(march(2, "10:00:01"));
  const std::uint32_t ordinal = driver.in_flight().front().ordinal;
  driver.event(march(2, "10:05:00") + " credit.changed state=arrears balance=-300").returned(ordinal);
  const auto told = claims_of(driver, NoticeKind::dunning);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[1].message.owed->to_text(), "300");
  EXPECT_EQ(told[1].message.event_time, at(march(2, "10:05:00")));
}

TEST(FieldCases, D6_WhatComesBackUntakenDoesNotAnnounceThePast) {
  for (const char* date : {" suspend_at=2026-03-02T08:00:00+08:00", " suspend_at=2026-03-02T10:04:59+08:00"}) {
    StepDriver driver;
    driver.gateway([](const policies::Claim&) { return std::nullopt; });
    driver.event(march(2) + " suspension.scheduled balance=-50").until(march(2, "10:00:01"));
    const std::uint32_t ordinal = driver.in_flight().front().ordinal;
    ASSERT_EQ(driver.in_flight().front().message.kind, NoticeKind::suspension_warning);
    driver.event(march(2, "10:05:00") + " credit.changed balance=-50" + date).returned(ordinal);
    EXPECT_THAT(claims_of(driver, NoticeKind::suspension_warning), SizeIs(1)) << date;
    EXPECT_EQ(driver.last(OutcomeType::notice_expired).reasons.back(), "expiry.past") << date;
  }
}

TEST(FieldCases, D4_BesideAnotherFactThePositionHasATimeOfItsOwn) {
  StepDriver driver;
  driver.event(march(2) + " credit.changed state=arrears balance=-50").event(march(3) + " service.suspended").run_out();
  const auto told = claims_of(driver, NoticeKind::suspended);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].message.event_time, at(march(3)));
  EXPECT_EQ(told[0].message.as_of, at(march(2)));
}

TEST(FieldCases, D5_EachAmountCarriesItsOwnCurrency) {
  policies::PolicySet set = policies_with_people();
  set.quiet_hours.kinds.add(NoticeKind::payment_received);
  StepDriver driver(set);
  driver.event(march(2, "22:10:00") + " payment.received amount=10 currency=EUR")
      .event(march(2, "23:10:00") + " credit.changed state=arrears balance=-100 currency=CNY")
      .until(march(3));
  const auto told = claims_of(driver, NoticeKind::payment_received);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].message.amount->to_text(), "10");
  EXPECT_EQ(told[0].message.amount_currency, "EUR");
  EXPECT_FALSE(told[0].message.owed.has_value()) << "the position is of another event than the payment";
}

TEST(FieldCases, D5_APaymentSaysWhatItLeft) {
  StepDriver driver;
  driver.event(march(2) + " credit.changed state=arrears balance=-50")
      .event(march(3) + " payment.received amount=20 balance=-30")
      .until(march(3, "12:00:00"));
  const auto told = claims_of(driver, NoticeKind::payment_received);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].message.owed->to_text(), "30");
  EXPECT_FALSE(told[0].message.as_of.has_value());
}

// -------------------------------------------------------------------------- D6: the past is not announced

TEST(FieldCases, D6_WhatIsPastIsNotAnnounced) {
  struct Row {
    const char* event;
    const char* kind;
    bool at_risk;
  };
  for (const auto& [event, kind, at_risk] :
       {Row{"credit.changed state=arrears suspend_at=2026-03-01T10:00:00+08:00", "suspension_warning", true},
        Row{"suspension.scheduled suspend_at=2026-03-02T10:00:00+08:00", "suspension_warning", true},
        Row{"charge.upcoming amount=5 charge_at=2026-03-01T10:00:00+08:00 opt_in=charge", "charge", false},
        Row{"credit.changed state=low exhausts_at=2026-03-01T10:00:00+08:00 opt_in=early_reminder", "early_reminder",
            false}}) {
    Scenario story;
    story.event(march(2) + " " + event).run_out();
    EXPECT_THAT(story.told({"expired"}), ElementsAre("expired " + std::string(kind) + " at " + march(2))) << event;
    ASSERT_THAT(story.of(OutcomeType::notice_expired), SizeIs(1)) << event;
    EXPECT_THAT(story.of(OutcomeType::notice_expired)[0].reasons, Contains("expiry.past"));
    EXPECT_EQ(story.of(OutcomeType::suspension_at_risk).size(), at_risk ? 1U : 0U) << event;
    EXPECT_THAT(story.told(), Not(Contains(HasSubstr(kind)))) << event;
  }
}

TEST(FieldCases, D6_WhatPassesWhileItIsHeldIsNotAnnounced) {
  Scenario story;
  story.event(march(2, "22:30:00") + " suspension.scheduled suspend_at=" + march(3, "06:00:00"))
      .event(march(2, "22:30:00") + " charge.upcoming amount=5 opt_in=charge charge_at=" + march(3, "05:00:00"))
      .run_out();
  EXPECT_THAT(story.told({"sent", "expired"}),
              testing::UnorderedElementsAre("expired suspension_warning at " + march(3, "07:00:00"),
                                            "expired charge at " + march(3, "07:00:00")));
  EXPECT_THAT(story.of(OutcomeType::suspension_at_risk), SizeIs(1));
}

TEST(FieldCases, D6_WhatWouldComeWithTheMorningAndIsPastByThenIsNotAnnounced) {
  const std::string low = " credit.changed state=low opt_in=early_reminder exhausts_at=";
  for (const std::string& held : {low + march(3, "05:00:00"), low + march(3, "06:59:59")}) {
    Scenario story;
    story.event(march(2, "22:30:00") + held).run_out();
    EXPECT_THAT(story.told(), testing::IsEmpty()) << held;
    EXPECT_THAT(story.told({"expired"}), SizeIs(1)) << held;
  }
  // One that waits for its day, and then has another, which is over.
  Scenario moved;
  moved.event(march(2) + " credit.changed state=arrears balance=-50 suspend_at=" + march(20))
      .event(march(4) + " suspension.scheduled suspend_at=" + march(3))
      .run_out();
  EXPECT_THAT(moved.told(), Not(Contains(HasSubstr("suspension_warning"))));
  EXPECT_THAT(moved.of(OutcomeType::suspension_at_risk), SizeIs(1));
}

TEST(FieldCases, D6_AVipsSuspensionThatIsPastIsAtRisk) {
  Scenario story;
  story.event(march(2) + " credit.changed state=suspension_due credit_level=7 suspend_at=" + march(1)).until(march(3));
  EXPECT_THAT(story.of(OutcomeType::suspension_at_risk), SizeIs(1));
  EXPECT_THAT(story.told(), ElementsAre("sent manager_task at " + march(2)));
}

}  // namespace
}  // namespace dun::test
