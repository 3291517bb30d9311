#include "redis/replication.hpp"

#include <fmt/format.h>

namespace dun::redis {

void append_wait(Operation& operation, const Replication& replication) {
  if (replication.replicas == 0) return;
  operation.push_back({"WAIT", std::to_string(replication.replicas), std::to_string(replication.within.count())});
}

StoreResult<void> check_wait(const std::vector<Value>& replies, const Replication& replication, std::string_view what) {
  if (replication.replicas == 0) return {};
  const Value& reply = replies.back();
  if (!reply.is(Value::Type::integer)) return std::unexpected(store_error(reply, "WAIT"));
  if (reply.number >= replication.replicas) return {};
  return std::unexpected(StoreError{
      .kind = StoreError::Kind::unavailable,
      .message = fmt::format("{}: {} of {} replicas have the last write within {}; see wait_replicas in dun.toml", what,
                             reply.number, replication.replicas, dun::to_text(replication.within))});
}

}  // namespace dun::redis
