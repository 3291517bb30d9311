// Where the server for a key is now.
#pragma once

#include "redis/address.hpp"
#include "redis/transport.hpp"
#include "redis/value.hpp"

#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

namespace dun::redis {

/// The hash slot of a key: CRC16 of what stands between the first brace pair if that is not empty, else of all of it,
/// modulo 16384 (Redis Cluster specification, "Hash tags").
[[nodiscard]] std::uint16_t slot_of(std::string_view key);

/// The master of a slot, from the reply to CLUSTER SLOTS that `asked` gave; and every node that the reply names.
struct SlotMap {
  Endpoint master;
  std::vector<Endpoint> nodes;
};
[[nodiscard]] std::expected<SlotMap, ConnectError> read_slots(const Value& reply, std::uint16_t slot,
                                                              const Endpoint& asked);

/// Finds the server of a slot, again for every connection that a link makes, because nothing that was known before a
/// connection broke need be true behind it. Sentinels and nodes are asked in turn, beginning with the one that answered
/// last; one that keeps silent costs one attempt, because the next attempt begins behind it. Of a cluster, the nodes
/// that are heard of are remembered, so that the configured ones need not live for ever.
///
/// It believes one answer: a Sentinel may be a moment behind, and a node that was cut off may be. So the link looks at
/// the role of the server that it connects to, and comes back when a reply shows that the place is wrong.
/// A link owns one.
class Topology {
 public:
  /// `slot` counts only in a cluster.
  Topology(Site site, std::uint16_t slot);

  /// Has no time limit of its own.
  Awaitable<std::expected<Address, ConnectError>> find();
  [[nodiscard]] const Site& site() const { return site_; }

 private:
  Awaitable<std::expected<Endpoint, ConnectError>> ask(Endpoint endpoint);
  Awaitable<std::expected<Endpoint, ConnectError>> ask_sentinel(Endpoint sentinel);
  Awaitable<std::expected<Endpoint, ConnectError>> ask_node(Endpoint node);

  Site site_;
  std::uint16_t slot_;
  std::vector<Endpoint> known_;  ///< whom to ask: the seeds first
  std::size_t next_ = 0;         ///< ... beginning with this one
};

}  // namespace dun::redis
