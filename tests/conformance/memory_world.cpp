#include "scheduler/sim/memory_store.hpp"
#include "scheduler/sim/virtual_clock.hpp"
#include "tests/conformance/store_world.hpp"

namespace dun::test {
namespace {

using namespace scheduler;

class MemoryWorld final : public StoreWorld {
 public:
  PartitionStore& open(const std::string& owner) override {
    return *stores_.emplace_back(std::make_unique<MemoryStore>(partition_, owner, clock_, lease_));
  }
  StreamId publish(const Fields& fields) override { return partition_->add(fields); }
  void publish_at_front_door() override { ++partition_->front_door; }
  void route() override { partition_->front_door_routed = partition_->front_door; }
  void let_lease_expire() override { clock_.set(clock_.now() + lease_); }
  std::vector<Outcome> journal() override { return partition_->journal; }
  std::vector<RejectedEntry> rejected() override { return partition_->rejected; }

 private:
  static constexpr Millis lease_{10'000};
  VirtualClock clock_{Instant(date::sys_days(date::year(2026) / 1 / 1))};
  std::shared_ptr<MemoryPartition> partition_ = std::make_shared<MemoryPartition>();
  std::vector<std::unique_ptr<MemoryStore>> stores_;
};

}  // namespace

std::unique_ptr<StoreWorld> make_memory_world() {
  return std::make_unique<MemoryWorld>();
}

}  // namespace dun::test
