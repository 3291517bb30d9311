// From a gateway's answer to what becomes of the notice (E25-E27).
#include "scheduler/verdict.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using Result = policies::Settled::Result;
const Instant now{Seconds(1'000'000)};

DispatchOptions options(UnknownRule unknown) {
  return {.gateways = {{.name = "g", .unknown = unknown, .receipt_wait = std::chrono::hours(2)}},
          .retry = {.first = Seconds(5), .most = Seconds(60), .attempts_max = 4}};
}

InFlight request(int attempt = 1) {
  return {.account = AccountId("a"),
          .ordinal = 7,
          .notice = NoticeId("n"),
          .claimed_at = now - Seconds(3),
          .attempt = attempt,
          .gateway = "g",
          .to = "+8613800138000",
          .text = "hello",
          .encoding = Encoding::ucs2,
          .parts = 2};
}

policies::Settled settled(const SendResult& result, int attempt = 1, UnknownRule unknown = UnknownRule::same_ref) {
  const Answer answer = judge(request(attempt), result, options(unknown), now);
  return std::get<policies::Settled>(answer.verdict);
}

bool returned(const SendResult& result) {
  return std::holds_alternative<Returned>(judge(request(), result, options(UnknownRule::same_ref), now).verdict);
}

TEST(Verdict, AnAcceptedNoticeKeepsWhatWasSent) {
  const auto verdict = settled(SendAccepted{.gateway_id = "m1"});
  EXPECT_EQ(verdict.result, Result::accepted);
  EXPECT_EQ(verdict.ordinal, 7U);
  EXPECT_EQ(verdict.claimed_at, now - Seconds(3));
  EXPECT_EQ(verdict.gateway_id, "m1");
  EXPECT_EQ(verdict.to, "+8613800138000");
  EXPECT_EQ(verdict.text, "hello");
  EXPECT_EQ(verdict.encoding, Encoding::ucs2);
  EXPECT_EQ(verdict.parts, 2);
  EXPECT_EQ(settled(SendAccepted{.parts = 3}).parts, 3) << "the gateway counts its own segments";
}

TEST(Verdict, ARefusalIsFinalForThisNoticeAlone) {
  EXPECT_EQ(settled(SendRejected{"no"}).result, Result::rejected);
  EXPECT_EQ(settled(SendRejected{"no"}).reason, "gateway.rejected");
  EXPECT_EQ(settled(SendRejected{"no"}).detail, "no");
  EXPECT_EQ(settled(SendRecipientLimited{"enough"}).result, Result::rejected);
  EXPECT_EQ(settled(SendRecipientLimited{"enough"}).reason, "gateway.recipient_limited");
}

TEST(Verdict, APausedGatewayReturnsTheNoticeUndecided) {
  EXPECT_TRUE(returned(SendThrottled{}));
  EXPECT_TRUE(returned(SendThrottled{.after = Seconds(9)}));
  EXPECT_TRUE(returned(SendGatewayDown{}));
}

TEST(Verdict, ARetryPausesTwiceAsLongEachTimeOrAsTheGatewayAsks) {
  EXPECT_EQ(settled(SendRetry{}, 1).again_at, now + Seconds(5));
  EXPECT_EQ(settled(SendRetry{}, 2).again_at, now + Seconds(10));
  EXPECT_EQ(settled(SendRetry{}, 3).again_at, now + Seconds(20));
  EXPECT_EQ(settled(SendRetry{.after = Seconds(77)}, 3).again_at, now + Seconds(77));
  EXPECT_EQ(settled(SendRetry{}, 3).result, Result::retry);
  auto patient = options(UnknownRule::same_ref);
  patient.retry.attempts_max = 1000;
  const Answer late = judge(request(900), SendRetry{}, patient, now);
  EXPECT_EQ(std::get<policies::Settled>(late.verdict).again_at, now + Seconds(60)) << "bounded";
}

TEST(Verdict, TheLastAttemptThatWasSurelyNotTakenFails) {
  EXPECT_EQ(settled(SendRetry{.detail = "busy"}, 4).result, Result::rejected);
  EXPECT_EQ(settled(SendRetry{.detail = "busy"}, 4).reason, "gateway.attempts");
  EXPECT_EQ(settled(SendRetry{.detail = "busy"}, 4).detail, "busy");
}

TEST(Verdict, AnUnknownIsRepeatedOnlyWhereDuplicatesAreRemoved) {
  EXPECT_EQ(settled(SendUnknown{}, 2, UnknownRule::same_ref).result, Result::retry);
  EXPECT_EQ(settled(SendUnknown{}, 2, UnknownRule::same_ref).again_at, now + Seconds(10));
  EXPECT_EQ(settled(SendUnknown{}, 2, UnknownRule::wait_receipt).result, Result::unknown);
  EXPECT_EQ(settled(SendUnknown{}, 2, UnknownRule::wait_receipt).again_at, now + std::chrono::hours(2));
  EXPECT_EQ(settled(SendUnknown{}, 2, UnknownRule::hold).result, Result::unknown);
  EXPECT_GT(settled(SendUnknown{}, 2, UnknownRule::hold).again_at, now + date::days(365));
}

// The customer may have it: "failed" would be a lie.
TEST(Verdict, AnUnknownOfTheLastAttemptStaysUnknownAndWaitsForItsReceipt) {
  const auto verdict = settled(SendUnknown{"time-out"}, 4, UnknownRule::same_ref);
  EXPECT_EQ(verdict.result, Result::unknown);
  EXPECT_EQ(verdict.again_at, now + std::chrono::hours(2));
}

TEST(Verdict, OnlyAWaitForAReceiptIsRepeatedAfterwards) {
  EXPECT_TRUE(settled(SendUnknown{}, 2, UnknownRule::wait_receipt).then_repeat);
  EXPECT_FALSE(settled(SendUnknown{}, 2, UnknownRule::hold).then_repeat);
  EXPECT_FALSE(settled(SendUnknown{}, 4, UnknownRule::same_ref).then_repeat);
  auto once = options(UnknownRule::wait_receipt);
  once.gateways.front().repeat_unreceipted = false;
  EXPECT_FALSE(std::get<policies::Settled>(judge(request(), SendUnknown{}, once, now).verdict).then_repeat);
}

TEST(Verdict, AGatewayThatIsNoLongerConfiguredIsNotAskedAgain) {
  auto gone = request();
  gone.gateway = "old";
  const Answer answer = judge(gone, SendUnknown{}, options(UnknownRule::same_ref), now);
  EXPECT_EQ(std::get<policies::Settled>(answer.verdict).result, Result::unknown);
}

// ------------------------------------------------------------------------------------------------------------
// questions

DispatchOptions asking(bool repeat = true) {
  return {
      .gateways = {{.name = "g",
                    .unknown = UnknownRule::query,
                    .repeat_unreceipted = repeat,
                    .question = {.first = Seconds(5), .pause = Seconds(30), .most = 4, .listed_within = Seconds(60)}}},
      .retry = {.attempts_max = 4}};
}

policies::Settled settled_question(const SendResult& result, int question, int attempt = 1,
                                   const DispatchOptions& options = asking()) {
  InFlight asked = request(attempt);
  asked.text.clear();
  asked.question = question;
  return std::get<policies::Settled>(judge(asked, result, options, now).verdict);
}

TEST(Verdict, AGatewayThatCanBeAskedIsAskedAboutAnUnknown) {
  for (const bool repeat : {true, false}) {
    const Answer answer = judge(request(), SendUnknown{"time-out"}, asking(repeat), now);
    const auto& verdict = std::get<policies::Settled>(answer.verdict);
    EXPECT_EQ(verdict.result, Result::unknown);
    EXPECT_TRUE(verdict.then_ask);
    EXPECT_EQ(verdict.again_at, now + Seconds(5));
    EXPECT_EQ(verdict.then_repeat, repeat) << "should it never say";
    EXPECT_EQ(verdict.question, 0);
  }
}

TEST(Verdict, AnAnswerThatSaysNothingIsAskedForAgainAsOftenAsConfigured) {
  for (const int question : {1, 3}) {
    const auto verdict = settled_question(SendUnknown{"queued"}, question);
    EXPECT_EQ(verdict.result, Result::unknown);
    EXPECT_TRUE(verdict.then_ask);
    EXPECT_EQ(verdict.again_at, now + Seconds(30));
    EXPECT_EQ(verdict.question, question);
  }
  const auto last = settled_question(SendUnknown{}, 4);
  EXPECT_EQ(last.result, Result::unknown);
  EXPECT_FALSE(last.then_ask);
  EXPECT_EQ(last.again_at, now) << "the wait is over";
  EXPECT_EQ(last.reason, "gateway.no_status");
}

TEST(Verdict, NotTakenIsBelievedOnceItWouldBeListed) {
  // Asked 5, 35, 65 seconds after the unknown answer at the soonest.
  for (const int question : {1, 2}) {
    EXPECT_EQ(settled_question(SendRetry{}, question).result, Result::unknown);
    EXPECT_TRUE(settled_question(SendRetry{}, question).then_ask);
  }
  const auto verdict = settled_question(SendRetry{.after = Seconds(99)}, 3);
  EXPECT_EQ(verdict.result, Result::retry);
  EXPECT_EQ(verdict.again_at, now);
  EXPECT_EQ(verdict.reason, "gateway.not_taken");
  EXPECT_FALSE(verdict.perhaps_taken);
}

TEST(Verdict, ANoticeThatWasNotTakenTheLastTimeFails) {
  EXPECT_EQ(settled_question(SendRetry{}, 3, 4).result, Result::rejected);
  EXPECT_EQ(settled_question(SendRetry{}, 3, 4).reason, "gateway.attempts");
}

TEST(Verdict, WhatIsFoundOutIsSaidToBeFromAQuestion) {
  const auto verdict = settled_question(SendAccepted{.gateway_id = "m1", .receipt = ReceiptStatus::delivered}, 1);
  EXPECT_EQ(verdict.result, Result::accepted);
  EXPECT_EQ(verdict.reason, "gateway.status_answers");
  EXPECT_EQ(verdict.gateway_id, "m1");
  EXPECT_EQ(verdict.receipt, ReceiptStatus::delivered);
  EXPECT_EQ(verdict.question, 1);
}

TEST(Verdict, AGatewayThatPausesKeepsTheQuestionInItsPlace) {
  InFlight asked = request();
  asked.question = 1;
  for (const SendResult& result : {SendResult(SendThrottled{}), SendResult(SendGatewayDown{})})
    EXPECT_TRUE(std::holds_alternative<Returned>(judge(asked, result, asking(), now).verdict));
}

TEST(Verdict, AGatewayThatIsNotToBeAskedAnyMoreEndsTheWait) {
  for (const UnknownRule rule : {UnknownRule::wait_receipt, UnknownRule::hold, UnknownRule::same_ref}) {
    const auto verdict = settled_question(SendUnknown{}, 1, 1, options(rule));
    EXPECT_EQ(verdict.result, Result::unknown);
    EXPECT_FALSE(verdict.then_ask);
    EXPECT_EQ(verdict.again_at, now);
  }
  InFlight elsewhere = request();
  elsewhere.question = 1;
  elsewhere.gateway = "gone";
  const auto verdict = std::get<policies::Settled>(judge(elsewhere, SendUnknown{}, asking(), now).verdict);
  EXPECT_FALSE(verdict.then_ask);
}

}  // namespace
}  // namespace dun::scheduler
