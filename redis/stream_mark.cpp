#include "redis/stream_mark.hpp"

#include <algorithm>
#include <utility>

namespace dun::redis {

using Type = Value::Type;

Command ask_mark(std::string key) {
  return {"XINFO", "GROUPS", std::move(key)};
}

StoreResult<Mark> take_mark(const Value& reply, std::string_view key) {
  if (is_no_stream(reply)) return Mark::no_stream;
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  // Each group is a list of names and values, the group's own name first.
  const bool there = std::ranges::any_of(
      reply.items, [](const Value& group) { return group.items.size() > 1 && group.items[1].text == mark_name; });
  return there ? Mark::there : Mark::missing;
}

Operation set_mark(Mark found, std::string key, std::string meta) {
  Operation writes = {{"HSET", std::move(meta), "marked", "1"}};
  if (found != Mark::there)
    writes.push_back({"XGROUP", "CREATE", std::move(key), std::string(mark_name), "0-0", "MKSTREAM"});
  return writes;
}

}  // namespace dun::redis
