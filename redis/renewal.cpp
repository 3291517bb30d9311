#include "redis/renewal.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace dun::redis {

using Type = Value::Type;
namespace {

// Entries beyond the clock that are looked at in one piece.
constexpr std::size_t page = 256;

const Value* find(const Value& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.items.size(); i += 2)
    if (list.items[i].text == name) return &list.items[i + 1];
  return nullptr;
}

}  // namespace

StreamId clock_end() {
  using std::chrono::system_clock;
  const auto end = std::chrono::floor<Millis>(system_clock::now().time_since_epoch()) + std::chrono::hours(24);
  return {.ms = static_cast<std::uint64_t>(end.count()), .seq = 0};
}

Command ask_facts(std::string key) {
  return {"XINFO", "STREAM", std::move(key)};
}

StoreResult<StreamFacts> take_facts(const Value& reply, std::string_view key) {
  if (is_no_stream(reply)) return StreamFacts();
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  const Value* last = find(reply, "last-generated-id");
  const auto id = last == nullptr ? std::nullopt : parse_stream_id(last->text);
  if (!id) return std::unexpected(store_error(reply, key));
  const auto number = [&](std::string_view name) {
    const Value* value = find(reply, name);
    return value == nullptr ? 0 : static_cast<std::uint64_t>(std::max<std::int64_t>(value->to_number(), 0));
  };
  return StreamFacts{.last = *id, .added = number("entries-added"), .length = number("length")};
}

Awaitable<StoreResult<Renewal>> plan_renewal(Link& link, std::string key) {
  const StreamId end = clock_end();
  auto replies = co_await ask(link, {{"XREVRANGE", key, to_text(end), "-", "COUNT", "1"}});
  if (!replies) co_return std::unexpected(replies.error());
  const auto kept = take_last_id(std::move(replies->front()), key);
  if (!kept) co_return std::unexpected(kept.error());
  Renewal renewal{.writes = {}, .end = *kept, .removed = {}};
  Command removal = {"XDEL", key};
  for (StreamId after = end;;) {
    auto more = co_await ask(link, {read_stream(key, after, page)});
    if (!more) co_return std::unexpected(more.error());
    auto entries = take_entries(std::move(more->front()), key);
    if (!entries) co_return std::unexpected(std::move(entries).error());
    if (entries->empty()) break;
    after = entries->back().id;
    for (StreamEntry& entry : *entries) {
      removal.push_back(to_text(entry.id));
      renewal.removed.push_back(std::move(entry));
    }
  }
  if (removal.size() > 2) renewal.writes.push_back(std::move(removal));
  renewal.writes.push_back({"XSETID", std::move(key), to_text(renewal.end)});
  co_return renewal;
}

}  // namespace dun::redis
