#include "redis/meta.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;
using Type = Value::Type;
namespace {

/// A stream that is read, with what its reader keeps beside it.
struct Stream {
  std::string key, meta, lease;
};

std::vector<Stream> streams_of(const Keyspace& keys, int partitions) {
  std::vector<Stream> all = {{.key = keys.front_door(), .meta = keys.router_meta(), .lease = keys.router_lease()}};
  for (int number = 0; number < partitions; ++number) {
    const PartitionKeys partition = keys.partition(number);
    all.push_back({.key = partition.events(), .meta = partition.meta(), .lease = partition.lease()});
  }
  return all;
}

StoreResult<StreamId> take_cursor(const Value& reply, const std::string& meta) {
  if (reply.is(Type::nil)) return StreamId();
  const auto id = parse_stream_id(reply.text);
  if (!reply.is(Type::text) || !id) return std::unexpected(store_error(reply, meta));
  return *id;
}

}  // namespace

Awaitable<StoreResult<std::vector<StreamStatus>>> list_streams(Links& links, Keyspace keys, int partitions) {
  std::vector<StreamStatus> found;
  for (const Stream& stream : streams_of(keys, partitions)) {
    const auto replies = co_await ask(links, {ask_facts(stream.key), {"HGET", stream.meta, "cursor"}});
    if (!replies) co_return std::unexpected(replies.error());
    const auto facts = take_facts((*replies)[0], stream.key);
    if (!facts) co_return std::unexpected(facts.error());
    const auto cursor = take_cursor((*replies)[1], stream.meta);
    if (!cursor) co_return std::unexpected(cursor.error());
    found.push_back({.key = stream.key, .facts = *facts, .cursor = *cursor});
  }
  co_return found;
}

Awaitable<StoreResult<StreamRenewed>> renew_stream(Links& links, Keyspace keys, int partitions, std::string key) {
  const auto all = streams_of(keys, partitions);
  const auto stream = std::ranges::find(all, key, &Stream::key);
  if (stream == all.end())
    co_return std::unexpected(
        StoreError{.kind = Kind::refused,
                   .message = fmt::format("{} is no stream of events; `dun streams list` shows them", key)});
  Link& link = links.to(key);
  // Whoever owns it goes on meanwhile; then it is looked at again.
  constexpr int attempts_max = 100;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    const auto found =
        co_await ask(link, {{"WATCH", key, stream->meta, stream->lease}, {"HMGET", stream->meta, "cursor", "missed"}});
    if (!found) co_return std::unexpected(found.error());
    const Value& kept = found->back();
    if (!kept.is(Type::array) || kept.items.size() != 2) co_return std::unexpected(store_error(kept, stream->meta));
    const auto cursor = take_cursor(kept.items[0], stream->meta);
    if (!cursor) co_return std::unexpected(cursor.error());
    auto renewal = co_await plan_renewal(link, key);
    if (!renewal) co_return std::unexpected(renewal.error());
    StreamRenewed renewed{.end = renewal->end, .removed = renewal->removed.size(), .kept = 0};
    Operation operation = {{"MULTI"}};
    std::ranges::move(renewal->writes, std::back_inserter(operation));
    for (const StreamEntry& entry : renewal->removed) {
      if (entry.id <= *cursor) continue;
      operation.push_back(append_to_stream(key, copy_of(entry)));
      ++renewed.kept;
    }
    operation.push_back({"HSET", stream->meta, "cursor", to_text(std::min(*cursor, renewal->end))});
    // Redis counts what is added again once more.
    if (!kept.items[1].is(Type::nil))
      operation.push_back({"HINCRBY", stream->meta, "missed", std::to_string(renewed.kept)});
    // Its owner reads the cursor anew when it finds that the lease has gone.
    operation.push_back({"DEL", stream->lease});
    operation.push_back({"EXEC"});
    const auto replies = co_await ask(link, std::move(operation));
    if (!replies) co_return std::unexpected(replies.error());
    if (const Value* error = error_of_transaction(*replies); error != nullptr)
      co_return std::unexpected(store_error(*error, key));
    if (!replies->back().is(Type::nil)) co_return renewed;
  }
  co_return std::unexpected(StoreError{.kind = Kind::unavailable,
                                       .message = fmt::format("{} changes too fast to be renewed; try again", key)});
}

}  // namespace dun::redis
