#include "redis/commit_commands.hpp"
#include "redis/router.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace dun::redis {
namespace {
using Kind = StoreError::Kind;
using Type = Value::Type;
}  // namespace

Awaitable<StoreResult<void>> publish_events(Link& link, Keyspace keys, std::optional<int> partitions,
                                            std::vector<Fields> events) {
  Operation operation = {{"MULTI"}};
  for (const Fields& fields : events) {
    const int partition = partitions ? Router::partition_for(fields, *partitions) : 0;
    operation.push_back(append_to_stream(partitions ? keys.partition(partition).events() : keys.front_door(), fields));
  }
  operation.push_back({"EXEC"});
  auto replies = co_await ask(link, std::move(operation));
  if (!replies) co_return std::unexpected(replies.error());
  for (const Value& reply : *replies)
    if (reply.is(Type::error)) co_return std::unexpected(store_error(reply, keys.front_door()));
  for (const Value& reply : replies->back().items)
    if (reply.is(Type::error)) co_return std::unexpected(store_error(reply, keys.front_door()));
  co_return StoreResult<void>();
}

std::string to_text(const RejectedId& id) {
  return fmt::format("{}:{}", id.partition, to_text(id.id));
}

std::optional<RejectedId> parse_rejected_id(std::string_view text) {
  int partition = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), partition);
  if (error != std::errc() || end == text.data() + text.size() || *end != ':' || partition < 0) return std::nullopt;
  const auto id = parse_stream_id(std::string_view(end + 1, text.data() + text.size()));
  if (!id) return std::nullopt;
  return RejectedId{.partition = partition, .id = *id};
}

Awaitable<StoreResult<std::vector<RejectedItem>>> list_rejected(Link& link, Keyspace keys, int partition,
                                                                StreamId after, std::size_t count) {
  const std::string key = keys.partition(partition).rejected();
  auto replies = co_await ask(link, {read_stream(key, after, count)});
  if (!replies) co_return std::unexpected(replies.error());
  const auto entries = take_entries(std::move(replies->front()), key);
  if (!entries) co_return std::unexpected(entries.error());
  std::vector<RejectedItem> items;
  for (const StreamEntry& entry : *entries)
    items.push_back({.id = {.partition = partition, .id = entry.id}, .entry = rejected_from_fields(entry.fields)});
  co_return items;
}

Awaitable<StoreResult<bool>> requeue_rejected(Link& link, Keyspace keys, RejectedId id) {
  const PartitionKeys partition = keys.partition(id.partition);
  const std::string key = partition.rejected();
  const std::string at = to_text(id.id);
  // The stream is watched from before it is read, so that two people who requeue the same entry do it once. Engines
  // add to it meanwhile; then it is read again.
  constexpr int attempts_max = 100;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    auto found = co_await ask(link, {{"WATCH", key}, {"XRANGE", key, at, at}});
    if (!found) co_return std::unexpected(found.error());
    auto entries = take_entries(std::move((*found)[1]), key);
    if (!entries) co_return std::unexpected(entries.error());
    if (entries->empty()) {
      co_await ask(link, {{"UNWATCH"}});
      co_return false;
    }
    const Fields original = rejected_from_fields(entries->front().fields).original.fields;
    if (original.empty())
      co_return std::unexpected(StoreError{
          .kind = Kind::corrupt, .message = fmt::format("{} {}: holds no original; Dun did not write it", key, at)});
    const auto replies =
        co_await ask(link, {{"MULTI"}, append_to_stream(partition.events(), original), {"XDEL", key, at}, {"EXEC"}});
    if (!replies) co_return std::unexpected(replies.error());
    for (const Value& reply : *replies)
      if (reply.is(Type::error)) co_return std::unexpected(store_error(reply, partition.events()));
    for (const Value& reply : replies->back().items)
      if (reply.is(Type::error)) co_return std::unexpected(store_error(reply, partition.events()));
    if (!replies->back().is(Type::nil)) co_return true;
  }
  co_return std::unexpected(StoreError{
      .kind = Kind::unavailable, .message = fmt::format("{} changes too fast to requeue {} now; try again", key, at)});
}

}  // namespace dun::redis
