// The engine on virtual time: deterministic, in time order, and deaf to how its caller cuts time into pieces.
#include "scheduler/simulation.hpp"
#include "tests/scheduler/random.hpp"
#include "tests/support/rules.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using scheduler::Simulation;
using testing::SizeIs;

struct Arrival {
  Instant when{};
  Fields fields;
};

/// A few days of many accounts: payments, debts, suspensions, disputes, and entries that are no events.
std::vector<Arrival> some_days(std::uint64_t seed, int events) {
  Random random(seed);
  std::vector<Arrival> all;
  Instant now = at("2026-03-02T10:00:00+08:00");
  for (int i = 0; i < events; ++i) {
    now += random.millis(0, 200'000);
    const std::string account = "A" + std::to_string(random.between(1, events / 4 + 1));
    Fields fields{{"id", "e" + std::to_string(i)},
                  {"account", account},
                  {"time", to_rfc3339(now)},
                  {"msisdn", "+8613800138000"},
                  {"zone", random.chance(50) ? "Asia/Shanghai" : "Europe/Berlin"}};
    const std::vector<Fields> kinds{{{"type", "credit.changed"}, {"state", "arrears"}},
                                    {{"type", "payment.received"}, {"amount", "5"}},
                                    {{"type", "suspension.scheduled"}, {"suspend_at", to_rfc3339(now + date::days(2))}},
                                    {{"type", "service.suspended"}},
                                    {{"type", "service.resumed"}},
                                    {{"type", "dispute.opened"}, {"until", to_rfc3339(now + date::days(1))}},
                                    {{"type", "credit.changed"}, {"state", "nonsense"}},
                                    {{"type", "credit.changed"}, {"state", "arrears"}, {"credit_level", "7"}}};
    const Fields& further = kinds[random.index(kinds.size())];
    fields.insert(fields.end(), further.begin(), further.end());
    all.push_back({.when = now, .fields = std::move(fields)});
  }
  return all;
}

std::vector<Outcome> simulate(const std::vector<Arrival>& arrivals, Millis piece = Millis(0)) {
  std::vector<Outcome> outcomes;
  Simulation simulation(rules(), [&](const Outcome& outcome) { outcomes.push_back(outcome); });
  for (const Arrival& arrival : arrivals) {
    if (piece.count() > 0 && simulation.now() != Instant())
      for (Instant until = simulation.now() + piece; until < arrival.when; until += piece) simulation.run_until(until);
    simulation.publish(arrival.fields, arrival.when);
  }
  simulation.run_out(arrivals.back().when + date::days(60));
  return outcomes;
}

TEST(Simulation, GivesTheSameOutcomesEveryTime) {
  const auto arrivals = some_days(1, 2000);
  const auto once = simulate(arrivals);
  EXPECT_GT(once.size(), 2000U);
  EXPECT_EQ(simulate(arrivals), once);
}

TEST(Simulation, TellsOutcomesInTheOrderOfTime) {
  for (const auto seed : seeds(5)) {
    const auto outcomes = simulate(some_days(seed, 1000));
    EXPECT_TRUE(std::ranges::is_sorted(outcomes, {}, &Outcome::at)) << "seed " << seed;
  }
}

TEST(Simulation, DoesNotDependOnHowItsCallerCutsTimeIntoPieces) {
  const auto arrivals = some_days(2, 600);
  const auto whole = simulate(arrivals);
  EXPECT_EQ(simulate(arrivals, Seconds(61)), whole);
  EXPECT_EQ(simulate(arrivals, std::chrono::minutes(7)), whole);
}

TEST(Simulation, TakesABatchThatArrivesInOneInstant) {
  std::vector<Outcome> sent;
  Simulation simulation(rules(), [&](const Outcome& outcome) {
    if (outcome.type == OutcomeType::notice_sent) sent.push_back(outcome);
  });
  const Instant now = at("2026-03-02T10:00:00+08:00");
  for (int i = 0; i < 1000; ++i)
    simulation.publish({{"id", "e" + std::to_string(i)},
                        {"type", "payment.received"},
                        {"account", "A" + std::to_string(i)},
                        {"time", to_rfc3339(now)},
                        {"msisdn", "+8613800138000"}},
                       now);
  simulation.run_out(now + date::days(1));
  ASSERT_THAT(sent, SizeIs(1000));
  for (std::size_t i = 0; i < sent.size(); ++i) {
    EXPECT_EQ(sent[i].cause.str(), "e" + std::to_string(i)) << "first in, first out";
    EXPECT_EQ(sent[i].at, now);
  }
  EXPECT_EQ(simulation.counters().applied, 1000U);
  EXPECT_EQ(simulation.counters().sent, 1000U);
}

TEST(Simulation, AnEventThatArrivesLateIsPublishedInThePresent) {
  std::vector<Outcome> outcomes;
  Simulation simulation(rules(), [&](const Outcome& outcome) { outcomes.push_back(outcome); });
  const Instant noon = at("2026-03-02T12:00:00+08:00");
  simulation.run_until(noon);
  simulation.publish({{"id", "e1"},
                      {"type", "payment.received"},
                      {"account", "A1"},
                      {"time", to_rfc3339(noon - std::chrono::hours(3))},
                      {"msisdn", "+8613800138000"}},
                     noon - std::chrono::hours(3));
  simulation.run_out(noon + date::days(1));
  ASSERT_FALSE(outcomes.empty());
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.at, noon);
}

TEST(FieldCases, D17_WhatLiesFarAheadComesOrIsCounted) {
  for (const std::vector<int>& days : {std::vector{0, 3, 90}, std::vector{0, 61}, std::vector{10, 200, 365}}) {
    auto far = std::make_shared<scheduler::Rules>(*rules());
    far->policies.ladder.steps.clear();
    for (const int after : days) far->policies.ladder.steps.push_back({.after_days = after});
    std::vector<int> sent;
    Simulation simulation(far, [&](const Outcome& outcome) {
      if (outcome.type == OutcomeType::notice_sent) sent.push_back(outcome.step);
    });
    const Instant begin = at("2026-03-02T10:00:00+08:00");
    simulation.publish({{"id", "e1"},
                        {"type", "credit.changed"},
                        {"account", "A1"},
                        {"time", to_rfc3339(begin)},
                        {"state", "arrears"},
                        {"msisdn", "+8613800138000"}},
                       begin);
    simulation.run_out(begin + date::days(days.back() - 1));
    EXPECT_GT(simulation.still_to_come(), 0U) << "the last step is still to come";
    EXPECT_THAT(sent, SizeIs(days.size() - 1));
    simulation.run_out(begin + date::days(3660));
    EXPECT_EQ(simulation.still_to_come(), 0U);
    EXPECT_THAT(sent, SizeIs(days.size()));
    EXPECT_LT(simulation.now(), begin + date::days(days.back() + 1)) << "time stops where nothing is left";
  }
}

}  // namespace
}  // namespace dun::test
