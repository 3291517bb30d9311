#include "redis/stream.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dun::redis {

using Type = Value::Type;
namespace {

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

/// How much there is of an entry, and whether all of it was kept.
struct Extent {
  std::uint64_t bytes = 0, longest = 0;
  bool dropped = false;  ///< there are more fields than an event may have
  bool whole = true;
  [[nodiscard]] bool too_large() const {
    return dropped || longest > EntryBounds::text_max || bytes > EntryBounds::entry_max;
  }
};

Extent measure(const Value& fields) {
  Extent extent{.bytes = fields.cut, .dropped = fields.cut > 0 || fields.items.size() > 2 * EntryBounds::fields_max};
  for (const Value& text : fields.items) {
    const std::uint64_t size = text.text.size() + text.cut;
    extent.bytes += size;
    extent.longest = std::max(extent.longest, size);
    extent.whole = extent.whole && text.cut == 0;
  }
  extent.whole = extent.whole && fields.cut == 0;
  return extent;
}

void shorten(StreamEntry& entry, std::uint64_t bytes) {
  entry.oversize = bytes;
  if (entry.fields.size() > EntryBounds::fields_kept) entry.fields.resize(EntryBounds::fields_kept);
  for (auto& [name, value] : entry.fields)
    for (std::string* text : {&name, &value})
      if (text->size() > EntryBounds::text_kept) text->resize(EntryBounds::text_kept);
  entry.fields.shrink_to_fit();
}

/// What the router has shortened says so in its first field.
void take_mark(StreamEntry& entry) {
  if (entry.oversize > 0 || entry.fields.empty() || entry.fields.front().first != oversize_field) return;
  entry.oversize = to_unsigned(entry.fields.front().second).value_or(0);
  if (entry.oversize > 0) entry.fields.erase(entry.fields.begin());
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
  // There is no id behind the last one, and Redis refuses to look there: an interval that holds nothing.
  if (after == last_possible_id) return {"XRANGE", std::move(key), "+", "-"};
  return {"XRANGE", std::move(key), "(" + to_text(after), "+", "COUNT", std::to_string(count)};
}

Command last_of_stream(std::string key) {
  return {"XREVRANGE", std::move(key), "+", "-", "COUNT", "1"};
}

Command last_of_stream(std::string key, StreamId after) {
  if (after == last_possible_id) return read_stream(std::move(key), after, 1);
  Command command = last_of_stream(std::move(key));
  if (after != StreamId()) command[3] = "(" + to_text(after);
  return command;
}

Fields copy_of(const StreamEntry& entry) {
  Fields fields = entry.fields;
  if (entry.oversize > 0) fields.emplace(fields.begin(), oversize_field, std::to_string(entry.oversize));
  return fields;
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

ReplyLimits reply_limits() {
  return {.text = EntryBounds::text_max, .items = 2 * EntryBounds::fields_max, .total = EntryBounds::reply_max};
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
    const Extent extent = measure(item.items[1]);
    if (!extent.whole && !extent.too_large()) break;
    StreamEntry& entry = entries.emplace_back(*id);
    auto& flat = item.items[1].items;
    entry.fields.reserve(flat.size() / 2);
    for (std::size_t i = 0; i < flat.size(); i += 2)
      entry.fields.emplace_back(std::move(flat[i].text), std::move(flat[i + 1].text));
    if (extent.too_large()) shorten(entry, extent.bytes);
    take_mark(entry);
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

bool is_absence(const Value& reply) {
  return std::ranges::any_of(absences, [&](const char* code) { return reply.is_error(code); });
}

bool is_no_stream(const Value& reply) {
  // Redis has no code of its own for a key that is not there.
  return reply.is_error("ERR") && reply.text.find("no such key") != std::string::npos;
}

StoreError store_error(const Value& reply, std::string_view key) {
  const auto matches = [&](const char* code) { return reply.is_error(code); };
  if (std::ranges::any_of(refusals, matches))
    return {.kind = StoreError::Kind::refused, .message = fmt::format("Redis refuses at {}: {}", key, reply.text)};
  if (is_absence(reply))
    return {.kind = StoreError::Kind::unavailable, .message = fmt::format("Redis cannot at {}: {}", key, reply.text)};
  if (reply.is_error("WRONGTYPE"))
    return {.kind = StoreError::Kind::corrupt,
            .message = fmt::format("{} is not of the type that Dun keeps there", key)};
  if (reply.is(Type::error))
    return {.kind = StoreError::Kind::corrupt, .message = fmt::format("{}: {}", key, reply.text)};
  return {.kind = StoreError::Kind::corrupt, .message = fmt::format("{}: a reply of unexpected form", key)};
}

}  // namespace dun::redis
