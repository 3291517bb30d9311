#include "scheduler/dispatcher.hpp"

#include "base/assert.hpp"
#include "domain/enum_index.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace dun::scheduler {
namespace {

/// What is claimed before a connection is free for it would only be one more in doubt when the process dies.
FlowOptions bounded_by_connections(const GatewayOptions& gateway) {
  FlowOptions flow = gateway.flow;
  if (gateway.connections == 0) return flow;
  flow.in_flight_max = std::min(flow.in_flight_max, gateway.connections);
  flow.in_flight_min = std::min(flow.in_flight_min, gateway.connections);
  return flow;
}

}  // namespace

Dispatcher::Dispatcher(const DispatchOptions& options, Millis now) {
  for (const GatewayOptions& gateway : options.gateways)
    gateways_.try_emplace(gateway.name, bounded_by_connections(gateway), now);
  for (const Lane lane : all_lanes) {
    const auto i = enum_index(lane);
    lanes_.at(i).gateway = options.routes.of(lane).gateway();
    lanes_.at(i).weight = std::max(1, options.lane_weight.at(i));
    DUN_ASSERT(gateways_.contains(lanes_.at(i).gateway));  // the loader checks it
  }
}

void Dispatcher::offer(int partition, Lane lane, std::vector<Instant> turns) {
  LaneState& state = lanes_.at(enum_index(lane));
  // The first of them are the ones that grants not yet taken are for.
  const auto granted = state.granted.find(partition);
  const std::size_t spoken_for = granted == state.granted.end() ? 0 : std::min(granted->second.size(), turns.size());
  std::deque<Instant> rest(turns.begin() + static_cast<std::ptrdiff_t>(spoken_for), turns.end());
  if (rest.empty())
    state.offers.erase(partition);
  else
    state.offers[partition] = std::move(rest);
}

bool Dispatcher::has_grants(int partition) const {
  return std::ranges::any_of(lanes_, [&](const LaneState& lane) { return lane.granted.contains(partition); });
}

Grants Dispatcher::take_grants(int partition) {
  Grants grants{};
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    const auto granted = lanes_[i].granted.extract(partition);
    if (granted.empty()) continue;
    grants[i] = granted.mapped().size();
    std::ranges::copy(granted.mapped(), std::back_inserter(lanes_[i].claiming[partition]));
  }
  return grants;
}

void Dispatcher::submit(int partition, std::vector<InFlight> claims) {
  for (LaneState& lane : lanes_) lane.claiming.erase(partition);
  for (InFlight& claim : claims) {
    LaneState& lane = lanes_.at(enum_index(claim.shelf.lane));
    const Instant decided = claim.decided_at;
    lane.ready.emplace(decided, Ready{.partition = partition, .request = std::move(claim)});
  }
}

std::vector<InFlight> Dispatcher::withdraw(int partition) {
  std::vector<InFlight> unbegun;
  for (LaneState& lane : lanes_) {
    lane.offers.erase(partition);
    lane.granted.erase(partition);
    lane.claiming.erase(partition);
    for (auto ready = lane.ready.begin(); ready != lane.ready.end();) {
      if (ready->second.partition != partition) {
        ++ready;
        continue;
      }
      unbegun.push_back(std::move(ready->second.request));
      ready = lane.ready.erase(ready);
    }
  }
  return unbegun;
}

std::optional<Instant> Dispatcher::LaneState::oldest_outstanding() const {
  std::optional<Instant> oldest;
  for (const auto* outstanding : {&granted, &claiming})
    for (const auto& [partition, turns] : *outstanding)
      for (const Instant turn : turns)
        if (!oldest || turn < *oldest) oldest = turn;
  return oldest;
}

int Dispatcher::LaneState::waiting() const {
  std::size_t count = ready.size();
  for (const auto* outstanding : {&granted, &claiming})
    for (const auto& [partition, turns] : *outstanding) count += turns.size();
  return static_cast<int>(count);
}

int Dispatcher::waiting(const std::string& gateway) const {
  int count = 0;
  for (const LaneState& lane : lanes_)
    if (lane.gateway == gateway) count += lane.waiting();
  return count;
}

bool Dispatcher::has_offers(const std::string& gateway) const {
  return std::ranges::any_of(lanes_,
                             [&](const LaneState& lane) { return lane.gateway == gateway && !lane.offers.empty(); });
}

Dispatcher::LaneState* Dispatcher::next_lane(const std::string& gateway) {
  LaneState* best = nullptr;
  int weights = 0;
  for (LaneState& lane : lanes_) {
    if (lane.gateway != gateway || lane.offers.empty()) continue;
    weights += lane.weight;
    lane.credit += lane.weight;
    if (best == nullptr || lane.credit > best->credit) best = &lane;
  }
  if (best != nullptr) best->credit -= weights;
  return best;
}

void Dispatcher::grant(GatewayState& gateway, const std::string& name, Millis now, Actions& actions) {
  if (draining_) return;
  for (int allowed = gateway.flow.allowance(now, waiting(name)); allowed > 0; --allowed) {
    LaneState* lane = next_lane(name);
    if (lane == nullptr) return;
    const auto oldest =
        std::ranges::min_element(lane->offers, {}, [](const auto& offer) { return offer.second.front(); });
    const int partition = oldest->first;
    lane->granted[partition].push_back(oldest->second.front());
    oldest->second.pop_front();
    if (oldest->second.empty()) lane->offers.erase(oldest);
    if (std::ranges::find(actions.granted, partition) == actions.granted.end()) actions.granted.push_back(partition);
  }
}

void Dispatcher::begin_ready(GatewayState& gateway, const std::string& name, Millis now, Actions& actions) {
  const bool paused = gateway.flow.paused(now);
  // Else shorter messages of other lanes would take the tokens that a long one waits for (E38).
  if (LaneState* first = std::exchange(gateway.short_of_tokens, nullptr); first != nullptr && !paused)
    begin_ready(gateway, *first, now, actions);
  for (LaneState& lane : lanes_) {
    if (lane.gateway != name) continue;
    if (!paused) {
      if (gateway.short_of_tokens == nullptr) begin_ready(gateway, lane, now, actions);
      continue;
    }
    for (auto& [decided, ready] : lane.ready)
      actions.returned.push_back({.partition = ready.partition, .request = std::move(ready.request)});
    lane.ready.clear();
  }
}

void Dispatcher::begin_ready(GatewayState& gateway, LaneState& lane, Millis now, Actions& actions) {
  const auto oldest = lane.oldest_outstanding();
  while (!lane.ready.empty()) {
    const auto first = lane.ready.begin();
    if (oldest && *oldest < first->first) return;
    const Errand& errand = first->second.request.errand;
    const int segments = segments_of(errand);
    if (!gateway.flow.may_begin(now, segments)) {
      gateway.short_of_tokens = &lane;
      return;
    }
    gateway.flow.begin(now, segments);
    gateway.open.emplace(first->second.request.notice, now);
    ++gateway.begun;
    if (std::holds_alternative<Submission>(errand)) gateway.segments += static_cast<std::uint64_t>(segments);
    actions.starts.push_back({.partition = first->second.partition, .request = std::move(first->second.request)});
    lane.ready.erase(first);
  }
}

Dispatcher::Actions Dispatcher::pump(Millis now) {
  Actions actions;
  for (auto& [name, gateway] : gateways_) {
    begin_ready(gateway, name, now, actions);
    grant(gateway, name, now, actions);
    gateway.flow.wanted(now, has_offers(name) || waiting(name) > 0);
  }
  return actions;
}

std::optional<Millis> Dispatcher::next_pump(Millis now) const {
  std::optional<Millis> next;
  for (const LaneState& lane : lanes_) {
    if (lane.ready.empty() && lane.offers.empty()) continue;
    const int segments = lane.ready.empty() ? 1 : segments_of(lane.ready.begin()->second.request.errand);
    const auto change = gateways_.at(lane.gateway).flow.next_change(now, segments);
    if (change && (!next || *change < *next)) next = change;
  }
  return next;
}

std::string refusal_of(const SendResult& result) {
  return std::visit(
      []<typename Result>(const Result& said) {
        if constexpr (std::is_same_v<Result, SendAccepted>)
          return std::string();
        else
          return said.detail;
      },
      result);
}

void Dispatcher::finished(const InFlight& request, const SendResult& result, Millis latency, Millis now) {
  const auto found = gateways_.find(request.gateway);
  if (found == gateways_.end()) return;
  GatewayState& gateway = found->second;
  if (std::string refusal = refusal_of(result); !refusal.empty()) {
    gateway.refusal = std::move(refusal);
    gateway.refused_at = now;
  }
  using Answer = flow::GatewayFlow::Answer;
  Answer answer = Answer::working;
  std::optional<Millis> pause;
  if (const auto* throttled = std::get_if<SendThrottled>(&result)) {
    ++gateway.throttled;
    answer = Answer::throttled;
    pause = throttled->after;
  } else if (std::holds_alternative<SendGatewayDown>(result)) {
    ++gateway.down;
    answer = Answer::down;
  } else if (const auto* unknown = std::get_if<SendUnknown>(&result)) {
    ++gateway.unknown;
    answer = unknown->telling ? Answer::unknown : Answer::none;
  } else {
    ++(std::holds_alternative<SendAccepted>(result) ? gateway.accepted : gateway.refused);
    const auto* retry = std::get_if<SendRetry>(&result);
    if (retry != nullptr && !retry->telling) answer = Answer::none;
  }
  const auto open = gateway.open.find(request.notice);
  const Millis begun = open == gateway.open.end() ? now : open->second;
  if (open != gateway.open.end()) gateway.open.erase(open);
  gateway.flow.answered(answer, begun, latency, now, pause);
}

flow::Breaker::State Dispatcher::breaker(const std::string& gateway) const {
  const auto found = gateways_.find(gateway);
  return found == gateways_.end() ? flow::Breaker::State::closed : found->second.flow.breaker();
}

void Dispatcher::share_rates(double speed) {
  for (auto& [name, gateway] : gateways_) gateway.flow.share_rate(speed);
}

std::vector<std::string> Dispatcher::gateway_names() const {
  std::vector<std::string> names;
  for (const auto& [name, gateway] : gateways_) names.push_back(name);
  return names;
}

int Dispatcher::ready_segments(const std::string& gateway) const {
  int segments = 0;
  for (const LaneState& lane : lanes_) {
    if (lane.gateway != gateway) continue;
    for (const auto& [decided, ready] : lane.ready) segments += segments_of(ready.request.errand);
  }
  return segments;
}

int Dispatcher::ask_for_slice(const std::string& gateway, Millis now, double part) {
  return gateways_.at(gateway).flow.ask_for_slice(now, ready_segments(gateway), part);
}

std::vector<Dispatcher::GatewayStatus> Dispatcher::status(Millis now) const {
  std::vector<GatewayStatus> all;
  for (const auto& [name, gateway] : gateways_) {
    int ready = 0;
    for (const LaneState& lane : lanes_)
      if (lane.gateway == name) ready += static_cast<int>(lane.ready.size());
    all.push_back({.name = name,
                   .open = gateway.flow.open(),
                   .window = gateway.flow.window(),
                   .ready = ready,
                   .breaker = gateway.flow.breaker(),
                   .paused_until = gateway.flow.paused_until(now),
                   .begun = gateway.begun,
                   .accepted = gateway.accepted,
                   .refused = gateway.refused,
                   .throttled = gateway.throttled,
                   .down = gateway.down,
                   .unknown = gateway.unknown,
                   .segments = gateway.segments,
                   .refusal = gateway.refusal,
                   .refused_at = gateway.refused_at,
                   .waits = has_offers(name) || waiting(name) > 0 || gateway.flow.open() > 0});
  }
  return all;
}

}  // namespace dun::scheduler
