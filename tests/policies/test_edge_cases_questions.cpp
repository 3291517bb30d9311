// Edge case E26, where the gateway can be asked what became of a message whose submission it did not answer.
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using policies::Ask;
using policies::Claim;
using policies::Taken;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using Answer = StepDriver::Answer;
using Result = StepDriver::Result;

constexpr Millis minute = std::chrono::minutes(1);

const Answer in_doubt{
    .result = Result::unknown, .after = minute, .reason = "gateway.unknown", .then_repeat = true, .then_ask = true};
const Answer says_nothing{.result = Result::unknown, .after = minute, .then_ask = true};
const Answer taken{.result = Result::accepted, .reason = "gateway.status_answers"};
const Answer not_taken{.result = Result::retry, .reason = "gateway.not_taken"};
const Answer over{.result = Result::unknown, .reason = "gateway.no_status"};

/// One answer to the first claim, and accepted from then on.
StepDriver::Gateway at_first(const Answer& answer) {
  return [answer, first = true](const Claim&) mutable -> std::optional<Answer> {
    return std::exchange(first, false) ? answer : Answer();
  };
}

/// One answer after the other.
StepDriver::Status says(std::vector<std::optional<Answer>> answers) {
  return [answers, next = 0U](const Ask&) mutable { return answers.at(next++); };
}

StepDriver doubted(std::vector<std::optional<Answer>> answers, const std::string& when = "2026-03-02T10:00:00+08:00") {
  StepDriver driver;
  driver.gateway(at_first(in_doubt)).status(says(std::move(answers))).event(when + " credit.changed state=arrears");
  return driver;
}

TEST(Questions, WhatTheGatewayTookWasSentWhenItWasHandedOver) {
  auto driver = doubted({says_nothing, taken});
  EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T10:00:00+08:00"));
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.run_out(10 * minute);
  EXPECT_THAT(driver.told({}), ElementsAre("unknown dunning 1 at 2026-03-02T10:00:00+08:00",
                                           "sent dunning 1 at 2026-03-02T10:02:00+08:00"))
      << "that nothing is known yet is said once";
  const Outcome& sent = driver.last(OutcomeType::notice_sent);
  EXPECT_EQ(sent.sent_at, at("2026-03-02T10:00:00+08:00"));
  EXPECT_EQ(sent.attempt, 1);
  EXPECT_EQ(sent.gateway_id, "m1");
  EXPECT_EQ(sent.reasons.back(), "gateway.status_answers");
  EXPECT_THAT(driver.record().dunned, ElementsAre(at("2026-03-02T10:00:00+08:00"))) << "caps count it once";
  ASSERT_EQ(driver.asked().size(), 2U);
  EXPECT_EQ(driver.asked().at(0).question.number, 1);
  EXPECT_EQ(driver.asked().at(1).question.number, 2);
  EXPECT_EQ(driver.asked().at(1).notice, driver.claims().front().notice);
  EXPECT_EQ(driver.asked().at(1).question.submitted_at, at("2026-03-02T10:00:00+08:00"));
  EXPECT_EQ(driver.asked().at(1).to, driver.claims().front().to);
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(Questions, TheAnswerMayKnowWhatTheReceiptWouldSay) {
  for (const auto& [receipt, type] : {std::pair{ReceiptStatus::delivered, OutcomeType::notice_delivered},
                                      {ReceiptStatus::failed, OutcomeType::notice_failed}}) {
    Answer answer = taken;
    answer.receipt = receipt;
    auto driver = doubted({answer});
    driver.run_out(10 * minute);
    EXPECT_EQ(driver.last(OutcomeType::notice_sent).reasons.back(), "gateway.status_answers");
    EXPECT_EQ(driver.last(type).sent_at, at("2026-03-02T10:00:00+08:00"));
    EXPECT_EQ(driver.record().sent.empty(), receipt == ReceiptStatus::delivered)
        << "only what failed may still be said to have arrived";
  }
}

TEST(Questions, WhatItDidNotTakeGoesAgainInItsPlace) {
  auto driver = doubted({not_taken});
  driver.event("2026-03-02T10:00:30+08:00 refund.credited amount=1 opt_in=refund");
  EXPECT_THAT(driver.told(), IsEmpty()) << "what is newer waits";
  driver.run_out(10 * minute);
  EXPECT_THAT(driver.told(),
              ElementsAre("sent dunning 1 at 2026-03-02T10:01:00+08:00", "sent refund at 2026-03-02T10:01:00+08:00"));
  ASSERT_EQ(driver.claims().size(), 3U);
  EXPECT_EQ(driver.claims().at(0).notice, driver.claims().at(1).notice);
  EXPECT_EQ(driver.claims().at(1).attempt, 2);
  EXPECT_THAT(driver.last(OutcomeType::notice_sent).reasons, testing::Not(Contains("gateway.not_taken")));
  EXPECT_THAT(driver.record().dunned, ElementsAre(at("2026-03-02T10:01:00+08:00")))
      << "an attempt that was not taken is no cap on the next one";
}

TEST(Questions, AreAskedAtNightAndWhatWasNotTakenWaitsForTheMorning) {
  auto driver = doubted({not_taken}, "2026-03-02T21:59:59+08:00");
  driver.until("2026-03-02T22:30:00+08:00");
  EXPECT_EQ(driver.asked().size(), 1U);
  EXPECT_THAT(driver.told(), IsEmpty());
  driver.run_out();
  EXPECT_THAT(driver.told(), Contains("sent dunning 1 at 2026-03-03T07:00:00+08:00"));
}

TEST(Questions, APaymentMeanwhileEndsTheMatter) {
  for (const auto& [answer, end] : {std::pair{not_taken, OutcomeType::notice_cancelled},
                                    {taken, OutcomeType::notice_sent},
                                    {over, OutcomeType::notice_unknown}}) {
    auto driver = doubted({answer});
    driver.event("2026-03-02T10:00:30+08:00 credit.changed state=clear").run_out(10 * minute);
    EXPECT_EQ(driver.claims().size(), 1U) << "nothing is repeated";
    EXPECT_TRUE(driver.record().pending.empty());
    EXPECT_EQ(driver.outcomes().back().type, end);
    if (end != OutcomeType::notice_sent) EXPECT_EQ(driver.outcomes().back().reasons.back(), "credit.clear");
  }
}

TEST(Questions, APaymentWhileOneIsUnderWayEndsTheMatterToo) {
  auto driver = doubted({std::nullopt});
  driver.until("2026-03-02T10:01:30+08:00").event("2026-03-02T10:01:30+08:00 credit.changed state=clear");
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.say(not_taken);
  EXPECT_EQ(driver.claims().size(), 1U);
  EXPECT_EQ(driver.last(OutcomeType::notice_cancelled).reasons.back(), "credit.clear");
}

TEST(Questions, AReceiptAnswersThem) {
  auto driver = doubted({});
  driver.receipt(driver.claims().front().notice, ReceiptStatus::delivered).run_out(10 * minute);
  EXPECT_EQ(driver.taken(), Taken::receipt_matched);
  EXPECT_THAT(driver.asked(), IsEmpty());
  EXPECT_EQ(driver.last(OutcomeType::notice_sent).reasons.back(), "gateway.receipt_answers");
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(Questions, AReceiptWhileOneIsUnderWayProvesMoreThanItsAnswer) {
  for (const Answer& answer : {not_taken, says_nothing, over, taken}) {
    auto driver = doubted({std::nullopt});
    driver.until("2026-03-02T10:01:30+08:00").receipt(driver.claims().front().notice, ReceiptStatus::delivered);
    EXPECT_EQ(driver.taken(), Taken::receipt_matched);
    driver.say(answer);
    EXPECT_THAT(driver.told({"sent", "delivered"}), ElementsAre("sent dunning 1 at 2026-03-02T10:01:30+08:00",
                                                                "delivered dunning 1 at 2026-03-02T10:01:30+08:00"));
    EXPECT_EQ(driver.last(OutcomeType::notice_sent).reasons.back(), "gateway.receipt_answers");
    EXPECT_EQ(driver.claims().size(), 1U);
    EXPECT_TRUE(driver.record().pending.empty());
  }
}

TEST(Questions, AskedInVainItIsAsWithoutThem) {
  auto repeated = doubted({says_nothing, over});
  repeated.run_out(10 * minute);
  EXPECT_THAT(repeated.told(), ElementsAre("sent dunning 1 at 2026-03-02T10:02:00+08:00")) << "once more";

  StepDriver given_up;
  Answer once = in_doubt;
  once.then_repeat = false;
  given_up.gateway(at_first(once)).status(says({over})).event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  given_up.run_out(10 * minute);
  EXPECT_EQ(given_up.claims().size(), 1U);
  EXPECT_THAT(given_up.last(OutcomeType::notice_unknown).reasons, Contains("gateway.no_status"));
  EXPECT_TRUE(given_up.record().pending.empty());
}

TEST(Questions, ARefusalThatComesToLightFailsTheNotice) {
  auto driver = doubted({Answer{.result = Result::rejected, .reason = "gateway.attempts"}});
  driver.run_out(10 * minute);
  EXPECT_EQ(driver.last(OutcomeType::notice_failed).reasons.back(), "gateway.attempts");
  EXPECT_THAT(driver.record().dunned, IsEmpty());
  EXPECT_TRUE(driver.record().pending.empty());
}

TEST(Questions, WaitWhileSomethingOfTheAccountIsInFlight) {
  StepDriver driver;
  driver
      .gateway([](const Claim& claim) -> std::optional<Answer> {
        if (claim.message.kind == NoticeKind::resumed) return std::nullopt;
        return in_doubt;
      })
      .status(says({taken}))
      .event("2026-03-02T10:00:00+08:00 refund.credited amount=1 opt_in=refund")
      .event("2026-03-02T10:00:30+08:00 service.resumed")
      .until("2026-03-02T10:05:00+08:00");
  EXPECT_THAT(driver.asked(), IsEmpty());
  EXPECT_EQ(driver.stuck(), std::nullopt);
  driver.answer(driver.in_flight().front().ordinal, {}).run_out(minute);
  EXPECT_EQ(driver.asked().size(), 1U);
  EXPECT_TRUE(driver.record().pending.empty());
}

}  // namespace
}  // namespace dun::test
