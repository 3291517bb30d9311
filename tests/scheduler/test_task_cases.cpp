// Tasks in a partition: their notices are claimed, answered and kept beside those of the accounts, and what a version
// before has stored becomes theirs (ADR 0022).
#include "policies/desk.hpp"
#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using scheduler::InFlight;
using scheduler::SendAccepted;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const CaseId task_of_7("task/7");

void owe(PartitionBench& bench, const std::string& id) {
  bench.state->add(
      PartitionBench::fields(id, "7", "credit.changed", bench.clock.now(),
                             {{"state", "arrears"}, {"balance", "-50"}, {"credit_level", "7"}, {"manager", "li.na"}}));
}

const TaskCase& stored_task(const PartitionBench& bench) {
  return std::get<TaskCase>(bench.state->cases.at(task_of_7));
}

std::vector<std::string> told(const PartitionBench& bench) {
  std::vector<std::string> all;
  for (const Outcome& outcome : bench.state->journal)
    if (outcome.type != OutcomeType::event_applied) all.emplace_back(to_text(outcome.type));
  return all;
}

TEST(TaskCases, AManagersMessageIsClaimedForTheCaseAndAnsweredThere) {
  PartitionBench bench;
  owe(bench, "e1");
  bench.cycle();
  const auto claims = bench.cycle();
  EXPECT_THAT(accounts(claims), ElementsAre("task/7"));
  EXPECT_EQ(claims.at(0).to, "+8613900000001");
  EXPECT_TRUE(claims.at(0).notice.str().starts_with("7~")) << "receipts find their partition by it";
  bench.answer(claims.at(0), SendAccepted{});
  bench.cycle();
  EXPECT_THAT(told(bench), ElementsAre("task.opened", "notice.sent"));
  EXPECT_THAT(stored_task(bench).pending, IsEmpty());
  EXPECT_THAT(stored_task(bench).sent, SizeIs(1));
}

TEST(TaskCases, ManagerAndCustomerAreToldAtOnce) {
  PartitionBench bench;
  owe(bench, "e1");
  bench.state->add(
      PartitionBench::fields("e2", "7", "payment.received", bench.clock.now(), {{"amount", "5"}, {"balance", "-45"}}));
  bench.cycle();
  EXPECT_THAT(accounts(bench.cycle()), UnorderedElementsAre("task/7", "7"));
}

TEST(TaskCases, AReceiptForTheManagersMessageIsTheCases) {
  PartitionBench bench;
  owe(bench, "e1");
  bench.cycle();
  const auto claims = bench.cycle();
  bench.answer(claims.at(0), SendAccepted{});
  bench.cycle();
  bench.state->add(PartitionBench::fields("r1", "7", "dun.receipt", bench.clock.now(),
                                          {{"notice", claims.at(0).notice.str()}, {"status", "delivered"}}));
  bench.cycle();
  EXPECT_THAT(told(bench), Contains("notice.delivered"));
  EXPECT_EQ(bench.state->counters.receipts, 1U);
  EXPECT_EQ(bench.state->counters.receipts_unknown, 0U);
}

TEST(TaskCases, ThePaymentAndTheEndOfTheTaskAreOneCommit) {
  PartitionBench bench;
  owe(bench, "e1");
  bench.cycle(0);
  bench.state->add(
      PartitionBench::fields("e2", "7", "payment.received", bench.clock.now(), {{"amount", "50"}, {"balance", "0"}}));
  const auto claims = bench.cycle();
  EXPECT_THAT(accounts(claims), testing::Not(Contains("task/7")));
  EXPECT_THAT(told(bench), ElementsAre("task.opened", "task.closed", "notice.cancelled"));
  EXPECT_FALSE(bench.state->cases.contains(task_of_7)) << "nothing of it is left to be waited for";
}

TEST(TaskCases, WhatWasUnderWayAtACrashIsTheCasesStill) {
  PartitionBench bench;
  owe(bench, "e1");
  bench.cycle();
  const auto claims = bench.cycle();
  ASSERT_THAT(claims, SizeIs(1));
  bench.crash();
  bench.cycle();
  EXPECT_THAT(told(bench), ElementsAre("task.opened", "notice.unknown"));
  ASSERT_THAT(stored_task(bench).pending, SizeIs(1));
  EXPECT_TRUE(stored_task(bench).pending[0].tried.perhaps_taken);
}

// ----------------------------------------------------------------------------------------------- the version before

/// The store as the version before has left it: the manager's notices in the account's record, on shelves and in flight
/// under its name.
struct Before {
  explicit Before(PartitionBench& bench_, bool in_flight) : bench(bench_) {
    owe(bench, "e1");
    auto batch = bench.decide(0);
    AccountRecord& record = *batch.commit.records.at(0).value;
    TaskCase task = std::get<TaskCase>(*batch.commit.cases.at(0).value);
    record.pending = task.pending;
    batch.commit.cases.clear();
    for (auto& change : batch.commit.shelves)
      for (auto& entry : change.append) entry.subject = AccountId("7");
    if (in_flight) {
      const PendingNotice& notice = record.pending.at(0);
      batch.commit.shelves.clear();
      batch.commit.claims = {InFlight{.subject = AccountId("7"),
                                      .ordinal = notice.ordinal,
                                      .notice = policies::notice_id(AccountId("7"), notice),
                                      .kind = notice.kind,
                                      .shelf = {.lane = notice.lane, .at = date::floor<Seconds>(bench.wall())},
                                      .decided_at = notice.decided_at,
                                      .claimed_at = bench.wall(),
                                      .gateway = "g",
                                      .to = "+8613900000001",
                                      .errand = Submission{.text = "text"}}};
    }
    EXPECT_TRUE(bench.store.commit_now(batch.commit).has_value());
    bench.crash();
  }
  PartitionBench& bench;
};

TEST(TaskCases, WhatTheVersionBeforeHeldForAManagerIsToldOnceByTheCase) {
  PartitionBench bench;
  Before before(bench, false);
  std::vector<InFlight> claims;
  for (int i = 0; i < 4; ++i) std::ranges::move(bench.cycle(), std::back_inserter(claims));
  EXPECT_THAT(accounts(claims), ElementsAre("task/7"));
  EXPECT_THAT(bench.state->records.at(AccountId("7")).pending, IsEmpty());
  ASSERT_TRUE(stored_task(bench).task);
  EXPECT_EQ(stored_task(bench).task->manager, "li.na");
  EXPECT_EQ(bench.partition->shelved(), 0U);
}

TEST(TaskCases, WhatTheVersionBeforeHadUnderWayIsAnsweredInTheCase) {
  PartitionBench bench;
  Before before(bench, true);
  for (int i = 0; i < 3; ++i) bench.cycle(0);
  EXPECT_THAT(told(bench), ElementsAre("task.opened", "notice.unknown"));
  EXPECT_THAT(bench.state->in_flight, IsEmpty());
  ASSERT_THAT(stored_task(bench).pending, SizeIs(1));
  EXPECT_TRUE(is_held(stored_task(bench).pending[0])) << "goes again, under the same reference";
}

TEST(TaskCases, ATaskThatTheVersionBeforeOpenedIsClosedByAPayment) {
  PartitionBench bench;
  Before before(bench, false);
  bench.state->add(
      PartitionBench::fields("e2", "7", "payment.received", bench.clock.now(), {{"amount", "50"}, {"balance", "0"}}));
  bench.cycle();
  bench.cycle();
  EXPECT_THAT(told(bench), ElementsAre("task.opened", "task.closed", "notice.cancelled"));
}

}  // namespace
}  // namespace dun::test
