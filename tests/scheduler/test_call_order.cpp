// The order in which a partition is called, and how a call out of its turn ends.
#include "tests/scheduler/partition_bench.hpp"

namespace dun::test {
namespace {

using scheduler::CallOrder;
using scheduler::Partition;

using Call = void (CallOrder::*)();
constexpr Call recover = &CallOrder::recover, look = &CallOrder::look, gather = &CallOrder::gather,
               decide = &CallOrder::decide, committed = &CallOrder::committed, dropped = &CallOrder::dropped;

void call(const std::vector<Call>& calls) {
  CallOrder order;
  for (const Call each : calls) (order.*each)();
}

TEST(CallOrder, ACycleMayBeGivenUpBeforeItIsDecidedAndABatchIsCommittedOrDropped) {
  call({recover, look, gather, decide, committed, look, gather, decide, committed});
  call({recover, recover, look, recover, look, gather, recover, look});
  call({recover, look, gather, decide, dropped, recover, look});
}

TEST(CallOrderDeathTest, ACallOutOfItsTurnEndsTheProgramWithItsNameAndTheStage) {
  const struct {
    std::vector<Call> calls;
    std::string message;
  } rows[] = {
      {{look}, "look in stage unowned"},
      {{gather}, "gather in stage unowned"},
      {{recover, gather}, "gather in stage ready"},
      {{recover, decide}, "decide in stage ready"},
      {{recover, committed}, "committed in stage ready"},
      {{recover, dropped}, "dropped in stage ready"},
      {{recover, look, look}, "look in stage looked"},
      {{recover, look, decide}, "decide in stage looked"},
      {{recover, look, gather, look}, "look in stage gathered"},
      {{recover, look, gather, gather}, "gather in stage gathered"},
      {{recover, look, gather, committed}, "committed in stage gathered"},
      {{recover, look, gather, decide, decide}, "decide in stage decided"},
      {{recover, look, gather, decide, look}, "look in stage decided"},
      {{recover, look, gather, decide, recover}, "recover in stage decided"},
      {{recover, look, gather, decide, dropped, look}, "look in stage dropped"},
      {{recover, look, gather, decide, dropped, committed}, "committed in stage dropped"},
      {{recover, look, gather, decide, committed, committed}, "committed in stage ready"},
  };
  for (const auto& [calls, message] : rows) EXPECT_DEATH(call(calls), "Partition::" + message);
}

TEST(CallOrderDeathTest, APartitionChecksIt) {
  PartitionBench bench;
  Partition::Batch none;
  EXPECT_DEATH(bench.partition->committed(none), "committed in stage ready");
  EXPECT_DEATH(bench.partition->dropped({}), "dropped in stage ready");
  EXPECT_DEATH(std::ignore = bench.partition->decide({}, {}, {}), "decide in stage ready");
  EXPECT_DEATH(std::ignore = bench.partition->gather({}, {}, {}, {}), "gather in stage ready");
  auto batch = bench.decide(0);
  EXPECT_DEATH(std::ignore = bench.partition->look({}), "look in stage decided");
  EXPECT_DEATH(bench.partition->recover({}, {}), "recover in stage decided");
  bench.partition->committed(batch);
}

}  // namespace
}  // namespace dun::test
