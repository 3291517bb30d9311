// From a gateway's answer to what becomes of the notice (E25-E27).
#include "scheduler/verdict.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using policies::Accepted;
using policies::InDoubt;
using policies::Rejected;
using policies::Settled;
using policies::ToRepeat;
const Instant now{Seconds(1'000'000)};

DispatchOptions options(UnknownRule unknown) {
  return {.gateways = {{.name = "g", .unknown = unknown, .receipt_wait = std::chrono::hours(2)}},
          .retry = {.first = Seconds(5), .most = Seconds(60), .attempts_max = 4}};
}

InFlight request(int attempt = 1) {
  return {.subject = AccountId("a"),
          .ordinal = 7,
          .notice = NoticeId("n"),
          .claimed_at = now - Seconds(3),
          .attempt = attempt,
          .gateway = "g",
          .to = "+8613800138000",
          .errand = Submission{.text = "hello", .encoding = Encoding::ucs2, .parts = 2}};
}

Settled settled(const SendResult& result, int attempt = 1, UnknownRule unknown = UnknownRule::same_ref) {
  const Answer answer = judge(request(attempt), result, options(unknown), now);
  return std::get<Settled>(answer.verdict);
}

template <typename Kind>
bool is(const Settled& settled) {
  return std::holds_alternative<Kind>(settled.verdict);
}

/// Throws where it is another one.
template <typename Kind>
Kind as(const Settled& settled) {
  return std::get<Kind>(settled.verdict);
}

bool returned(const SendResult& result) {
  return std::holds_alternative<Returned>(judge(request(), result, options(UnknownRule::same_ref), now).verdict);
}

TEST(Verdict, AnAcceptedNoticeKeepsWhatWasSent) {
  const auto verdict = settled(SendAccepted{.gateway_id = "m1"});
  EXPECT_EQ(as<Accepted>(verdict).gateway_id, "m1");
  EXPECT_EQ(verdict.attempt.ordinal, 7U);
  EXPECT_EQ(verdict.attempt.claimed_at, now - Seconds(3));
  EXPECT_EQ(verdict.attempt.to, "+8613800138000");
  EXPECT_EQ(verdict.errand, request().errand);
  EXPECT_EQ(segments_of(settled(SendAccepted{.parts = 3}).errand), 3) << "the gateway counts its own segments";
}

TEST(Verdict, ARefusalIsFinalForThisNoticeAlone) {
  EXPECT_TRUE(is<Rejected>(settled(SendRejected{"no"})));
  EXPECT_EQ(settled(SendRejected{"no"}).reason, "gateway.rejected");
  EXPECT_EQ(settled(SendRejected{"no"}).detail, "no");
  EXPECT_TRUE(is<Rejected>(settled(SendRecipientLimited{"enough"})));
  EXPECT_EQ(settled(SendRecipientLimited{"enough"}).reason, "gateway.recipient_limited");
}

TEST(Verdict, APausedGatewayReturnsTheNoticeUndecided) {
  EXPECT_TRUE(returned(SendThrottled{}));
  EXPECT_TRUE(returned(SendThrottled{.after = Seconds(9)}));
  EXPECT_TRUE(returned(SendGatewayDown{}));
}

TEST(Verdict, ARetryPausesTwiceAsLongEachTimeOrAsTheGatewayAsks) {
  EXPECT_EQ(as<ToRepeat>(settled(SendRetry{}, 1)).at, now + Seconds(5));
  EXPECT_EQ(as<ToRepeat>(settled(SendRetry{}, 2)).at, now + Seconds(10));
  EXPECT_EQ(as<ToRepeat>(settled(SendRetry{}, 3)).at, now + Seconds(20));
  EXPECT_EQ(as<ToRepeat>(settled(SendRetry{.after = Seconds(77)}, 3)).at, now + Seconds(77));
  auto patient = options(UnknownRule::same_ref);
  patient.retry.attempts_max = 1000;
  const Answer late = judge(request(900), SendRetry{}, patient, now);
  EXPECT_EQ(as<ToRepeat>(std::get<Settled>(late.verdict)).at, now + Seconds(60)) << "bounded";
}

TEST(Verdict, TheLastAttemptThatWasSurelyNotTakenFails) {
  EXPECT_TRUE(is<Rejected>(settled(SendRetry{.detail = "busy"}, 4)));
  EXPECT_EQ(settled(SendRetry{.detail = "busy"}, 4).reason, "gateway.attempts");
  EXPECT_EQ(settled(SendRetry{.detail = "busy"}, 4).detail, "busy");
}

TEST(Verdict, AnUnknownIsRepeatedOnlyWhereDuplicatesAreRemoved) {
  EXPECT_EQ(as<ToRepeat>(settled(SendUnknown{}, 2, UnknownRule::same_ref)).at, now + Seconds(10));
  EXPECT_EQ(as<InDoubt>(settled(SendUnknown{}, 2, UnknownRule::wait_receipt)).until, now + std::chrono::hours(2));
  EXPECT_GT(as<InDoubt>(settled(SendUnknown{}, 2, UnknownRule::hold)).until, now + date::days(365));
}

// The customer may have it: "failed" would be a lie.
TEST(Verdict, AnUnknownOfTheLastAttemptStaysUnknownAndWaitsForItsReceipt) {
  const auto verdict = settled(SendUnknown{"time-out"}, 4, UnknownRule::same_ref);
  EXPECT_EQ(as<InDoubt>(verdict).until, now + std::chrono::hours(2));
}

TEST(Verdict, OnlyAWaitForAReceiptIsRepeatedAfterwards) {
  EXPECT_TRUE(as<InDoubt>(settled(SendUnknown{}, 2, UnknownRule::wait_receipt)).then_repeat);
  EXPECT_FALSE(as<InDoubt>(settled(SendUnknown{}, 2, UnknownRule::hold)).then_repeat);
  EXPECT_FALSE(as<InDoubt>(settled(SendUnknown{}, 4, UnknownRule::same_ref)).then_repeat);
  auto once = options(UnknownRule::wait_receipt);
  once.gateways.front().repeat_unreceipted = false;
  EXPECT_FALSE(as<InDoubt>(std::get<Settled>(judge(request(), SendUnknown{}, once, now).verdict)).then_repeat);
}

TEST(Verdict, AGatewayThatIsNoLongerConfiguredIsNotAskedAgain) {
  auto gone = request();
  gone.gateway = "old";
  const Answer answer = judge(gone, SendUnknown{}, options(UnknownRule::same_ref), now);
  EXPECT_TRUE(is<InDoubt>(std::get<Settled>(answer.verdict)));
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

Settled settled_question(const SendResult& result, int question, int attempt = 1,
                         const DispatchOptions& options = asking()) {
  InFlight asked = request(attempt);
  asked.errand = Question{.number = question};
  return std::get<Settled>(judge(asked, result, options, now).verdict);
}

TEST(Verdict, AGatewayThatCanBeAskedIsAskedAboutAnUnknown) {
  for (const bool repeat : {true, false}) {
    const Answer answer = judge(request(), SendUnknown{"time-out"}, asking(repeat), now);
    const auto& verdict = std::get<Settled>(answer.verdict);
    EXPECT_TRUE(as<InDoubt>(verdict).ask);
    EXPECT_EQ(as<InDoubt>(verdict).until, now + Seconds(5));
    EXPECT_EQ(as<InDoubt>(verdict).then_repeat, repeat) << "should it never say";
    EXPECT_EQ(verdict.errand, request().errand);
  }
}

TEST(Verdict, AnAnswerThatSaysNothingIsAskedForAgainAsOftenAsConfigured) {
  for (const int question : {1, 3}) {
    const auto verdict = settled_question(SendUnknown{"queued"}, question);
    EXPECT_TRUE(as<InDoubt>(verdict).ask);
    EXPECT_EQ(as<InDoubt>(verdict).until, now + Seconds(30));
    EXPECT_EQ(verdict.errand, Errand(Question{.number = question}));
  }
  const auto last = settled_question(SendUnknown{}, 4);
  EXPECT_FALSE(as<InDoubt>(last).ask);
  EXPECT_EQ(as<InDoubt>(last).until, now) << "the wait is over";
  EXPECT_EQ(last.reason, "gateway.no_status");
}

TEST(Verdict, NotTakenIsBelievedOnceItWouldBeListed) {
  // Asked 5, 35, 65 seconds after the unknown answer at the soonest.
  for (const int question : {1, 2}) {
    EXPECT_TRUE(as<InDoubt>(settled_question(SendRetry{}, question)).ask);
  }
  const auto verdict = settled_question(SendRetry{.after = Seconds(99)}, 3);
  EXPECT_EQ(as<ToRepeat>(verdict).at, now);
  EXPECT_EQ(verdict.reason, "gateway.not_taken");
  EXPECT_FALSE(as<ToRepeat>(verdict).perhaps_taken);
}

TEST(Verdict, ANoticeThatWasNotTakenTheLastTimeFails) {
  EXPECT_TRUE(is<Rejected>(settled_question(SendRetry{}, 3, 4)));
  EXPECT_EQ(settled_question(SendRetry{}, 3, 4).reason, "gateway.attempts");
}

TEST(Verdict, WhatIsFoundOutIsSaidToBeFromAQuestion) {
  const auto verdict = settled_question(SendAccepted{.gateway_id = "m1", .receipt = ReceiptStatus::delivered}, 1);
  EXPECT_EQ(verdict.reason, "gateway.status_answers");
  EXPECT_EQ(as<Accepted>(verdict).gateway_id, "m1");
  EXPECT_EQ(as<Accepted>(verdict).receipt, ReceiptStatus::delivered);
  EXPECT_EQ(verdict.errand, Errand(Question{.number = 1}));
}

TEST(Verdict, AGatewayThatPausesKeepsTheQuestionInItsPlace) {
  InFlight asked = request();
  asked.errand = Question();
  for (const SendResult& result : {SendResult(SendThrottled{}), SendResult(SendGatewayDown{})})
    EXPECT_TRUE(std::holds_alternative<Returned>(judge(asked, result, asking(), now).verdict));
}

TEST(Verdict, AGatewayThatIsNotToBeAskedAnyMoreEndsTheWait) {
  for (const UnknownRule rule : {UnknownRule::wait_receipt, UnknownRule::hold, UnknownRule::same_ref}) {
    const auto verdict = settled_question(SendUnknown{}, 1, 1, options(rule));
    EXPECT_FALSE(as<InDoubt>(verdict).ask);
    EXPECT_EQ(as<InDoubt>(verdict).until, now);
  }
  InFlight elsewhere = request();
  elsewhere.errand = Question();
  elsewhere.gateway = "gone";
  const auto verdict = std::get<Settled>(judge(elsewhere, SendUnknown{}, asking(), now).verdict);
  EXPECT_FALSE(as<InDoubt>(verdict).ask);
}

}  // namespace
}  // namespace dun::scheduler
