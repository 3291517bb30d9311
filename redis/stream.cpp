#include "redis/stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dun::redis {
namespace {

using Type = Value::Type;

// Error codes of replies, and what they mean to whoever asked.
constexpr std::array refusals = {"OOM", "READONLY", "MISCONF", "NOPERM", "NOAUTH", "NOREPLICAS", "EXECABORT"};
constexpr std::array absences = {"LOADING",  "MASTERDOWN", "CLUSTERDOWN", "MOVED",
                                 "TRYAGAIN", "ASK",        "BUSY",        "UNBLOCKED"};

std::optional<std::uint64_t> to_unsigned(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string to_text(StreamId id) {
  return fmt::format("{}-{}", id.ms, id.seq);
}

bool is_numbered(StreamId id) {
  constexpr std::uint64_t first_clock = 1'000'000'000'000;
  return id.ms < first_clock && id.seq == 0;
}

std::optional<StreamId> parse_stream_id(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto ms = to_unsigned(text.substr(0, dash));
  const auto seq = dash == text.size() ? std::optional<std::uint64_t>(0) : to_unsigned(text.substr(dash + 1));
  if (!ms || !seq) return std::nullopt;
  return StreamId{.ms = *ms, .seq = *seq};
}

Command read_stream(std::string key, StreamId after, std::size_t count) {
  return {"XRANGE", std::move(key), "(" + to_text(after), "+", "COUNT", std::to_string(count)};
}

Command last_of_stream(std::string key) {
  return {"XREVRANGE", std::move(key), "+", "-", "COUNT", "1"};
}

Command append_to_stream(std::string key, const Fields& fields) {
  Command command = {"XADD", std::move(key), "*"};
  command.reserve(3 + 2 * fields.size());
  for (const auto& [name, value] : fields) {
    command.push_back(name);
    command.push_back(value);
  }
  return command;
}

StoreResult<std::vector<StreamEntry>> take_entries(Value&& reply, std::string_view key) {
  if (reply.is(Type::nil)) return {};
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  std::vector<StreamEntry> entries;
  entries.reserve(reply.items.size());
  for (Value& item : reply.items) {
    const bool pair = item.is(Type::array) && item.items.size() == 2 && item.items[1].is(Type::array);
    const auto id = pair ? parse_stream_id(item.items[0].text) : std::nullopt;
    if (!id || item.items[1].items.size() % 2 != 0) return std::unexpected(store_error(item, key));
    StreamEntry& entry = entries.emplace_back(*id);
    auto& flat = item.items[1].items;
    entry.fields.reserve(flat.size() / 2);
    for (std::size_t i = 0; i < flat.size(); i += 2)
      entry.fields.emplace_back(std::move(flat[i].text), std::move(flat[i + 1].text));
  }
  return entries;
}

StoreResult<StreamId> take_last_id(Value&& reply, std::string_view key) {
  auto entries = take_entries(std::move(reply), key);
  if (!entries) return std::unexpected(std::move(entries).error());
  return entries->empty() ? StreamId() : entries->front().id;
}

const Value* error_of_transaction(const std::vector<Value>& replies) {
  const auto is_error = [](const Value& reply) { return reply.is(Type::error); };
  if (const auto found = std::ranges::find_if(replies, is_error); found != replies.end()) return &*found;
  for (const Value& reply : replies)
    if (const auto found = std::ranges::find_if(reply.items, is_error); found != reply.items.end()) return &*found;
  return nullptr;
}

StoreError store_error(const Value& reply, std::string_view key) {
  const auto matches = [&](const char* code) { return reply.is_error(code); };
  if (std::ranges::any_of(refusals, matches))
    return {.kind = StoreError::Kind::refused, .message = fmt::format("Redis refuses at {}: {}", key, reply.text)};
  if (std::ranges::any_of(absences, matches))
    return {.kind = StoreError::Kind::unavailable, .message = fmt::format("Redis cannot at {}: {}", key, reply.text)};
  if (reply.is_error("WRONGTYPE"))
    return {.kind = StoreError::Kind::corrupt,
            .message = fmt::format("{} is not of the type that Dun keeps there", key)};
  if (reply.is(Type::error))
    return {.kind = StoreError::Kind::corrupt, .message = fmt::format("{}: {}", key, reply.text)};
  return {.kind = StoreError::Kind::corrupt, .message = fmt::format("{}: a reply of unexpected form", key)};
}

}  // namespace dun::redis
