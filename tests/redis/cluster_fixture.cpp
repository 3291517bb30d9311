#include "tests/redis/cluster_fixture.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace dun::test {
namespace {

constexpr int slots = 16'384;

redis::Value done(RedisServer& node, const redis::Command& command) {
  redis::Value reply = node.command(command);
  if (reply.is(redis::Value::Type::error)) throw std::runtime_error(command.at(0) + ": " + reply.text);
  return reply;
}

}  // namespace

Cluster::Cluster(int count) {
  std::vector<std::uint16_t> bus_ports;
  for (int i = 0; i < count; ++i) {
    bus_ports.push_back(free_port());
    nodes_.push_back(std::make_unique<RedisServer>(
        std::vector<std::string>{"--cluster-enabled", "yes", "--cluster-port", std::to_string(bus_ports.back()),
                                 "--cluster-node-timeout", "2000"}));
    const int first = slots * i / count;
    const int last = slots * (i + 1) / count - 1;
    done(*nodes_.back(), {"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(last)});
    done(*nodes_.back(), {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
    ids_.push_back(done(*nodes_.back(), {"CLUSTER", "MYID"}).text);
  }
  for (std::size_t i = 1; i < nodes_.size(); ++i)
    done(*nodes_[0], {"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[i]->port()), std::to_string(bus_ports[i])});
  const auto knows_all = [&](RedisServer& node) {
    const std::string info = done(node, {"CLUSTER", "INFO"}).text;
    return info.find("cluster_state:ok") != std::string::npos &&
           info.find("cluster_known_nodes:" + std::to_string(count)) != std::string::npos &&
           info.find("cluster_slots_ok:16384") != std::string::npos;
  };
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (const auto& node : nodes_)
    while (!knows_all(*node)) {
      if (std::chrono::steady_clock::now() > limit) throw std::runtime_error("the cluster did not come together");
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

redis::Site Cluster::site() const {
  return redis::parse_site("redis+cluster://127.0.0.1:" + std::to_string(nodes_.front()->port())).value();
}

std::size_t Cluster::owner(std::uint16_t slot) const {
  for (const auto& [moved, to] : moved_)
    if (moved == slot) return to;
  for (std::size_t i = 0;; ++i)
    if (slot < slots * (i + 1) / nodes_.size()) return i;
}

void Cluster::begin_move(std::uint16_t slot, std::size_t to) {
  const std::size_t from = owner(slot);
  done(node(to), {"CLUSTER", "SETSLOT", std::to_string(slot), "IMPORTING", ids_[from]});
  done(node(from), {"CLUSTER", "SETSLOT", std::to_string(slot), "MIGRATING", ids_[to]});
}

void Cluster::move_keys(std::uint16_t slot, std::size_t to) {
  RedisServer& from = node(owner(slot));
  const redis::Value keys = done(from, {"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "10000"});
  redis::Command migrate = {"MIGRATE", "127.0.0.1", std::to_string(node(to).port()), "", "0", "5000", "KEYS"};
  for (const redis::Value& key : keys.items) migrate.push_back(key.text);
  if (!keys.items.empty()) done(from, migrate);
}

void Cluster::end_move(std::uint16_t slot, std::size_t to) {
  const std::size_t from = owner(slot);
  done(node(to), {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", ids_[to]});
  done(node(from), {"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", ids_[to]});
  moved_.insert(moved_.begin(), {slot, to});
}

}  // namespace dun::test
