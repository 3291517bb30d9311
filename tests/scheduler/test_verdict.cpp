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

}  // namespace
}  // namespace dun::scheduler
