#include "redis/rate_counter.hpp"

#include "redis/stream.hpp"

#include <algorithm>

namespace dun::redis {

Awaitable<StoreResult<scheduler::RateCounter::Count>> RedisRateCounter::add(std::string gateway, Millis length,
                                                                            int segments) {
  const std::string key = keys_.rate(gateway);
  // LT: only where the key has no expiry, or a later one.
  const auto replies = co_await ask(links_, {{"INCRBY", key, std::to_string(segments)},
                                             {"PEXPIRE", key, std::to_string(length.count()), "LT"},
                                             {"PTTL", key}});
  if (!replies) co_return std::unexpected(replies.error());
  for (const Value& reply : *replies)
    if (!reply.is(Value::Type::integer)) co_return std::unexpected(store_error(reply, key));
  // Below 0: it ran out just now.
  co_return Count{.total = (*replies)[0].number, .left = Millis(std::max<std::int64_t>((*replies)[2].number, 0))};
}

}  // namespace dun::redis
