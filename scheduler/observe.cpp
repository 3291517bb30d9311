#include "scheduler/observe.hpp"

#include "domain/enum_index.hpp"
#include "scheduler/clock.hpp"

#include <fmt/format.h>

namespace dun::scheduler {
namespace {

/// What stands between a gateway and the notices, as far as is known.
std::string describe(const Dispatcher::GatewayStatus& gateway) {
  std::string state = gateway.breaker == flow::Breaker::State::closed ? "" : "it says that it is down; ";
  if (gateway.paused_until) state += "paused; ";
  state += fmt::format("of {} requests {} refused, {} throttled, {} down, {} without answer", gateway.begun,
                       gateway.refused, gateway.throttled, gateway.down, gateway.unknown);
  return gateway.refusal.empty() ? state : state + "; the last that it did not take: " + gateway.refusal;
}

Observations::LaneState look_at(Lane lane, const Ownership& ownership, const Runners& runners,
                                const DispatchOptions& options, Instant now) {
  Observations::LaneState state{.lane = lane, .gateway = options.routes.of(lane).gateway()};
  for (const Runner& runner : runners) {
    const auto due = ownership.owns(runner.number()) ? runner.partition().oldest_due(lane, now) : std::nullopt;
    if (due && (!state.oldest_due || *due < *state.oldest_due)) state.oldest_due = due;
  }
  return state;
}

}  // namespace

Observations observe(const Ownership& ownership, const Runners& runners, const Dispatcher& dispatcher,
                     const DispatchOptions& options, const Clock& clock) {
  Observations seen{.complete = ownership.owned() >= ownership.share(), .real = real_time()};
  for (const Runner& runner : runners) {
    const Partition& partition = runner.partition();
    seen.texts = partition.texts_version();
    for (const auto& [text, count] : partition.long_texts()) seen.long_texts[text] += count;
    const bool owned = ownership.owns(runner.number());
    // One that failed before others took on its share is theirs to mend.
    const bool ours = owned || !seen.complete;
    seen.partitions.push_back({.number = runner.number(),
                               .owned = owned,
                               .stuck_for = ours ? runner.stuck_for() : Millis(0),
                               .trouble = runner.trouble(),
                               .stumbles = runner.stumbles(),
                               .stumbled_over = runner.stumbled_over(),
                               .unread_for = owned ? runner.unread_for() : Millis(0),
                               .rejected = runner.rejected()});
    add(seen.sources, partition.sources());
  }
  for (const Lane lane : all_lanes) seen.lanes.push_back(look_at(lane, ownership, runners, options, clock.now()));
  for (const auto& gateway : dispatcher.status(clock.steady()))
    seen.gateways.push_back({.name = gateway.name,
                             .waits = gateway.waits,
                             .accepted = gateway.accepted,
                             .unknown = gateway.unknown,
                             .state = describe(gateway)});
  return seen;
}

}  // namespace dun::scheduler
