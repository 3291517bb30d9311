#include "redis/commit_commands.hpp"
#include "redis/router.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;
using Type = Value::Type;
namespace {

/// One command, to the server that has the key.
Awaitable<StoreResult<void>> write(Links& links, std::string key, Command command) {
  const auto replies = co_await ask(links.to(key), {std::move(command)});
  if (!replies) co_return std::unexpected(replies.error());
  if (replies->front().is(Type::error)) co_return std::unexpected(store_error(replies->front(), key));
  co_return StoreResult<void>();
}

/// Another partition may be on another server, where no transaction reaches: what is put first cannot get lost.
Awaitable<StoreResult<bool>> requeue_elsewhere(Links& links, std::string events, Fields original, std::string rejected,
                                               std::string at) {
  const auto put = co_await write(links, events, append_to_stream(events, original));
  if (!put) co_return std::unexpected(put.error());
  const auto taken = co_await write(links, rejected, {"XDEL", rejected, at});
  if (!taken) co_return std::unexpected(taken.error());
  co_return true;
}

}  // namespace

std::optional<RejectedId> parse_rejected_id(std::string_view text) {
  int partition = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), partition);
  if (error != std::errc() || end == text.data() + text.size() || *end != ':' || partition < 0) return std::nullopt;
  const auto id = parse_stream_id(std::string_view(end + 1, text.data() + text.size()));
  if (!id) return std::nullopt;
  return RejectedId{.partition = partition, .id = *id};
}

Awaitable<StoreResult<std::vector<RejectedItem>>> list_rejected(Links& links, Keyspace keys, int partition,
                                                                StreamId after, std::size_t count) {
  const std::string key = keys.partition(partition).rejected();
  auto replies = co_await ask(links, {read_stream(key, after, count)});
  if (!replies) co_return std::unexpected(replies.error());
  const auto entries = take_entries(std::move(replies->front()), key);
  if (!entries) co_return std::unexpected(entries.error());
  std::vector<RejectedItem> items;
  for (const StreamEntry& entry : *entries)
    items.push_back({.id = {.partition = partition, .id = entry.id}, .entry = rejected_from_fields(entry.fields)});
  co_return items;
}

Awaitable<StoreResult<bool>> requeue_rejected(Links& links, Keyspace keys, int partitions, RejectedId id) {
  const std::string key = keys.partition(id.partition).rejected();
  const std::string at = to_text(id.id);
  Link& link = links.to(key);
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
    const StreamEntry rejected = rejected_from_fields(entries->front().fields).original;
    if (rejected.oversize > 0) {
      co_await ask(link, {{"UNWATCH"}});
      co_return std::unexpected(StoreError{
          .kind = Kind::refused,
          .message =
              fmt::format("only the beginning of its {} bytes was kept; its producer must publish it again, smaller",
                          rejected.oversize)});
    }
    const Fields& original = rejected.fields;
    if (original.empty())
      co_return std::unexpected(StoreError{
          .kind = Kind::corrupt, .message = fmt::format("{} {}: holds no original; Dun did not write it", key, at)});
    const int home = Router::home_of(original, partitions).value_or(id.partition);
    const std::string events = keys.partition(home).events();
    if (home != id.partition) {
      co_await ask(link, {{"UNWATCH"}});
      co_return co_await requeue_elsewhere(links, events, original, key, at);
    }
    const auto replies =
        co_await ask(link, {{"MULTI"}, append_to_stream(events, original), {"XDEL", key, at}, {"EXEC"}});
    if (!replies) co_return std::unexpected(replies.error());
    if (const Value* error = error_of_transaction(*replies); error != nullptr)
      co_return std::unexpected(store_error(*error, events));
    if (!replies->back().is(Type::nil)) co_return true;
  }
  co_return std::unexpected(StoreError{
      .kind = Kind::unavailable, .message = fmt::format("{} changes too fast to requeue {} now; try again", key, at)});
}

RejectedStreams::RejectedStreams(Links& links, Keyspace keys, int partitions)
    : links_(links), keys_(std::move(keys)), partitions_(partitions) {}

Awaitable<StoreResult<std::vector<RejectedItem>>> RejectedStreams::list(int partition, StreamId after,
                                                                        std::size_t count) {
  return list_rejected(links_, keys_, partition, after, count);
}

Awaitable<StoreResult<bool>> RejectedStreams::requeue(RejectedId id) {
  return requeue_rejected(links_, keys_, partitions_, id);
}

}  // namespace dun::redis
