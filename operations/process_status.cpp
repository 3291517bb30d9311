#include "operations/process_status.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <concepts>

namespace dun::operations {
namespace {

using Json = nlohmann::ordered_json;

// ------------------------------------------------------------------------------------------------------- written

Json to_json(const ProcessStatus::Gateway& gateway) {
  Json json{{"name", gateway.name},
            {"open", gateway.open},
            {"window", gateway.window},
            {"ready", gateway.ready},
            {"breaker", gateway.breaker},
            {"begun", gateway.begun},
            {"taken", gateway.accepted},
            {"refused", gateway.refused},
            {"throttled", gateway.throttled},
            {"down", gateway.down},
            {"without_answer", gateway.unknown},
            {"segments", gateway.segments}};
  if (gateway.refused_for) {
    json["refusal"] = gateway.refusal;
    json["refusal_ms"] = gateway.refused_for->count();
  }
  if (gateway.paused_for) json["paused_ms"] = gateway.paused_for->count();
  if (gateway.rate) json["rate"] = std::round(*gateway.rate * 10) / 10;
  return json;
}

Json to_json(const ProcessStatus::Partition& partition) {
  Json json{{"partition", partition.number},
            {"owned", partition.owned},
            {"held", partition.held},
            {"in_flight", partition.in_flight},
            {"batches", partition.batches}};
  if (partition.review_of + partition.review_minutes > 0)
    json["review"] = {
        {"reviewed", partition.reviewed}, {"of", partition.review_of}, {"timer_minutes", partition.review_minutes}};
  if (!partition.trouble.empty()) json["trouble"] = partition.trouble;
  return json;
}

Json to_json(const ProcessStatus::Receipts& receipts) {
  return {{"gateway", receipts.gateway}, {"taken", receipts.taken},     {"forged", receipts.forged},
          {"foreign", receipts.foreign}, {"refused", receipts.refused}, {"delayed", receipts.delayed}};
}

Json to_json(const scheduler::Alert& alert) {
  Json json{{"alert", alert.name}, {"since", to_rfc3339(alert.since)}, {"detail", alert.detail}};
  if (!alert.subject.empty()) json["subject"] = alert.subject;
  return json;
}

template <typename T>
Json to_list(const std::vector<T>& values) {
  Json list = Json::array();
  for (const T& value : values) list.push_back(to_json(value));
  return list;
}

// ---------------------------------------------------------------------------------------------------------- read

/// An object of another process: what is not there, or is something else, is left at what the caller has for it.
class Said {
 public:
  explicit Said(const Json& json) : json_(json) {}

  [[nodiscard]] std::string text(const char* name, std::string otherwise = "?") const {
    const Json* value = find(name);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::move(otherwise);
  }
  template <typename T>
  [[nodiscard]] std::optional<T> number(const char* name) const {
    const Json* value = find(name);
    return value != nullptr && value->is_number() ? std::optional(value->get<T>()) : std::nullopt;
  }
  void take(const char* name, std::integral auto& into) const {
    if (const auto value = number<std::remove_reference_t<decltype(into)>>(name)) into = *value;
  }
  void take(const char* name, bool& into) const {
    if (const Json* value = find(name); value != nullptr && value->is_boolean()) into = value->get<bool>();
  }
  [[nodiscard]] std::optional<Millis> span(const char* name) const {
    const auto value = number<std::int64_t>(name);
    return value ? std::optional(Millis(*value)) : std::nullopt;
  }
  [[nodiscard]] std::optional<Instant> instant(const char* name) const {
    const auto value = parse_rfc3339(text(name));
    return value ? std::optional(*value) : std::nullopt;
  }
  /// The objects of a list.
  template <typename Read>
  void each(const char* name, Read read) const {
    const Json* list = find(name);
    if (list == nullptr || !list->is_array()) return;
    for (const Json& element : *list)
      if (element.is_object()) read(Said(element));
  }
  [[nodiscard]] const Json* find(const char* name) const {
    const auto found = json_.find(name);
    return found == json_.end() ? nullptr : &*found;
  }

 private:
  const Json& json_;
};

ProcessStatus::Gateway read_gateway(const Said& said) {
  ProcessStatus::Gateway gateway{.name = said.text("name"), .breaker = said.text("breaker")};
  said.take("open", gateway.open);
  said.take("window", gateway.window);
  said.take("ready", gateway.ready);
  said.take("begun", gateway.begun);
  said.take("taken", gateway.accepted);
  said.take("refused", gateway.refused);
  said.take("throttled", gateway.throttled);
  said.take("down", gateway.down);
  said.take("without_answer", gateway.unknown);
  said.take("segments", gateway.segments);
  gateway.refusal = said.text("refusal", "");
  gateway.refused_for = said.span("refusal_ms");
  gateway.paused_for = said.span("paused_ms");
  gateway.rate = said.number<double>("rate");
  return gateway;
}

ProcessStatus::Partition read_partition(const Said& said) {
  ProcessStatus::Partition partition{.trouble = said.text("trouble", "")};
  said.take("partition", partition.number);
  said.take("owned", partition.owned);
  said.take("held", partition.held);
  said.take("in_flight", partition.in_flight);
  said.take("batches", partition.batches);
  if (const Json* review = said.find("review"); review != nullptr && review->is_object()) {
    Said(*review).take("reviewed", partition.reviewed);
    Said(*review).take("of", partition.review_of);
    Said(*review).take("timer_minutes", partition.review_minutes);
  }
  return partition;
}

ProcessStatus::Receipts read_receipts(const Said& said) {
  ProcessStatus::Receipts receipts{.gateway = said.text("gateway")};
  said.take("taken", receipts.taken);
  said.take("forged", receipts.forged);
  said.take("foreign", receipts.foreign);
  said.take("refused", receipts.refused);
  said.take("delayed", receipts.delayed);
  return receipts;
}

scheduler::Alert read_alert(const Said& said) {
  return {.name = said.text("alert"),
          .subject = said.text("subject", ""),
          .gateway = {},
          .detail = said.text("detail", ""),
          .since = said.instant("since").value_or(Instant())};
}

}  // namespace

std::string to_json_text(const ProcessStatus& status) {
  Json json{{"owner", status.owner}, {"roles", status.roles}, {"stopping", status.stopping},
            {"share", status.share}, {"owned", status.owned}, {"policy", status.policy}};
  if (status.now) json["now"] = to_rfc3339(*status.now);
  if (status.zones) {
    json["zones"] = status.zones->name;
    json["zones_written"] = to_rfc3339(status.zones->written);
  }
  json["gateways"] = to_list(status.gateways);
  json["partitions"] = to_list(status.partitions);
  json["receipts"] = to_list(status.receipts);
  json["alerts"] = to_list(status.alerts);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<ProcessStatus> read_process_status(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const Said said(json);
  ProcessStatus status{.owner = said.text("owner"), .policy = said.text("policy"), .now = said.instant("now")};
  if (const Json* roles = said.find("roles"); roles != nullptr && roles->is_array())
    for (const Json& role : *roles)
      if (role.is_string()) status.roles.push_back(role.get<std::string>());
  said.take("stopping", status.stopping);
  said.take("share", status.share);
  said.take("owned", status.owned);
  if (const auto written = said.instant("zones_written"))
    status.zones = {.name = said.text("zones"), .written = *written};
  said.each("gateways", [&](const Said& each) { status.gateways.push_back(read_gateway(each)); });
  said.each("partitions", [&](const Said& each) { status.partitions.push_back(read_partition(each)); });
  said.each("receipts", [&](const Said& each) { status.receipts.push_back(read_receipts(each)); });
  said.each("alerts", [&](const Said& each) { status.alerts.push_back(read_alert(each)); });
  return status;
}

}  // namespace dun::operations
