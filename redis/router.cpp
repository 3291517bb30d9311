#include "redis/router.hpp"

#include "async/deadline.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {
namespace {

using Kind = StoreError::Kind;

LeaseOptions lease_options(const RouterOptions& options, const Keyspace& keys) {
  return {.key = keys.router_lease(),
          .meta = keys.router_meta(),
          .what = "the router",
          .owner = options.owner,
          .ttl = options.lease_ttl};
}

}  // namespace

Router::Router(Executor executor, Address address, LinkOptions link_options, RouterOptions options)
    : options_(std::move(options)),
      keyspace_(options_.prefix),
      link_(std::move(executor), std::move(address), std::move(link_options)),
      lease_(link_, lease_options(options_, keyspace_)),
      batches_until_trim_(options_.trim_every) {}

int Router::partition_for(const Fields& fields, int partitions) {
  const auto value = [&](std::string_view name) {
    const auto found = std::ranges::find(fields, name, &Field::first);
    return found == fields.end() ? std::string_view() : std::string_view(found->second);
  };
  const std::string_view account = value("account");
  if (!is_account_id(account) || value("type") == to_text(EventType::source_heartbeat)) return 0;
  return partition_of(account, partitions);
}

Awaitable<StoreResult<void>> Router::acquire() {
  if (const auto epoch = co_await lease_.acquire(); !epoch) co_return std::unexpected(epoch.error());
  const std::string key = keyspace_.router_meta();
  const auto replies = co_await ask(link_, {{"HGET", key, "cursor"}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& cursor = replies->front();
  const auto id = cursor.is(Value::Type::nil) ? StreamId() : parse_stream_id(cursor.text);
  if (cursor.is(Value::Type::error)) co_return std::unexpected(store_error(cursor, key));
  if (!id)
    co_return std::unexpected(StoreError{
        .kind = Kind::corrupt, .message = fmt::format("{}: the cursor \"{}\" is not a stream id", key, cursor.text)});
  cursor_ = *id;
  co_return StoreResult<void>();
}

Awaitable<StoreResult<std::size_t>> Router::step() {
  const std::string door = keyspace_.front_door();
  auto replies = co_await link_.execute({{"XREAD", "COUNT", std::to_string(options_.batch), "BLOCK",
                                          std::to_string(options_.block.count()), "STREAMS", door, to_text(cursor_)}},
                                        {}, options_.block + options_.lease_ttl);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  // A reply is nil, or a list with the one stream as a pair of name and entries.
  Value& reply = replies->front();
  Value found;
  if (reply.is(Value::Type::array) && reply.items.size() == 1 && reply.items[0].items.size() == 2)
    found = std::move(reply.items[0].items[1]);
  else
    found = std::move(reply);
  const auto entries = take_entries(std::move(found), door);
  if (!entries) co_return std::unexpected(entries.error());

  Operation writes;
  writes.reserve(entries->size() + 2);
  for (const StreamEntry& entry : *entries) {
    const int partition = partition_for(entry.fields, options_.partitions);
    writes.push_back(append_to_stream(keyspace_.partition(partition).events(), entry.fields));
  }
  const StreamId cursor = entries->empty() ? cursor_ : entries->back().id;
  if (!entries->empty()) writes.push_back({"HSET", keyspace_.router_meta(), "cursor", to_text(cursor)});
  if (!entries->empty() && --batches_until_trim_ <= 0) {
    const auto span = static_cast<std::uint64_t>(Millis(options_.retention).count());
    const StreamId kept{.ms = cursor.ms > span ? cursor.ms - span : 0, .seq = 0};
    writes.push_back({"XTRIM", door, "MINID", "~", to_text(kept)});
    batches_until_trim_ = options_.trim_every;
  }
  if (const auto committed = co_await lease_.commit(std::move(writes)); !committed)
    co_return std::unexpected(committed.error());
  cursor_ = cursor;
  co_return entries->size();
}

Awaitable<void> Router::run() {
  while (true) {
    StoreError failure;
    if (const auto acquired = co_await acquire(); acquired) {
      report(true, "routing the front door");
      auto routed = co_await step();
      while (routed) routed = co_await step();
      failure = std::move(routed).error();
    } else {
      failure = acquired.error();
    }
    report(failure.kind == Kind::owned, failure.message);
    co_await async::sleep(options_.retry);
  }
}

void Router::report(bool well, const std::string& what) {
  if (reported_ == what) return;
  reported_ = what;
  if (options_.on_change) options_.on_change(well, what);
}

Awaitable<void> Router::close() {
  co_await lease_.release();
  co_await link_.close();
}

}  // namespace dun::redis
