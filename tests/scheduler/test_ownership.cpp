// Which partitions are ours, tried for and handed over as shares change.
#include "scheduler/ownership.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Ownership owning(int partitions, const std::vector<int>& ours) {
  Ownership ownership(partitions);
  for (const int partition : ours) std::ignore = ownership.acquired(partition);
  return ownership;
}

std::vector<int> surplus(const Ownership& ownership) {
  std::vector<int> all;
  for (int partition = 0; partition < ownership.partitions(); ++partition)
    if (ownership.is_surplus(partition)) all.push_back(partition);
  return all;
}

TEST(Ownership, AllIsWantedUntilAShareIsTold) {
  Ownership ownership(3);
  EXPECT_EQ(ownership.share(), 3);
  EXPECT_EQ(ownership.owned(), 0);
  EXPECT_TRUE(ownership.has_room() && ownership.is_free(0) && ownership.is_free(2));
}

TEST(Ownership, WhatIsOwnedOrTriedForTakesUpTheShare) {
  Ownership ownership = owning(4, {1});
  EXPECT_THAT(ownership.set_share(2), IsEmpty());
  EXPECT_TRUE(ownership.has_room());
  EXPECT_FALSE(ownership.is_free(1));
  ownership.try_for(3);
  EXPECT_FALSE(ownership.is_free(3));
  EXPECT_TRUE(ownership.trying_for(3) && ownership.tries());
  EXPECT_FALSE(ownership.has_room());
  ownership.not_acquired(3);
  EXPECT_FALSE(ownership.trying_for(3) || ownership.tries());
  EXPECT_TRUE(ownership.has_room());
  ownership.try_for(3);
  EXPECT_THAT(ownership.acquired(3), IsEmpty());
  EXPECT_TRUE(ownership.owns(3));
  EXPECT_FALSE(ownership.tries() || ownership.has_room());
  ownership.lost(1);
  EXPECT_EQ(ownership.owned(), 1);
  EXPECT_TRUE(ownership.has_room() && ownership.is_free(1));
}

TEST(Ownership, OfTooManyTheFirstStayAndOnlyChangesAreTold) {
  Ownership ownership = owning(5, {0, 2, 3, 4});
  EXPECT_THAT(ownership.set_share(2), ElementsAre(3, 4));
  EXPECT_THAT(surplus(ownership), ElementsAre(3, 4));
  EXPECT_THAT(ownership.set_share(2), IsEmpty());
  EXPECT_THAT(ownership.set_share(3), ElementsAre(3));
  EXPECT_THAT(surplus(ownership), ElementsAre(4));
  EXPECT_THAT(ownership.set_share(0), ElementsAre(0, 2, 3));
  EXPECT_FALSE(ownership.has_room());
}

TEST(Ownership, OneThatComesWhenTheShareHasBecomeSmallerMakesAnotherSurplus) {
  Ownership ownership = owning(4, {2});
  ownership.try_for(1);
  EXPECT_THAT(ownership.set_share(1), IsEmpty());
  EXPECT_THAT(ownership.acquired(1), ElementsAre(2));
  EXPECT_THAT(surplus(ownership), ElementsAre(2));
  ownership.lost(2);
  EXPECT_THAT(surplus(ownership), IsEmpty());
  EXPECT_EQ(ownership.owned(), 1);
}

}  // namespace
}  // namespace dun::scheduler
