// A bounded share of the simulation for every run of the tests; `dun_sim` and the long tests go on from there.
#include "tests/sim/shrink.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::Gt;
using testing::IsEmpty;

std::string describe(const Failure& failure) {
  std::string text = "dun_sim --seed " + std::to_string(failure.options.seed) + "\n";
  for (const std::string& line : failure.narration) text += "  " + line + "\n";
  for (const std::string& line : failure.violations) text += "  BROKEN " + line + "\n";
  return text;
}

/// A run that never crashed shows nothing.
void expect_bad_enough(const Story& sum) {
  for (const int count : {sum.commits_lost_before,
                          sum.commits_lost_after,
                          sum.crashes,
                          sum.crashes_at_request,
                          sum.sleeps,
                          sum.leases_lost,
                          sum.failovers,
                          sum.fenced,
                          sum.handed_over,
                          sum.asked,
                          sum.recovered_in_flight,
                          sum.clock_steps,
                          sum.reloads,
                          sum.receipts,
                          sum.held,
                          sum.unknown,
                          sum.denied,
                          sum.reports,
                          sum.posts_lost_before,
                          sum.posts_lost_after})
    EXPECT_THAT(count, Gt(0));
}

TEST(Simulation, KeepsEveryPromiseThroughEveryFault) {
  Story sum;
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const auto failure = try_run({.seed = seed}, &sum);
    if (failure) FAIL() << describe(shrink(*failure, 100));
  }
  expect_bad_enough(sum);
}

TEST(Simulation, OfOnePartitionOrManyMakesNoDifference) {
  for (const int partitions : {1, 7}) {
    for (std::uint64_t seed = 1000; seed < 1015; ++seed) {
      const auto failure = try_run({.seed = seed, .partitions = partitions, .accounts = 20});
      if (failure) FAIL() << describe(shrink(*failure, 100));
    }
  }
}

TEST(Simulation, OfOneSeedIsTheSameEveryTime) {
  const SimOptions options{.seed = 7, .narrated = true};
  World first(options);
  World second(options);
  EXPECT_THAT(first.run(), IsEmpty());
  EXPECT_THAT(second.run(), IsEmpty());
  EXPECT_THAT(first.narration().size(), Gt(100U));
  EXPECT_EQ(first.narration(), second.narration());
}

TEST(Simulation, WithoutFaultsHasNone) {
  Story sum;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    if (const auto failure = try_run({.seed = seed, .faults = Faults::none()}, &sum)) FAIL() << describe(*failure);
  EXPECT_EQ(sum.crashes + sum.fenced + sum.unknown + sum.failovers + sum.clock_steps, 0);
  EXPECT_THAT(sum.handed_over, Gt(100));
}

/// The harness tests itself: what is broken on purpose must be found out, and for the right reason.
struct Sabotage {
  Break broken;
  std::vector<std::string> promises;
};

class Harness : public testing::TestWithParam<Sabotage> {};

TEST_P(Harness, FindsOutWhatIsBrokenOnPurpose) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const auto failure = try_run({.seed = seed, .broken = GetParam().broken});
    if (!failure) continue;
    EXPECT_THAT(GetParam().promises, testing::Contains(promise_of(failure->violations.front())));
    return;
  }
  FAIL() << "not within 1,000 seeds";
}

INSTANTIATE_TEST_SUITE_P(
    Broken, Harness,
    testing::Values(Sabotage{Break::fence, {"fence"}}, Sabotage{Break::in_flight, {"claim"}},
                    Sabotage{Break::cursor, {"once"}}, Sabotage{Break::random_ids, {"identity", "unknown"}},
                    Sabotage{Break::barrier, {"barrier"}}, Sabotage{Break::retry_tail, {"order"}},
                    Sabotage{Break::morning, {"quiet"}}, Sabotage{Break::evening, {"quiet"}},
                    Sabotage{Break::listing, {"told"}}, Sabotage{Break::review, {"late"}},
                    Sabotage{Break::accusation, {"accused"}}, Sabotage{Break::one_date, {"date", "warned"}},
                    Sabotage{Break::at_risk, {"warned"}}, Sabotage{Break::threat, {"threat"}},
                    Sabotage{Break::amounts, {"amount"}}, Sabotage{Break::times, {"time"}},
                    Sabotage{Break::currencies, {"currency"}}, Sabotage{Break::past_days, {"past", "date"}},
                    Sabotage{Break::reversals, {"thanks"}}, Sabotage{Break::zeros, {"thanks"}},
                    Sabotage{Break::identity, {"once"}}, Sabotage{Break::contents, {"once"}},
                    Sabotage{Break::counters, {"once"}}, Sabotage{Break::late_thanks, {"owed"}},
                    Sabotage{Break::last_stage, {"stage"}}, Sabotage{Break::reopening, {"reopened"}},
                    Sabotage{Break::limits, {"amount"}}, Sabotage{Break::arrivals, {"again", "receipt"}},
                    Sabotage{Break::last_word, {"receipt"}}, Sabotage{Break::doubts, {"cap"}},
                    Sabotage{Break::posts, {"posts"}}, Sabotage{Break::cases, {"case"}},
                    Sabotage{Break::tasks, {"identity"}}, Sabotage{Break::kept, {"late", "once", "claim"}}),
    [](const auto& info) { return std::string(break_names.at(static_cast<std::size_t>(info.param.broken))); });

TEST(Shrinking, KeepsTheFailureAndLosesTheRest) {
  const auto failure = try_run({.seed = 1, .broken = Break::morning});
  ASSERT_TRUE(failure);
  const Failure small = shrink(*failure);
  EXPECT_EQ(promise_of(small.violations.front()), "quiet");
  EXPECT_EQ(small.options.faults, Faults::none());
  EXPECT_LE(small.options.keep.value().size(), 2U) << "a debt at night is all it needs, and what made it one";
  EXPECT_THAT(small.narration, testing::Not(IsEmpty()));
}

}  // namespace
}  // namespace dun::test
