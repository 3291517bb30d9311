// A gateway's rate shared by processes: the sum holds in every window, all of it can be used, and nobody starves.
#include "scheduler/flow/rate_slices.hpp"
#include "tests/scheduler/random.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <memory>
#include <optional>

namespace dun::scheduler::flow {
namespace {

using test::Random;

TEST(RateSlices, TwoSlicesAreTheBurst) {
  const RateSlices slices(200, 50, 1);
  EXPECT_EQ(slices.slice().segments, 25);
  EXPECT_EQ(slices.slice().length, Millis(125));
}

TEST(RateSlices, ASliceIsNeitherTooShortNorEmptyAndKeepsTheRate) {
  EXPECT_EQ(RateSlices(200, 1, 1).slice().length, Millis(50));
  EXPECT_EQ(RateSlices(200, 1, 1).slice().segments, 10);
  EXPECT_EQ(RateSlices(0.5, 1, 1).slice().length, Millis(2000));
  EXPECT_EQ(RateSlices(0.5, 1, 1).slice().segments, 1);
  EXPECT_EQ(RateSlices(7, 1000, 1).slice().segments, 7);
  // A clock that runs a thousand times as fast: the gateway is in the real world.
  EXPECT_EQ(RateSlices(200, 50, 1000).slice().length, Millis(50));
  EXPECT_EQ(RateSlices(200, 50, 1000).slice().segments, 10'000);
}

/// A gateway of 200 segments a second: slices of 25 in 125 ms.
class OneProcess : public testing::Test {
 protected:
  int ask(int now, int waiting, double part = 1, double share = 1) {
    const int wanted = slices_.wanted(Millis(now), waiting, part, share);
    if (wanted > 0) slices_.asked(Millis(now), wanted, part, share);
    asked_at_ = Millis(now);
    return wanted;
  }
  /// At once.
  void answer(int total, int left) { slices_.answered(asked_at_, total, Millis(left)); }
  Millis asked_at_{0};
  RateSlices slices_{200, 50, 1};
};

TEST_F(OneProcess, GetsWhatItAsksForUntilTheSliceIsFull) {
  EXPECT_FALSE(slices_.covers(Millis(0)));
  ASSERT_EQ(ask(0, 10), 10);
  EXPECT_EQ(ask(0, 20), 0) << "one question at a time";
  answer(10, 125);
  ASSERT_TRUE(slices_.covers(Millis(0)));
  slices_.take(10);
  EXPECT_FALSE(slices_.covers(Millis(0)));
  ASSERT_EQ(ask(40, 100), 15);
  answer(30, 85);  // another one had 5
  slices_.take(10);
  EXPECT_FALSE(slices_.covers(Millis(40)));
  EXPECT_EQ(ask(100, 100), 0);
  EXPECT_EQ(slices_.next_look(Millis(100)), Millis(125));
  EXPECT_EQ(ask(126, 100), 25);
}

TEST_F(OneProcess, LosesWhatItDoesNotUseInItsSlice) {
  ASSERT_EQ(ask(0, 5), 5);
  answer(5, 125);
  EXPECT_TRUE(slices_.covers(Millis(124)));
  EXPECT_FALSE(slices_.covers(Millis(125)));
  EXPECT_EQ(ask(200, 1), 1);
}

TEST_F(OneProcess, PaysForALongMessageBeforeItBeginsAnother) {
  ASSERT_EQ(ask(0, 4), 4);
  answer(28, 125);  // one is left for us
  ASSERT_TRUE(slices_.covers(Millis(1)));
  slices_.take(4);
  ASSERT_EQ(ask(126, 2), 5) << "its debt, and what waits";
  answer(27, 125);
  EXPECT_FALSE(slices_.covers(Millis(127))) << "three of the five: only the debt is paid";
  ASSERT_EQ(ask(252, 2), 2);
  answer(2, 125);
  EXPECT_TRUE(slices_.covers(Millis(252)));
}

TEST_F(OneProcess, TakesItsPartAndInTheSecondHalfWhateverIsLeft) {
  ASSERT_EQ(ask(0, 100, 0.5), 12);
  answer(12, 125);
  slices_.take(12);
  EXPECT_EQ(ask(61, 100, 0.5), 0);
  EXPECT_EQ(slices_.next_look(Millis(61)), Millis(63));
  ASSERT_EQ(ask(63, 100, 0.5), 25);
  answer(39, 62);  // another one had 2
  EXPECT_TRUE(slices_.covers(Millis(64)));
}

TEST_F(OneProcess, StartsSlowlyForAllTogether) {
  ASSERT_EQ(ask(0, 100, 1, 0.1), 2);
  answer(3, 125);
  slices_.take(1);
  EXPECT_FALSE(slices_.covers(Millis(1))) << "another one had the first of the two";
}

TEST_F(OneProcess, GetsNothingWhileTheCounterDoesNotAnswer) {
  ASSERT_EQ(ask(0, 1), 1);
  slices_.failed(Millis(5000));
  EXPECT_FALSE(slices_.covers(Millis(5000)));
  EXPECT_EQ(ask(5001, 1), 0);
  EXPECT_EQ(ask(5125, 1), 1);
}

TEST_F(OneProcess, AnAnswerThatComesAfterItsSliceIsGoodForWhatIsReady) {
  ASSERT_EQ(ask(0, 3), 3);
  slices_.answered(Millis(300), 3, Millis(125));
  EXPECT_TRUE(slices_.covers(Millis(300)));
  EXPECT_FALSE(slices_.covers(Millis(302)));
  EXPECT_EQ(ask(302, 30), 25) << "another slice";
}

TEST_F(OneProcess, AnAnswerThatComesTooLateOnlyPaysDebts) {
  ASSERT_EQ(ask(0, 3), 3);
  answer(3, 125);
  slices_.take(5);
  ASSERT_EQ(ask(130, 1), 3);
  slices_.answered(Millis(1300), 3, Millis(10));
  EXPECT_FALSE(slices_.covers(Millis(1300)));
  ASSERT_EQ(ask(1300, 1), 1) << "nothing is owed any more, and nothing is left";
}

// ------------------------------------------------------------------------------------------------- several processes

/// Processes with clocks of their own around one counter, a millisecond at a time.
class Processes {
 public:
  struct Begun {
    Millis at;
    int segments;
    std::size_t by;
  };

  /// `latency`: the most, one way.
  Processes(std::uint64_t seed, double rate, double burst, int count, int latency = 3) : random_(seed), rate_(rate) {
    for (int i = 0; i < count; ++i) {
      Process& process = processes_.emplace_back(RateSlices(rate, burst, 1));
      process.clock = random_.millis(0, 1'000'000);
      process.latency = random_.between(latency / 2, latency);
    }
  }
  [[nodiscard]] RateSlices::Slice slice() const { return processes_[0].slices.slice(); }

  /// `busy`: those that always have something to send; the others now and then.
  void run(Millis until, std::size_t busy, int parts_max) {
    for (; now_ < until; now_ += Millis(1)) {
      for (std::size_t i = 0; i < processes_.size(); ++i) {
        Process& process = processes_[i];
        while (process.queue.size() < (i < busy ? 100U : 0U)) process.queue.push_back(random_.between(1, parts_max));
        if (i >= busy && random_.chance(1)) process.queue.push_back(random_.between(1, parts_max));
        advance(i);
      }
    }
  }
  [[nodiscard]] const std::vector<Begun>& begun() const { return begun_; }
  [[nodiscard]] int segments_of(std::size_t process) const {
    int sum = 0;
    for (const Begun& begun : begun_) sum += begun.by == process ? begun.segments : 0;
    return sum;
  }
  /// By how much the worst window exceeds what the rate allows in it.
  [[nodiscard]] double most_above_rate() const {
    double worst = 0;
    double above = 0;
    for (std::size_t i = 0; i < begun_.size(); ++i) {
      if (i > 0) above -= rate_ * static_cast<double>((begun_[i].at - begun_[i - 1].at).count()) / 1000;
      above = std::max(above, 0.0) + begun_[i].segments;
      worst = std::max(worst, above);
    }
    return worst;
  }

 private:
  struct Process {
    explicit Process(const RateSlices& with) : slices(with) {}
    RateSlices slices;
    Millis clock{0};  ///< how far its clock is ahead of the server's
    int latency = 0;
    std::deque<int> queue;
    int asked = 0;
    std::optional<Millis> arrives, answers;  ///< the question at the server, the answer here
    std::int64_t total = 0;
    Millis left{0};
  };

  void advance(std::size_t number) {
    Process& process = processes_[number];
    const Millis here = now_ + process.clock;
    if (process.arrives == now_) {
      process.arrives.reset();
      count(process);
      process.answers = now_ + Millis(process.latency);
    }
    if (process.answers == now_) {
      process.answers.reset();
      process.slices.answered(here, process.total, process.left);
    }
    while (!process.queue.empty() && process.slices.covers(here)) {
      process.slices.take(process.queue.front());
      begun_.push_back({.at = now_, .segments = process.queue.front(), .by = number});
      process.queue.pop_front();
    }
    int waiting = 0;
    for (const int segments : process.queue) waiting += segments;
    const double part = 1.0 / static_cast<double>(processes_.size());
    const int wanted = process.slices.wanted(here, waiting, part, 1);
    if (wanted == 0) return;
    process.slices.asked(here, wanted, part, 1);
    process.asked = wanted;
    process.arrives = now_ + Millis(1 + process.latency);
  }

  /// As Redis does: INCRBY, an expiry if there is none, and what is left of it.
  void count(Process& process) {
    if (now_ >= slice_end_) {
      total_ = 0;
      slice_end_ = now_ + slice().length;
    }
    total_ += process.asked;
    process.total = total_;
    process.left = slice_end_ - now_;
  }

  Random random_;
  double rate_;
  std::vector<Process> processes_;
  std::vector<Begun> begun_;
  Millis now_{0};
  std::int64_t total_ = 0;
  Millis slice_end_{0};
};

TEST(RateSlicesProperty, TheSumHoldsInEveryWindow) {
  for (const std::uint64_t seed : test::seeds(60)) {
    Random random(seed);
    const double rate = random.between(1, 400);
    const double burst = random.between(1, 200);
    const int count = random.between(1, 5);
    const int parts_max = random.between(1, 4);
    Processes processes(seed, rate, burst, count);
    processes.run(Millis(20'000), random.index(static_cast<std::size_t>(count) + 1), parts_max);
    EXPECT_LE(processes.most_above_rate(), 2 * processes.slice().segments + count * (parts_max - 1) + 1e-6)
        << "seed " << seed << " rate " << rate << " burst " << burst << " processes " << count;
  }
}

TEST(RateSlicesProperty, WhoIsBusyGetsWhatTheOthersDoNotUse) {
  for (const std::uint64_t seed : test::seeds(15)) {
    Random random(seed);
    const double rate = random.between(50, 400);
    const int count = random.between(1, 4);
    Processes processes(seed, rate, rate, count);
    processes.run(Millis(20'000), 1, 1);
    int all = 0;
    for (int i = 0; i < count; ++i) all += processes.segments_of(static_cast<std::size_t>(i));
    // The way to the server and back is lost in every slice of half a second.
    EXPECT_GE(all, 0.96 * rate * 20) << "seed " << seed << " rate " << rate << " processes " << count;
  }
}

// On the way there and back a slice of 50 ms is over.
TEST(RateSlicesProperty, ASlowServerSlowsAndDoesNotStopAnybody) {
  for (const std::uint64_t seed : test::seeds(15)) {
    const int count = Random(seed).between(1, 3);
    Processes processes(seed, 100, 1, count, 150);
    processes.run(Millis(20'000), static_cast<std::size_t>(count), 1);
    for (int i = 0; i < count; ++i)
      EXPECT_GE(processes.segments_of(static_cast<std::size_t>(i)), 60) << "seed " << seed << " of " << count;
    const double late = 100 * 0.3;
    EXPECT_LE(processes.most_above_rate(), 2 * processes.slice().segments + late) << "seed " << seed;
  }
}

TEST(RateSlicesProperty, NobodyStarves) {
  for (const std::uint64_t seed : test::seeds(15)) {
    Random random(seed);
    const int count = random.between(2, 4);
    // The hardest case: a slice holds one segment, and the nearest process always comes first.
    const double rate = random.chance(50) ? random.between(1, 5) : random.between(100, 200);
    Processes processes(seed, rate, 1, count);
    processes.run(Millis(60'000), static_cast<std::size_t>(count), 1);
    for (int i = 0; i < count; ++i)
      EXPECT_GE(processes.segments_of(static_cast<std::size_t>(i)), 0.4 * rate * 60 / count)
          << "seed " << seed << " rate " << rate << " process " << i << " of " << count;
  }
}

}  // namespace
}  // namespace dun::scheduler::flow
