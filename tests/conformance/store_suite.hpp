// What the suites over both stores have in common.
#pragma once

#include "tests/conformance/store_world.hpp"

#include <gtest/gtest.h>

namespace dun::test {

struct WorldKind {
  const char* name;
  std::unique_ptr<StoreWorld> (*make)();
};

class StoreSuite : public testing::TestWithParam<WorldKind> {
 protected:
  /// Takes the partition, which must be free.
  scheduler::Recovery acquire(scheduler::PartitionStore& store) {
    auto recovery = world_->run(store.acquire());
    EXPECT_TRUE(recovery.has_value()) << recovery.error().message;
    return recovery.value_or(scheduler::Recovery());
  }
  void commit(scheduler::PartitionStore& store, scheduler::Commit commit) {
    const auto committed = world_->run(store.commit(std::move(commit)));
    EXPECT_TRUE(committed.has_value()) << committed.error().message;
  }

  std::unique_ptr<StoreWorld> world_ = GetParam().make();
};

/// Both stores, by name.
inline auto both_stores() {
  return testing::Values(WorldKind{"Memory", &make_memory_world}, WorldKind{"Redis", &make_redis_world});
}
inline std::string name_of_store(const testing::TestParamInfo<WorldKind>& info) {
  return info.param.name;
}

}  // namespace dun::test
