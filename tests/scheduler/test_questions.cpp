// A gateway that does not remove duplicates but can be asked what it took (E26): claims of questions in the
// partition, in dispatch and on a real event loop.
#include "scheduler/clock.hpp"
#include "tests/scheduler/engine_bench.hpp"
#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr QuestionOptions questions{
    .first = Seconds(5), .pause = Seconds(5), .most = 1000, .listed_within = Seconds(15)};

/// One notice whose submission had no answer.
class InDoubt : public testing::Test {
 protected:
  InDoubt() {
    bench.dispatch.gateways.front().question = questions;
    bench.pay("e1", "1");
    bench.cycle();
    submission = bench.cycle().at(0);
    bench.answer(submission, SendUnknown{"time-out"});
    EXPECT_THAT(bench.cycle(), IsEmpty());
  }
  /// Claims what has come due by then.
  std::vector<InFlight> after(Millis span) {
    bench.clock.set(bench.clock.now() + span);
    return bench.cycle();
  }
  [[nodiscard]] const PendingNotice& notice() const { return bench.state->records.at(AccountId("1")).pending.at(0); }

  PartitionBench bench{"2026-03-02T10:00:00+08:00", UnknownRule::query};
  InFlight submission;
};

TEST_F(InDoubt, IsClaimedForAQuestionWhenItsTimeHasCome) {
  EXPECT_EQ(bench.state->journal.back().type, OutcomeType::notice_unknown) << "said at once";
  EXPECT_THAT(after(Seconds(4)), IsEmpty());
  const auto claims = after(Seconds(1));
  ASSERT_THAT(claims, SizeIs(1));
  const InFlight& question = claims.front();
  EXPECT_EQ(question_of(question), (Question{.number = 1, .submitted_at = submission.claimed_at}));
  EXPECT_EQ(question.notice, submission.notice);
  EXPECT_EQ(question.attempt, 1);
  EXPECT_EQ(question.gateway, "g");
  EXPECT_EQ(question.to, submission.to);
  EXPECT_EQ(bench.state->in_flight.size(), 1U) << "it is asked after the commit that says so";
  const auto request = std::get<StatusRequest>(gateway_request(question, "ref", bench.clock.now()));
  EXPECT_EQ(request.client_ref, "ref");
  EXPECT_EQ(request.submitted_at, submission.claimed_at);
}

TEST_F(InDoubt, TheAnswerComesBackLikeAnyOther) {
  const auto first = after(Seconds(5));
  bench.answer(first.at(0), SendRetry{});  // too early to be believed
  EXPECT_THAT(bench.cycle(), IsEmpty());
  ASSERT_TRUE(std::holds_alternative<ToBeAsked>(notice().state));
  EXPECT_EQ(std::get<ToBeAsked>(notice().state).asked, 1);
  const auto second = after(Seconds(5));
  bench.answer(second.at(0), SendAccepted{.gateway_id = "m1"});
  bench.cycle();
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
  EXPECT_EQ(bench.state->journal.back().sent_at, submission.claimed_at);
  EXPECT_TRUE(bench.partition->idle());
  EXPECT_THAT(bench.state->in_flight, IsEmpty());
}

TEST_F(InDoubt, WhatWasSurelyNotTakenIsSubmittedAgain) {
  for (int question = 1; question <= 3; ++question) {
    const auto claims = after(Seconds(5));
    ASSERT_THAT(claims, SizeIs(1));
    EXPECT_EQ(question_of(claims.front()).number, question);
    bench.answer(claims.front(), SendRetry{});
    EXPECT_THAT(bench.cycle(), IsEmpty());
  }
  const auto again = bench.cycle();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again.front().attempt, 2);
  EXPECT_EQ(again.front().notice, submission.notice);
  EXPECT_NE(message_of(again.front()).text, "");
}

TEST_F(InDoubt, AQuestionThatACrashInterruptedIsAskedAgain) {
  const auto lost = after(Seconds(5));
  ASSERT_THAT(lost, SizeIs(1));
  bench.crash();
  EXPECT_THAT(bench.cycle(), IsEmpty());
  const auto again = after(Seconds(1));
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(question_of(again.front()).number, 1) << "it was not answered, so it does not count";
  EXPECT_EQ(again.front().notice, lost.front().notice);
  bench.answer(lost.front(), SendRetry{});
  EXPECT_THAT(bench.cycle(), IsEmpty()) << "the answer of the one that is gone is nobody's";
  bench.answer(again.front(), SendAccepted{});
  bench.cycle();
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
}

// Another owner may not know yet that it lost its lease, and begin the request as long as it believes to have it.
TEST(Abandoned, ASubmissionIsAskedAboutWhenNobodyCanBeginItAnyMore) {
  PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::query);
  bench.dispatch.gateways.front().question = questions;
  bench.pay("e1", "1");
  bench.cycle();
  ASSERT_THAT(bench.cycle(), SizeIs(1));
  bench.crash();
  EXPECT_THAT(bench.cycle(), IsEmpty());
  bench.clock.set(bench.clock.now() + bench.engine.lease_ttl + questions.first - Millis(1));
  EXPECT_THAT(bench.cycle(), IsEmpty());
  bench.clock.set(bench.clock.now() + Millis(1));
  const auto claims = bench.cycle();
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(question_of(claims.front()).number, 1);
}

TEST_F(InDoubt, AReceiptThatCameDuringAQuestionIsKnownToTheNextOwner) {
  ASSERT_THAT(after(Seconds(5)), SizeIs(1));
  bench.state->add(PartitionBench::fields("r1", "1", "dun.receipt", bench.clock.now(),
                                          {{"notice", submission.notice.str()}, {"status", "delivered"}}));
  bench.cycle();
  bench.crash();
  bench.cycle();
  EXPECT_THAT(bench.cycle(), IsEmpty()) << "nothing is left to ask";
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
}

TEST_F(InDoubt, AQuestionToAPausedGatewayKeepsItsPlace) {
  const auto claims = after(Seconds(5));
  bench.answer(claims.at(0), SendGatewayDown{});
  EXPECT_THAT(bench.cycle(), IsEmpty());
  const auto again = bench.cycle();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again.front().shelf, claims.front().shelf);
  EXPECT_EQ(question_of(again.front()).number, 1);
}

TEST_F(InDoubt, TheGatewayThatMayHaveItIsAskedAndNoOther) {
  bench.dispatch.routes = Routes({"h", "h", "h"});
  bench.dispatch.gateways.push_back({.name = "h", .unknown = UnknownRule::query});
  EXPECT_THAT(after(Seconds(5)), IsEmpty());
  EXPECT_EQ(bench.state->journal.back().type, OutcomeType::notice_unknown);
  EXPECT_THAT(bench.state->journal.back().reasons, testing::Contains("gateway.no_status"));
  EXPECT_THAT(bench.state->records.at(AccountId("1")).pending, IsEmpty());
}

TEST(DispatchedQuestions, TakeOfTheRateAndAreNoMessages) {
  Dispatcher dispatcher({.gateways = {{.name = "g", .flow = {.rate = 1, .burst = 2, .ramp = Millis(0)}}},
                         .routes = Routes({"g", "g", "g"})},
                        Millis(0));
  std::vector<InFlight> claims;
  for (int i = 1; i <= 3; ++i)
    claims.push_back({.subject = AccountId(std::to_string(i)),
                      .notice = NoticeId(std::to_string(i)),
                      .shelf = {.lane = Lane::normal},
                      .decided_at = Instant(Millis(i)),
                      .gateway = "g",
                      .errand = Question()});
  dispatcher.submit(0, claims);
  EXPECT_THAT(dispatcher.pump(Seconds(60)).starts, SizeIs(2)) << "as much as the burst allows";
  EXPECT_EQ(dispatcher.status(Seconds(60)).front().begun, 2U);
  EXPECT_EQ(dispatcher.status(Seconds(60)).front().segments, 0U);
}

TEST(Engine, AsksAForgetfulGatewayAndSendsNothingTwice) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.dispatch.gateways.front().unknown = UnknownRule::query;
  bench.dispatch.gateways.front().question = questions;
  bench.gateway = ModelGateway(1, false);
  bench.gateway.set_faults({.throttled = 30,
                            .down = 60,
                            .unknown_taken = 150,
                            .unknown_not_taken = 150,
                            .listed_late = 300,
                            .pause = Millis(700),
                            .latency_max = Millis(2)});
  auto& engine = bench.start("a");
  bench.publish_payments(40, 3);
  bench.run_until([&] { return bench.sent() == 120; });
  EXPECT_THAT(bench.gateway.taken(), SizeIs(120));
  EXPECT_EQ(bench.gateway.repeated(), 0U);
  EXPECT_GT(bench.gateway.asked(), 0U);
  EXPECT_GT(bench.gateway.submitted(), 120U);
  bench.stop(engine, Seconds(60));
}

}  // namespace
}  // namespace dun::test
