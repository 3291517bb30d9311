// A small cluster for tests: masters without replicas, and a slot that can be moved a step at a time.
#pragma once

#include "redis/topology.hpp"
#include "tests/support/redis_server.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace dun::test {

/// `count` masters that share the slots evenly. Every failure throws.
class Cluster {
 public:
  explicit Cluster(int count);

  [[nodiscard]] redis::Site site() const;
  [[nodiscard]] RedisServer& node(std::size_t index) { return *nodes_.at(index); }
  /// The node that a slot belongs to.
  [[nodiscard]] std::size_t owner(std::uint16_t slot) const;
  [[nodiscard]] RedisServer& node_of(std::string_view key) { return node(owner(redis::slot_of(key))); }

  /// The slot begins to move to the node: what is not at its old place any more is asked for at the new one.
  void begin_move(std::uint16_t slot, std::size_t to);
  /// Its keys move.
  void move_keys(std::uint16_t slot, std::size_t to);
  /// Both nodes know that it has arrived.
  void end_move(std::uint16_t slot, std::size_t to);

 private:
  std::vector<std::unique_ptr<RedisServer>> nodes_;
  std::vector<std::string> ids_;
  std::vector<std::pair<std::uint16_t, std::size_t>> moved_;
};

}  // namespace dun::test
