// Edge cases (docs/edge_cases.md): receivers, gateways that do not answer, changed rules, money.
#include "policies/notices/notices.hpp"
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using policies::Claim;
using policies::Taken;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Answer = StepDriver::Answer;
using Result = StepDriver::Result;

constexpr Millis hour = std::chrono::hours(1);

/// One answer to the first claim, and accepted from then on.
StepDriver::Gateway at_first(std::optional<Answer> answer) {
  return [answer, first = true](const Claim&) mutable -> std::optional<Answer> {
    return std::exchange(first, false) ? answer : Answer();
  };
}

TEST(EdgeCases, E20_WithoutANumberANoticeIsUnreachable) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears msisdn=").until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(story.told({}), ElementsAre("unreachable dunning 1 at 2026-03-02T10:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_unreachable).front().reasons, Contains("contact.no_number"));
}

TEST(EdgeCases, E20_ANumberThatCameInTheMeantimeIsUsed) {
  Scenario story;
  story.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears msisdn=")
      .event("2026-03-03T01:00:00+08:00 account.updated msisdn=+8613800138009")
      .until("2026-03-03T12:00:00+08:00");
  ASSERT_THAT(story.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
  EXPECT_EQ(story.of(OutcomeType::notice_sent).front().to, "+8613800138009");
}

TEST(EdgeCases, E23_ExcludedAccountsAreToldNothingAndCounted) {
  auto set = policies_with_people();
  set.exclusions.segments = {"internal", "test"};
  Scenario story(set);
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears segment=test")
      .event("2026-03-02T11:00:00+08:00 payment.received amount=5 segment=test")
      .run_out();
  EXPECT_THAT(story.told({}), ElementsAre("suppressed dunning 1 at 2026-03-02T10:00:00+08:00",
                                          "suppressed payment_received at 2026-03-02T11:00:00+08:00"));
  EXPECT_THAT(story.of(OutcomeType::notice_suppressed).front().reasons, Contains("exclusions.segment"));
}

TEST(EdgeCases, E23_AnExcludedAccountOfTheVipLevelBothersNoManager) {
  auto set = policies_with_people();
  set.exclusions.segments = {"test"};
  Scenario story(set);
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears segment=test credit_level=7")
      .event("2026-03-02T11:00:00+08:00 credit.changed state=suspension_due segment=test")
      .run_out();
  EXPECT_THAT(story.told({"sent", "opened"}), IsEmpty());
  EXPECT_THAT(story.of(OutcomeType::notice_suppressed), Not(IsEmpty()));
}

TEST(EdgeCases, E25_ARetryGoesAheadOfAnythingNewerForItsAccount) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::retry, .after = std::chrono::seconds(5)}))
      .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
      .event("2026-03-02T10:00:01+08:00 refund.credited amount=2")
      .event("2026-03-02T10:00:02+08:00 refund.credited amount=3");
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.until("2026-03-02T10:00:04+08:00");
  EXPECT_THAT(driver.told(), IsEmpty());
  driver.until("2026-03-02T10:00:05+08:00");
  EXPECT_THAT(driver.claims().size(), 4U);
  ASSERT_THAT(driver.told(), testing::SizeIs(3));
  EXPECT_EQ(driver.claims().at(1).attempt, 2);
  EXPECT_EQ(driver.claims().at(1).notice, driver.claims().at(0).notice) << "the same client_ref";
  EXPECT_EQ(driver.claims().at(1).message.amount, Amount::from_micros(1'000'000));
  EXPECT_EQ(driver.claims().at(2).message.amount, Amount::from_micros(2'000'000));
  EXPECT_EQ(driver.claims().at(3).message.amount, Amount::from_micros(3'000'000));
}

TEST(EdgeCases, E25_ARetryThatTheNightPutsOffHoldsUpNothingThatMayGo) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::retry, .after = std::chrono::seconds(5)}))
      .event("2026-03-02T21:59:58+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-02T22:30:00+08:00 payment.received amount=20 balance=-30")
      .run_out(date::days(1));
  EXPECT_THAT(driver.told(), ElementsAre("sent payment_received at 2026-03-02T22:30:00+08:00",
                                         "sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(EdgeCases, E25_OneAccountNeverHasTwoNoticesInFlight) {
  StepDriver driver;
  driver.gateway(at_first(std::nullopt))
      .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
      .event("2026-03-02T10:00:01+08:00 service.resumed")
      .event("2026-03-02T10:00:02+08:00 refund.credited amount=2");
  ASSERT_EQ(driver.in_flight().size(), 1U);
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.answer(driver.in_flight().front().ordinal, {});
  EXPECT_THAT(driver.told(), testing::SizeIs(3));
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(EdgeCases, E25_APausedGatewayPutsTheNoticeBackWhereItStood) {
  StepDriver driver;
  driver.gateway(at_first(std::nullopt))
      .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
      .event("2026-03-02T10:00:02+08:00 refund.credited amount=2");
  driver.returned(driver.in_flight().front().ordinal);
  ASSERT_EQ(driver.claims().size(), 3U);
  EXPECT_EQ(driver.claims().at(1).notice, driver.claims().at(0).notice);
  EXPECT_EQ(driver.claims().at(1).attempt, 1) << "it was surely not taken";
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(EdgeCases, E25_WhatAnOlderRetryOrUnknownDoesNotHoldUpMovesUp) {
  for (const Result result : {Result::retry, Result::unknown}) {
    // `resumed` has a lane of its own: it waits while the other is in flight, and no longer.
    StepDriver driver;
    driver.gateway(at_first(std::nullopt))
        .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
        .event("2026-03-02T10:00:01+08:00 refund.credited amount=2")
        .event("2026-03-02T10:00:02+08:00 service.resumed")
        .until("2026-03-02T10:00:10+08:00");
    driver.answer(driver.in_flight().front().ordinal, {.result = result, .after = hour});
    EXPECT_THAT(driver.told(), ElementsAre("sent resumed at 2026-03-02T10:00:10+08:00"));
    EXPECT_EQ(driver.stuck(), std::nullopt);
    driver.run_out();
    EXPECT_TRUE(driver.record().pending.empty());
    EXPECT_EQ(driver.told().size(), result == Result::retry ? 3U : 2U);
  }
}

TEST(EdgeCases, E26_AnUnknownWaitsForItsReceiptAndTheReceiptIsTheAnswer) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour}))
      .event("2026-03-02T21:59:59+08:00 credit.changed state=arrears");
  EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T21:59:59+08:00"));
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.until("2026-03-02T22:10:00+08:00").receipt(driver.claims().front().notice, ReceiptStatus::delivered);
  EXPECT_EQ(driver.taken(), Taken::receipt_matched);
  EXPECT_THAT(
      driver.told({"sent", "delivered", "unknown"}),
      ElementsAre("unknown dunning 1 at 2026-03-02T21:59:59+08:00", "sent dunning 1 at 2026-03-02T22:10:00+08:00",
                  "delivered dunning 1 at 2026-03-02T22:10:00+08:00"));
  // It went out in the evening; only the news of it came at night.
  EXPECT_EQ(driver.last(OutcomeType::notice_sent).sent_at, at("2026-03-02T21:59:59+08:00"));
  EXPECT_EQ(driver.last(OutcomeType::notice_delivered).sent_at, at("2026-03-02T21:59:59+08:00"));
  EXPECT_LE(*driver.last(OutcomeType::notice_sent).due_at, at("2026-03-02T21:59:59+08:00"));
  EXPECT_TRUE(driver.record().pending.empty());
  EXPECT_THAT(driver.record().dunned, ElementsAre(at("2026-03-02T21:59:59+08:00"))) << "caps count it once";
}

TEST(EdgeCases, E26_AReceiptOfFailureAnswersToo) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour}))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .receipt(driver.claims().front().notice, ReceiptStatus::failed);
  EXPECT_THAT(driver.told({"sent", "failed"}), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                                                           "failed dunning 1 at 2026-03-02T10:00:00+08:00"));
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(EdgeCases, E26_WithoutAReceiptItEndsUnknownAndIsNeverRepeated) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour, .reason = "gateway.unknown"}))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T10:00:00+08:00",
                                           "unknown dunning 1 at 2026-03-02T11:00:00+08:00"));
  EXPECT_THAT(driver.last(OutcomeType::notice_unknown).reasons, Contains("gateway.no_receipt"));
  EXPECT_EQ(driver.claims().size(), 1U);
  EXPECT_TRUE(driver.record().pending.empty());
  driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered);
  EXPECT_EQ(driver.taken(), Taken::receipt_matched) << "the last word all the same";
}

TEST(EdgeCases, E26_WhatEndsBesideAnotherEventIsOfItsOwn) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour, .reason = "gateway.unknown"}))
      .event("2026-03-02T10:00:00+08:00 payment.received amount=1 balance=0")
      .event("2026-03-02T11:00:00+08:00 payment.received amount=2 balance=0");
  const Outcome& ended = driver.last(OutcomeType::notice_unknown);
  EXPECT_THAT(ended.reasons, Contains("gateway.no_receipt"));
  EXPECT_EQ(ended.at, at("2026-03-02T11:00:00+08:00"));
  EXPECT_EQ(ended.cause.str(), "e1");
}

TEST(EdgeCases, E26_AnUnknownParksItsLaneOfTheAccountUntilItEnds) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour}))
      .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
      .event("2026-03-02T10:01:00+08:00 refund.credited amount=2");
  EXPECT_THAT(driver.told(), IsEmpty());
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.until("2026-03-02T12:00:00+08:00");
  EXPECT_THAT(driver.told(), ElementsAre("sent refund at 2026-03-02T11:00:00+08:00"));
}

TEST(EdgeCases, E26_AReceiptMayComeBeforeTheAnswer) {
  for (const Result result : {Result::accepted, Result::unknown, Result::retry}) {
    StepDriver driver;
    driver.gateway(at_first(std::nullopt)).event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
    const Claim claim = driver.in_flight().front();
    driver.receipt(claim.notice, ReceiptStatus::delivered);
    EXPECT_EQ(driver.taken(), Taken::receipt_matched);
    EXPECT_THAT(driver.told({}), IsEmpty());
    driver.answer(claim.ordinal, {.result = result, .after = hour});
    EXPECT_THAT(
        driver.told({"sent", "delivered", "unknown"}),
        ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00", "delivered dunning 1 at 2026-03-02T10:00:00+08:00"));
    EXPECT_EQ(driver.claims().size(), 1U) << "what was delivered is not sent again";
    EXPECT_TRUE(driver.record().pending.empty());
    EXPECT_EQ(driver.record().dunned.size(), 1U);
  }
}

TEST(EdgeCases, E26_AReceiptThatComesWhileARetryWaitsEndsIt) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::retry, .after = hour}))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .receipt(driver.claims().front().notice, ReceiptStatus::delivered)
      .event("2026-03-02T10:30:00+08:00 credit.changed state=clear")
      .run_out();
  EXPECT_THAT(driver.told({}), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                                           "delivered dunning 1 at 2026-03-02T10:00:00+08:00"));
}

TEST(EdgeCases, E26_WhatAReceiptAnswersWasSentWhenItWasHandedOver) {
  for (const Result result : {Result::retry, Result::unknown}) {
    StepDriver driver;
    driver.gateway(at_first(Answer{.result = result, .after = hour}))
        .event("2026-03-02T21:59:00+08:00 credit.changed state=arrears")
        .until("2026-03-02T22:30:00+08:00")
        .receipt(driver.claims().front().notice, ReceiptStatus::delivered);
    const Outcome& sent = driver.last(OutcomeType::notice_sent);
    EXPECT_EQ(sent.sent_at, at("2026-03-02T21:59:00+08:00")) << "not in the night, when the receipt came";
    EXPECT_EQ(sent.due_at, at("2026-03-02T21:59:00+08:00"));
    EXPECT_THAT(driver.record().dunned, ElementsAre(at("2026-03-02T21:59:00+08:00")));
  }
}

TEST(EdgeCases, E26_AReceiptBesideADueTimerDoesNotSilenceTheLadder) {
  // The engine was busy while step 2 came due: the receipt is stepped first and arms the timer anew.
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .stall_until("2026-03-05T10:00:00.050+08:00")
      .receipt(driver.claims().front().notice, ReceiptStatus::delivered)
      .run_out();
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                                         "sent dunning 2 at 2026-03-05T10:00:00.050+08:00",
                                         "sent dunning 3 at 2026-03-09T10:00:00+08:00"));
}

TEST(EdgeCases, E26_AWaitThatIsOverWhenItBeginsEnds) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = Millis(0)}))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  EXPECT_TRUE(driver.record().pending.empty());
}

// ------------------------------------------------------------------------------------------ one repeat without receipt

const Answer silent{.result = Result::unknown, .after = hour, .reason = "gateway.unknown", .then_repeat = true};

TEST(EdgeCases, E26_WithoutAReceiptItGoesOnceMore) {
  StepDriver driver;
  driver.gateway([](const Claim&) { return silent; })
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .run_out(5 * hour);
  EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T10:00:00+08:00",
                                           "unknown dunning 1 at 2026-03-02T11:00:00+08:00",
                                           "unknown dunning 1 at 2026-03-02T12:00:00+08:00"));
  ASSERT_EQ(driver.claims().size(), 2U);
  EXPECT_EQ(driver.claims().front().notice, driver.claims().back().notice);
  EXPECT_EQ(driver.last(OutcomeType::notice_unknown).reasons.back(), "gateway.no_receipt");
}

TEST(EdgeCases, E26_ItsOwnFirstAttemptIsNoCapOnTheRepeat) {
  StepDriver driver;
  driver.gateway(at_first(silent)).event("2026-03-02T10:00:00+08:00 credit.changed state=arrears").run_out(2 * hour);
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T11:00:00+08:00"));
  EXPECT_EQ(driver.record().dunned.size(), 1U);
}

TEST(EdgeCases, E26_AReceiptOrAPaymentMeanwhileEndsTheMatter) {
  StepDriver receipt;
  receipt.gateway(at_first(silent)).event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  receipt.receipt(receipt.claims().front().notice, ReceiptStatus::delivered).run_out(2 * hour);
  EXPECT_EQ(receipt.claims().size(), 1U);

  StepDriver paid;
  paid.gateway(at_first(silent))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T10:30:00+08:00 credit.changed state=clear")
      .run_out(2 * hour);
  EXPECT_EQ(paid.claims().size(), 1U);
  EXPECT_TRUE(paid.record().pending.empty());
  EXPECT_EQ(paid.last(OutcomeType::notice_unknown).reasons.back(), "credit.clear");
}

TEST(EdgeCases, E26_ARepeatKeepsQuietHours) {
  StepDriver driver;
  driver.gateway(at_first(silent)).event("2026-03-02T21:30:00+08:00 credit.changed state=arrears").run_out(12 * hour);
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

// What an owner sees that has lost its lease and does not know it: its own claim, and the record in which the next
// owner has settled it. Whatever it makes of that is dropped, but it must get there.
TEST(EdgeCases, E26_AnUnknownThatAFormerOwnerStillHasInFlightDoesNotEndForIt) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::unknown, .after = hour}));
  driver.event("2026-03-02T10:00:00+08:00 payment.received amount=20");
  AccountRecord record = driver.record();
  ASSERT_EQ(record.pending.size(), 1U);
  record.pending.front().in_flight = true;
  const auto late = driver.now() + 2 * hour;
  std::ignore = policies::step(AccountId("A1"), record, policies::TimerFired{*record.wake_at}, driver.policies(), late);
  EXPECT_EQ(record.pending.size(), 1U);
}

TEST(EdgeCases, E26_WhatAGatewayMayHaveIsNeverSaidToBeCancelledOrFailed) {
  for (const bool refused : {false, true}) {
    StepDriver driver;
    driver
        .gateway(at_first(
            Answer{.result = Result::retry, .after = hour, .reason = "gateway.unknown", .perhaps_taken = true}))
        .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
    EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T10:00:00+08:00"));
    driver.gateway([](const Claim&) { return Answer{.result = Result::rejected}; });
    if (!refused) driver.event("2026-03-02T10:30:00+08:00 credit.changed state=clear");
    driver.run_out(hour);
    EXPECT_THAT(driver.told({}),
                ElementsAre(testing::StartsWith("unknown dunning 1"), testing::StartsWith("unknown dunning 1")));
    EXPECT_TRUE(driver.record().pending.empty());
  }
}

TEST(EdgeCases, E26_WhatAGatewayMayHaveIsSaidOnceBeforeTheRepeatsAreAnswered) {
  StepDriver driver;
  int attempts = 0;
  driver
      .gateway([&](const Claim&) {
        if (++attempts > 2) return Answer();
        return Answer{.result = Result::retry, .after = hour, .reason = "gateway.unknown", .perhaps_taken = true};
      })
      .event("2026-03-02T20:30:00+08:00 credit.changed state=arrears")
      .run_out();
  EXPECT_THAT(driver.told({}), testing::Contains(testing::StartsWith("unknown dunning 1")).Times(1));
  EXPECT_THAT(driver.told(), testing::Contains(testing::StartsWith("sent dunning 1")).Times(1));
}

// Answers are stepped at the present of a batch, turns at the moment up to which everything has been read: a little
// before.
TEST(EdgeCases, E25_WhatMovesUpIsNotOvertakenByATurnOfAMomentBefore) {
  StepDriver driver;
  driver.gateway(at_first(std::nullopt));
  for (const std::string second : {"00", "01", "02"})
    driver.event("2026-03-02T10:00:" + second + "+08:00 payment.received amount=5");
  AccountRecord record = driver.record();
  ASSERT_EQ(record.pending.size(), 3U);
  PendingNotice& third = record.pending.back();
  third.state = Held{.due_at = due_at(third)};  // its turn has not come yet
  const auto step = [&](const policies::Input& input, const std::string& when) {
    return policies::step(AccountId("A1"), record, input, driver.policies(), at(when));
  };
  const std::uint32_t ordinal = third.ordinal;
  const std::uint32_t generation = third.generation;
  std::ignore =
      step(policies::Settled{.attempt = {.ordinal = record.pending.front().ordinal}}, "2026-03-02T10:00:05+08:00");
  EXPECT_FALSE(step(policies::TurnCome{ordinal, generation}, "2026-03-02T10:00:04+08:00").permission);
}

// An event of the same batch ends the night for the older one, and is of an instant after that of the turn.
TEST(EdgeCases, E25_WhatAnEventOfTheBatchHasMadeDueGoesBeforeAYoungerOneWhoseTurnCame) {
  StepDriver driver;
  driver.gateway(at_first(std::nullopt));
  driver.event("2026-03-02T00:30:00+08:00 service.suspended reason=own_wish");
  driver.event("2026-03-02T00:31:00+08:00 payment.received amount=5");
  AccountRecord record = driver.record();
  ASSERT_EQ(record.pending.size(), 2U);
  PendingNotice& younger = record.pending.back();
  ASSERT_EQ(younger.kind, NoticeKind::payment_received);
  younger.in_flight = false;  // its turn has not come yet
  const policies::TurnCome turn{
      .ordinal = younger.ordinal, .generation = younger.generation, .batch = at("2026-03-02T00:31:05+08:00")};
  const auto moved =
      parse_event(story_event("2026-03-02T00:31:04+08:00 account.updated zone=America/New_York", 3), EventBounds());
  ASSERT_TRUE(moved.has_value());
  std::ignore = policies::step(AccountId("A1"), record, policies::EventArrived{&*moved}, driver.policies(),
                               at("2026-03-02T00:31:05+08:00"));
  const auto effects =
      policies::step(AccountId("A1"), record, turn, driver.policies(), at("2026-03-02T00:31:04+08:00"));
  EXPECT_FALSE(effects.permission);
  EXPECT_TRUE(is_parked(record.pending.back()));
}

TEST(EdgeCases, E26_ReceiptsThatSayNothingNewPutOutNothing) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  const NoticeId notice = driver.claims().front().notice;
  driver.receipt(notice, ReceiptStatus::pending);
  EXPECT_EQ(driver.taken(), Taken::receipt_matched);
  driver.receipt(notice, ReceiptStatus::delivered).receipt(notice, ReceiptStatus::delivered);
  EXPECT_EQ(driver.taken(), Taken::receipt_unknown);
  driver.receipt(NoticeId("A1~nothing"), ReceiptStatus::delivered);
  EXPECT_EQ(driver.taken(), Taken::receipt_unknown);
  EXPECT_THAT(driver.told({"delivered", "failed"}), ElementsAre("delivered dunning 1 at 2026-03-02T10:00:00+08:00"));
}

TEST(EdgeCases, E26_AFailureOfWhatWasNeverHandedOverIsUnknown) {
  StepDriver driver;
  driver.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears");
  const Outcome held = driver.last(OutcomeType::notice_held);
  driver.receipt(held.notice, ReceiptStatus::failed);
  EXPECT_EQ(driver.taken(), Taken::receipt_unknown);
  EXPECT_EQ(driver.record().pending.size(), 1U);
}

TEST(EdgeCases, E26_AnUnknownIsNotRepeatedAfterAPayment) {
  StepDriver driver;
  driver.gateway(at_first(Answer{.result = Result::retry, .after = hour}))
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears")
      .event("2026-03-02T10:30:00+08:00 payment.received amount=50")
      .run_out();
  EXPECT_EQ(driver.claims().size(), 2U);
  EXPECT_THAT(driver.told({"sent", "cancelled"}), ElementsAre("cancelled dunning 1 at 2026-03-02T10:30:00+08:00",
                                                              "sent payment_received at 2026-03-02T10:30:00+08:00"));
}

TEST(EdgeCases, E27_AClaimChangesNothingUntilItIsSettled) {
  StepDriver driver;
  driver.gateway(at_first(std::nullopt)).event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  EXPECT_THAT(driver.told({}), IsEmpty());
  ASSERT_EQ(driver.record().pending.size(), 1U);
  EXPECT_EQ(driver.record().pending.front().tried.attempts, 0);
  EXPECT_TRUE(driver.record().dunned.empty());
  // What comes in while it is out cannot call it back; it can stop a repeat.
  driver.event("2026-03-02T10:00:30+08:00 payment.received amount=5");
  EXPECT_EQ(driver.record().pending.size(), 2U);
  driver.answer(driver.in_flight().front().ordinal, {.result = Result::retry, .after = hour});
  EXPECT_THAT(driver.told({"sent", "cancelled"}), ElementsAre("cancelled dunning 1 at 2026-03-02T10:00:30+08:00",
                                                              "sent payment_received at 2026-03-02T10:00:30+08:00"));
}

TEST(EdgeCases, E28_CapsCountEachAccountByItself) {
  Scenario story;
  story.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears account=A1")
      .event("2026-03-02T10:00:00+08:00 credit.changed state=arrears account=A2")
      .until("2026-03-02T11:00:00+08:00");
  EXPECT_THAT(story.told(), testing::SizeIs(2));
}

TEST(EdgeCases, E30_TheTextSaysWhatIsTrueWhenItIsClaimed) {
  StepDriver driver;
  driver.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears balance=-50")
      .event("2026-03-03T01:00:00+08:00 credit.changed state=arrears balance=-75 lang=zh-CN zone=Asia/Tokyo")
      .until("2026-03-03T12:00:00+08:00");
  const MessageContext& message = driver.claims().front().message;
  EXPECT_EQ(message.balance, Amount::from_micros(-75'000'000));
  EXPECT_EQ(message.lang, "zh-CN");
  EXPECT_EQ(message.zone, "Asia/Tokyo");
  EXPECT_EQ(message.event_time, at("2026-03-03T01:00:00+08:00")) << "of the event that states the amount";
  EXPECT_TRUE(message.held);
}

TEST(EdgeCases, E31_LongerQuietHoursHoldWhatIsHeldLonger) {
  auto set = policies_with_people();
  StepDriver driver(set);
  driver.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears");
  set.quiet_hours.windows.front().until = std::chrono::hours(9);
  driver.policies(set).until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-03T09:00:00+08:00"));
}

TEST(EdgeCases, E31_ALevelThatIsNowSparedIsSparedAtRelease) {
  auto set = policies_with_people();
  StepDriver driver(set);
  driver.event("2026-03-02T23:00:00+08:00 credit.changed state=arrears credit_level=6");
  set.vip.levels = {6, 7};
  driver.policies(set).until("2026-03-03T12:00:00+08:00");
  EXPECT_THAT(
      driver.told({"sent", "cancelled", "opened"}),
      ElementsAre("cancelled dunning 1 at 2026-03-03T07:00:00+08:00", "opened dunning at 2026-03-03T07:00:00+08:00",
                  "sent manager_task at 2026-03-03T07:00:00+08:00"));
}

TEST(EdgeCases, E31_ARunningLadderKeepsItsPlace) {
  auto set = policies_with_people();
  StepDriver driver(set);
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  set.ladder.steps = {{0}, {5}};
  driver.policies(set).run_out();
  EXPECT_THAT(driver.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:00:00+08:00",
                                         "sent dunning 2 at 2026-03-07T10:00:00+08:00"));
}

TEST(EdgeCases, E31_AShorterLadderEndsWhereItWas) {
  auto set = policies_with_people();
  StepDriver driver(set);
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears").until("2026-03-06T10:00:00+08:00");
  set.ladder.steps = {{0}};
  driver.policies(set).run_out();
  EXPECT_THAT(driver.told(), testing::SizeIs(2));
}

TEST(EdgeCases, E40_NoArithmeticAcrossCurrencies) {
  // A limit in yuan says nothing about a balance in euro.
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed balance=-50 credit_limit=100 currency=CNY")
      .event("2026-03-02T11:00:00+08:00 credit.changed balance=-50 currency=EUR");
  EXPECT_EQ(to_text(driver.record().credit.state), "arrears");
  EXPECT_FALSE(driver.record().credit.credit_limit);
}

TEST(EdgeCases, E40_AnAmountIsNeverShownInAnotherCurrency) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=clear balance=-50 currency=CNY")
      .event("2026-03-02T11:00:00+08:00 credit.changed state=arrears currency=EUR");
  const MessageContext& message = driver.claims().front().message;
  EXPECT_EQ(message.currency, "EUR");
  EXPECT_FALSE(message.balance);
}

// A record is written whole at every change: one account must not stop the others.
TEST(PendingNotices, OfSingleFactsNoMoreThanFiftyWaitAndWhatIsOwedStillFits) {
  StepDriver driver;
  driver.event("2026-03-02T23:00:00+08:00 refund.credited amount=1 opt_in=refund");
  for (int i = 1; i < 80; ++i)
    driver.event("2026-03-02T23:00:" + std::to_string(i % 50 + 10) +
                 "+08:00 refund.credited amount=" + std::to_string(i + 1));
  EXPECT_EQ(driver.record().pending.size(), policies::pending_max);
  const Outcome& suppressed = driver.last(OutcomeType::notice_suppressed);
  EXPECT_EQ(suppressed.reasons.back(), "caps.pending");
  EXPECT_EQ(std::ranges::count(driver.outcomes(), OutcomeType::notice_suppressed, &Outcome::type), 30);
  driver.event("2026-03-02T23:02:00+08:00 credit.changed state=arrears balance=-50");
  EXPECT_EQ(driver.record().pending.size(), policies::pending_max + 1);
  driver.until("2026-03-03T07:00:00+08:00");
  EXPECT_THAT(driver.told(), testing::SizeIs(policies::pending_max + 1));
  EXPECT_TRUE(driver.record().pending.empty());
  driver.event("2026-03-03T08:00:00+08:00 refund.credited amount=100");
  EXPECT_THAT(driver.told(), testing::SizeIs(policies::pending_max + 2));
}

}  // namespace
}  // namespace dun::test
