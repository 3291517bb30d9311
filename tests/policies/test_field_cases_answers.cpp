// Cases from the field (docs/field_cases.md) about what gateways answer and what receipts prove: C1, S2, S40.
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Answer = StepDriver::Answer;
using Result = StepDriver::Result;

std::vector<Outcome> of(const StepDriver& driver, OutcomeType type) {
  std::vector<Outcome> found;
  std::ranges::copy_if(driver.outcomes(), std::back_inserter(found),
                       [&](const Outcome& outcome) { return outcome.type == type; });
  return found;
}

/// A gateway that says `answer` to the first attempt and then nothing, so that the claim stays out.
StepDriver::Gateway first(const Answer& answer) {
  return [answer](const policies::Claim& claim) { return claim.attempt == 1 ? std::optional(answer) : std::nullopt; };
}

// ------------------------------------------------------------------------- C1: what may have been told counts

TEST(FieldCases, C1_ADunningInDoubtCountsTowardsTheCap) {
  for (const Answer& answer : {Answer{.result = Result::retry, .after = std::chrono::hours(1), .perhaps_taken = true},
                               Answer{.result = Result::unknown, .after = date::days(1), .then_repeat = true},
                               Answer{.result = Result::unknown, .after = std::chrono::minutes(30)}}) {
    StepDriver driver;
    driver.gateway([&](const policies::Claim& claim) {
      return std::optional(driver.claims().size() == 1 && claim.attempt == 1 ? answer : Answer());
    });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .event("2026-03-02T10:05:00+08:00 payment.received amount=50 balance=0")
        .event("2026-03-02T13:00:00+08:00 credit.changed state=arrears balance=-70")
        .run_out(date::days(2));
    std::vector<policies::Claim> dunning;
    std::ranges::copy_if(driver.claims(), std::back_inserter(dunning), [](const policies::Claim& claim) {
      return claim.message.kind == NoticeKind::dunning && claim.attempt == 1;
    });
    ASSERT_THAT(dunning, SizeIs(2));
    EXPECT_GE(dunning[1].message.now, at("2026-03-03T07:00:00+08:00")) << "one a day";
  }
}

TEST(FieldCases, C1_ARepeatIsNotKeptFromGoingByItsOwnAttempt) {
  StepDriver driver;
  driver.gateway([](const policies::Claim& claim) {
    return std::optional(
        claim.attempt < 3
            ? Answer{.result = Result::retry, .after = std::chrono::minutes(5), .perhaps_taken = claim.attempt == 1}
            : Answer());
  });
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:10:00+08:00"));
  EXPECT_THAT(driver.record().dunned, SizeIs(1)) << "told once, as far as a cap is concerned";
}

TEST(FieldCases, C1_ARepeatIsNotKeptFromGoingByItsOwnAttemptWhenTheClockIsSetBack) {
  StepDriver driver;
  driver.gateway(first({.result = Result::retry, .after = std::chrono::hours(1), .perhaps_taken = true}));
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
      .stall_until("2026-03-02T09:55:00+08:00")
      .event("2026-03-02T09:55:01+08:00 account.updated segment=b");
  ASSERT_THAT(driver.claims(), SizeIs(2)) << "neither its pause nor its own attempt lies ahead";
  driver.answer(driver.claims().back().ordinal, {});
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T09:55:01+08:00"));
  EXPECT_THAT(driver.record().dunned, SizeIs(1)) << "told once";
}

TEST(FieldCases, C1_ARepeatByAClockThatWasSetBackCountsOnTheDayOfItsFirstAttempt) {
  auto set = policies_with_people();
  set.quiet_hours.windows.clear();
  StepDriver driver(set);
  driver.gateway(first({.result = Result::retry, .after = std::chrono::minutes(1), .perhaps_taken = true}));
  driver.event("2026-03-02T00:02:00+08:00 credit.changed state=arrears balance=-50")
      .stall_until("2026-03-01T23:56:00+08:00")
      .event("2026-03-01T23:56:01+08:00 account.updated segment=b");
  ASSERT_THAT(driver.claims(), SizeIs(2));
  driver.answer(driver.claims().back().ordinal, {});
  EXPECT_THAT(driver.record().dunned, ElementsAre(at("2026-03-02T00:02:00+08:00")));
}

TEST(FieldCases, C1_AReceiptIsTheLastWordOfWhatEndedInDoubt) {
  StepDriver driver;
  driver.gateway(first({.result = Result::retry, .after = std::chrono::hours(1), .perhaps_taken = true}));
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-02T10:05:00+08:00 credit.changed state=clear balance=0")
      .until("2026-03-02T12:00:00+08:00");
  const NoticeId notice = driver.claims().front().notice;
  driver.receipt(notice, ReceiptStatus::delivered);
  ASSERT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  EXPECT_EQ(driver.taken(), policies::Taken::receipt_matched);
  EXPECT_EQ(of(driver, OutcomeType::notice_delivered)[0].notice, notice);
}

// -------------------------------------------------------------- S2: what has arrived is never sent again

TEST(FieldCases, S2_AReceiptBeforeAnyAnswerEndsTheNotice) {
  for (const Result answer : {Result::accepted, Result::rejected, Result::retry, Result::unknown}) {
    StepDriver driver;
    driver.gateway([](const policies::Claim&) { return std::nullopt; });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T10:00:01+08:00");
    const policies::Claim claim = driver.in_flight().front();
    driver.receipt(claim.notice, ReceiptStatus::delivered)
        .answer(claim.ordinal, {.result = answer, .after = std::chrono::seconds(10), .then_repeat = true})
        .until("2026-03-03T10:00:00+08:00");
    EXPECT_THAT(driver.claims(), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_sent), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  }
}

TEST(FieldCases, S2_AReceiptAfterAnyAnswerEndsTheNotice) {
  for (const Answer& answer :
       {Answer{.result = Result::retry, .after = std::chrono::minutes(10)},
        Answer{.result = Result::retry, .after = std::chrono::minutes(10), .perhaps_taken = true},
        Answer{.result = Result::unknown, .after = std::chrono::minutes(10), .then_repeat = true},
        Answer{.result = Result::unknown, .after = std::chrono::minutes(10), .then_ask = true}}) {
    StepDriver driver;
    driver.gateway(first(answer));
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T10:01:00+08:00");
    driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered).until("2026-03-03T10:00:00+08:00");
    EXPECT_THAT(driver.claims(), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  }
}

TEST(FieldCases, S2_AReceiptOfWhatItsPausedGatewayGaveBackEndsIt) {
  for (const bool before : {true, false}) {
    StepDriver driver;
    driver.gateway([](const policies::Claim&) { return std::nullopt; });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T10:00:01+08:00");
    const policies::Claim claim = driver.in_flight().front();
    if (before) driver.receipt(claim.notice, ReceiptStatus::delivered);
    if (before) driver.returned(claim.ordinal);
    if (!before) {
      // It is given back and claimed again, and so on: a receipt that comes while it waits is told of the same notice.
      driver.returned(claim.ordinal).receipt(claim.notice, ReceiptStatus::delivered);
      if (!driver.in_flight().empty()) driver.returned(claim.ordinal);
    }
    driver.until("2026-03-03T10:00:00+08:00");
    EXPECT_THAT(of(driver, OutcomeType::notice_sent), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
    EXPECT_THAT(driver.record().pending, IsEmpty());
    EXPECT_THAT(driver.record().dunned, SizeIs(1));
  }
}

// ------------------------------------------------------------------- S40: delivered is the last word

TEST(FieldCases, S40_DeliveredAfterAFinalRefusalIsSaid) {
  StepDriver driver;
  driver.gateway([](const policies::Claim& claim) {
    return std::optional(claim.message.step == 1 ? Answer{.result = Result::rejected, .reason = "gateway.rejected"}
                                                 : Answer());
  });
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T11:00:00+08:00");
  ASSERT_THAT(of(driver, OutcomeType::notice_failed), SizeIs(1));
  driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered);
  EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  EXPECT_THAT(driver.record().dunned, SizeIs(1)) << "it was told after all";
  driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered);
  EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1)) << "and said once";
}

TEST(FieldCases, S40_ThatARefusedOneFailedIsNoNews) {
  StepDriver driver;
  driver.gateway(first({.result = Result::rejected, .reason = "gateway.rejected"}));
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T11:00:00+08:00");
  driver.receipt(driver.claims().front().notice, ReceiptStatus::failed);
  EXPECT_THAT(of(driver, OutcomeType::notice_failed), SizeIs(1));
}

TEST(FieldCases, S40_DeliveredIsTheLastWordBeforeTheAnswerToo) {
  const std::vector<ReceiptStatus> orders[] = {{ReceiptStatus::delivered, ReceiptStatus::failed},
                                               {ReceiptStatus::failed, ReceiptStatus::delivered},
                                               {ReceiptStatus::delivered, ReceiptStatus::pending}};
  for (const auto& statuses : orders) {
    StepDriver driver;
    driver.gateway([](const policies::Claim&) { return std::nullopt; });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T10:00:01+08:00");
    const policies::Claim claim = driver.in_flight().front();
    for (const ReceiptStatus status : statuses) driver.receipt(claim.notice, status);
    driver.answer(claim.ordinal, {});
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_failed), testing::IsEmpty());
  }
}

/// A gateway says that it failed, tries on, and says that it arrived.
TEST(FieldCases, S40_DeliveredIsTheLastWordAfterFailedToo) {
  for (const Result result : {Result::accepted, Result::rejected}) {
    StepDriver driver;
    driver.gateway([&](const policies::Claim& claim) {
      return std::optional(claim.message.step == 1 ? Answer{.result = result, .reason = "gateway.rejected"} : Answer());
    });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T11:00:00+08:00");
    const NoticeId notice = driver.claims().front().notice;
    driver.receipt(notice, ReceiptStatus::failed).receipt(notice, ReceiptStatus::failed);
    EXPECT_THAT(of(driver, OutcomeType::notice_failed), SizeIs(1)) << "said once";
    driver.receipt(notice, ReceiptStatus::delivered);
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
    EXPECT_THAT(driver.record().dunned, SizeIs(1)) << "it counts once";
    driver.receipt(notice, ReceiptStatus::failed).receipt(notice, ReceiptStatus::delivered);
    EXPECT_THAT(of(driver, OutcomeType::notice_failed), SizeIs(1));
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  }
}

/// The same where the receipt that it failed is what ended it.
TEST(FieldCases, S40_DeliveredIsTheLastWordAfterAFailureThatWasTheAnswer) {
  for (const bool answered : {false, true}) {
    StepDriver driver;
    driver.gateway([&](const policies::Claim&) {
      return answered ? std::optional(Answer{.result = Result::unknown, .after = Seconds(30)}) : std::nullopt;
    });
    driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50")
        .until("2026-03-02T10:00:01+08:00");
    const NoticeId notice = answered ? driver.claims().front().notice : driver.in_flight().front().notice;
    driver.receipt(notice, ReceiptStatus::failed);
    if (!answered) driver.answer(driver.in_flight().front().ordinal, {});
    ASSERT_THAT(of(driver, OutcomeType::notice_failed), SizeIs(1));
    driver.receipt(notice, ReceiptStatus::delivered);
    EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
    EXPECT_THAT(driver.record().dunned, SizeIs(1));
  }
}

TEST(FieldCases, S40_WhatAGatewayAnswersLaterDoesNotTakeDeliveredBack) {
  StepDriver driver;
  driver.gateway(first({.result = Result::unknown, .after = Seconds(30), .then_ask = true}));
  driver.status([](const policies::Ask&) { return std::nullopt; });
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T10:01:00+08:00");
  ASSERT_THAT(driver.asked(), SizeIs(1));
  driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered);
  driver.say({.receipt = ReceiptStatus::failed});
  EXPECT_THAT(of(driver, OutcomeType::notice_delivered), SizeIs(1));
  EXPECT_THAT(of(driver, OutcomeType::notice_failed), IsEmpty());
}

/// Of 10:20, from that gateway.
Fields receipt_of_20_past(const NoticeId& notice, const std::string& status, const std::string& gateway) {
  return {{"id", "r"},
          {"type", "dun.receipt"},
          {"account", "A1"},
          {"time", "2026-03-02T10:20:00+08:00"},
          {"notice", notice.str()},
          {"status", status},
          {"gateway", gateway}};
}

TEST(FieldCases, S12_DeliveredAtIsWhenItBecameTrue) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T10:30:00+08:00");
  const NoticeId notice = driver.claims().front().notice;
  driver.event(receipt_of_20_past(notice, "delivered", "g"), at("2026-03-02T10:30:00+08:00"));
  EXPECT_EQ(driver.last(OutcomeType::notice_delivered).at, at("2026-03-02T10:20:00+08:00"));
}

TEST(FieldCases, C6_AReceiptSettlesOnlyWhatItsGatewayTook) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50").until("2026-03-02T10:30:00+08:00");
  const NoticeId notice = driver.claims().front().notice;
  driver.event(receipt_of_20_past(notice, "failed", "another"), at("2026-03-02T10:30:00+08:00"));
  EXPECT_EQ(driver.taken(), policies::Taken::receipt_unknown);
  EXPECT_THAT(of(driver, OutcomeType::notice_failed), IsEmpty());
}

}  // namespace
}  // namespace dun::test
