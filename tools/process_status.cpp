#include "tools/process_status.hpp"

#include <nlohmann/json.hpp>

namespace dun::tools {
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
            {"taken", gateway.taken},
            {"throttled", gateway.throttled},
            {"down", gateway.down},
            {"lost", gateway.lost}};
  if (gateway.paused_until) json["paused_ms"] = (*gateway.paused_until - steady).count();
  return json;
}

Json to_json(const scheduler::Engine::PartitionStatus& partition) {
  Json json{{"partition", partition.number},
            {"owned", partition.owned},
            {"shelved", partition.shelved},
            {"in_flight", partition.in_flight},
            {"batches", partition.batches}};
  if (!partition.trouble.empty()) json["trouble"] = partition.trouble;
  return json;
}

std::string process_key(const std::string& prefix, const std::string& owner) {
  return prefix + ":process:" + owner;
}

}  // namespace

redis::Command store_process_status(const std::string& prefix, const ProcessStatus& status, Millis steady, Millis ttl) {
  Json json{{"owner", status.owner}, {"policy", status.policy}, {"now", to_rfc3339(status.now)}};
  json["gateways"] = Json::array();
  for (const auto& gateway : status.gateways) json["gateways"].push_back(to_json(gateway, steady));
  json["partitions"] = Json::array();
  for (const auto& partition : status.partitions) json["partitions"].push_back(to_json(partition));
  return {"SET", process_key(prefix, status.owner), json.dump(-1, ' ', false, Json::error_handler_t::replace), "PX",
          std::to_string(ttl.count())};
}

async::Awaitable<redis::StoreResult<std::vector<std::string>>> read_process_statuses(redis::Link& link,
                                                                                     std::string prefix) {
  std::vector<std::string> all;
  std::string cursor = "0";
  do {
    auto scanned = co_await redis::ask(link, {{"SCAN", cursor, "MATCH", process_key(prefix, "*"), "COUNT", "1000"}});
    if (!scanned) co_return std::unexpected(scanned.error());
    const redis::Value& reply = scanned->front();
    if (!reply.is(redis::Value::Type::array) || reply.items.size() != 2)
      co_return std::unexpected(redis::store_error(reply, "SCAN"));
    cursor = reply.items[0].text;
    for (const redis::Value& key : reply.items[1].items) {
      auto got = co_await redis::ask(link, {{"GET", key.text}});
      if (!got) co_return std::unexpected(got.error());
      if (got->front().is(redis::Value::Type::text)) all.push_back(got->front().text);
    }
  } while (cursor != "0");
  co_return all;
}

}  // namespace dun::tools
