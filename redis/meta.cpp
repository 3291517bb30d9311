#include "redis/meta.hpp"

#include "redis/stream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace dun::redis {
namespace {

using scheduler::Counters;

constexpr std::array<std::pair<std::string_view, std::uint64_t Counters::*>, 12> counter_fields = {{
    {"read", &Counters::read},
    {"applied", &Counters::applied},
    {"duplicate", &Counters::duplicate},
    {"conflict", &Counters::conflict},
    {"superseded", &Counters::superseded},
    {"rejected", &Counters::rejected},
    {"refused", &Counters::refused},
    {"zone_unknown", &Counters::zone_unknown},
    {"receipts", &Counters::receipts},
    {"receipts_unknown", &Counters::receipts_unknown},
    {"reports", &Counters::reports},
    {"sent", &Counters::sent},
}};
static_assert(sizeof(Counters) == counter_fields.size() * sizeof(std::uint64_t), "a counter that is not stored");

template <typename Number>
bool parse(const std::string& text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

Command write_meta(std::string key, const PartitionMeta& meta) {
  Command command = {
      "HSET",   std::move(key), "cursor", to_text(meta.cursor),
      "policy", meta.policy,    "at",     std::to_string(meta.at.value_or(Instant()).time_since_epoch().count())};
  for (const auto& [name, counter] : counter_fields) {
    command.emplace_back(name);
    command.push_back(std::to_string(meta.counters.*counter));
  }
  return command;
}

Decoded<PartitionMeta> read_meta(const Value& reply) {
  PartitionMeta meta;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
    const std::string& name = reply.items[i].text;
    const std::string& text = reply.items[i + 1].text;
    const auto wrong = [&] { return std::unexpected("field " + name + " is not what Dun writes"); };
    if (name == "cursor") {
      const auto id = parse_stream_id(text);
      if (!id) return wrong();
      meta.cursor = *id;
      continue;
    }
    if (name == "policy") {
      meta.policy = text;
      continue;
    }
    if (name == "marked") {
      meta.marked = true;
      continue;
    }
    if (name == "at") {
      std::int64_t ms = 0;
      if (!parse(text, ms)) return wrong();
      meta.at = Instant(Millis(ms));
      continue;
    }
    if (name == "missed") {
      std::int64_t missed = 0;
      if (!parse(text, missed)) return wrong();
      meta.missed = missed;
      continue;
    }
    const auto field = std::ranges::find(counter_fields, std::string_view(name), [](const auto& f) { return f.first; });
    if (field == counter_fields.end()) continue;
    if (!parse(text, meta.counters.*field->second)) return wrong();
  }
  return meta;
}

}  // namespace dun::redis
