// What it costs to decide: reading an event, its step, the step of its notice's turn.
#include "bench/samples.hpp"

#include "policies/step.hpp"

#include <benchmark/benchmark.h>

#include <tuple>

namespace dun::bench {
namespace {

void parse(benchmark::State& state) {
  const Fields fields = arrears_fields(1, morning());
  const EventBounds bounds{.now = morning()};
  for (auto _ : state) benchmark::DoNotOptimize(parse_event(fields, bounds));
}
BENCHMARK(parse);

/// A new account falls into arrears in the morning: the event, and at once the turn of its notice, up to the claim.
void event_and_turn(benchmark::State& state) {
  const CreditEvent event = arrears(1, morning());
  const policies::PolicySet& policies = shipped().policies;
  for (auto _ : state) {
    AccountRecord record;
    const auto shelved =
        policies::step(event.account, record, policies::EventArrived{&event}, policies, morning()).shelvings;
    const policies::TurnCome turn{.ordinal = shelved.at(0).ordinal, .generation = shelved.at(0).generation};
    const auto effects = policies::step(event.account, record, turn, policies, morning());
    if (!effects.permission) return state.SkipWithError("the turn claims nothing");
    benchmark::DoNotOptimize(effects);
  }
}
BENCHMARK(event_and_turn);

/// At night: the notice is held until the morning.
void event_held(benchmark::State& state) {
  const CreditEvent event = arrears(1, night());
  for (auto _ : state) {
    AccountRecord record;
    benchmark::DoNotOptimize(
        policies::step(event.account, record, policies::EventArrived{&event}, shipped().policies, night()));
  }
}
BENCHMARK(event_held);

/// An event that is read again, as after a crash: the record knows it.
void event_known(benchmark::State& state) {
  const CreditEvent event = arrears(1, night());
  AccountRecord record = record_in_arrears(1, night());
  for (auto _ : state)
    benchmark::DoNotOptimize(
        policies::step(event.account, record, policies::EventArrived{&event}, shipped().policies, night()));
}
BENCHMARK(event_known);

}  // namespace
}  // namespace dun::bench
