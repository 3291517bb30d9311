// Flow control against a model of what could have been sent: on virtual time, with a backlog that never ends, a gateway
// freezes, goes down, closes connections, throttles and answers late. Whenever it answers, something is begun.
#include "scheduler/dispatcher.hpp"
#include "tests/scheduler/random.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <map>

namespace dun::scheduler {
namespace {

using std::chrono::minutes;
using test::Random;

constexpr Millis longest_standstill = Seconds(2);
constexpr Millis time_out = Seconds(10);

struct Spell {
  Millis from, until;
  [[nodiscard]] bool has(Millis at) const { return from <= at && at < until; }
};

/// What goes wrong at the gateway. Chances are of a request, in ten thousand.
struct Trouble {
  Millis latency_min = Millis(20), latency_max = Millis(80);
  std::vector<Spell> frozen;     ///< nothing moves; what is there by its end is answered then
  std::vector<Spell> down;       ///< it says so at once
  std::vector<Spell> throttled;  ///< 429
  std::optional<Millis> retry_after = Seconds(1);
  int late = 0;                    ///< an answer that comes after a minute
  int closed = 0;                  ///< the connection is just being closed
  std::optional<Millis> slow_one;  ///< latency of one of the connections
};

/// Knows when it would have answered, and nothing of flow control.
class Gateway {
 public:
  Gateway(const Trouble& trouble, int connections, Random& random)
      : trouble_(trouble), random_(random), busy_(static_cast<std::size_t>(connections), false) {}

  struct Reply {
    std::size_t connection = 0;
    Millis at{0};
    SendResult result;
  };
  Reply take(Millis now) {
    std::vector<std::size_t> free;
    for (std::size_t i = 0; i < busy_.size(); ++i)
      if (!busy_[i]) free.push_back(i);
    EXPECT_FALSE(free.empty()) << "begun without a free connection";
    const std::size_t connection = free.empty() ? 0 : free[random_.index(free.size())];
    busy_[connection] = true;
    auto reply = answer(now, connection);
    if (reply.at - now > time_out) reply = {.at = now + time_out, .result = SendUnknown{"time-out"}};
    reply.connection = connection;
    return reply;
  }
  void free(std::size_t connection) { busy_[connection] = false; }
  /// It has asked for a pause, and is heard.
  void asked_for_pause(Millis until) { pause_until_ = std::max(pause_until_, until); }

  /// Whether a request that began now would be taken.
  [[nodiscard]] bool answers(Millis at) const {
    const auto now = [&](const std::vector<Spell>& spells) {
      return std::ranges::any_of(spells, [&](const Spell& spell) { return spell.has(at); });
    };
    return !now(trouble_.frozen) && !now(trouble_.down) && !now(trouble_.throttled) && at >= pause_until_ &&
           std::ranges::find(busy_, false) != busy_.end();
  }
  [[nodiscard]] std::optional<Millis> next_change(Millis after) const {
    std::optional<Millis> next;
    for (const auto* spells : {&trouble_.frozen, &trouble_.down, &trouble_.throttled})
      for (const Spell& spell : *spells)
        for (const Millis at : {spell.from, spell.until})
          if (at > after && (!next || at < *next)) next = at;
    if (pause_until_ > after && (!next || pause_until_ < *next)) next = pause_until_;
    return next;
  }

 private:
  Reply answer(Millis now, std::size_t connection) {
    Millis latency =
        random_.millis(static_cast<int>(trouble_.latency_min.count()), static_cast<int>(trouble_.latency_max.count()));
    if (trouble_.slow_one && connection == 0) latency = *trouble_.slow_one;
    if (random_.below(10'000) < static_cast<std::uint64_t>(trouble_.late)) latency = minutes(1);
    Millis done = now + latency;
    for (const Spell& spell : trouble_.frozen) {
      if (spell.has(now))
        done = spell.until + latency;
      else if (now < spell.from && done > spell.from)
        done += spell.until - spell.from;
    }
    for (const Spell& spell : trouble_.down)
      if (spell.has(now)) return {.at = now + Millis(2), .result = SendGatewayDown{}};
    for (const Spell& spell : trouble_.throttled)
      if (spell.has(now)) return {.at = now + Millis(5), .result = SendThrottled{.after = trouble_.retry_after}};
    if (random_.below(10'000) < static_cast<std::uint64_t>(trouble_.closed))
      return {.at = now + Millis(1), .result = SendUnknown{.telling = false}};
    return {.at = done, .result = SendAccepted{}};
  }

  const Trouble& trouble_;
  Random& random_;
  std::vector<bool> busy_;
  Millis pause_until_{0};
};

/// Partitions without end, their commits, the dispatcher and the gateway.
class World {
 public:
  World(const GatewayOptions& gateway, const Trouble& trouble, std::uint64_t seed)
      : random_(seed),
        options_{.gateways = {gateway}, .routes = Routes({"g", "g", "g"})},
        dispatcher_(options_, Millis(0)),
        gateway_(trouble, gateway.connections, random_),
        throttle_pause_(gateway.flow.throttle_pause) {}

  void run(Millis until) {
    while (now_ < until) {
      end_commits();
      answer();
      act();
      advance(until);
    }
  }

  /// For how long nothing was begun at most while the gateway would have taken it, and when that was over.
  [[nodiscard]] Millis standstill() const { return standstill_; }
  [[nodiscard]] Millis standstill_at() const { return standstill_at_; }
  [[nodiscard]] int accepted() const { return accepted_; }
  [[nodiscard]] int unknown() const { return unknown_; }
  /// The first that was begun from then on.
  [[nodiscard]] Millis begun_after(Millis at) const { return *std::ranges::lower_bound(begun_, at); }
  [[nodiscard]] int begun_between(Millis from, Millis until) const {
    return static_cast<int>(std::ranges::lower_bound(begun_, until) - std::ranges::lower_bound(begun_, from));
  }

 private:
  static constexpr int partitions = 2;
  struct Flying {
    InFlight request;
    Gateway::Reply reply;
    Millis begun{0};
  };

  void end_commits() {
    for (int number = 0; number < partitions; ++number) {
      const auto commit = commits_.find(number);
      if (commit == commits_.end() || commit->second.first > now_) continue;
      std::vector<InFlight> claims;
      for (std::size_t i = 0; i < commit->second.second; ++i) {
        const Instant decided{Millis(++decided_)};
        claims.push_back({.subject = AccountId("a"),
                          .notice = NoticeId("n" + std::to_string(decided_)),
                          .shelf = {.lane = Lane::normal},
                          .decided_at = decided,
                          .gateway = "g"});
      }
      commits_.erase(commit);
      dispatcher_.submit(number, std::move(claims));
    }
  }

  void answer() {
    while (!flying_.empty() && flying_.begin()->first <= now_) {
      const Flying flying = std::move(flying_.begin()->second);
      flying_.erase(flying_.begin());
      gateway_.free(flying.reply.connection);
      if (const auto* throttled = std::get_if<SendThrottled>(&flying.reply.result))
        gateway_.asked_for_pause(now_ + throttled->after.value_or(throttle_pause_));
      accepted_ += std::holds_alternative<SendAccepted>(flying.reply.result) ? 1 : 0;
      unknown_ += std::holds_alternative<SendUnknown>(flying.reply.result) ? 1 : 0;
      dispatcher_.finished(flying.request, flying.reply.result, now_ - flying.begun, now_);
    }
  }

  void act() {
    for (int number = 0; number < partitions; ++number)
      if (!commits_.contains(number))
        dispatcher_.offer(number, Lane::normal, std::vector<Instant>(8, Instant(Millis(decided_ + 1))));
    auto actions = dispatcher_.pump(now_);
    for (const auto& start : actions.starts) {
      auto reply = gateway_.take(now_);
      const Millis at = reply.at;
      flying_.emplace(at, Flying{.request = start.request, .reply = std::move(reply), .begun = now_});
      begun_.push_back(now_);
    }
    for (int number = 0; number < partitions; ++number) {
      if (commits_.contains(number) || !dispatcher_.has_grants(number)) continue;
      const Grants grants = dispatcher_.take_grants(number);
      commits_.emplace(number, std::pair(now_ + random_.millis(2, 20), grants[static_cast<std::size_t>(Lane::normal)]));
    }
    if (!actions.starts.empty()) moving_at_ = now_;
  }

  void advance(Millis until) {
    Millis next = until;
    const auto consider = [&](std::optional<Millis> at) {
      if (at && *at > now_) next = std::min(next, *at);
    };
    consider(dispatcher_.next_pump(now_));
    consider(gateway_.next_change(now_));
    for (const auto& [number, commit] : commits_) consider(commit.first);
    if (!flying_.empty()) consider(flying_.begin()->first);
    // From here to the next moment nothing changes.
    if (!gateway_.answers(now_)) moving_at_ = next;
    now_ = next;
    if (now_ - moving_at_ <= standstill_) return;
    standstill_ = now_ - moving_at_;
    standstill_at_ = now_;
  }

  Random random_;
  DispatchOptions options_;
  Dispatcher dispatcher_;
  Gateway gateway_;
  Millis throttle_pause_;
  Millis now_{0};
  std::map<int, std::pair<Millis, std::size_t>> commits_;  ///< by partition: when it ends, how many it claims
  std::multimap<Millis, Flying> flying_;                   ///< by when they are answered
  std::vector<Millis> begun_;
  std::int64_t decided_ = 0;
  Millis moving_at_{0}, standstill_{0}, standstill_at_{0};
  int accepted_ = 0, unknown_ = 0;
};

/// As shipped, at a lower rate for the sake of the test's own time.
GatewayOptions shipped(int connections = 16) {
  return {.name = "g", .flow = {.rate = 40, .burst = 20, .ramp = Millis(0)}, .connections = connections};
}

TEST(FieldCases, C10_SendingGoesOnWithTheFirstGoodAnswerAfterAFreeze) {
  for (const int connections : {1, 2, 16})
    for (const int freeze : {5, 9, 12, 20, 31, 36, 40}) {
      SCOPED_TRACE(std::to_string(freeze) + " s on " + std::to_string(connections));
      const Millis end = minutes(1) + Seconds(freeze);
      Trouble trouble;
      trouble.frozen = {{minutes(1), end}};
      World world(shipped(connections), trouble, 1);
      world.run(minutes(3));
      EXPECT_LT(world.begun_after(end) - end, Seconds(1));
      EXPECT_GT(world.begun_between(end, end + Seconds(3)), 15) << "and at its full rate";
      EXPECT_LE(world.unknown(), connections + 12) << "few pay for finding that out";
    }
}

TEST(FieldCases, C10_AGatewayThatSaysThatItIsDownIsFoundBackSoon) {
  for (const int away : {2, 5, 20, 40, 600}) {
    SCOPED_TRACE(away);
    const Millis end = minutes(1) + Seconds(away);
    Trouble trouble;
    trouble.down = {{minutes(1), end}};
    World world(shipped(), trouble, 1);
    world.run(end + minutes(2));
    EXPECT_LE(world.begun_after(end) - end, std::max(Millis(Seconds(1)), Millis(Seconds(away)) / 20) + Millis(50));
  }
}

// Time-out, pause, trial, time-out again, twice the pause: what stood here before, as far as its settings make it.
TEST(FieldCases, C10_TheModelNoticesAStandstill) {
  Trouble trouble;
  trouble.down = {{minutes(1), minutes(1) + Seconds(31)}};
  auto gateway = shipped();
  gateway.flow.breaker_pause = Seconds(20);
  World world(gateway, trouble, 1);
  world.run(minutes(3));
  EXPECT_GT(world.standstill(), longest_standstill);
}

TEST(FieldCases, C11_ConnectionsThatAreClosedUnderRequestsAreNoFailureOfTheGateway) {
  Trouble trouble;
  trouble.closed = 6000;
  World world(shipped(), trouble, 1);
  world.run(minutes(2));
  EXPECT_LT(world.standstill(), Seconds(1));
  EXPECT_GT(world.accepted(), 40 * 120 * 4 / 10 - 100) << "the rest were not begun any slower";
}

TEST(FieldCases, C12_ASteadyLatencyUsesAllConnections) {
  Trouble trouble{.latency_min = Millis(2400), .latency_max = Millis(2600)};
  World world(shipped(), trouble, 1);
  world.run(minutes(5));
  EXPECT_GT(world.accepted(), 16 * 300 / 2.5 * 0.95);
  EXPECT_LT(world.standstill(), longest_standstill);
}

TEST(FieldCases, C12_OneHungRequestDoesNotStopALane) {
  for (const double rate : {0.5, 5.0, 40.0}) {
    SCOPED_TRACE(rate);
    Trouble trouble;
    trouble.slow_one = minutes(1);
    auto gateway = shipped(2);
    gateway.flow.rate = rate;
    World world(gateway, trouble, 1);
    world.run(minutes(3));
    EXPECT_LE(world.standstill(), std::max(longest_standstill, Millis(static_cast<int>(1100 / rate))));
  }
}

// With one connection there is nothing to be had besides it; once its request has timed out, all goes on.
TEST(FieldCases, C12_OneConnectionStandsStillNoLongerThanItsRequest) {
  Trouble trouble;
  trouble.late = 100;
  World world(shipped(1), trouble, 3);
  world.run(minutes(10));
  EXPECT_GT(world.unknown(), 20);
  EXPECT_LT(world.standstill(), Seconds(1)) << "while the connection was free";
}

Trouble random_trouble(Random& random, Millis until) {
  Trouble trouble{.late = random.chance(50) ? random.between(1, 20) : 0,
                  .closed = random.chance(50) ? random.between(1, 300) : 0};
  if (random.chance(20)) trouble.latency_min = trouble.latency_max = random.millis(100, 3000);
  // Not both: two trials in a row that hang, each for a reason of its own, cost more than the bound.
  if (trouble.late == 0 && random.chance(60)) trouble.slow_one = random.millis(1000, 30'000);
  if (random.chance(50)) trouble.retry_after.reset();
  for (Millis at = random.millis(1000, 60'000); at < until;) {
    const Spell spell{at, at + random.millis(5000, 40'000)};
    std::array{&trouble.frozen, &trouble.down, &trouble.throttled}.at(random.index(3))->push_back(spell);
    at = spell.until + random.millis(1000, 60'000);
  }
  return trouble;
}

std::string describe(const Trouble& trouble) {
  std::string text = "latency from " + std::to_string(trouble.latency_min.count());
  for (const auto& [name, spells] : {std::pair("frozen", &trouble.frozen), std::pair("down", &trouble.down),
                                     std::pair("throttled", &trouble.throttled)})
    for (const Spell& spell : *spells)
      text += std::string(", ") + name + " " + std::to_string(spell.from.count()) + " to " +
              std::to_string(spell.until.count());
  if (trouble.slow_one) text += ", one slow: " + std::to_string(trouble.slow_one->count());
  return text + ", late " + std::to_string(trouble.late) + ", closed " + std::to_string(trouble.closed);
}

TEST(FieldCases, C10_NothingStandsStillWhileTheGatewayAnswers) {
  for (const auto seed : test::seeds(25)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Millis until = minutes(6);
    const Trouble trouble = random_trouble(random, until);
    SCOPED_TRACE(describe(trouble));
    auto gateway = shipped(random.chance(20) ? 2 : random.between(3, 16));
    gateway.flow.rate = random.between(2, 40);
    World world(gateway, trouble, seed);
    world.run(until);
    // A trial says what it says no sooner than its answer takes.
    const Millis bound = longest_standstill + trouble.latency_max;
    ASSERT_LE(world.standstill(), bound) << "until " << world.standstill_at().count() << " ms";
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace dun::scheduler
