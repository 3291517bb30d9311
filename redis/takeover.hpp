// A replica that took over may not have the last writes of its master: what follows for sending.
#pragma once

#include "redis/lease.hpp"
#include "redis/link.hpp"
#include "redis/options.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace dun::redis {

/// Who a server is among those that share a history of writes, as INFO replication tells it.
struct ServerHistory {
  std::string id;      ///< of its history of writes (master_replid)
  std::string before;  ///< of the history that it took over when it became the master (master_replid2)
  std::string place;   ///< where it is, as a link displays it
};
[[nodiscard]] ServerHistory read_history(std::string_view info, std::string place);

/// True if the server took over from the one that is known as `ID PLACE`, and so may lack its last writes. A server
/// that was started again where it was is not meant: what it lost is a matter of its persistence. Neither is a slot of
/// a cluster that was moved: nothing is lost then, and the histories have nothing to do with each other. Behind
/// Sentinels every other server with another history has taken over, perhaps after a further one that nobody saw.
[[nodiscard]] bool took_over(std::string_view known, const ServerHistory& now, bool sentinel);

using WallTime = std::chrono::sys_time<Millis>;
/// From the field `hold_until` of a meta hash: milliseconds since the epoch; nil: never.
[[nodiscard]] WallTime read_hold(const Value& field);
[[nodiscard]] inline WallTime wall_time() {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now());
}

/// After a failover that lost the last writes, state and stream have gone back together, and replaying makes the same
/// notices. But a payment may be among what was lost, until its producer sends it again: so claims wait. The fields
/// `history` and `hold_until` of a meta hash remember across processes which server was seen, and until when. Owner: a
/// store or a router, which looks each time it has taken its lease.
class Takeover {
 public:
  Takeover(Link& link, Lease& lease, std::string meta, std::string what, TakeoverOptions options);

  Awaitable<StoreResult<void>> look();
  /// Until when claims wait.
  [[nodiscard]] WallTime hold_until() const { return hold_until_; }

 private:
  Link& link_;
  Lease& lease_;
  std::string meta_, what_;
  TakeoverOptions options_;
  WallTime hold_until_;
};

}  // namespace dun::redis
