// The clocks of running programs, and the text form of a fast one.
#include "scheduler/clock.hpp"
#include "scheduler/sim/virtual_clock.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using Fast = WallClock::Fast;

TEST(FastClock, ReadsBackWhatItWrites) {
  for (const double speed : {1.0, 1440.0, 0.5, 1.0 / 3, 86400.0 / 61, 1e-7, 1e6}) {
    const Fast fast{.virtual_origin = Instant(Millis(1'772'000'000'123)),
                    .real_origin = Instant(Millis(1'800'000'000'456)),
                    .speed = speed};
    const auto again = Fast::parse(fast.to_text());
    ASSERT_TRUE(again.has_value()) << fast.to_text() << ": " << again.error();
    EXPECT_EQ(again->virtual_origin, fast.virtual_origin);
    EXPECT_EQ(again->real_origin, fast.real_origin);
    EXPECT_EQ(again->speed, fast.speed) << fast.to_text();
  }
}

TEST(FastClock, RefusesWhatItCannotRead) {
  const std::string time = "2026-03-02T10:00:00Z";
  for (const std::string& text :
       {std::string(), time, time + "," + time, time + "," + time + ",", time + "," + time + ",0",
        time + "," + time + ",-1", time + "," + time + ",2x", time + "," + time + ",inf", time + "," + time + ",nan",
        "noon," + time + ",2", time + ",noon,2", time + "," + time + ",2,3"})
    EXPECT_FALSE(Fast::parse(text).has_value()) << text;
}

TEST(FastClock, ShowsTheSameInEveryProcess) {
  const Fast fast{.virtual_origin = Instant(Seconds(1'000'000)),
                  .real_origin = date::floor<Millis>(std::chrono::system_clock::now()) - Seconds(100),
                  .speed = 60};
  const WallClock one(fast);
  const WallClock other(*Fast::parse(fast.to_text()));
  const Instant before = one.now();
  const Instant between = other.now();
  EXPECT_LE(before, between);
  EXPECT_LE(between, one.now());
  EXPECT_GE(before, fast.virtual_origin + Seconds(6000));
}

TEST(WallClock, ShowsTheMachinesTimeUnlessToldOtherwise) {
  const WallClock clock;
  const auto before = date::floor<Millis>(std::chrono::system_clock::now());
  const Instant now = clock.now();
  EXPECT_LE(before, now);
  EXPECT_LE(now, date::floor<Millis>(std::chrono::system_clock::now()));
}

TEST(WallClock, NeverGoesBackInSteadyTime) {
  const WallClock clock(Fast{.speed = 1440});
  Millis last = clock.steady();
  for (int i = 0; i < 1000; ++i) {
    const Millis next = clock.steady();
    EXPECT_LE(last, next);
    last = next;
  }
}

TEST(WallClock, SaysHowLongASpanTakesInTheRealWorldAndNeverTooLittle) {
  EXPECT_EQ(WallClock().real(Millis(1500)), Millis(1500));
  const WallClock fast(Fast{.speed = 1000});
  EXPECT_EQ(fast.real(Seconds(60)), Millis(60));
  EXPECT_EQ(fast.real(Millis(1)), Millis(1));
}

TEST(VirtualClock, StandsStillUntilItIsSetAndNeverGoesBack) {
  VirtualClock clock(Instant(Seconds(100)));
  clock.set(Instant(Seconds(200)));
  clock.set(Instant(Seconds(150)));
  EXPECT_EQ(clock.now(), Instant(Seconds(200)));
  EXPECT_EQ(clock.steady(), Seconds(200));
}

}  // namespace
}  // namespace dun::scheduler
