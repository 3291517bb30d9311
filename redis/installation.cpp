#include "redis/installation.hpp"

#include "redis/processes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dun::redis {

using Kind = StoreError::Kind;
namespace {

StoreError wrong(std::string message) {
  return {.kind = Kind::corrupt, .message = std::move(message)};
}

constexpr int oldest_layout = 1;

/// What `dun:meta` says.
struct Found {
  int layout = layout_version;
  Installation installation;
};

/// Three fields in the order layout, partitions, buckets.
StoreResult<Found> read_fields(const Value& reply, const std::string& key, const std::string& server) {
  if (!reply.is(Value::Type::array) || reply.items.size() != 3) return std::unexpected(store_error(reply, key));
  if (reply.items[1].is(Value::Type::nil))
    return std::unexpected(StoreError{
        .kind = Kind::refused,
        .message = fmt::format("{}: there is no Dun installation ({} does not exist); start `dun serve` or `dun up` "
                               "first, or correct --redis and --prefix",
                               server, key)});
  const std::int64_t layout = reply.items[0].to_number();
  if (layout < oldest_layout || layout > layout_version)
    return std::unexpected(
        wrong(fmt::format("{}: data of layout {}, and this program knows layout {}; use the program that belongs to it",
                          key, layout, layout_version)));
  const std::int64_t partitions = reply.items[1].to_number();
  const std::int64_t buckets = reply.items[2].to_number();
  if (partitions < 1 || partitions > 16'384 || buckets < 1 || buckets > 1'000'000'000)
    return std::unexpected(wrong(fmt::format("{}: the number of partitions or buckets makes no sense", key)));
  return Found{
      .layout = static_cast<int>(layout),
      .installation = {.partitions = static_cast<int>(partitions), .buckets = static_cast<std::uint32_t>(buckets)}};
}

Awaitable<StoreResult<Found>> read_found(Links& links, Keyspace keys) {
  const std::string key = keys.installation();
  Link& link = links.to(key);
  const auto replies = co_await ask(link, {{"HMGET", key, "layout", "partitions", "buckets"}});
  if (!replies) co_return std::unexpected(replies.error());
  co_return read_fields(replies->front(), key, link.display());
}

/// Whether a server that refuses a write will take it later is not known, but for one that asks for other rights.
StoreError not_written(const Value& reply, const std::string& key) {
  StoreError error = store_error(reply, key);
  if (error.kind == Kind::refused && !reply.is_error("NOPERM") && !reply.is_error("NOAUTH"))
    error.kind = Kind::unavailable;
  return error;
}

StoreResult<void> compare(const Installation& found, const Installation& wanted, const std::string& key) {
  const auto disagree = [&](std::string_view what, auto configured, auto fixed) {
    return std::unexpected(wrong(
        fmt::format("{}: configuration says {} {}, the installation was made with {}; set it back to {}, or choose "
                    "another prefix for a new installation",
                    key, configured, what, fixed, fixed)));
  };
  if (found.partitions != wanted.partitions) return disagree("partitions", wanted.partitions, found.partitions);
  if (found.buckets != wanted.buckets) return disagree("buckets", wanted.buckets, found.buckets);
  return {};
}

/// A process that writes an older layout does not know ours: both are not at work side by side.
Awaitable<StoreResult<void>> raise_layout(Links& links, Keyspace keys) {
  const auto living = co_await running_processes(links.to(keys.processes()), keys);
  if (!living) co_return std::unexpected(living.error());
  std::vector<std::string> names;
  for (const RunningProcess& process : *living) names.push_back(process.owner);
  if (!names.empty())
    co_return std::unexpected(StoreError{
        .kind = Kind::unavailable,
        .message = fmt::format("{} of the version before: takes over when it has stopped", fmt::join(names, ", "))});
  const std::string key = keys.installation();
  const auto replies = co_await ask(links.to(key), {{"HSET", key, "layout", std::to_string(layout_version)}});
  if (!replies) co_return std::unexpected(replies.error());
  if (replies->front().is(Value::Type::error)) co_return std::unexpected(not_written(replies->front(), key));
  co_return StoreResult<void>();
}

}  // namespace

Awaitable<StoreResult<void>> open_installation(Links& links, Keyspace keys, Installation wanted) {
  const std::string key = keys.installation();
  Link& link = links.to(key);
  // What is there is not written again: a server that is full lets read, and must be able to be started on.
  const auto known = co_await read_found(links, keys);
  if (!known && known.error().kind != Kind::refused) co_return std::unexpected(known.error());
  if (known) {
    if (const auto same = compare(known->installation, wanted, key); !same) co_return std::unexpected(same.error());
    if (known->layout < layout_version) co_return co_await raise_layout(links, keys);
    co_return StoreResult<void>();
  }
  const auto replies = co_await ask(link, {{"HSETNX", key, "layout", std::to_string(layout_version)},
                                           {"HSETNX", key, "partitions", std::to_string(wanted.partitions)},
                                           {"HSETNX", key, "buckets", std::to_string(wanted.buckets)},
                                           {"HMGET", key, "layout", "partitions", "buckets"}});
  if (!replies) co_return std::unexpected(replies.error());
  for (const Value& reply : *replies)
    if (reply.is(Value::Type::error)) co_return std::unexpected(not_written(reply, key));
  const auto found = read_fields(replies->back(), key, link.display());
  if (!found) co_return std::unexpected(found.error());
  co_return compare(found->installation, wanted, key);
}

Awaitable<StoreResult<Installation>> read_installation(Links& links, Keyspace keys) {
  const auto found = co_await read_found(links, keys);
  if (!found) co_return std::unexpected(found.error());
  co_return found->installation;
}

}  // namespace dun::redis
