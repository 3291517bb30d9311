#include "scheduler/kept_records.hpp"

#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dun::test {
namespace {

using scheduler::KeptRecords;
using scheduler::MemoryStore;
using scheduler::Partition;
using scheduler::SendAccepted;
using testing::ElementsAre;
using testing::IsEmpty;

const Instant now = Instant(std::chrono::hours(500'000));

AccountRecord with(NoticeState state) {
  AccountRecord record;
  record.pending.push_back({.ordinal = 1, .state = std::move(state)});
  return record;
}

TEST(KeptRecords, AreOfAccountsOfWhichSomethingIsDueOrUnderWay) {
  const Instant soon = now + KeptRecords::ahead;
  const Instant later = soon + Millis(1);
  for (const auto& [record, kept] :
       {std::pair(with(Held{.due_at = now - Seconds(5)}), true), std::pair(with(Held{.due_at = soon}), true),
        std::pair(with(Held{.due_at = later}), false), std::pair(with(Parked{.due_since = now}), true),
        std::pair(with(ToBeAsked{.at = later}), false), std::pair(AccountRecord(), false)}) {
    KeptRecords records;
    records.keep(AccountId("1"), record, now);
    EXPECT_EQ(records.take(AccountId("1")), kept ? std::optional(record) : std::nullopt);
    EXPECT_EQ(records.take(AccountId("1")), std::nullopt) << "whoever took it has it";
  }
}

TEST(KeptRecords, ThatCameFirstStayWhereThereIsNoRoom) {
  KeptRecords records;
  for (std::size_t i = 0; i <= KeptRecords::most; ++i)
    records.keep(AccountId(std::to_string(i)), with(Held{.due_at = now}), now);
  EXPECT_EQ(records.size(), KeptRecords::most);
  EXPECT_TRUE(records.take(AccountId("0")));
  EXPECT_FALSE(records.take(AccountId(std::to_string(KeptRecords::most))));
  records.forget();
  EXPECT_EQ(records.size(), 0U);
}

/// A cycle; the accounts whose records it asked the store for.
struct Cycle {
  std::vector<AccountId> fetched;
  std::vector<scheduler::InFlight> claims;
};

Cycle cycle(PartitionBench& bench, Partition& partition, MemoryStore& store, std::size_t granted) {
  const auto request = partition.look(bench.wall());
  auto inputs = partition.gather(request, *store.read_now(request), {granted, granted, granted}, bench.wall());
  Cycle done{.fetched = inputs.accounts};
  auto records = store.load_now(inputs.accounts);
  auto batch = partition.decide(std::move(inputs), *std::move(records), bench.wall());
  EXPECT_TRUE(store.commit_now(batch.commit).has_value());
  partition.committed(batch);
  done.claims = batch.claims;
  return done;
}

TEST(KeptRecords, SpareAPartitionToFetchWhatIsUnderWay) {
  PartitionBench bench;
  bench.pay("e1", "1");
  EXPECT_THAT(cycle(bench, *bench.partition, bench.store, 0).fetched, ElementsAre(AccountId("1")));
  const Cycle claimed = cycle(bench, *bench.partition, bench.store, 9);
  EXPECT_THAT(claimed.fetched, IsEmpty());
  ASSERT_EQ(claimed.claims.size(), 1U);
  bench.answer(claimed.claims[0], SendAccepted{});
  EXPECT_THAT(cycle(bench, *bench.partition, bench.store, 9).fetched, IsEmpty());
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
  bench.pay("e2", "1");
  EXPECT_THAT(cycle(bench, *bench.partition, bench.store, 0).fetched, ElementsAre(AccountId("1")))
      << "nothing was under way";
}

TEST(KeptRecords, AreForgottenWhereAnotherMayHaveWritten) {
  PartitionBench bench;
  bench.pay("e1", "1");
  std::ignore = cycle(bench, *bench.partition, bench.store, 0);
  // Another process takes over, sends it, and gives the partition back.
  bench.clock.set(bench.clock.now() + Seconds(11));
  bench.state->lease_until = bench.clock.now();
  MemoryStore store{bench.state, "other", bench.clock, date::days(1000)};
  Partition other(0, bench.engine, bench.dispatch, rules());
  other.recover(*store.acquire_now(), bench.clock.now());
  const Cycle claimed = cycle(bench, other, store, 9);
  ASSERT_EQ(claimed.claims.size(), 1U);
  other.answered(scheduler::judge(claimed.claims[0], SendAccepted{}, bench.dispatch, bench.wall()));
  std::ignore = cycle(bench, other, store, 9);
  store.release_now();
  bench.recover();
  bench.pay("e2", "1");
  EXPECT_THAT(cycle(bench, *bench.partition, bench.store, 0).fetched, ElementsAre(AccountId("1")));
  const auto& pending = bench.state->records.at(AccountId("1")).pending;
  ASSERT_EQ(pending.size(), 1U);
  EXPECT_EQ(pending[0].cause, EventId("e2")) << "the first one was sent by the other process";
}

}  // namespace
}  // namespace dun::test
