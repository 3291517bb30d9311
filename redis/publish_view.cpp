#include "redis/router.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;

Awaitable<StoreResult<void>> publish_events(Links& links, Keyspace keys, std::optional<int> partitions,
                                            std::vector<Fields> events, Replication replication) {
  struct Share {
    std::string stream;
    Operation operation{{"MULTI"}};
    Link::Started started;
  };
  std::map<Link*, Share> shares;
  for (const Fields& fields : events) {
    const std::string stream =
        partitions ? keys.partition(Router::partition_for(fields, *partitions)).events() : keys.front_door();
    Share& share = shares[&links.to(stream)];
    share.stream = stream;
    share.operation.push_back(append_to_stream(stream, fields));
  }
  for (auto& [link, share] : shares) {
    share.operation.push_back({"EXEC"});
    append_wait(share.operation, replication);
    share.started = link->start(std::move(share.operation));
  }
  StoreResult<void> result;
  for (auto& [link, share] : shares) {
    const auto replies = co_await link->finish_following(share.started);
    if (!result) continue;
    if (!replies)
      result = std::unexpected(unavailable(replies.error()));
    else if (const Value* error = error_of_transaction(*replies); error != nullptr)
      result = std::unexpected(store_error(*error, share.stream));
    else
      result = check_wait(*replies, replication, share.stream);
  }
  co_return result;
}

Awaitable<StoreResult<void>> publish_numbered(Links& links, Keyspace keys, std::uint64_t connection,
                                              std::vector<NumberedEvent> events, Replication replication) {
  const std::string stream = keys.front_door();
  Operation operation = {{"MULTI"}};
  for (const NumberedEvent& event : events) {
    operation.push_back(append_to_stream(stream, event.fields));
    operation.back()[2] = to_text(StreamId{.ms = event.number, .seq = 0});
  }
  operation.push_back({"EXEC"});
  append_wait(operation, replication);
  const auto replies = co_await links.to(stream).execute(std::move(operation), connection);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  if (const Value* error = error_of_transaction(*replies); error != nullptr) {
    if (!error->is_error("ERR")) co_return std::unexpected(store_error(*error, stream));
    co_return std::unexpected(StoreError{.kind = Kind::refused,
                                         .message = fmt::format("{} ends behind event {} already: somebody else writes "
                                                                "to it ({})",
                                                                stream, events.front().number, error->text)});
  }
  co_return check_wait(*replies, replication, stream);
}

Awaitable<StoreResult<StreamEnd>> read_stream_end(Links& links, std::string stream) {
  Link& link = links.to(stream);
  const auto server = co_await link.connected();
  if (!server) co_return std::unexpected(unavailable(server.error()));
  const auto replies = co_await link.execute({{"XLEN", stream}, {"XINFO", "STREAM", stream}}, server->connection);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  StreamEnd end{.id = {}, .connection = server->connection};
  // Redis has no code of its own for a key that is not there; its length says so.
  if ((*replies)[1].is_error("ERR") && (*replies)[0] == integer_value(0)) co_return end;
  const auto& facts = (*replies)[1].items;
  const auto name = std::ranges::find(facts, "last-generated-id", &Value::text);
  const auto id = facts.end() - name > 1 ? parse_stream_id(name[1].text) : std::nullopt;
  if (!id) co_return std::unexpected(store_error((*replies)[1], stream));
  end.id = *id;
  co_return end;
}

EventStreams::EventStreams(Links& links, Keyspace keys, int partitions)
    : links_(links), keys_(std::move(keys)), partitions_(partitions) {}

Awaitable<StoreResult<void>> EventStreams::publish(std::vector<Fields> events, bool direct, int replicas) {
  const Replication replication{.replicas = replicas};
  const auto partitions = direct ? std::optional(partitions_) : std::nullopt;
  co_return co_await publish_events(links_, keys_, partitions, std::move(events), replication);
}

Awaitable<StoreResult<operations::NumberedEnd>> EventStreams::numbered_end() {
  const std::string stream = keys_.front_door();
  const auto end = co_await read_stream_end(links_, stream);
  if (!end) co_return std::unexpected(end.error());
  operations::NumberedEnd numbered{
      .stream = stream, .last = to_text(end->id), .number = {}, .connection = end->connection};
  if (is_numbered(end->id)) numbered.number = end->id.ms;
  co_return numbered;
}

Awaitable<StoreResult<void>> EventStreams::publish_numbered(std::uint64_t connection, std::vector<NumberedEvent> events,
                                                            int replicas) {
  const Replication replication{.replicas = replicas};
  co_return co_await redis::publish_numbered(links_, keys_, connection, std::move(events), replication);
}

}  // namespace dun::redis
