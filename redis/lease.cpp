#include "redis/lease.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;
using Type = Value::Type;

/// What stands in Redis, with the lease watched from before it was read.
struct Lease::Watched {
  std::uint64_t connection = 0;
  Value lease;
  std::uint64_t epoch = 0;
};

Lease::Lease(Link& link, LeaseOptions options) : link_(link), options_(std::move(options)) {
  DUN_ASSERT(!options_.owner.empty() && options_.owner.find(' ') == std::string::npos);
}

std::string Lease::token(std::uint64_t epoch) const {
  return fmt::format("{} {}", options_.owner, epoch);
}

Command Lease::set_lease(std::uint64_t epoch) const {
  return {"SET", options_.key, token(epoch), "PX", std::to_string(options_.ttl.count())};
}

Awaitable<StoreResult<Lease::Watched>> Lease::watch() {
  const auto server = co_await link_.connected();
  if (!server) co_return std::unexpected(unavailable(server.error()));
  // What an earlier attempt watched may have changed since, and would make this one fail.
  const auto replies = co_await link_.execute(
      {{"UNWATCH"}, {"WATCH", options_.key}, {"GET", options_.key}, {"HGET", options_.meta, "epoch"}},
      server->connection);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  for (const Value& reply : *replies)
    if (reply.is(Type::error))
      co_return std::unexpected(store_error(reply, &reply == &replies->back() ? options_.meta : options_.key));
  Watched watched;
  watched.connection = server->connection;
  watched.lease = (*replies)[2];
  watched.epoch = static_cast<std::uint64_t>((*replies)[3].to_number());
  co_return watched;
}

Awaitable<StoreResult<std::uint64_t>> Lease::acquire() {
  connection_.reset();
  const auto found = co_await watch();
  if (!found) co_return std::unexpected(found.error());
  const std::string owner = found->lease.text.substr(0, found->lease.text.find(' '));
  if (!found->lease.is(Type::nil) && owner != options_.owner)
    co_return std::unexpected(
        StoreError{.kind = Kind::owned, .message = fmt::format("{} is owned by {}", options_.what, owner)});
  const std::uint64_t epoch = found->epoch + 1;
  auto replies = co_await link_.execute({{"MULTI"},
                                         set_lease(epoch),
                                         {"HSET", options_.meta, "epoch", std::to_string(epoch)},
                                         {"EXEC"},
                                         {"WATCH", options_.key},
                                         {"GET", options_.key}},
                                        found->connection);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  for (std::size_t i = 0; i < 3; ++i)
    if ((*replies)[i].is(Type::error)) co_return std::unexpected(store_error((*replies)[i], options_.key));
  const Value& executed = (*replies)[3];
  if (executed.is(Type::error)) co_return std::unexpected(store_error(executed, options_.key));
  if (executed.is(Type::nil) || (*replies)[5].text != token(epoch))
    co_return std::unexpected(
        StoreError{.kind = Kind::owned, .message = fmt::format("{} was taken by another just now", options_.what)});
  epoch_ = epoch;
  connection_ = found->connection;
  co_return epoch;
}

StoreError Lease::lost(const Value& lease) const {
  if (lease.is(Type::nil))
    return {.kind = Kind::fenced,
            .message = fmt::format("the lease of {} ran out before it was renewed", options_.what)};
  return {.kind = Kind::fenced, .message = fmt::format("{} was taken over by {}", options_.what, lease.text)};
}

Awaitable<StoreResult<std::vector<Value>>> Lease::commit(Operation writes) {
  // Held again only when the reply says that it was: a commit that breaks off or is cancelled leaves nothing to build
  // on.
  const auto connection = std::exchange(connection_, {});
  if (!connection)
    co_return std::unexpected(
        StoreError{.kind = Kind::fenced, .message = fmt::format("the lease of {} is not held", options_.what)});
  std::vector<std::string> keys;
  keys.reserve(writes.size());
  for (const Command& write : writes) keys.push_back(write.at(write[0] == "XGROUP" ? 2 : 1));
  Operation operation;
  operation.reserve(writes.size() + 5);
  operation.push_back({"MULTI"});
  operation.push_back(set_lease(epoch_));
  std::ranges::move(writes, std::back_inserter(operation));
  operation.push_back({"EXEC"});
  operation.push_back({"WATCH", options_.key});
  operation.push_back({"GET", options_.key});
  const std::size_t exec = operation.size() - 3;
  append_wait(operation, options_.replication);

  auto replies = co_await link_.execute(std::move(operation), connection);
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  const Value& lease = (*replies)[exec + 2];
  const bool still_ours = lease.text == token(epoch_);
  for (std::size_t i = 0; i < exec; ++i) {
    if (!(*replies)[i].is(Type::error)) continue;
    if (still_ours) connection_ = connection;
    co_return std::unexpected(store_error((*replies)[i], i < 2 ? options_.key : keys[i - 2]));
  }
  Value& executed = (*replies)[exec];
  if (executed.is(Type::nil)) co_return std::unexpected(lost(lease));
  if (executed.is(Type::error) && still_ours) connection_ = connection;
  if (!executed.is(Type::array) || executed.items.size() != keys.size() + 1)
    co_return std::unexpected(store_error(executed, options_.key));
  // A transaction is not undone when a command inside fails: the others were applied, so the state cannot be trusted.
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Value& reply = executed.items[i + 1];
    if (reply.is(Type::error))
      co_return std::unexpected(StoreError{.kind = Kind::corrupt, .message = store_error(reply, keys[i]).message});
  }
  if (auto copied = check_wait(*replies, options_.replication, options_.what); !copied)
    co_return std::unexpected(std::move(copied).error());
  if (still_ours) connection_ = connection;
  executed.items.erase(executed.items.begin());
  co_return std::move(executed.items);
}

Awaitable<StoreResult<std::vector<Value>>> Lease::finish_under(Link::Started started, std::optional<Millis> deadline) {
  std::vector<Link::Started> renewals;
  while (connection_ && !co_await link_.ends_within(started, options_.ttl / 3))
    renewals.push_back(link_.start(
        {{"MULTI"}, set_lease(epoch_), {"EXEC"}, {"WATCH", options_.key}, {"GET", options_.key}}, connection_));
  auto replies = co_await link_.finish(std::move(started), deadline);
  for (const Link::Started& renewal : renewals) {
    const auto renewed = co_await link_.finish(renewal);
    if (renewed && (*renewed)[2].is(Type::array) && (*renewed)[4].text == token(epoch_)) continue;
    connection_.reset();
    if (!replies) break;
    if (!renewed) co_return std::unexpected(unavailable(renewed.error()));
    co_return std::unexpected(lost((*renewed)[4]));
  }
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  co_return *std::move(replies);
}

Awaitable<void> Lease::release() {
  connection_.reset();
  if (epoch_ == 0) co_return;
  // Compared again: what became of our last commit, and so whose lease it is, need not be known.
  const auto found = co_await watch();
  if (found && found->lease.text == token(epoch_))
    co_await link_.execute({{"MULTI"}, {"DEL", options_.key}, {"EXEC"}}, found->connection);
}

}  // namespace dun::redis
