// Shares of the partitions: the same everywhere, complete, even.
#include "scheduler/share.hpp"
#include "tests/scheduler/random.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>

namespace dun::test {
namespace {

using scheduler::share_of;

TEST(Share, WhoIsAloneHasEverything) {
  EXPECT_EQ(share_of("a", {}, 16), 16);
  EXPECT_EQ(share_of("a", std::vector<std::string>{"a"}, 16), 16);
}

TEST(Share, TheFirstNamesHaveWhatIsLeftOver) {
  const std::vector<std::string> members{"c", "a", "b"};
  EXPECT_EQ(share_of("a", members, 16), 6);
  EXPECT_EQ(share_of("b", members, 16), 5);
  EXPECT_EQ(share_of("c", members, 16), 5);
}

TEST(Share, MoreProcessesThanPartitionsLeaveSomeWithoutAny) {
  const std::vector<std::string> members{"a", "b", "c"};
  EXPECT_EQ(share_of("b", members, 2), 1);
  EXPECT_EQ(share_of("c", members, 2), 0);
}

TEST(ShareProperty, AddUpDifferByOneAtMostAndDoNotDependOnTheOrder) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    Random random(seed);
    const int partitions = random.between(1, 64);
    std::vector<std::string> members;
    for (int i = random.between(1, 20); i > 0; --i) members.push_back("host" + std::to_string(i * 7 % 23) + ":1");
    std::vector<int> shares;
    for (const std::string& member : members) shares.push_back(share_of(member, members, partitions));
    EXPECT_EQ(std::accumulate(shares.begin(), shares.end(), 0), partitions) << "seed " << seed;
    EXPECT_LE(std::ranges::max(shares) - std::ranges::min(shares), 1) << "seed " << seed;
    std::vector<std::string> turned = members;
    std::ranges::reverse(turned);
    for (std::size_t i = 0; i < members.size(); ++i)
      EXPECT_EQ(share_of(members[i], turned, partitions), shares[i]) << "seed " << seed;
    // One who has not found its own name yet counts itself.
    std::vector<std::string> others = members;
    std::erase(others, members[0]);
    EXPECT_EQ(share_of(members[0], others, partitions), shares[0]) << "seed " << seed;
  }
}

}  // namespace
}  // namespace dun::test
