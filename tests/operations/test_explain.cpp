// "Was I told, when, why": the sentence that service staff read first, in every state a notice can end in.
#include "operations/explain.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <chrono>
#include <fstream>
#include <regex>

namespace dun::operations {
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
              HasSubstr("event payment.received (1001) came again with other content and was not applied"));
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

Outcome staff(Outcome outcome, NoticeKind kind = NoticeKind::manager_task) {
  outcome.kind = kind;
  outcome.step = 0;
  return outcome;
}

Outcome held(seconds after, seconds until, std::vector<std::string> reasons, std::string notice = "A1~one") {
  Outcome outcome = about(OutcomeType::notice_held, after, std::move(notice));
  outcome.due_at = start + until;
  outcome.reasons = std::move(reasons);
  return outcome;
}

Outcome rejected(seconds after, std::string id, std::string field, std::string detail) {
  Outcome outcome{.at = start + after, .type = OutcomeType::event_rejected, .account = AccountId("A1")};
  outcome.cause = EventId(std::move(id));
  outcome.field = std::move(field);
  outcome.detail = std::move(detail);
  return outcome;
}

std::string verdict_line(const std::string& text, const std::string& who) {
  const std::size_t at = text.find("\n" + who + ":");
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(FieldCases, U1_TheVerdictIsAboutTheCustomerAndStaffStandApart) {
  for (const NoticeKind kind : {NoticeKind::manager_task, NoticeKind::manager_update, NoticeKind::escalation}) {
    const std::string text =
        told({staff(sent(seconds(5), seconds(5), "A1~m"), kind), staff(sent(seconds(9), seconds(9), "A1~n"), kind)});
    EXPECT_EQ(verdict_line(text, "Told"),
              "Told: no, a task was opened for the account manager in the customer's place.");
    EXPECT_THAT(verdict_line(text, "Staff"), HasSubstr("Staff: yes, 2 notices sent; the last was " +
                                                       std::string(to_text(kind)) + " at 2026-02-01 07:00:09."));
  }
  // Both were told, in whatever order: each line counts its own.
  for (const bool manager_first : {true, false}) {
    std::vector<Outcome> outcomes = {staff(sent(seconds(5), seconds(5), "A1~m")), sent(seconds(5), seconds(5))};
    if (!manager_first) std::swap(outcomes[0], outcomes[1]);
    const std::string text = told(outcomes);
    EXPECT_THAT(verdict_line(text, "Told"), HasSubstr("Told: yes, 1 notice sent; the last was dunning step 1"));
    EXPECT_THAT(verdict_line(text, "Staff"), HasSubstr("Staff: yes, 1 notice sent; the last was manager_task"));
  }
  // Only a customer's notice is perhaps told to the customer.
  EXPECT_THAT(verdict_line(told({staff(unknown(seconds(5)))}), "Staff"), HasSubstr("Staff: perhaps. manager_task"));
}

TEST(FieldCases, U1_WhatIsHeldIsNotYetToldAndSaysUntilWhenAndWhy) {
  const std::string text = told({held(seconds(0), seconds(3600), {"ladder.step1", "quiet_hours.night"})});
  EXPECT_EQ(verdict_line(text, "Told"),
            "Told: not yet. dunning step 1 is held until 2026-02-01 08:00:00, because: quiet hours (night).");
  // It ended since: sent, cancelled.
  const Outcome hold = held(seconds(0), seconds(3600), {"quiet_hours.night"});
  EXPECT_THAT(told({hold, sent(seconds(3600), seconds(3600))}), HasSubstr("Told: yes"));
  EXPECT_THAT(told({hold, about(OutcomeType::notice_cancelled, seconds(60))}), HasSubstr("Told: no."));
  // Something was told before: what is to come stands beside it.
  const std::string both = told({sent(seconds(1), seconds(1)), held(seconds(2), seconds(60), {"caps.day"}, "A1~two")});
  EXPECT_THAT(verdict_line(both, "Told"), HasSubstr("Told: yes"));
  EXPECT_EQ(verdict_line(both, "To come"),
            "To come: dunning step 1 is held until 2026-02-01 07:01:00, because: not more than one a day.");
  // A manager's message that waits for the manager's morning is no word to the customer.
  const std::string manager = told({staff(held(seconds(0), seconds(60), {"quiet_hours."}, "A1~m"))});
  EXPECT_THAT(verdict_line(manager, "Told"), HasSubstr("Told: no"));
  EXPECT_THAT(verdict_line(manager, "Staff"), HasSubstr("manager_task is held until 2026-02-01 07:01:00"));
}

TEST(FieldCases, U1_OfARecordWhatIsPendingCountsAndWhyItWaits) {
  AccountRecord record;
  record.profile.zone = "America/New_York";
  PendingNotice notice{.kind = NoticeKind::suspension_warning};
  notice.wanted_at = start;
  notice.state = Held{.due_at = start + seconds(7200)};
  notice.reasons = {"lead_time.lead", "quiet_hours.night"};
  record.pending = {notice};
  Story story{
      .account = AccountId("A1"), .record = record, .outcomes = {}, .default_zone = "Asia/Shanghai", .now = start};
  EXPECT_EQ(verdict_line(explain(story), "Told"),
            "Told: not yet. suspension_warning is held until 2026-01-31 20:00:00, because: quiet hours (night).");
  story.record->pending[0].state = Held{.due_at = start};
  EXPECT_EQ(verdict_line(explain(story), "Told"), "Told: not yet. suspension_warning is to go at 2026-01-31 18:00:00.");
  story.record->pending[0].state = Parked{.due_since = start};
  EXPECT_EQ(verdict_line(explain(story), "Told"), "Told: not yet. suspension_warning waits behind an older notice.");
}

TEST(FieldCases, U1_AnEventThatWasRejectedIsNamed) {
  const std::string one = told({rejected(seconds(3), "e7", "state", "expected one of clear, low; found \"arears\"")});
  EXPECT_EQ(verdict_line(one, "Told"), "Told: no.");
  EXPECT_THAT(one, HasSubstr("\nAn event was rejected: e7, at 2026-02-01 07:00:03: field state: expected one of clear, "
                             "low; found \"arears\".\n"));
  const std::string two = told({rejected(seconds(3), "e7", "state", "x"), rejected(seconds(4), "e8", "balance", "y")});
  EXPECT_THAT(two,
              HasSubstr("\n2 events were rejected, the last one: e8, at 2026-02-01 07:00:04: field balance: y.\n"));
  Outcome conflict = rejected(seconds(3), "e9", "", "");
  conflict.type = OutcomeType::event_conflict;
  EXPECT_THAT(told({conflict}), HasSubstr("An event was rejected: e9, at 2026-02-01 07:00:03: an event of this id has "
                                          "been applied with other content.\n"));
}

TEST(FieldCases, C8_ForeignTextForgesNoLineOfTheStory) {
  Outcome forged = sent(seconds(1), seconds(1));
  forged.text = "hello\nTold: no\x1b[2J \xe2\x80\xae";
  forged.gateway_id = "x";
  const std::string text =
      told({rejected(seconds(0), "e1\nTold: yes, 9 notices sent\xc2\x9b", "sta\rte", "\x1b]0;x\a"), forged});
  EXPECT_THAT(text,
              HasSubstr("(e1\\nTold: yes, 9 notices sent\\u{9B}) was rejected: field sta\\u{D}te: \\u{1B}]0;x\\u{7}"));
  EXPECT_THAT(text, HasSubstr("\"hello\\nTold: no\\u{1B}[2J \\u{202E}\"\n"));
  std::size_t verdicts = 0;
  for (std::size_t at = text.find("\nTold:"); at != std::string::npos; at = text.find("\nTold:", at + 1)) ++verdicts;
  EXPECT_EQ(verdicts, 1U);
}

TEST(FieldCases, U9_TheStoryTellsAllTimesInOneFormAndNamesTheirZone) {
  Outcome applied{.at = start, .type = OutcomeType::event_applied, .account = AccountId("A1")};
  applied.event_type = "suspension.scheduled";
  applied.detail = "suspension_due, suspension at 2026-02-01T05:13:16.956Z";
  const std::string text = told({applied});
  EXPECT_THAT(text, HasSubstr("suspension at 2026-02-01 13:13:16\n"));
  EXPECT_THAT(text, HasSubstr("times in Asia/Shanghai"));
  EXPECT_THAT(text, Not(HasSubstr("T05:13")));
}

/// The reasons of the glossary, with something in the place of what is open in them.
std::vector<std::string> known_reasons() {
  std::ifstream in(DUN_SOURCE_DIR "/docs/states.md");
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("## ")) inside = line == "## Reasons";
    if (!inside || !line.starts_with("| `")) continue;
    const std::string ids = line.substr(0, line.find(" | "));
    static const std::regex id("`([^`]+)`");
    for (auto at = std::sregex_iterator(ids.begin(), ids.end(), id); at != std::sregex_iterator(); ++at)
      found.push_back(std::regex_replace((*at)[1].str(), std::regex("(N|NAME|TYPE)$"), "1"));
  }
  return found;
}

bool of_installation(const std::string& reason) {
  return reason.starts_with("monitor.") || reason.starts_with("store.") || reason.starts_with("stream.");
}

TEST(Explain, HasWordsForEveryReasonOfAnAccount) {
  const auto reasons = known_reasons();
  ASSERT_GT(reasons.size(), 40U);
  for (const std::string& reason : reasons)
    if (!of_installation(reason)) EXPECT_NE(rule_in_words(reason), reason);
}

}  // namespace
}  // namespace dun::operations
