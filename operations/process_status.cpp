#include "operations/process_status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace dun::operations {
namespace {

using Json = nlohmann::ordered_json;

std::string_view to_text(scheduler::flow::Breaker::State state) {
  switch (state) {
    case scheduler::flow::Breaker::State::closed:
      return "closed";
    case scheduler::flow::Breaker::State::open:
      return "open";
    case scheduler::flow::Breaker::State::trying:
      return "trying";
  }
  return "?";
}

Json to_json(const scheduler::Dispatcher::GatewayStatus& gateway, Millis steady) {
  Json json{{"name", gateway.name},
            {"open", gateway.open},
            {"window", gateway.window},
            {"ready", gateway.ready},
            {"breaker", to_text(gateway.breaker)},
            {"begun", gateway.begun},
            {"taken", gateway.accepted},
            {"refused", gateway.refused},
            {"throttled", gateway.throttled},
            {"down", gateway.down},
            {"without_answer", gateway.unknown},
            {"segments", gateway.segments}};
  if (gateway.refused_at) {
    json["refusal"] = gateway.refusal;
    json["refusal_ms"] = (steady - *gateway.refused_at).count();
  }
  if (gateway.paused_until) json["paused_ms"] = (*gateway.paused_until - steady).count();
  return json;
}

Json to_json(const scheduler::Engine::PartitionStatus& partition) {
  Json json{{"partition", partition.number},
            {"owned", partition.owned},
            {"held", partition.shelved},
            {"in_flight", partition.in_flight},
            {"batches", partition.batches}};
  if (const auto& review = partition.review; review.of + review.minutes > 0)
    json["review"] = {{"reviewed", review.reviewed}, {"of", review.of}, {"timer_minutes", review.minutes}};
  if (!partition.trouble.empty()) json["trouble"] = partition.trouble;
  return json;
}

Json to_json(const scheduler::Alert& alert) {
  Json json{{"alert", alert.name}, {"since", to_rfc3339(alert.since)}, {"detail", alert.detail}};
  if (!alert.subject.empty()) json["subject"] = alert.subject;
  return json;
}

}  // namespace

std::string to_json_text(const ProcessStatus& status, Millis steady) {
  const auto owned = std::ranges::count_if(status.partitions, [](const auto& partition) { return partition.owned; });
  Json json{{"owner", status.owner}, {"roles", status.roles},   {"stopping", status.stopping},  {"share", status.share},
            {"owned", owned},        {"policy", status.policy}, {"now", to_rfc3339(status.now)}};
  json["zones"] = status.zones.name;
  json["zones_written"] = to_rfc3339(status.zones.written);
  json["gateways"] = Json::array();
  for (const auto& gateway : status.gateways) {
    json["gateways"].push_back(to_json(gateway, steady));
    if (const auto rate = status.rates.find(gateway.name); rate != status.rates.end())
      json["gateways"].back()["rate"] = std::round(rate->second * 10) / 10;
  }

  json["partitions"] = Json::array();
  for (const auto& partition : status.partitions) json["partitions"].push_back(to_json(partition));
  json["receipts"] = Json::array();
  for (const auto& [gateway, counts] : status.receipts)
    json["receipts"].push_back({{"gateway", gateway},
                                {"taken", counts->taken.load()},
                                {"forged", counts->forged.load()},
                                {"foreign", counts->foreign.load()},
                                {"refused", counts->refused.load()},
                                {"delayed", counts->delayed.load()}});
  json["alerts"] = Json::array();
  for (const scheduler::Alert& alert : status.alerts) json["alerts"].push_back(to_json(alert));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace dun::operations
