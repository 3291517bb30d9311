// Policies that change while notices are held: what could go earlier does, in its order, a chunk at a time.
#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Le;

std::shared_ptr<const Rules> night_until(int hour) {
  auto set = policies_with_people();
  set.hash = "until " + std::to_string(hour);
  set.quiet_hours.windows = {{.name = "night", .from = std::chrono::hours(22), .until = std::chrono::hours(hour)}};
  return rules(std::move(set));
}

/// Accounts that entered arrears at eleven in the evening, one after the other.
struct Night : PartitionBench {
  explicit Night(int accounts, std::size_t batch = 4) : PartitionBench("2026-03-02T23:00:00+08:00") {
    engine.batch_max = batch;
    for (int i = 1; i <= accounts; ++i) {
      names.push_back(std::to_string(i));
      state->add(fields("e" + names.back(), names.back(), "credit.changed", clock.now(), {{"state", "arrears"}}));
      cycle(0);
      clock.set(clock.now() + Seconds(1));
    }
  }
  void work_off() {
    while (partition->has_work(clock.now())) cycle(0);
  }
  /// Sends what may go, to the last.
  std::vector<std::string> told() {
    std::vector<std::string> all;
    for (int idle = 0; idle < 3; ++idle) {
      for (const InFlight& claim : cycle()) {
        all.push_back(claim.subject.str());
        answer(claim, SendAccepted{});
        idle = 0;
      }
    }
    return all;
  }
  std::vector<std::string> names;
};

TEST(Review, WhatCouldGoEarlierGoesEarlierInTheOrderInWhichItWaited) {
  Night bench(30);
  bench.partition->set_rules(night_until(6));
  bench.work_off();
  bench.clock.set(at("2026-03-03T05:59:59+08:00"));
  EXPECT_THAT(bench.told(), IsEmpty());
  bench.clock.set(at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(bench.told(), bench.names);
  bench.clock.set(at("2026-03-03T07:00:00+08:00"));
  EXPECT_THAT(bench.told(), IsEmpty()) << "the old entries are stale";
}

TEST(Review, ANightThatIsOverReleasesAtOnce) {
  Night bench(10);
  bench.clock.set(at("2026-03-03T03:00:00+08:00"));
  bench.cycle(0);
  bench.partition->set_rules(night_until(2));
  bench.work_off();
  EXPECT_EQ(bench.told(), bench.names);
}

TEST(Review, TakesNoMoreAtATimeThanABatchAndSaysHowFarItIs) {
  Night bench(30);
  EXPECT_EQ(bench.partition->review().of, 0U);
  bench.partition->set_rules(night_until(6));
  EXPECT_EQ(bench.partition->review().of, 30U);
  EXPECT_EQ(bench.partition->review().reviewed, 0U);
  std::uint64_t reviewed = 0;
  while (bench.partition->review().of > 0) {
    auto batch = bench.decide(0);
    EXPECT_THAT(batch.commit.records.size(), Le(bench.engine.batch_max));
    ASSERT_TRUE(bench.store.commit_now(batch.commit));
    bench.partition->committed(batch);
    if (bench.partition->review().of == 0) break;
    EXPECT_GE(bench.partition->review().reviewed, reviewed);
    reviewed = bench.partition->review().reviewed;
  }
  EXPECT_EQ(reviewed, 30U) << "then the timers";
}

TEST(Review, DueWorkGoesOnBesideIt) {
  Night bench(30);
  bench.partition->set_rules(night_until(6));
  bench.pay("p1", "500");
  bench.cycle();
  ASSERT_THAT(accounts(bench.cycle()), ElementsAre("500"));
  EXPECT_GT(bench.partition->review().of, bench.partition->review().reviewed);
}

TEST(Review, IsBegunAgainByWhoeverTakesOverInTheMiddle) {
  Night bench(30);
  bench.partition->set_rules(night_until(6));
  for (int i = 0; i < 3; ++i) bench.cycle(0);
  EXPECT_EQ(bench.state->policy, "") << "part of it waits by the old policies";
  bench.partition.emplace(0, bench.engine, bench.dispatch, night_until(6));
  bench.recover();
  EXPECT_GE(bench.partition->review().of, 30U);
  bench.work_off();
  bench.cycle(0);
  EXPECT_EQ(bench.state->policy, "until 6");
  bench.clock.set(at("2026-03-03T06:00:00+08:00"));
  // Those that had been moved before the crash were first, and are.
  EXPECT_EQ(bench.told(), bench.names);
}

TEST(Review, IsNotNeededByAnOwnerWithTheSamePolicies) {
  Night bench(3);
  EXPECT_EQ(bench.state->policy, "test");
  bench.crash();
  EXPECT_EQ(bench.partition->review().of, 0U);
  bench.partition->set_rules(rules());
  EXPECT_EQ(bench.partition->review().of, 0U);
}

TEST(Review, IsNeededByAnOwnerWithOtherPolicies) {
  Night bench(3);
  bench.partition.emplace(0, bench.engine, bench.dispatch, night_until(6));
  bench.recover();
  EXPECT_EQ(bench.partition->review().of, 3U);
}

/// As night_until, and by its hash the policies of before: what is other is the reading of the clock.
std::shared_ptr<const Rules> by_other_zones(int hour) {
  Rules others = *night_until(hour);
  others.policies.hash = "test";
  others.zones = "2031b";
  return std::make_shared<const Rules>(std::move(others));
}

TEST(FieldCases, D25_WhatWaitsIsReviewedWhenOnlyTheZonesAreOthers) {
  Night bench(30);
  bench.partition->set_rules(by_other_zones(6));
  EXPECT_EQ(bench.partition->review().of, 30U);
  bench.work_off();
  bench.cycle(0);
  EXPECT_EQ(bench.state->policy, "test@2031b");
  bench.clock.set(at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(bench.told(), bench.names);
  bench.partition->set_rules(by_other_zones(6));
  EXPECT_EQ(bench.partition->review().of, 0U);
}

TEST(FieldCases, D25_ANewOwnerWithOtherZonesReviews) {
  Night bench(3);
  bench.partition.emplace(0, bench.engine, bench.dispatch, by_other_zones(6));
  bench.recover();
  EXPECT_EQ(bench.partition->review().of, 3U);
  bench.work_off();
  bench.cycle(0);
  bench.partition.emplace(0, bench.engine, bench.dispatch, by_other_zones(6));
  bench.recover();
  EXPECT_EQ(bench.partition->review().of, 0U) << "the same ones";
}

TEST(Review, ReadsTheTimersToo) {
  Night bench(12);
  auto set = policies_with_people();
  set.hash = "other ladder";
  set.ladder.steps = {{0}, {1}, {7}};
  bench.clock.set(at("2026-03-03T07:00:00+08:00"));
  EXPECT_EQ(bench.told(), bench.names) << "nothing is held any more";
  bench.partition->set_rules(rules(std::move(set)));
  bench.work_off();
  bench.clock.set(at("2026-03-03T23:30:00+08:00"));
  bench.work_off();
  bench.clock.set(at("2026-03-04T07:00:00+08:00"));
  EXPECT_EQ(bench.told(), bench.names) << "the second step, two days early";
}

TEST(Review, FollowsAWallClockThatWasSetBack) {
  PartitionBench bench("2026-03-02T12:00:00+08:00");
  for (int i = 1; i <= 5; ++i) bench.pay("e" + std::to_string(i), std::to_string(i));
  bench.cycle(0);
  bench.set_back = std::chrono::hours(1);
  EXPECT_TRUE(bench.partition->has_work(bench.wall()));
  while (bench.partition->has_work(bench.wall())) bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1", "2", "3", "4", "5"));
}

TEST(Review, FollowsANewOwnerWhoseClockIsBehind) {
  PartitionBench bench("2026-03-02T12:00:00+08:00");
  bench.pay("e1", "1");
  bench.cycle(0);
  bench.set_back = std::chrono::hours(1);
  bench.crash();
  while (bench.partition->has_work(bench.wall())) bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1"));
}

// The clock is set back while a request is under way, and its gateway then does not take it.
TEST(Review, WhatComesBackToAClosedShelfIsShelvedAnew) {
  PartitionBench bench("2026-03-02T12:00:00+08:00");
  bench.pay("e1", "1");
  bench.cycle(0);
  const auto claims = bench.cycle();
  ASSERT_EQ(claims.size(), 1U);
  bench.set_back = std::chrono::hours(1);
  while (bench.partition->has_work(bench.wall())) bench.cycle(0);
  bench.answer(claims[0], SendThrottled{});
  bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1"));
}

// Decided in the first second after the night and, by a clock that was set back, once more for the end of the night,
// which is the same shelf: that entry is another one, and does not step in front of what comes back.
TEST(Review, WhatComesBackAndIsDecidedAnewDoesNotOvertakeItself) {
  PartitionBench bench("2026-03-03T07:00:00.400+08:00");
  bench.state->add(PartitionBench::fields("e1", "1", "credit.changed", bench.clock.now(), {{"state", "arrears"}}));
  bench.cycle(0);
  const auto claims = bench.cycle();
  ASSERT_EQ(claims.size(), 1U);
  bench.set_back = Seconds(30);
  bench.answer(claims[0], SendThrottled{});
  const auto batch = bench.decide(0);
  const auto back =
      std::ranges::find_if(batch.commit.shelves, [](const auto& shelf) { return !shelf.put_back.empty(); });
  ASSERT_NE(back, batch.commit.shelves.end());
  EXPECT_EQ(back->key, claims[0].shelf);
  EXPECT_EQ(back->put_back.size(), 1U);
  EXPECT_EQ(back->append.size(), 1U);
  EXPECT_EQ(back->take, 0U);
}

}  // namespace
}  // namespace dun::test
