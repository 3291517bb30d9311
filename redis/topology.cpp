#include "redis/topology.hpp"

#include "domain/ids.hpp"
#include "redis/connection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {

using Type = Value::Type;
namespace {

constexpr std::string_view asking_name = "dun-topology";

ConnectError temporary(std::string message) {
  return {.misconfigured = false, .message = std::move(message)};
}

/// A node of CLUSTER SLOTS: host (empty or nil: the one that was asked), port, and more that does not count here.
std::optional<Endpoint> read_node(const Value& node, const Endpoint& asked) {
  if (node.items.size() < 2 || node.items[1].number < 1 || node.items[1].number > 65'535) return std::nullopt;
  const std::string& host = node.items[0].text;
  return Endpoint{.host = host.empty() || host == "?" ? asked.host : host,
                  .port = static_cast<std::uint16_t>(node.items[1].number)};
}

}  // namespace

std::uint16_t slot_of(std::string_view key) {
  if (const std::size_t open = key.find('{'); open != std::string_view::npos) {
    const std::size_t close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  constexpr std::uint16_t slots = 16'384;
  return crc16(key) % slots;
}

std::expected<SlotMap, ConnectError> read_slots(const Value& reply, std::uint16_t slot, const Endpoint& asked) {
  if (reply.is(Type::error)) return std::unexpected(temporary("CLUSTER SLOTS: " + reply.text));
  SlotMap map;
  bool found = false;
  for (const Value& range : reply.items) {
    if (range.items.size() < 3) continue;
    for (std::size_t i = 2; i < range.items.size(); ++i) {
      const auto node = read_node(range.items[i], asked);
      if (!node) continue;
      if (std::ranges::find(map.nodes, *node) == map.nodes.end()) map.nodes.push_back(*node);
      if (i != 2 || slot < range.items[0].number || slot > range.items[1].number) continue;
      map.master = *node;
      found = true;
    }
  }
  if (!found) return std::unexpected(temporary(fmt::format("no node of the cluster has slot {}", slot)));
  return map;
}

Topology::Topology(Site site, std::uint16_t slot) : site_(std::move(site)), slot_(slot), known_(site_.seeds) {}

Awaitable<std::expected<Address, ConnectError>> Topology::find() {
  if (site_.kind == Site::Kind::server) co_return site_.server;
  ConnectError last;
  const std::size_t most = known_.size();
  for (std::size_t asked = 0; asked < most; ++asked) {
    const std::size_t index = next_ % known_.size();
    const Endpoint endpoint = known_[index];
    next_ = index + 1;
    auto found = co_await ask(endpoint);
    if (found) {
      next_ = static_cast<std::size_t>(std::ranges::find(known_, endpoint) - known_.begin());
      co_return site_.at(*found);
    }
    const bool sentinel = site_.kind == Site::Kind::sentinel;
    last = {.misconfigured = found.error().misconfigured,
            .message = fmt::format("{} {}:{}: {}", sentinel ? "sentinel" : "node", endpoint.host, endpoint.port,
                                   found.error().message)};
  }
  co_return std::unexpected(std::move(last));
}

Awaitable<std::expected<Endpoint, ConnectError>> Topology::ask(Endpoint endpoint) {
  if (site_.kind == Site::Kind::sentinel) co_return co_await ask_sentinel(std::move(endpoint));
  co_return co_await ask_node(std::move(endpoint));
}

Awaitable<std::expected<Endpoint, ConnectError>> Topology::ask_sentinel(Endpoint sentinel) {
  Address address = site_.at(sentinel);
  address.user = site_.sentinel_user;
  address.password = site_.sentinel_password;
  address.db = 0;
  auto connection = co_await open_connection(address, std::string(asking_name));
  if (!connection) co_return std::unexpected(std::move(connection).error());
  if (connection->mode != "sentinel")
    co_return std::unexpected(misconfigured("is a Redis server, not a Sentinel; use redis:// for it"));
  const auto replies = co_await exchange(*connection, {{"SENTINEL", "GET-MASTER-ADDR-BY-NAME", site_.master}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& reply = replies->front();
  if (reply.is(Type::error)) co_return std::unexpected(misconfigured("SENTINEL: " + reply.text));
  if (reply.items.size() != 2)
    co_return std::unexpected(misconfigured(
        fmt::format("knows no master called {}; correct the name behind the / of the Redis URL", site_.master)));
  co_return Endpoint{.host = reply.items[0].text, .port = static_cast<std::uint16_t>(reply.items[1].to_number())};
}

Awaitable<std::expected<Endpoint, ConnectError>> Topology::ask_node(Endpoint node) {
  auto connection = co_await open_connection(site_.at(node), std::string(asking_name));
  if (!connection) co_return std::unexpected(std::move(connection).error());
  if (connection->mode != "cluster")
    co_return std::unexpected(misconfigured("is not a node of a cluster; use redis:// for a single server"));
  const auto replies = co_await exchange(*connection, {{"CLUSTER", "INFO"}, {"CLUSTER", "SLOTS"}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& info = replies->front();
  if (info.is_error("NOPERM"))
    co_return std::unexpected(misconfigured(fmt::format("{}; grant +cluster|info +cluster|slots", info.text)));
  // A node that was cut off says so itself; what it believes of the slots is old.
  if (info.text.find("cluster_state:ok") == std::string::npos)
    co_return std::unexpected(temporary("the cluster is down, as this node sees it"));
  auto map = read_slots((*replies)[1], slot_, node);
  if (!map) co_return std::unexpected(std::move(map).error());
  known_ = site_.seeds;
  for (Endpoint& known : map->nodes)
    if (std::ranges::find(known_, known) == known_.end()) known_.push_back(std::move(known));
  co_return map->master;
}

}  // namespace dun::redis
