#include "redis/rate_counter.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

class RateCounterTest : public RedisTest {
 protected:
  static constexpr Millis long_{60'000};
  RedisRateCounter counter_{open_links(), Keyspace()};
  RedisRateCounter other_{open_links(), Keyspace()};

  scheduler::RateCounter::Count add(RedisRateCounter& counter, int segments, Millis length = long_) {
    const auto counted = run(counter.add("sim", length, segments));
    EXPECT_TRUE(counted.has_value()) << counted.error().message;
    return counted.value_or(scheduler::RateCounter::Count());
  }
};

TEST_F(RateCounterTest, CountsWhatAllProcessesAskForInASlice) {
  const auto first = add(counter_, 5);
  EXPECT_EQ(first.total, 5);
  EXPECT_GT(first.left.count(), 0);
  EXPECT_LE(first.left, long_);
  const auto second = add(other_, 3);
  EXPECT_EQ(second.total, 8);
  EXPECT_LE(second.left, first.left) << "a count does not make the slice longer";
  EXPECT_EQ(run(counter_.add("another", long_, 1)).value().total, 1) << "each gateway has its own";
}

TEST_F(RateCounterTest, BeginsAnewWhenTheSliceIsOver) {
  add(counter_, 5, Millis(1));
  while (server_.command({"EXISTS", "dun:rate:sim"}).number == 1) {
  }
  EXPECT_EQ(add(other_, 2).total, 2);
}

TEST_F(RateCounterTest, AKeyThatWouldNeverEndIsSetRight) {
  server_.command({"SET", "dun:rate:sim", "1000"});
  const auto counted = add(counter_, 1);
  EXPECT_EQ(counted.total, 1001);
  EXPECT_GT(counted.left.count(), 0);
  EXPECT_LE(counted.left, long_);
  server_.command({"PEXPIRE", "dun:rate:sim", "99999999"});
  EXPECT_LE(add(counter_, 1).left, long_);
}

TEST_F(RateCounterTest, SaysWhyNothingIsCounted) {
  server_.command({"LPUSH", "dun:rate:sim", "x"});
  const auto wrong = run(counter_.add("sim", long_, 1));
  ASSERT_FALSE(wrong.has_value());
  EXPECT_THAT(wrong.error().message, testing::HasSubstr("dun:rate:sim"));
  server_.kill();
  const auto away = run(counter_.add("sim", long_, 1));
  ASSERT_FALSE(away.has_value());
  EXPECT_EQ(away.error().kind, StoreError::Kind::unavailable);
}

}  // namespace
}  // namespace dun::redis
