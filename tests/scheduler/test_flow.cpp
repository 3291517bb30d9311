// Flow control: bucket, window, breaker, and the three together as tables and as properties over random traffic.
#include "scheduler/flow/gateway_flow.hpp"
#include "tests/scheduler/random.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler::flow {
namespace {

using test::Random;
using Answer = GatewayFlow::Answer;

// ----------------------------------------------------------------------------------------------------- token bucket

struct Taking {
  Millis at;
  int segments;
};

/// By how much the takings of the worst window exceed what `rate` allows in it.
double most_above_rate(const std::vector<Taking>& takings, double rate) {
  double worst = 0;
  double above = 0;  // of the worst window that ends here
  for (std::size_t i = 0; i < takings.size(); ++i) {
    if (i > 0) above -= rate * static_cast<double>((takings[i].at - takings[i - 1].at).count()) / 1000;
    above = std::max(above, 0.0) + takings[i].segments;
    worst = std::max(worst, above);
  }
  return worst;
}

TEST(TokenBucket, StartsEmptyAndFillsToItsBurst) {
  TokenBucket bucket(10, 5, Millis(0));
  EXPECT_FALSE(bucket.covers(1));
  EXPECT_EQ(bucket.wait_for(1), Millis(100));
  bucket.refill(Millis(99), 1);
  EXPECT_FALSE(bucket.covers(1));
  bucket.refill(Millis(100), 1);
  EXPECT_TRUE(bucket.covers(1));
  bucket.refill(Millis(60'000), 1);
  EXPECT_DOUBLE_EQ(bucket.tokens(), 5);
  bucket.refill(Millis(1), 1);  // a clock that went back changes nothing
  EXPECT_DOUBLE_EQ(bucket.tokens(), 5);
}

TEST(TokenBucket, LetsALongMessageGoWhenItIsFullAndOwesTheRest) {
  TokenBucket bucket(10, 5, Millis(0));
  bucket.refill(Millis(499), 1);
  EXPECT_FALSE(bucket.covers(8));
  EXPECT_EQ(bucket.wait_for(8), Millis(1));
  bucket.refill(Millis(500), 1);
  ASSERT_TRUE(bucket.covers(8));
  bucket.take(8);
  EXPECT_EQ(bucket.wait_for(1), Millis(400));
}

TEST(TokenBucket, InPartialUseFillsSlowerAndHoldsLess) {
  TokenBucket bucket(100, 500, Millis(0));
  bucket.refill(Millis(10'000), 0.1);
  EXPECT_DOUBLE_EQ(bucket.tokens(), 50);
  bucket.take(50);
  EXPECT_EQ(bucket.wait_for(1), Millis(100));
  bucket.refill(Millis(20'000), 0.001);
  EXPECT_DOUBLE_EQ(bucket.tokens(), 10) << "however little is in use, an ordinary message fits";
}

TEST(TokenBucketProperty, NeverExceedsRateAndBurstInAnyWindow) {
  for (const auto seed : test::seeds(500)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const double rate = random.between(1, 400);
    const double burst = random.between(1, 60);
    TokenBucket bucket(rate, burst, Millis(0));
    std::vector<Taking> takings;
    int longest = 0;
    Millis now{0};
    while (takings.size() < 300) {
      const int segments = random.between(1, 8);
      now += random.chance(5) ? random.millis(0, 120'000) : random.millis(0, 30);
      const double share = random.chance(10) ? 0.1 : 1;
      bucket.refill(now, share);
      if (!bucket.covers(segments)) {
        const Millis wait = bucket.wait_for(segments);
        ASSERT_GT(wait, Millis(0));
        now += wait;
        bucket.refill(now, share);
        ASSERT_TRUE(bucket.covers(segments)) << "what wait_for promises holds";
      }
      bucket.take(segments);
      longest = std::max(longest, segments);
      takings.push_back({.at = now, .segments = segments});
    }
    ASSERT_LE(most_above_rate(takings, rate), std::max<double>(burst, longest) + 1e-6);
  }
}

// ----------------------------------------------------------------------------------------------------------- window

TEST(Window, GrowsByOneForEachWindowOfQuickAnswers) {
  Window window(1, 100, Seconds(2));
  const int before = window.size();
  for (int i = 0; i < before; ++i) window.answered(Millis(10), Millis(i), 1);
  EXPECT_EQ(window.size(), before);  // just short of one more
  window.answered(Millis(10), Millis(before), 1);
  window.answered(Millis(10), Millis(before), 1);
  EXPECT_EQ(window.size(), before + 1);
}

/// A window of 32 of at most 64 whose gateway answers quickly; `rate` is small enough to set no floor.
Window used_to_be_quick(double rate) {
  Window window(1, 64, Seconds(2));
  for (int i = 0; i < 20; ++i) window.answered(Millis(100), Millis(i), rate);
  return window;
}

TEST(Window, HalvesOnceForEachSlowSpell) {
  Window window = used_to_be_quick(1);
  ASSERT_EQ(window.size(), 32);
  for (int i = 0; i < 20; ++i) window.answered(Seconds(9), Millis(100 + i), 1);
  EXPECT_EQ(window.size(), 16);
  window.answered(Seconds(9), Millis(2200), 1);
  EXPECT_EQ(window.size(), 8);
}

TEST(Window, OneSlowAnswerAmongMany) {
  Window window = used_to_be_quick(1);
  window.answered(Seconds(9), Millis(100), 1);
  EXPECT_GE(window.size(), 32) << "is no spell";
}

TEST(Window, StaysWithinItsBounds) {
  struct Row {
    int min, max, lowest, highest;
  };
  for (const Row& row : {Row{1, 64, 2, 64}, Row{4, 8, 4, 8}, Row{0, 0, 1, 1}, Row{10, 3, 10, 10}, Row{-5, -1, 1, 1}}) {
    SCOPED_TRACE(std::to_string(row.min) + " to " + std::to_string(row.max));
    Window window(row.min, row.max, Seconds(1));
    for (int i = 0; i < 20'000; ++i) window.answered(Millis(1), Millis(i), 1);
    EXPECT_EQ(window.size(), row.highest);
    for (int i = 0; i < 100; ++i) window.shrink(Seconds(100 + i), 1);
    EXPECT_EQ(window.size(), row.lowest);
  }
}

TEST(FieldCases, C12_SteadyLatencyAboveTheTargetIsNoCongestion) {
  for (const Millis latency : {Millis(2500), Millis(9000), Millis(60'000)}) {
    Window window(1, 16, Seconds(2));
    for (int i = 0; i < 200; ++i) window.answered(latency, i * Millis(200), 5);
    EXPECT_EQ(window.size(), 16) << latency.count();
  }
}

TEST(FieldCases, C12_ALatencyThatRisesAndStaysIsForgiven) {
  Window window = used_to_be_quick(0.5);
  Millis now(1000);
  for (int i = 0; i < 40; ++i) window.answered(Millis(6000), now += Millis(100), 0.5);
  EXPECT_LT(window.size(), 32) << "at first it is a sign";
  for (int i = 0; i < 4000; ++i) window.answered(Millis(6000), now += Millis(100), 0.5);
  EXPECT_EQ(window.size(), 64);
}

// Little's law: what is open on average is what comes in a second times how long it stays.
TEST(FieldCases, C12_AWindowKeepsWhatTheRateNeeds) {
  struct Row {
    double rate;
    Millis latency;
    int lowest;
  };
  for (const Row& row : {Row{20, Millis(500), 11}, Row{200, Millis(50), 11}, Row{1, Millis(2500), 4},
                         Row{200, Millis(2500), 64}, Row{0.1, Millis(50), 2}}) {
    Window window(1, 64, Seconds(2));
    for (int i = 0; i < 50; ++i) window.answered(row.latency, Millis(i), row.rate);
    for (int i = 0; i < 100; ++i) window.shrink(Seconds(10 + 3 * i), row.rate);
    EXPECT_EQ(window.size(), row.lowest) << row.rate << " a second, " << row.latency.count() << " ms";
    for (int i = 0; i < 100; ++i) window.answered(Seconds(30), Seconds(400 + i), row.rate);
    EXPECT_GE(window.size(), row.lowest) << "whatever comes";
  }
}

// ---------------------------------------------------------------------------------------------------------- breaker

TEST(Breaker, OpensAfterSoManyFailuresInARowAndTriesOneRequest) {
  Breaker breaker(3, Seconds(10), Seconds(40));
  const Millis now(0);
  breaker.failed(now, now);
  breaker.failed(now, now);
  breaker.succeeded();
  breaker.failed(now, now);
  breaker.failed(now, now);
  EXPECT_TRUE(breaker.allows(now));
  breaker.failed(now, now);
  EXPECT_EQ(breaker.state(), Breaker::State::open);
  EXPECT_FALSE(breaker.allows(Millis(9'999)));
  EXPECT_TRUE(breaker.allows(Millis(10'000)));
  breaker.begun(Millis(10'000));
  EXPECT_EQ(breaker.state(), Breaker::State::trying);
  EXPECT_FALSE(breaker.allows(Millis(10'000)));
  breaker.succeeded();
  EXPECT_EQ(breaker.state(), Breaker::State::closed);
  EXPECT_TRUE(breaker.allows(Millis(10'000)));
}

/// When the trials of a breaker that opened at 0 begin, each of which fails after `takes`.
std::vector<int> trials(Millis takes, Millis until, Millis pause, Millis pause_max) {
  Breaker breaker(1, pause, pause_max);
  breaker.failed(Millis(-1), Millis(0));
  std::vector<int> begun;
  std::vector<Millis> open;
  for (Millis now{0}; now <= until; now += Millis(100)) {
    while (!open.empty() && open.front() + takes <= now) {
      breaker.failed(open.front(), now);
      open.erase(open.begin());
    }
    if (!breaker.allows(now)) continue;
    breaker.begun(now);
    open.push_back(now);
    begun.push_back(static_cast<int>(now.count()));
  }
  return begun;
}

TEST(Breaker, WaitsATwentiethOfTheOutageWithinItsBounds) {
  const auto tried = trials(Millis(0), std::chrono::hours(1), Seconds(1), Seconds(30));
  EXPECT_THAT(std::vector(tried.begin(), tried.begin() + 20), testing::Each(testing::Le(20'000)));
  for (std::size_t i = 1; i < tried.size(); ++i) {
    const int pause = tried[i] - tried[i - 1];
    EXPECT_GE(pause, 1000);
    EXPECT_LE(pause, std::max(1000, std::min(30'000, tried[i] / 20)) + 100);
  }
  EXPECT_EQ(tried.back() - tried[tried.size() - 2], 30'000);
}

TEST(Breaker, HasFewTrialsUnderWayAtAGatewayThatIsMute) {
  const auto tried = trials(Seconds(10), Seconds(40), Seconds(1), Seconds(30));
  EXPECT_THAT(tried, testing::SizeIs(testing::AllOf(testing::Ge(7), testing::Le(12)))) << "each may cost an attempt";
  EXPECT_EQ(tried.front(), 1000);
  for (std::size_t i = 1; i < tried.size(); ++i) EXPECT_LE(tried[i] - tried[i - 1], 8000);
}

TEST(Breaker, StragglersOfTheSpellThatOpenedItDoNotProlongIt) {
  Breaker breaker(2, Seconds(10), Seconds(40));
  breaker.failed(Millis(-100), Millis(0));
  breaker.failed(Millis(-100), Millis(0));
  breaker.failed(Millis(-50), Millis(5000));
  EXPECT_EQ(breaker.next_trial(), Millis(10'000));
  breaker.begun(Millis(10'000));
  breaker.failed(Millis(-50), Millis(11'000));
  EXPECT_EQ(breaker.state(), Breaker::State::trying);
}

TEST(Breaker, ATrialThatSaysNothingIsFollowedByAnother) {
  Breaker breaker(1, Seconds(1), Seconds(30));
  breaker.failed(Millis(0), Millis(0));
  breaker.begun(Millis(1000));
  breaker.ended(Millis(1000), Millis(1005));
  EXPECT_EQ(breaker.state(), Breaker::State::open);
  EXPECT_TRUE(breaker.allows(Millis(2000)));
}

// ----------------------------------------------------------------------------------------------------- gateway flow

FlowOptions quick() {
  return {.rate = 1e6, .burst = 1e6, .in_flight_max = 64, .in_flight_min = 64, .ramp = Millis(0)};
}

TEST(GatewayFlow, HonoursRetryAfterToTheMillisecond) {
  for (const auto& [asked, pause] :
       {std::pair<std::optional<Millis>, Millis>{Millis(1234), Millis(1234)}, {std::nullopt, Millis(7000)}}) {
    auto options = quick();
    options.throttle_pause = Millis(7000);
    GatewayFlow flow(options, Millis(0));
    flow.wanted(Millis(0), true);
    flow.begin(Millis(1000), 1);
    flow.answered(Answer::throttled, Millis(1000), Millis(1), Millis(1000), asked);
    const Millis end = Millis(1000) + pause;
    EXPECT_EQ(flow.paused_until(Millis(1000)), end);
    EXPECT_EQ(flow.next_change(Millis(1000), 1), end);
    EXPECT_FALSE(flow.may_begin(end - Millis(1), 1));
    EXPECT_EQ(flow.allowance(end - Millis(1), 0), 0);
    EXPECT_TRUE(flow.may_begin(end, 1));
    EXPECT_GT(flow.allowance(end, 0), 0);
  }
}

TEST(GatewayFlow, AShorterRetryAfterDoesNotCutALongerOneShort) {
  GatewayFlow flow(quick(), Millis(0));
  flow.begin(Millis(0), 1);
  flow.begin(Millis(0), 1);
  flow.answered(Answer::throttled, Millis(0), Millis(1), Millis(0), Millis(5000));
  flow.answered(Answer::throttled, Millis(0), Millis(1), Millis(10), Millis(100));
  EXPECT_EQ(flow.paused_until(Millis(10)), Millis(5000));
}

TEST(GatewayFlow, OneRequestTriesAGatewayThatWasDown) {
  auto options = quick();
  options.breaker_failures = 1;
  options.breaker_pause = Millis(1000);
  GatewayFlow flow(options, Millis(0));
  flow.wanted(Millis(0), true);
  flow.begin(Millis(90), 1);
  flow.begin(Millis(90), 1);
  flow.answered(Answer::down, Millis(90), Millis(1), Millis(100));
  EXPECT_TRUE(flow.paused(Millis(1099)));
  EXPECT_FALSE(flow.paused(Millis(1100)));
  flow.answered(Answer::unknown, Millis(90), Millis(1), Millis(1050));  // of before
  EXPECT_FALSE(flow.paused(Millis(1100)));
  EXPECT_EQ(flow.allowance(Millis(1100), 0), 1);
  EXPECT_EQ(flow.allowance(Millis(1100), 1), 0);
  flow.begin(Millis(1100), 1);
  EXPECT_FALSE(flow.may_begin(Millis(1200), 1));
  EXPECT_EQ(flow.allowance(Millis(1200), 0), 0) << "it is still open";
  EXPECT_TRUE(flow.paused(Millis(1200))) << "what else is claimed goes back meanwhile";
  flow.answered(Answer::unknown, Millis(1100), Millis(1), Millis(1300));
  EXPECT_EQ(flow.paused_until(Millis(1300)), Millis(2100)) << "no answer is no sign of life";
  EXPECT_EQ(flow.allowance(Millis(2100), 0), 1);
  flow.begin(Millis(2100), 1);
  flow.answered(Answer::working, Millis(2100), Millis(1), Millis(2100));
  EXPECT_GT(flow.allowance(Millis(2100), 0), 1);
}

// Every request that it swallows costs its notice an attempt.
TEST(GatewayFlow, AMuteGatewayIsNotFed) {
  auto options = quick();
  options.breaker_failures = 3;
  GatewayFlow flow(options, Millis(0));
  flow.wanted(Millis(0), true);
  const auto answer = [&](Answer what) {
    flow.begin(Millis(100), 1);
    flow.answered(what, Millis(100), Millis(1), Millis(100));
  };
  for (const Answer what : {Answer::unknown, Answer::unknown, Answer::working, Answer::unknown, Answer::unknown})
    answer(what);
  EXPECT_FALSE(flow.paused(Millis(100))) << "one that answers now and then is";
  answer(Answer::unknown);
  EXPECT_TRUE(flow.paused(Millis(100)));
}

TEST(GatewayFlow, GrantsAsManyAsTheBucketCoversAndAlwaysTheOldest) {
  FlowOptions options{.rate = 10, .burst = 10, .in_flight_max = 64, .ramp = Millis(0)};
  GatewayFlow flow(options, Millis(0));
  flow.wanted(Millis(0), true);
  EXPECT_EQ(flow.allowance(Millis(0), 0), 1) << "it may wait for its token";
  EXPECT_EQ(flow.allowance(Millis(0), 1), 0);
  EXPECT_EQ(flow.allowance(Millis(500), 0), 5);
  EXPECT_EQ(flow.allowance(Millis(500), 2), 3);
  EXPECT_EQ(flow.allowance(Millis(500), 9), 0);
}

TEST(GatewayFlow, WarmsWhileSomethingWaitsAndCoolsWhileNothingDoes) {
  const FlowOptions options{
      .rate = 100, .burst = 100, .in_flight_max = 1000, .ramp = Seconds(10), .ramp_after = Seconds(100)};
  GatewayFlow flow(options, Millis(0));
  flow.wanted(Millis(0), true);
  const auto covers = [&](Millis now, int segments) { return flow.may_begin(now, segments); };
  EXPECT_FALSE(covers(Millis(99), 1));
  EXPECT_TRUE(covers(Millis(100), 1)) << "a tenth of the rate";
  for (Millis now{0}; now <= Seconds(12); now += Millis(10)) (void)covers(now, 1);
  EXPECT_EQ(flow.allowance(Seconds(12), 0), 100) << "all of the burst";
  flow.wanted(Seconds(12), false);
  EXPECT_NEAR(flow.allowance(Seconds(62), 0), 55, 1) << "half cooled";
  EXPECT_EQ(flow.allowance(Seconds(112), 0), 10) << "cold";
}

TEST(GatewayFlow, DoesNotWarmWhileItIsPaused) {
  const FlowOptions options{.rate = 100, .burst = 100, .ramp = Seconds(10), .ramp_after = Seconds(100)};
  GatewayFlow flow(options, Millis(0));
  flow.wanted(Millis(0), true);
  flow.begin(Millis(0), 1);
  flow.answered(Answer::throttled, Millis(0), Millis(1), Millis(0), Seconds(100));
  EXPECT_LE(flow.allowance(Seconds(100), 0), 10);
}

/// A gateway's flow and the requests that are open at it, moved about at random.
struct Traffic {
  Traffic(const FlowOptions& with, Random& with_random) : options(with), random(with_random), flow(with, Millis(0)) {}
  const FlowOptions& options;
  Random& random;
  GatewayFlow flow;
  Millis now{0};
  int claimed = 0;  // waits to begin
  std::vector<Taking> begun;
  std::vector<Millis> open;  // when they began

  void begin_what_may() {
    const int granted = flow.allowance(now, claimed);
    ASSERT_GE(granted, 0);
    if (granted > 0)
      ASSERT_LE(flow.open() + claimed + granted, std::max({options.in_flight_max, options.in_flight_min, 1}));
    claimed += granted;
    flow.wanted(now, true);
    for (int segments = random.between(1, 8); claimed > 0 && flow.may_begin(now, segments); --claimed) {
      ASSERT_FALSE(flow.paused(now));
      flow.begin(now, segments);
      open.push_back(now);
      begun.push_back({.at = now, .segments = segments});
    }
  }
  void answer(Answer what) {
    const std::size_t which = random.index(open.size());
    const Millis since = open[which];
    open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
    flow.answered(what, since, now - since, now,
                  random.chance(50) ? std::optional(random.millis(1, 9000)) : std::nullopt);
  }
  void disturb() {
    now += random.chance(3) ? random.millis(0, 900'000) : random.millis(0, 300);
    if (flow.paused(now)) claimed = 0;  // goes back to its shelf
    if (flow.open() > 0 && random.chance(60)) {
      const int kind = random.between(0, 10);
      answer(kind < 6    ? Answer::working
             : kind == 6 ? Answer::throttled
             : kind == 7 ? Answer::unknown
             : kind == 8 ? Answer::none
                         : Answer::down);
    }
    flow.wanted(now, random.chance(70));
    begin_what_may();
  }
  /// From here on every request is answered well and time moves only when it must.
  bool begins_another() {
    const std::size_t before = begun.size();
    for (int i = 0; i < 1000 && begun.size() == before; ++i) {
      begin_what_may();
      if (begun.size() > before) return true;
      if (const auto next = flow.next_change(now, 8); next && *next > now)
        now = *next;
      else if (flow.open() > 0)
        answer(Answer::working);
      if (flow.paused(now)) claimed = 0;
    }
    return begun.size() > before;
  }
};

FlowOptions random_options(Random& random) {
  return {.rate = random.between(1, 4000) / 10.0,
          .burst = static_cast<double>(random.between(1, 60)),
          .in_flight_max = random.between(0, 64),
          .in_flight_min = random.between(0, 4),
          .ramp = random.chance(30) ? Millis(0) : random.millis(1, 60'000),
          .ramp_after = random.millis(0, 600'000),
          .throttle_pause = random.millis(0, 5000),
          .breaker_failures = random.between(1, 5),
          .breaker_pause = random.millis(0, 10'000)};
}

TEST(GatewayFlowProperty, KeepsItsBoundsAndNeverGetsStuck) {
  for (const auto seed : test::seeds(400)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const FlowOptions options = random_options(random);
    Traffic traffic(options, random);
    for (int i = 0; i < 200; ++i) {
      traffic.disturb();
      if (testing::Test::HasFatalFailure()) return;
    }
    ASSERT_TRUE(traffic.begins_another());
    ASSERT_LE(most_above_rate(traffic.begun, options.rate), std::max(options.burst, 8.0) + 1e-6);
  }
}

}  // namespace
}  // namespace dun::scheduler::flow
