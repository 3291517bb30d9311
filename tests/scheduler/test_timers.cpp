// What a partition's owner knows of its account timers, against a naive model that holds everything.
#include "scheduler/timers.hpp"
#include "tests/scheduler/random.hpp"
#include "tests/support/shelf_times.hpp"

#include <gmock/gmock.h>

#include <set>

namespace dun::scheduler {
namespace {

using test::at_minute;
using test::Random;
using testing::ElementsAre;
using testing::IsEmpty;

Instant ms(std::int64_t at) {
  return Instant(Millis(at));
}

TimerEntry timer(const std::string& account, std::int64_t at) {
  return {.account = AccountId(account), .at = ms(at)};
}

TEST(Timers, FireInOrderOfTimeAndNeverEarly) {
  Timers timers;
  timers.add(timer("b", 30'000));
  timers.add(timer("a", 10'000));
  EXPECT_EQ(timers.next(), ms(0)) << "the minute is to be read first";
  ASSERT_THAT(timers.wanted(ms(5'000)), ElementsAre(at_minute(0)));
  timers.fetched(at_minute(0), {timer("b", 30'000), timer("a", 10'000)});
  EXPECT_EQ(timers.next(), ms(10'000));
  EXPECT_THAT(timers.take_due(ms(9'999), 9), IsEmpty());
  EXPECT_THAT(timers.take_due(ms(40'000), 1), ElementsAre(timer("a", 10'000)));
  EXPECT_THAT(timers.take_due(ms(40'000), 9), ElementsAre(timer("b", 30'000)));
  EXPECT_EQ(timers.next(), std::nullopt);
}

TEST(Timers, ADayOfThemIsReadInPartsAndFiresInOrder) {
  Timers timers;
  std::vector<TimerMinute> minutes;
  for (std::int64_t minute = 0; minute < 1440; ++minute) minutes.push_back(at_minute(minute));
  timers.recover(minutes);
  const Instant now = ms(std::int64_t{1440} * 60'000);
  std::int64_t fired = 0;
  while (fired < 1440) {
    const auto wanted = timers.wanted(now);
    ASSERT_LE(wanted.size(), 60U);
    for (const TimerMinute minute : wanted) timers.fetched(minute, {{.account = AccountId("a"), .at = minute}});
    const auto due = timers.take_due(now, 7);
    ASSERT_FALSE(due.empty());
    for (const TimerEntry& entry : due) ASSERT_EQ(entry.at, ms(60'000 * fired++));
    if (fired < 1440) {
      ASSERT_LE(timers.next(), now) << "nobody would look again";
    }
  }
  EXPECT_THAT(timers.wanted(now), IsEmpty());
}

TEST(Timers, AMinuteEndsWhenItIsOverAndHasFiredToTheLast) {
  Timers timers;
  timers.recover({at_minute(0), at_minute(7)});
  EXPECT_THAT(timers.take_finished(ms(70'000)), IsEmpty()) << "it was never read";
  timers.fetched(at_minute(0), {timer("a", 59'999)});
  EXPECT_THAT(timers.take_finished(ms(59'999)), IsEmpty());
  EXPECT_THAT(timers.take_finished(ms(70'000)), IsEmpty()) << "one has not fired";
  (void)timers.take_due(ms(70'000), 9);
  EXPECT_THAT(timers.take_finished(ms(59'999)), IsEmpty()) << "more may be armed in it";
  EXPECT_THAT(timers.take_finished(ms(60'000)), ElementsAre(at_minute(0)));
  EXPECT_EQ(timers.next(), at_minute(7));
}

TEST(Timers, OneArmedInAMinuteAtHandFiresWithoutReadingAgain) {
  Timers timers;
  timers.fetched(at_minute(0), {});
  timers.add(timer("a", 30'000));
  EXPECT_THAT(timers.wanted(ms(31'000)), IsEmpty());
  EXPECT_THAT(timers.take_due(ms(31'000), 9), ElementsAre(timer("a", 30'000)));
}

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void step() {
    switch (random_.between(0, 5)) {
      case 0:
        now_ += random_.chance(20) ? random_.millis(0, 200'000) : random_.millis(0, 5'000);
        break;
      case 1:
      case 2:
        arm(now_ + random_.millis(1, random_.chance(50) ? 20'000 : 300'000));
        break;
      case 3:
        if (random_.chance(20)) recover();
        break;
      default:
        cycle(static_cast<std::size_t>(random_.between(1, 4)));
        break;
    }
    check();
  }
  void drain() {
    now_ += std::chrono::hours(1);
    for (int i = 0; i < 10'000 && !stored_.empty(); ++i) cycle(4);
    EXPECT_THAT(stored_, IsEmpty()) << "every minute ends";
    EXPECT_THAT(waiting_, IsEmpty()) << "every timer fires";
  }

 private:
  void arm(Instant at) {
    const TimerEntry entry{.account = AccountId("a" + std::to_string(++made_)), .at = at};
    stored_[minute_of(at)].push_back(entry);
    waiting_.emplace(at, entry.account.str());
    timers_.add(entry);
  }
  void recover() {
    std::vector<TimerMinute> minutes;
    for (const auto& [minute, entries] : stored_) minutes.push_back(minute);
    timers_.recover(minutes);
    recovered_at_ = now_;
  }
  void cycle(std::size_t most) {
    for (const TimerMinute minute : timers_.wanted(now_)) timers_.fetched(minute, stored_.at(minute));
    Instant last{};
    for (const TimerEntry& due : timers_.take_due(now_, most)) {
      ASSERT_LE(due.at, now_);
      ASSERT_GE(due.at, last);
      last = due.at;
      if (waiting_.erase({due.at, due.account.str()}) == 0) {
        // Fired before: only what fired before the last recovery, and whose minute had not ended, may come again.
        ASSERT_TRUE(fired_.contains(due.account.str()));
        ASSERT_TRUE(recovered_at_ && fired_[due.account.str()] <= *recovered_at_);
      }
      fired_[due.account.str()] = now_;
    }
    for (const TimerMinute minute : timers_.take_finished(now_)) {
      ASSERT_LE(minute + std::chrono::minutes(1), now_);
      for (const TimerEntry& entry : stored_.at(minute))
        ASSERT_FALSE(waiting_.contains({entry.at, entry.account.str()}));
      stored_.erase(minute);
    }
  }
  void check() const {
    const auto next = timers_.next();
    if (waiting_.empty()) return;
    ASSERT_TRUE(next.has_value());
    ASSERT_LE(*next, waiting_.begin()->first) << "nobody sleeps past a timer";
  }

  Random random_;
  Instant now_ = ms(600'000);
  int made_ = 0;
  std::map<TimerMinute, std::vector<TimerEntry>> stored_;
  std::set<std::pair<Instant, std::string>> waiting_;  ///< not fired
  std::map<std::string, Instant> fired_;
  std::optional<Instant> recovered_at_;
  Timers timers_;
};

TEST(TimersProperty, AgreeWithANaiveModel) {
  for (const auto seed : test::seeds(300)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int i = 0; i < 200; ++i) world.step();
    world.drain();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

}  // namespace
}  // namespace dun::scheduler
