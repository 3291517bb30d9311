// The case of an account manager's task, beside the account that writes to it (ADR 0022).
#include "policies/desk.hpp"
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace dun::test {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const std::string vip_in_arrears = " credit.changed state=arrears balance=-50 credit_level=7 manager=li.na";

policies::PolicySet with_nights() {
  auto set = policies_with_people();
  set.people.people.at("li.na").quiet = set.quiet_hours.windows;
  return set;
}

TEST(TaskCase, HoldsTheTaskAndTheMessagesToItsManagerAndTheAccountItsNumberAlone) {
  StepDriver driver(with_nights());
  driver.event("2026-03-02T22:30:00+08:00" + vip_in_arrears);
  const TaskCase& task = driver.task();
  ASSERT_TRUE(task.task);
  EXPECT_EQ(task.task->manager, "li.na");
  EXPECT_EQ(task.task->in_place_of, NoticeKind::dunning);
  EXPECT_EQ(task.facts, facts_of(driver.record()));
  ASSERT_THAT(task.pending, SizeIs(1));
  EXPECT_EQ(due_at(task.pending[0]), at(march(3, "07:00:00"))) << "the manager's night, not the customer's";
  EXPECT_THAT(driver.record().pending, IsEmpty());
  ASSERT_TRUE(driver.record().task);
  EXPECT_EQ(driver.record().task->task, task.task->ordinal);
}

TEST(TaskCase, TellsThePositionAsItIsWhenTheMessageGoes) {
  StepDriver driver(with_nights());
  driver.event("2026-03-02T22:30:00+08:00" + vip_in_arrears)
      .event("2026-03-02T23:30:00+08:00 credit.changed state=arrears balance=-80")
      .until(march(3));
  ASSERT_THAT(driver.claims(), SizeIs(1));
  const MessageContext& text = driver.claims()[0].message;
  EXPECT_EQ(text.owed, Amount::from_micros(80'000'000));
  EXPECT_EQ(text.event_time, at("2026-03-02T23:30:00+08:00"));
  EXPECT_EQ(text.manager_name, "Li Na");
  EXPECT_FALSE(text.customer_msisdn.empty());
  EXPECT_FALSE(text.task.empty());
}

TEST(TaskCase, EndsWithTheDebtAndItsMessageWithItInTheStepOfThePayment) {
  StepDriver driver(with_nights());
  driver.event("2026-03-02T22:30:00+08:00" + vip_in_arrears)
      .event("2026-03-02T23:00:00+08:00 payment.received amount=50 balance=0");
  EXPECT_EQ(driver.last(OutcomeType::task_closed).cause, EventId("e2"));
  EXPECT_EQ(driver.last(OutcomeType::notice_cancelled).reasons.back(), "task.closed");
  EXPECT_FALSE(driver.task().task);
  EXPECT_THAT(driver.task().pending, IsEmpty());
  EXPECT_TRUE(policies::cases::is_over(driver.task(), driver.now()));
}

TEST(TaskCase, OutcomesOfALetterStandWhereItWasWritten) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00" + vip_in_arrears)
      .event("2026-03-02T11:00:00+08:00 payment.received amount=50 balance=0");
  std::vector<std::string> types;
  for (const Outcome& outcome : driver.outcomes()) types.emplace_back(to_text(outcome.type));
  EXPECT_THAT(
      types, ElementsAre("event.applied", "task.opened", "notice.sent", "event.applied", "task.closed", "notice.sent"));
}

TEST(TaskCase, DoesNotMakeTheCustomerWaitForTheManagersAnswer) {
  StepDriver driver;
  driver.gateway([](const policies::Claim& claim) {
    return to_manager(claim.message.kind) ? std::nullopt : std::optional(StepDriver::Answer());
  });
  driver.event("2026-03-02T10:00:00+08:00" + vip_in_arrears)
      .event("2026-03-02T10:05:00+08:00 payment.received amount=5 balance=-45");
  EXPECT_THAT(driver.told(), ElementsAre("sent payment_received at " + march(2, "10:05:00")));
  EXPECT_EQ(driver.stuck(), std::nullopt);
}

TEST(TaskCase, WritesBackThatNobodyWasToldOfASuspension) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) { return StepDriver::Answer{.result = StepDriver::Result::rejected}; });
  driver.event(
      "2026-03-02T10:00:00+08:00 credit.changed state=suspension_due balance=-50 credit_level=7 "
      "manager=li.na suspend_at=2026-03-05T10:00:00+08:00");
  const Outcome& risk = driver.last(OutcomeType::suspension_at_risk);
  EXPECT_EQ(risk.kind, NoticeKind::manager_task);
  EXPECT_EQ(risk.detail, "suspension planned for 2026-03-05T02:00:00.000Z; the account manager was not told");
  EXPECT_EQ(driver.record().episode.told.date(Hearer::billing, NoticeKind::suspension_warning),
            at("2026-03-05T10:00:00+08:00"));
}

TEST(TaskCase, IsKeptAWeekForAReceiptAndNoLonger) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00" + vip_in_arrears)
      .event("2026-03-02T11:00:00+08:00 payment.received amount=50 balance=0");
  ASSERT_THAT(driver.task().sent, SizeIs(1));
  EXPECT_EQ(policies::cases::next_wake(driver.task()), at(march(9)));
  EXPECT_FALSE(policies::cases::is_over(driver.task(), at(march(9)) - Millis(1)));
  EXPECT_TRUE(policies::cases::is_over(driver.task(), at(march(9))));
  const NoticeId message = driver.task().sent[0].id;
  driver.until(march(4)).receipt(message, ReceiptStatus::delivered);
  EXPECT_EQ(driver.taken(), policies::Taken::receipt_matched);
  EXPECT_EQ(driver.last(OutcomeType::notice_delivered).notice, message);
  EXPECT_TRUE(policies::cases::is_over(driver.task(), driver.now()));
}

TEST(TaskCase, AWaitForItsReceiptEndsByItself) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) {
    return StepDriver::Answer{.result = StepDriver::Result::unknown, .after = hours(3)};
  });
  driver.event("2026-03-02T10:00:00+08:00" + vip_in_arrears);
  EXPECT_EQ(policies::cases::next_wake(driver.task()), at(march(2, "13:00:00")));
  driver.until(march(2, "13:00:00"));
  EXPECT_THAT(driver.told({"unknown"}), SizeIs(2)) << "at once, and that nothing came of it";
  EXPECT_THAT(driver.task().pending, IsEmpty());
}

TEST(TaskCase, WhatMovesUpByAReceiptOrByTimeGoesByTheClockAsItWasSetBack) {
  const auto policies = policies_with_people();
  const Instant ahead = at(march(2, "13:00:00"));
  const Instant now = at(march(2));
  for (const bool by_receipt : {true, false}) {
    TaskCase task;
    task.account = AccountId("A1");
    task.task = Task{.ordinal = 1, .manager = "li.na"};
    const auto add = [&](std::uint32_t ordinal, NoticeKind kind, NoticeState state) {
      task.pending.push_back({.ordinal = ordinal,
                              .kind = kind,
                              .state = std::move(state),
                              .decided_at = ahead,
                              .wanted_at = ahead,
                              .tried = {.attempts = ordinal == 1 ? 1 : 0},
                              .task = 1});
    };
    add(1, NoticeKind::manager_task, AwaitingReceipt{.until = now});
    add(2, NoticeKind::manager_update, Parked{.due_since = ahead});
    CreditEvent receipt;
    receipt.type = EventType::receipt;
    receipt.time = now;
    receipt.notice = policies::notice_id(task.account, task.pending[0]).str();
    receipt.receipt = ReceiptStatus::delivered;
    const auto effects = by_receipt ? policies::cases::step(task, policies::cases::ReceiptCame{&receipt}, policies, now)
                                    : policies::cases::step(task, policies::cases::Woken(), policies, now);
    ASSERT_THAT(effects.shelvings, SizeIs(1)) << by_receipt;
    EXPECT_EQ(effects.shelvings[0].at, now) << by_receipt;
    EXPECT_EQ(effects.shelvings[0].decided_at, now)
        << by_receipt << ": or its turn comes when the clock is there again";
  }
}

/// As the version before stored it: the notices to the manager among the customer's.
AccountRecord of_the_version_before() {
  AccountRecord record{.profile = {.msisdn = "+8613800138000", .manager = "li.na", .credit_level = 7},
                       .credit = {.state = CreditState::arrears, .as_of = at(march(2))},
                       .episode = {.key = 5, .cause = EventId("e1"), .caused_at = at(march(2))},
                       .task = HandedOver{.task = 1, .at = at(march(2)), .cause = EventId("e1")}};
  record.ordinals = 4;
  const auto notice = [&](std::uint32_t ordinal, NoticeKind kind, NoticeState state) {
    record.pending.push_back(
        {.ordinal = ordinal, .generation = 1, .kind = kind, .state = state, .episode = 5, .task = 1});
  };
  notice(2, NoticeKind::manager_task, Held{.due_at = at(march(3, "07:00:00"))});
  notice(3, NoticeKind::refund, Held{.due_at = at(march(3, "07:00:00"))});
  notice(4, NoticeKind::manager_update, Parked{.due_since = at(march(3, "07:00:00"))});
  return record;
}

TEST(TaskCase, IsTakenOverFromARecordOfTheVersionBeforeWithItsNoticesAndTheirTimes) {
  const auto policies = with_nights();
  AccountRecord record = of_the_version_before();
  const policies::cases::TakenOver before{.record = policies::cases::taken_over(AccountId("A1"), record, policies)};
  EXPECT_THAT(record.pending, SizeIs(1));
  EXPECT_EQ(record.pending[0].kind, NoticeKind::refund);
  ASSERT_TRUE(record.task);
  TaskCase task;
  task.account = AccountId("A1");
  const auto effects = policies::cases::step(task, before, policies, at(march(2, "23:00:00")));
  EXPECT_TRUE(effects.record_changed);
  EXPECT_THAT(effects.outcomes, IsEmpty()) << "nothing was decided";
  ASSERT_THAT(effects.shelvings, SizeIs(1)) << "a parked one has no place";
  EXPECT_EQ(effects.shelvings[0].at, at(march(3, "07:00:00")));
  EXPECT_EQ(effects.shelvings[0].generation, 2U) << "the place that names the account is stale";
  ASSERT_TRUE(task.task);
  EXPECT_EQ(task.task->ordinal, 1U);
  EXPECT_EQ(task.task->manager, "li.na");
  EXPECT_EQ(task.task->opened_at, at(march(2)));
  EXPECT_THAT(task.pending, SizeIs(2));
  EXPECT_EQ(task.ordinals, 4U);
}

}  // namespace
}  // namespace dun::test
