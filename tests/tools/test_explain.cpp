// "Was I told, when, why": the sentence that service staff read first, in every state a notice can end in.
#include "tools/explain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

namespace dun::tools {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

const Instant start = parse_rfc3339("2026-02-01T07:00:00+08:00").value();

Outcome about(OutcomeType type, seconds after, std::string notice = "A1~one") {
  Outcome outcome{.at = start + after, .type = type, .account = AccountId("A1"), .notice = NoticeId(std::move(notice))};
  outcome.kind = NoticeKind::dunning;
  outcome.step = 1;
  return outcome;
}

Outcome sent(seconds after, seconds answered, std::string notice = "A1~one") {
  Outcome outcome = about(OutcomeType::notice_sent, answered, std::move(notice));
  outcome.sent_at = start + after;
  outcome.to = "+8613800138000";
  outcome.gateway = "sim";
  outcome.attempt = outcome.parts = 1;
  outcome.text = "please pay";
  return outcome;
}

Outcome unknown(seconds after, std::string notice = "A1~one") {
  Outcome outcome = about(OutcomeType::notice_unknown, after, std::move(notice));
  outcome.sent_at = start + after;
  outcome.reasons = {"gateway.unknown"};
  return outcome;
}

std::string told(std::vector<Outcome> outcomes) {
  return explain({.account = AccountId("A1"),
                  .record = {},
                  .outcomes = std::move(outcomes),
                  .default_zone = "Asia/Shanghai",
                  .now = start});
}

TEST(Explain, NothingKnown) {
  EXPECT_EQ(told({}), "Account A1: nothing is known.\nTold: no, there was nothing to tell yet.\n");
}

TEST(FieldCases, D9_AnEventInConflictIsExplained) {
  Outcome conflict{.at = start, .type = OutcomeType::event_conflict, .account = AccountId("A1")};
  conflict.cause = EventId("1001");
  conflict.event_type = "payment.received";
  conflict.event_time = start;
  EXPECT_THAT(told({conflict}),
              HasSubstr("event payment.received (1001), of 2026-02-01 07:00:00, has the source and id "
                        "of another one that was applied, and says something else"));
}

TEST(Explain, SentAndDelivered) {
  const std::string text = told({sent(seconds(5), seconds(5)), about(OutcomeType::notice_delivered, seconds(60))});
  EXPECT_THAT(text, HasSubstr("Told: yes, 1 notice sent; the last was dunning step 1 at 2026-02-01 07:00:05, delivered "
                              "at 2026-02-01 07:01:00.\n"));
  EXPECT_THAT(text, HasSubstr("2026-02-01 07:00:05  dunning step 1 sent to +8613800138000 through sim, attempt 1, 1 "
                              "part, about the event of"));
  EXPECT_THAT(text, Not(HasSubstr("handed over")));
}

TEST(Explain, AnAnswerThatTookLongerSaysWhenItWasHandedOver) {
  const std::string text = told({sent(seconds(5), seconds(90))});
  EXPECT_THAT(text, HasSubstr("the last was dunning step 1 at 2026-02-01 07:00:05."));
  EXPECT_THAT(text, HasSubstr("2026-02-01 07:01:30  dunning step 1 sent"));
  EXPECT_THAT(text, HasSubstr("1 part, handed over at 2026-02-01 07:00:05, about"));
}

TEST(Explain, TheDeliveryOfAnOlderNoticeIsNotThatOfTheLast) {
  const std::string text = told({sent(seconds(5), seconds(5)), sent(seconds(50), seconds(50), "A1~two"),
                                 about(OutcomeType::notice_delivered, seconds(60), "A1~one")});
  EXPECT_THAT(text, HasSubstr("2 notices sent; the last was dunning step 1 at 2026-02-01 07:00:50.\n"));
}

TEST(Explain, NotSent) {
  Outcome cancelled = about(OutcomeType::notice_cancelled, seconds(9));
  cancelled.reasons = {"credit.clear"};
  EXPECT_THAT(
      told({cancelled}),
      HasSubstr("Told: no. The last that was decided, dunning step 1, was not sent: nothing is owed any more.\n"));
}

TEST(Explain, WhatWasPerhapsSentIsNeitherYesNorNo) {
  const std::string text = told({unknown(seconds(5))});
  EXPECT_THAT(text, HasSubstr("Told: perhaps. dunning step 1 went to the gateway at 2026-02-01 07:00:05, and it is not "
                              "known whether it was taken.\n"));
  EXPECT_THAT(text, Not(HasSubstr("Told: no")));
}

TEST(Explain, AReceiptTurnsPerhapsIntoYes) {
  const std::string text = told({unknown(seconds(5)), sent(seconds(5), seconds(90))});
  EXPECT_THAT(text, HasSubstr("Told: yes, 1 notice sent"));
  EXPECT_THAT(text, Not(HasSubstr("perhaps.")));
}

TEST(Explain, APaymentThatStopsTheRepeatLeavesPerhaps) {
  const std::string text = told({unknown(seconds(5)), about(OutcomeType::notice_cancelled, seconds(90))});
  EXPECT_THAT(text, HasSubstr("Told: perhaps."));
  EXPECT_THAT(text, Not(HasSubstr("Told: no")));
}

TEST(Explain, AnEarlierNoticeWasSentAndALaterOnePerhaps) {
  const std::string text = told({sent(seconds(5), seconds(5)), unknown(seconds(50), "A1~two")});
  EXPECT_THAT(
      text, HasSubstr("Told: yes, 1 notice sent; the last was dunning step 1 at 2026-02-01 07:00:05.\nTold: perhaps."));
}

}  // namespace
}  // namespace dun::tools
