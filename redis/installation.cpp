#include "redis/installation.hpp"

#include <fmt/format.h>

namespace dun::redis {
namespace {

using Kind = StoreError::Kind;

StoreError wrong(std::string message) {
  return {.kind = Kind::corrupt, .message = std::move(message)};
}

/// Three fields in the order layout, partitions, buckets.
StoreResult<Installation> read_fields(const Value& reply, const std::string& key, const std::string& server) {
  if (!reply.is(Value::Type::array) || reply.items.size() != 3) return std::unexpected(store_error(reply, key));
  if (reply.items[1].is(Value::Type::nil))
    return std::unexpected(StoreError{
        .kind = Kind::refused,
        .message = fmt::format("{}: there is no Dun installation ({} does not exist); start `dun serve` or `dun up` "
                               "first, or correct --redis and --prefix",
                               server, key)});
  if (const auto layout = reply.items[0].to_number(); layout != layout_version)
    return std::unexpected(
        wrong(fmt::format("{}: data of layout {}, and this program knows layout {}; use the program that belongs to it",
                          key, layout, layout_version)));
  const std::int64_t partitions = reply.items[1].to_number();
  const std::int64_t buckets = reply.items[2].to_number();
  if (partitions < 1 || partitions > 16'384 || buckets < 1 || buckets > 1'000'000'000)
    return std::unexpected(wrong(fmt::format("{}: the number of partitions or buckets makes no sense", key)));
  return Installation{.partitions = static_cast<int>(partitions), .buckets = static_cast<std::uint32_t>(buckets)};
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

}  // namespace

Awaitable<StoreResult<void>> open_installation(Links& links, Keyspace keys, Installation wanted) {
  const std::string key = keys.installation();
  Link& link = links.to(key);
  // What is there is not written again: a server that is full lets read, and must be able to be started on.
  const auto known = co_await read_installation(links, keys);
  if (!known && known.error().kind != Kind::refused) co_return std::unexpected(known.error());
  if (known) co_return compare(*known, wanted, key);
  const auto replies = co_await ask(link, {{"HSETNX", key, "layout", std::to_string(layout_version)},
                                           {"HSETNX", key, "partitions", std::to_string(wanted.partitions)},
                                           {"HSETNX", key, "buckets", std::to_string(wanted.buckets)},
                                           {"HMGET", key, "layout", "partitions", "buckets"}});
  if (!replies) co_return std::unexpected(replies.error());
  for (const Value& reply : *replies)
    if (reply.is(Value::Type::error)) co_return std::unexpected(not_written(reply, key));
  const auto found = read_fields(replies->back(), key, link.display());
  if (!found) co_return std::unexpected(found.error());
  co_return compare(*found, wanted, key);
}

Awaitable<StoreResult<Installation>> read_installation(Links& links, Keyspace keys) {
  const std::string key = keys.installation();
  Link& link = links.to(key);
  const auto replies = co_await ask(link, {{"HMGET", key, "layout", "partitions", "buckets"}});
  if (!replies) co_return std::unexpected(replies.error());
  co_return read_fields(replies->front(), key, link.display());
}

}  // namespace dun::redis
