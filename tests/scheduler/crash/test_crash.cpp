// Thousands of runs through crashes, lost commits, changes of owner and a bad gateway; see world.hpp and checker.hpp.
#include "tests/scheduler/crash/world.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using testing::Gt;
using testing::IsEmpty;

void add(Story& sum, const Story& story) {
  sum.events += story.events;
  sum.claims += story.claims;
  sum.commits_lost_before += story.commits_lost_before;
  sum.commits_lost_after += story.commits_lost_after;
  sum.crashes += story.crashes;
  sum.sleeps += story.sleeps;
  sum.fenced += story.fenced;
  sum.handed_over += story.handed_over;
  sum.returned += story.returned;
  sum.recovered_in_flight += story.recovered_in_flight;
}

Story run_all(std::uint64_t count, const World::Options& options) {
  Story sum;
  for (const auto seed : seeds(count)) {
    World world(seed, options);
    EXPECT_THAT(world.run(), IsEmpty()) << "seed " << seed << "; run it alone with DUN_SEED=" << seed;
    add(sum, world.story());
    if (testing::Test::HasFailure()) break;
  }
  return sum;
}

/// A run that never crashed shows nothing.
void expect_bad_enough(const Story& sum) {
  EXPECT_THAT(sum.commits_lost_before, Gt(0));
  EXPECT_THAT(sum.commits_lost_after, Gt(0));
  EXPECT_THAT(sum.crashes, Gt(0));
  EXPECT_THAT(sum.sleeps, Gt(0));
  EXPECT_THAT(sum.fenced, Gt(0));
  EXPECT_THAT(sum.handed_over, Gt(0));
  EXPECT_THAT(sum.returned, Gt(0));
  EXPECT_THAT(sum.recovered_in_flight, Gt(0));
}

TEST(Crash, AnywhereTellsEveryoneOnceInOrderAtAGatewayThatRemovesDuplicates) {
  const Story sum = run_all(500, {});
  if (!std::getenv("DUN_SEED")) expect_bad_enough(sum);
}

TEST(Crash, AnywhereNeverRepeatsAnUnknownAtAGatewayThatDoesNot) {
  const Story sum = run_all(500, {.unknown = scheduler::UnknownRule::wait_receipt});
  if (!std::getenv("DUN_SEED")) expect_bad_enough(sum);
}

/// The harness tests itself: a store that breaks its promise must be found out.
bool is_found_out(const World::Options& options, const std::string& promise) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    for (const std::string& violation : World(seed, options).run())
      if (violation.starts_with(promise)) return true;
  return false;
}

TEST(Harness, FindsACursorThatMovesWithoutItsEffects) {
  EXPECT_TRUE(is_found_out({.cursor_apart_from_effects = true}, "once"));
}

TEST(Harness, FindsAStoreWithoutAFence) {
  EXPECT_TRUE(is_found_out({.unfenced = true}, "fence"));
}

}  // namespace
}  // namespace dun::test
