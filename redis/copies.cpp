#include "redis/copies.hpp"

#include "redis/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {

using Type = Value::Type;
namespace {

StoreError changed(const Link& link, std::string_view key) {
  return {.kind = StoreError::Kind::unavailable,
          .message = fmt::format("{}: {} may have lost writes since it was read", link.display(), key)};
}

}  // namespace

Copies::Copies(Executor executor, Site site, LinkOptions link_options, Keyspace keys, int partitions,
               Replication replication)
    : links_(std::move(executor), std::move(site), std::move(link_options)), replication_(replication) {
  for (int number = 0; number < partitions; ++number) {
    PartitionKeys of_partition = keys.partition(number);
    Link& link = links_.to(of_partition.door());
    partitions_.push_back({.keys = std::move(of_partition), .link = &link});
  }
}

Awaitable<StoreResult<StreamId>> Copies::begin(StreamId cursor) {
  StreamId lowest = cursor;
  for (Partition& partition : partitions_) {
    const auto server = co_await partition.link->connected();
    if (!server) co_return std::unexpected(unavailable(server.error()));
    const std::string key = partition.keys.door();
    const auto replies = co_await partition.link->execute({{"GET", key}}, server->connection);
    if (!replies) co_return std::unexpected(unavailable(replies.error()));
    const Value& reply = replies->front();
    const auto mark = reply.is(Type::nil) ? StreamId() : parse_stream_id(reply.text);
    if (reply.is(Type::error) || !mark) co_return std::unexpected(store_error(reply, key));
    partition.connection = server->connection;
    partition.mark = std::min(*mark, cursor);
    lowest = std::min(lowest, partition.mark);
  }
  co_return lowest;
}

Awaitable<StoreResult<void>> Copies::copy(std::vector<StreamEntry> entries) {
  std::vector<StreamId> marks;
  for (const Partition& partition : partitions_) marks.push_back(partition.mark);
  for (const StreamEntry& entry : entries) {
    const int number = Router::partition_for(entry.fields, static_cast<int>(partitions_.size()));
    Partition& partition = partitions_[static_cast<std::size_t>(number)];
    if (entry.id <= partition.mark) continue;
    if (partition.operation.empty()) partition.operation.push_back({"MULTI"});
    partition.operation.push_back(append_to_stream(partition.keys.events(), copy_of(entry)));
    marks[static_cast<std::size_t>(number)] = entry.id;
  }
  for (std::size_t i = 0; i < partitions_.size(); ++i) {
    if (partitions_[i].operation.empty()) continue;
    partitions_[i].operation.push_back({"SET", partitions_[i].keys.door(), to_text(marks[i])});
    partitions_[i].operation.push_back({"EXEC"});
    append_wait(partitions_[i].operation, replication_);
    partitions_[i].writes = true;
  }
  auto performed = co_await perform();
  if (!performed) co_return performed;
  for (std::size_t i = 0; i < partitions_.size(); ++i) partitions_[i].mark = marks[i];
  co_return performed;
}

Awaitable<StoreResult<void>> Copies::settle(StreamId cursor) {
  for (Partition& partition : partitions_) {
    const std::string key = partition.keys.door();
    if (partition.mark < cursor)
      partition.operation = {{"SET", key, to_text(cursor), "GET"}};
    else
      partition.operation = {{"GET", key}};
  }
  auto performed = co_await perform();
  if (performed)
    for (Partition& partition : partitions_) partition.mark = std::max(partition.mark, cursor);
  co_return performed;
}

/// What is to be done at each partition, at all of them at once. A single command answers with the mark, which must not
/// have gone back.
Awaitable<StoreResult<void>> Copies::perform() {
  for (Partition& partition : partitions_)
    if (!partition.operation.empty())
      partition.started = partition.link->start(std::exchange(partition.operation, {}), partition.connection);
  StoreResult<void> result;
  for (Partition& partition : partitions_) {
    if (!partition.started) {
      if (partition.link->connection() != partition.connection)
        result = std::unexpected(changed(*partition.link, partition.keys.events()));
      continue;
    }
    const bool writes = std::exchange(partition.writes, false);
    const auto replies = co_await partition.link->finish(std::exchange(partition.started, {}));
    if (!result) continue;
    if (!replies) {
      result = std::unexpected(unavailable(replies.error()));
    } else if (const Value* error = error_of_transaction(*replies); error != nullptr) {
      result = std::unexpected(store_error(*error, partition.keys.events()));
    } else if (writes) {
      result = check_wait(*replies, replication_, partition.keys.events());
    } else {
      const Value& mark = replies->front();
      const auto found = mark.is(Type::nil) ? StreamId() : parse_stream_id(mark.text);
      if (found.value_or(StreamId()) < partition.mark)
        result = std::unexpected(changed(*partition.link, partition.keys.door()));
    }
  }
  co_return result;
}

Awaitable<void> Copies::close() {
  co_await links_.close();
}

}  // namespace dun::redis
