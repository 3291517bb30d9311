#include "redis/key.hpp"

#include <fmt/format.h>

namespace dun::redis {
namespace {

StoreError refused(const Value& reply, const std::string& key) {
  StoreError error = store_error(reply, key);
  if (reply.is_error("NOPERM"))
    error.message += fmt::format("; grant the user of `dun serve` ~{}, or set [security] key in dun.toml", key);
  return error;
}

/// Only read where it is there already: that must go on while Redis is full.
Awaitable<StoreResult<std::string>> get_or_set(Link& link, std::string key, std::string fresh) {
  for (const bool missing : {false, true}) {
    Operation operation{{"GET", key}};
    if (missing) operation.insert(operation.begin(), Command{"SET", key, fresh, "NX"});
    const auto replies = co_await ask(link, std::move(operation));
    if (!replies) co_return std::unexpected(replies.error());
    for (const Value& reply : *replies)
      if (reply.is(Value::Type::error)) co_return std::unexpected(refused(reply, key));
    if (replies->back().is(Value::Type::text) && !replies->back().text.empty()) co_return replies->back().text;
  }
  co_return std::unexpected(
      StoreError{.kind = StoreError::Kind::corrupt, .message = fmt::format("{}: there is no key in it", key)});
}

}  // namespace

std::string key_name(std::string_view prefix) {
  return fmt::format("{}/key", prefix);
}

Awaitable<StoreResult<std::string>> open_key(Link& link, std::string prefix, std::string fresh) {
  return get_or_set(link, key_name(prefix), std::move(fresh));
}

Awaitable<StoreResult<bool>> hold_key(Link& link, std::string prefix, std::string own) {
  const auto found = co_await get_or_set(link, key_name(prefix), own);
  if (!found) co_return std::unexpected(found.error());
  co_return *found == own;
}

}  // namespace dun::redis
