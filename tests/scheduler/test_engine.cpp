// The engine on a real event loop: end to end, stopping, changing owners, and a store in trouble.
#include "scheduler/clock.hpp"
#include "scheduler/sim/virtual_clock.hpp"
#include "tests/scheduler/engine_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::SizeIs;
using Point = RemoteStore::Point;

/// The rounds of publish_payments, by account, in the order in which the gateway took them.
std::map<std::string, std::vector<std::string>> taken_by_account(const EngineBench& bench) {
  std::map<std::string, std::string> causes;
  for (const auto& state : bench.states)
    for (const Outcome& outcome : state->journal)
      if (outcome.type == OutcomeType::notice_sent) causes[outcome.client_ref] = outcome.cause.str();
  std::map<std::string, std::vector<std::string>> rounds;
  for (const SendRequest& request : bench.gateway.taken()) {
    const std::string& cause = causes[request.client_ref];
    rounds[cause.substr(0, cause.find('.'))].push_back(cause.substr(cause.find('.') + 1));
  }
  return rounds;
}

void expect_all_sent_once_in_order(const EngineBench& bench, int accounts, int rounds) {
  std::vector<std::string> in_order;
  for (int round = 0; round < rounds; ++round) in_order.push_back(std::to_string(round));
  const auto taken = taken_by_account(bench);
  EXPECT_THAT(taken, SizeIs(accounts));
  for (const auto& [account, got] : taken) EXPECT_EQ(got, in_order) << "account " << account;
  EXPECT_EQ(bench.gateway.overlapping(), 0U) << "two in flight for one account";
  EXPECT_EQ(bench.counters().applied, static_cast<std::uint64_t>(accounts * rounds));
  EXPECT_EQ(bench.counters().sent, static_cast<std::uint64_t>(accounts * rounds));
}

// Nobody wakes them: one looks by itself, often, and meanwhile the other does not.
TEST(Engine, AnIdlePartitionLooksByItselfAsOftenAsConfigured) {
  const WallClock clock = fast_clock();
  EngineBench often(clock, 1);
  EngineBench seldom(clock, 1);
  often.options.idle_look = Millis(1);
  seldom.options.idle_look = std::chrono::hours(1);
  int looks_often = 0;
  int looks_seldom = 0;
  const auto counting = [](int& looks) {
    return [&looks](Point point) -> std::optional<StoreError::Kind> {
      looks += point == Point::read ? 1 : 0;
      return std::nullopt;
    };
  };
  auto& one = often.start("a", counting(looks_often));
  auto& other = seldom.start("a", counting(looks_seldom));
  seldom.run_until([&] { return looks_seldom > 0; });
  const int begun_with = looks_often;
  often.run_until([&] {
    seldom.io.restart();
    seldom.io.poll();
    return looks_often >= begun_with + 500;
  });
  EXPECT_LT(looks_seldom, 20);
  often.stop(one, Millis(0));
  seldom.stop(other, Millis(0));
}

TEST(Engine, SendsEverythingOnceAndInOrder) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.latency_max = Millis(3)});
  auto& engine = bench.start("a");
  bench.publish_payments(60, 4);
  bench.run_until([&] { return bench.sent() == 240; });
  expect_all_sent_once_in_order(bench, 60, 4);
  EXPECT_THAT(engine.gateways().front().accepted, 240U);
  for (const auto& partition : engine.partitions()) {
    EXPECT_TRUE(partition.owned);
    EXPECT_EQ(partition.in_flight, 0U);
    EXPECT_EQ(partition.shelved, 0U);
    EXPECT_EQ(partition.trouble, "");
  }
  bench.stop(engine, Seconds(60));
}

TEST(Engine, SendsEverythingOnceThroughABadGateway) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.throttled = 30,
                            .down = 60,
                            .retry = 100,
                            .unknown_taken = 60,
                            .unknown_not_taken = 60,
                            .pause = Millis(700),
                            .latency_max = Millis(2)});
  auto& engine = bench.start("a");
  bench.publish_payments(50, 3);
  bench.run_until([&] { return bench.sent() == 150; });
  expect_all_sent_once_in_order(bench, 50, 3);
  EXPECT_GT(bench.gateway.repeated(), 0U);
  EXPECT_GT(engine.gateways().front().throttled, 0U);
  bench.stop(engine, Seconds(60));
}

TEST(Engine, StoppingWaitsForAnswersAndGivesTheLeasesBack) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.latency_min = Millis(20), .latency_max = Millis(40)});
  auto& engine = bench.start("a");
  bench.publish_payments(200, 1);
  bench.run_until([&] { return bench.gateway.open() > 10; });
  bench.stop(engine, Seconds(60));
  EXPECT_EQ(bench.gateway.open(), 0);
  EXPECT_LT(bench.sent(), 200U);
  EXPECT_EQ(bench.sent(), bench.gateway.taken().size()) << "every answer is in the store";
  EXPECT_EQ(bench.in_flight(), 0U);
  for (const auto& state : bench.states) EXPECT_EQ(state->owner, "");

  auto& next = bench.start("b");
  bench.run_until([&] { return bench.sent() == 200; });
  expect_all_sent_once_in_order(bench, 200, 1);
  EXPECT_EQ(bench.gateway.repeated(), 0U);
  bench.stop(next, Seconds(60));
}

TEST(Engine, StoppingAbandonsWhatTakesTooLongAndTheNextOwnerResolvesIt) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.latency_min = std::chrono::hours(1), .latency_max = std::chrono::hours(1)});
  auto& engine = bench.start("a");
  bench.publish("0.0", "0");
  bench.publish("1.0", "1");
  bench.run_until([&] { return bench.gateway.open() == 2; });
  bench.stop(engine, Millis(50));
  EXPECT_EQ(bench.in_flight(), 2U);
  EXPECT_THAT(bench.states, Contains(testing::Pointee(testing::Field(&MemoryPartition::owner, "a"))));

  bench.gateway.set_faults({});
  auto& next = bench.start("a");
  bench.run_until([&] { return bench.sent() == 2; });
  EXPECT_EQ(bench.gateway.repeated(), 2U);
  EXPECT_THAT(bench.gateway.taken(), SizeIs(2));
  bench.stop(next, Seconds(60));
}

// A day is longer than any test may run: a stop that misses the last thing it waits for does not end.

TEST(Engine, AStopEndsWithTheLastAnswer) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.latency_min = Millis(20), .latency_max = Millis(40)});
  auto& engine = bench.start("a");
  bench.publish_payments(20, 1);
  bench.run_until([&] { return bench.gateway.open() > 0; });
  bench.stop(engine, date::days(1));
  EXPECT_EQ(bench.gateway.open(), 0);
  EXPECT_EQ(bench.in_flight(), 0U);
  for (const auto& state : bench.states) EXPECT_EQ(state->owner, "");
}

TEST(Engine, AStopWithNothingUnderWayEndsWithTheLastPartition) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  auto& engine = bench.start("a");
  bench.run_until([&] { return engine.owned() == 4; });
  bench.stop(engine, date::days(1));
  for (const auto& state : bench.states) EXPECT_EQ(state->owner, "");
}

TEST(Engine, AStopEndsWhereTheStoreTakesNothingAnyMore) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.gateway.set_faults({.latency_min = Millis(20), .latency_max = Millis(40)});
  bool refuses = false;
  auto& engine = bench.start("a", [&](Point point) -> std::optional<StoreError::Kind> {
    if (refuses && point == Point::before_commit) return StoreError::Kind::refused;
    return std::nullopt;
  });
  bench.publish("0.0", "0");
  bench.run_until([&] { return bench.gateway.open() == 1; });
  refuses = true;
  bench.stop(engine, date::days(1));
  EXPECT_EQ(bench.in_flight(), 1U) << "the next owner resolves it";
}

TEST(Engine, AStopWaitsForTheAnswerToWhatIsNoLongerOurs) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.gateway.set_faults({.latency_min = Millis(500), .latency_max = Millis(500)});
  bool away = false;
  auto& engine =
      bench.start("a", [&](Point) { return away ? std::optional(StoreError::Kind::unavailable) : std::nullopt; });
  bench.publish("0.0", "0");
  bench.run_until([&] { return bench.gateway.open() == 1; });
  away = true;
  engine.wake(0);
  bench.run_until([&] { return engine.owned() == 0; });
  bench.stop(engine, date::days(1));
  EXPECT_EQ(bench.gateway.open(), 0);
}

TEST(Engine, AFencedPartitionStopsAndAnotherEngineGoesOn) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.gateway.set_faults({.latency_max = Millis(5)});
  auto& first = bench.start("a");
  bench.publish_payments(20, 2);
  bench.run_until([&] { return bench.sent() > 5; });
  bench.states[0]->owner = "b";  // the lease ran out, and another process was quicker
  auto& second = bench.start("b");
  bench.publish_payments(40, 2);
  bench.run_until([&] { return second.partitions()[0].owned && !first.partitions()[0].owned; });
  EXPECT_THAT(first.partitions()[0].trouble, testing::HasSubstr("lease"));
  bench.run_until([&] { return bench.sent() == 80; });
  EXPECT_THAT(bench.gateway.taken(), SizeIs(80));
  EXPECT_EQ(bench.counters().applied, 80U);
  bench.stop(second, Seconds(60));
  bench.publish("99.9", "99");
  bench.run_until([&] { return first.partitions()[0].owned && bench.sent() == 81; });
  bench.stop(first, Seconds(60));
}

TEST(Engine, NewRulesHoldFromTheNextBatchOn) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  auto& engine = bench.start("a");
  bench.publish("1.0", "1");
  bench.run_until([&] { return bench.sent() == 1; });
  auto policies = policies_with_people();
  policies.hash = "second";
  policies.exclusions.segments = {"test"};
  engine.set_rules(rules(policies));
  bench.publish("2.0", "2", "payment.received", {{"segment", "test"}});
  bench.publish("3.0", "3");
  bench.run_until([&] { return bench.sent() == 2 && bench.count(OutcomeType::notice_suppressed) == 1; });
  std::map<std::string, std::string> policy_of;
  for (const auto& state : bench.states)
    for (const Outcome& outcome : state->journal) policy_of[outcome.cause.str()] = outcome.policy;
  EXPECT_THAT(policy_of, testing::ElementsAre(testing::Pair("1.0", "test"), testing::Pair("2.0", "second"),
                                              testing::Pair("3.0", "second")));
  bench.stop(engine, Seconds(60));
}

/// Numbers of the partitions it owns.
std::vector<int> owned_by(const Engine& engine) {
  std::vector<int> numbers;
  for (const auto& partition : engine.partitions())
    if (partition.owned) numbers.push_back(partition.number);
  return numbers;
}

TEST(Engine, OwnsNoMoreThanItsShare) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  auto& first = bench.start("a");
  bench.run_until([&] { return first.owned() == 4; });
  auto& second = bench.start("b");
  second.set_share(2);
  bench.publish_payments(40, 1);
  bench.run_until([&] { return bench.sent() == 40; });
  EXPECT_EQ(second.owned(), 0) << "the first has not handed anything over";
  first.set_share(2);
  bench.run_until([&] { return first.owned() == 2 && second.owned() == 2; });
  EXPECT_THAT(owned_by(first), testing::ElementsAre(0, 1));
  EXPECT_THAT(owned_by(second), testing::ElementsAre(2, 3));
  first.set_share(0);
  bench.run_until([&] { return first.owned() == 0; });
  EXPECT_EQ(second.owned(), 2);
  second.set_share(4);
  bench.run_until([&] { return second.owned() == 4; });
  bench.stop(first, Seconds(60));
  bench.stop(second, Seconds(60));
}

TEST(Engine, HandsPartitionsOverUnderLoadWithoutLosingOrRepeatingAnything) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.throttled = 20, .latency_min = Millis(1), .latency_max = Millis(8)});
  auto& first = bench.start("a");
  bench.publish_payments(80, 5);
  bench.run_until([&] { return bench.sent() > 40; });
  auto& second = bench.start("b");
  second.set_share(2);
  first.set_share(2);
  bench.run_until([&] { return second.owned() == 2 && bench.sent() > 150; });
  // Told again before it is done: what was to leave stays.
  second.set_share(0);
  second.set_share(2);
  bench.run_until([&] { return bench.sent() > 200; });
  first.set_share(3);
  second.set_share(1);
  bench.run_until([&] { return first.owned() == 3 && second.owned() == 1; });
  bench.run_until([&] { return bench.sent() == 400; });
  expect_all_sent_once_in_order(bench, 80, 5);
  EXPECT_EQ(bench.gateway.repeated(), 0U) << "nothing was left to be resolved as unknown";
  bench.stop(first, Seconds(60));
  bench.stop(second, Seconds(60));
}

TEST(Engine, AStoppedEngineLeavesItsPartitionsToTheOthersAtOnce) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  auto& first = bench.start("a");
  auto& second = bench.start("b");
  bench.run_until([&] { return first.owned() + second.owned() == 4; });
  bench.publish_payments(40, 2);
  bench.stop(first, Seconds(60));
  bench.run_until([&] { return second.owned() == 4 && bench.sent() == 80; });
  expect_all_sent_once_in_order(bench, 40, 2);
  bench.stop(second, Seconds(60));
}

TEST(Engine, BeginsNothingThatTheCommonRateDoesNotGrant) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  MemoryRateCounter counter;
  counter.away = true;
  bench.rates = &counter;
  auto& engine = bench.start("a");
  bench.publish_payments(20, 1);
  bench.run_until([&] { return bench.in_flight() == 20 && counter.refused > 5; });
  EXPECT_EQ(bench.gateway.submitted(), 0U);
  counter.away = false;
  bench.run_until([&] { return bench.sent() == 20; });
  EXPECT_GE(counter.asked, 20U);
  EXPECT_EQ(engine.gateways()[0].segments, 20U);
  bench.stop(engine, Seconds(60));
}

TEST(Engine, TwoEnginesWithOneRateSendEverythingOnce) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.throttled = 20, .latency_max = Millis(3)});
  bench.dispatch.gateways[0].flow.rate = 3;  // six hundred a second for the machine
  MemoryRateCounter counter;
  bench.rates = &counter;
  auto& first = bench.start("a");
  auto& second = bench.start("b");
  first.set_share(2);
  second.set_share(2);
  bench.publish_payments(80, 3);
  bench.run_until([&] { return bench.sent() == 240; });
  expect_all_sent_once_in_order(bench, 80, 3);
  EXPECT_GT(first.gateways()[0].segments, 0U);
  EXPECT_GT(second.gateways()[0].segments, 0U);
  bench.stop(first, Seconds(60));
  bench.stop(second, Seconds(60));
}

// A process that was suspended for longer than its lease has claims that the next owner resolves.
TEST(Engine, BeginsNothingThatItClaimedUnderALeaseThatMayHaveRunOut) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.options.lease_ttl = Millis(0);
  auto& engine = bench.start("a");
  bench.publish("1.0", "1");
  bench.run_until([&] { return engine.partitions()[0].batches > 20; });
  EXPECT_EQ(bench.gateway.submitted(), 0U);
  bench.options.lease_ttl = std::chrono::hours(1);
  bench.run_until([&] { return bench.sent() == 1; });
  bench.stop(engine, Seconds(60));
}

class EngineWithABadStore : public testing::TestWithParam<std::pair<Point, StoreError::Kind>> {};

TEST_P(EngineWithABadStore, RecoversAndSendsEverythingOnce) {
  const auto [where, kind] = GetParam();
  const WallClock clock = fast_clock();
  EngineBench bench(clock);
  bench.gateway.set_faults({.throttled = 50, .unknown_taken = 50, .latency_max = Millis(2)});
  const bool seldom = where == Point::acquire || where == Point::load;  // all else is asked for again and again
  const int failures_wanted = seldom ? 3 : 6;
  int failures = 0;
  int calls = 0;
  auto& engine = bench.start("a", [&](Point point) -> std::optional<StoreError::Kind> {
    if (point != where || failures == failures_wanted) return std::nullopt;
    if (!seldom && ++calls % 5 != 1) return std::nullopt;
    ++failures;
    return kind;
  });
  bench.publish_payments(40, 3);
  bench.run_until([&] { return bench.sent() == 120 && failures == failures_wanted; });
  expect_all_sent_once_in_order(bench, 40, 3);
  bench.stop(engine, Seconds(60));
}

INSTANTIATE_TEST_SUITE_P(Everywhere, EngineWithABadStore,
                         testing::Values(std::pair{Point::acquire, StoreError::Kind::unavailable},
                                         std::pair{Point::read, StoreError::Kind::unavailable},
                                         std::pair{Point::load, StoreError::Kind::unavailable},
                                         std::pair{Point::before_commit, StoreError::Kind::unavailable},
                                         std::pair{Point::after_commit, StoreError::Kind::unavailable},
                                         std::pair{Point::before_commit, StoreError::Kind::refused}));

/// Answers at once, as a memory store does: a loop that does not wait would never let anything else run.
class RefusingStore final : public PartitionStore {
 public:
  explicit RefusingStore(std::unique_ptr<MemoryStore> inner) : inner_(std::move(inner)) {}
  Awaitable<StoreResult<Recovery>> acquire() override { return inner_->acquire(); }
  Awaitable<StoreResult<ReadReply>> read(ReadRequest request) override { return inner_->read(std::move(request)); }
  Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> load(std::vector<AccountId> accounts) override {
    return inner_->load(std::move(accounts));
  }
  Awaitable<StoreResult<void>> bring(Post post) override { return inner_->bring(std::move(post)); }
  Awaitable<StoreResult<void>> commit(Commit /*commit*/) override {
    co_return std::unexpected(StoreError{.kind = StoreError::Kind::refused, .message = "full"});
  }
  Awaitable<void> release() override { return inner_->release(); }

 private:
  std::unique_ptr<MemoryStore> inner_;
};

TEST(Engine, DoesNotSpinOnAStoreThatRefuses) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.publish("1.0", "1");
  bench.engines.push_back(std::make_unique<Engine>(
      bench.io.get_executor(), clock, bench.options, bench.dispatch, bench.gateway, rules(), [&](int) {
        return std::make_unique<RefusingStore>(std::make_unique<MemoryStore>(bench.states[0], "a", clock, bench.lease));
      }));
  Engine& engine = *bench.engines.back();
  engine.start();
  bench.run_until([&] { return engine.partitions()[0].trouble == "full"; });
  bench.stop(engine, Millis(0));
  EXPECT_EQ(bench.counters().read, 0U);
}

TEST(Engine, SaysWhatIsStuckAndPutsOutWhatWasToldMeanwhileOnceItCan) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 2);
  bool is_full = true;
  Engine& engine = bench.start("a", [&](Point point) {
    const bool writes = point == Point::before_commit;
    return is_full && writes ? std::optional(StoreError::Kind::refused) : std::nullopt;
  });
  const auto stuck = [&](std::size_t partition) {
    return engine.observe().partitions.at(partition).stuck_for > Millis(0);
  };
  // Its lease is taken again each time, which is no success.
  bench.run_until([&] { return stuck(0) && stuck(1); });
  EXPECT_EQ(engine.observe().partitions[0].trouble, "told to fail");
  engine.put_out({.type = OutcomeType::alert_raised, .reasons = {"monitor.store"}});
  engine.put_out({.type = OutcomeType::alert_cleared, .reasons = {"monitor.store"}});
  bench.publish_payments(6, 1);
  is_full = false;
  bench.run_until([&] { return bench.sent() == 6; });
  EXPECT_EQ(bench.count(OutcomeType::alert_raised), 1U);
  EXPECT_EQ(bench.count(OutcomeType::alert_cleared), 1U);
  const Observations seen = engine.observe();
  EXPECT_TRUE(seen.complete);
  EXPECT_EQ(seen.gateways.at(0).accepted, 6U);
  EXPECT_FALSE(seen.gateways.at(0).waits);
  for (const auto& partition : seen.partitions) {
    EXPECT_EQ(partition.stuck_for, Millis(0));
    EXPECT_EQ(partition.trouble, "");
  }
  bench.stop(engine, Seconds(60));
}

TEST(Engine, CountsHowOftenAPartitionStumblesHoweverShortly) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  int commits = 0;  // two of three are refused
  Engine& engine = bench.start("a", [&](Point point) {
    const bool takes = point != Point::before_commit || ++commits % 3 == 0;
    return takes ? std::nullopt : std::optional(StoreError::Kind::refused);
  });
  bench.run_until([&] { return commits >= 9; });
  EXPECT_THAT(engine.observe().partitions.at(0).stumbles, testing::AllOf(testing::Ge(3U), testing::Le(4U)));
  bench.stop(engine, Seconds(60));
}

CaseEvent report_of(const std::string& witness, std::uint64_t number, bool seen) {
  CaseEvent event{.about = alert_case("monitor.gateway", "sms"),
                  .time = at("2026-03-02T10:00:00+08:00"),
                  .witness = witness,
                  .run = "1",
                  .number = number,
                  .name = "monitor.gateway",
                  .subject = "sms"};
  event.id = case_event_id(event);
  if (seen) event.counts_for = date::days(1);
  return event;
}

TEST(Engine, BringsWhatProcessesReportToOneCaseWhicheverPartitionTheyOwn) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 4);
  int failures = 3;
  Engine& one = bench.start("a", [&](Point point) {
    const bool fails = point == Point::bring && failures > 0;
    failures -= fails ? 1 : 0;
    return fails ? std::optional(StoreError::Kind::unavailable) : std::nullopt;
  });
  one.set_share(2);
  bench.run_until([&] { return one.owned() == 2; });
  Engine& other = bench.start("b");
  other.set_share(2);
  bench.run_until([&] { return other.owned() == 2; });
  one.report(report_of("a", 1, true));
  other.report(report_of("b", 1, true));
  const auto open_cases = [&] {
    std::size_t witnesses = 0;
    for (const auto& state : bench.states)
      for (const auto& [id, record] : state->cases) witnesses += std::get<AlertCase>(record).witnesses.size();
    return witnesses;
  };
  bench.run_until([&] { return open_cases() == 2; });
  EXPECT_EQ(bench.count(OutcomeType::alert_raised), 1U);
  EXPECT_EQ(failures, 0);
  one.report(report_of("a", 2, false));
  other.report(report_of("b", 2, false));
  bench.run_until([&] { return bench.count(OutcomeType::alert_cleared) == 1; });
  EXPECT_EQ(bench.count(OutcomeType::alert_raised), 1U);
  const auto all_brought = [&] {
    return std::ranges::all_of(bench.states, [](const auto& state) { return state->posts.empty(); });
  };
  bench.run_until(all_brought);
  bench.stop(one, Seconds(60));
  bench.stop(other, Seconds(60));
}

TEST(Engine, SaysSinceWhenNoticesAreDueAndThatTheyWaitForTheirGateway) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  bench.gateway.set_faults({.down = 1000});
  Engine& engine = bench.start("a");
  bench.publish_payments(3, 1);
  const auto lane = [&] { return engine.observe().lanes.at(static_cast<std::size_t>(Lane::normal)); };
  bench.run_until([&] { return lane().oldest_due && engine.gateways().at(0).down > 0; });
  EXPECT_LE(*lane().oldest_due, clock.now());
  EXPECT_GE(*lane().oldest_due, clock.now() - std::chrono::hours(8));
  EXPECT_EQ(lane().gateway, "g");
  bench.run_until([&] { return engine.observe().gateways.at(0).waits; });
  EXPECT_EQ(engine.observe().gateways.at(0).accepted, 0U);
  bench.stop(engine, Seconds(60));
}

TEST(Engine, WaitsForTheFrontDoorWithoutSpinning) {
  const WallClock clock = fast_clock();
  EngineBench bench(clock, 1);
  ++bench.states[0]->front_door;
  bench.publish("1.0", "1");
  bench.engines.push_back(std::make_unique<Engine>(
      bench.io.get_executor(), clock, bench.options, bench.dispatch, bench.gateway, rules(),
      [&](int) { return std::make_unique<MemoryStore>(bench.states[0], "a", clock, bench.lease); }));
  Engine& engine = *bench.engines.back();
  engine.start();
  bench.run_until([&] { return bench.counters().applied == 1; });
  EXPECT_EQ(bench.gateway.submitted(), 0U);
  bench.states[0]->front_door_routed = bench.states[0]->front_door;
  bench.run_until([&] { return bench.sent() == 1; });
  bench.stop(engine, Seconds(60));
}

// Between the look at the stream and the reply lies the moment at which the shelf of 07:00 opens.
TEST(Engine, APaymentThatWasInTheStreamWhenTheTurnCameStopsTheNotice) {
  VirtualClock clock(at("2026-03-02T23:00:00+08:00"));
  EngineBench bench(clock, 1);
  bool opens = false;
  auto& engine = bench.start("a", [&](Point point) -> std::optional<StoreError::Kind> {
    if (point != Point::read || !std::exchange(opens, false)) return std::nullopt;
    bench.publish("1.1", "1", "payment.received");
    clock.set(at("2026-03-03T07:00:00+08:00"));
    return std::nullopt;
  });
  bench.publish("1.0", "1", "credit.changed", {{"state", "arrears"}});
  bench.run_until([&] { return bench.count(OutcomeType::notice_held) == 1; });
  clock.set(at("2026-03-03T06:59:59.990+08:00"));
  opens = true;
  bench.run_until([&] { return bench.sent() == 1; });
  EXPECT_EQ(bench.count(OutcomeType::notice_cancelled), 1U);
  ASSERT_THAT(bench.gateway.taken(), SizeIs(1));
  EXPECT_THAT(bench.gateway.taken()[0].text, testing::HasSubstr("payment_received"));
  bench.stop(engine, Seconds(60));
}

// E10: claimed in the evening, and its tokens come when it is night.
TEST(Engine, WhatMayNoLongerBeDeliveredIsNotHandedOver) {
  VirtualClock clock(at("2026-03-02T21:59:59.500+08:00"));
  EngineBench bench(clock, 1);
  bench.dispatch.gateways[0].flow = {.rate = 1, .burst = 1, .ramp = Millis(0)};
  auto& engine = bench.start("a");
  bench.publish("1.0", "1", "credit.changed", {{"state", "arrears"}});
  bench.run_until([&] { return bench.in_flight() == 1; });
  clock.set(at("2026-03-02T22:00:02+08:00"));
  bench.run_until([&] { return bench.gateway.submitted() > 0 || bench.count(OutcomeType::notice_held) == 1; });
  EXPECT_EQ(bench.gateway.submitted(), 0U);
  clock.set(at("2026-03-03T07:00:00+08:00"));
  bench.run_until([&] { return bench.sent() == 1; });
  bench.stop(engine, Seconds(60));
}

}  // namespace
}  // namespace dun::test
