#include "redis/stream.hpp"
#include "redis/waker.hpp"
#include "tests/redis/redis_fixture.hpp"

#include <array>

namespace dun::redis {
namespace {

class WakerTest : public RedisTest {
 protected:
  void wait_for_wake(std::size_t stream) {
    const int before = wakes_[stream];
    while (wakes_[stream] == before) context_.run_one();
  }
  std::array<int, 2> wakes_{};
  Waker waker_{context_.get_executor(), address(), quick(), {"one", "two"}, [this](std::size_t i) { ++wakes_.at(i); }};

  ~WakerTest() override { run(waker_.close()); }
};

TEST_F(WakerTest, CallsForTheStreamThatGrew) {
  wait_for_wake(1);  // once for each when it is connected
  server_.command({"XADD", "two", "*", "a", "b"});
  wait_for_wake(1);
  server_.command({"XADD", "one", "*", "a", "b"});
  const int before = wakes_[1];
  wait_for_wake(0);
  EXPECT_EQ(wakes_[1], before);
}

TEST_F(WakerTest, MissesNothingThatIsAddedWhileItIsNotLooking) {
  wait_for_wake(1);
  for (int i = 0; i < 50; ++i) {
    server_.command({"XADD", "one", "*", "a", "b"});
    wait_for_wake(0);
  }
}

TEST_F(WakerTest, CallsAgainAfterTheServerWasAway) {
  wait_for_wake(1);
  server_.kill();
  server_.start();
  wait_for_wake(0);
  server_.command({"XADD", "one", "*", "a", "b"});
  wait_for_wake(0);
}

}  // namespace
}  // namespace dun::redis
