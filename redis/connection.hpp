// One connection to one server, greeted: what a link is served by, and how Sentinels and cluster nodes are asked.
#pragma once

#include "redis/multiplexer.hpp"
#include "redis/transport.hpp"

#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

/// The server has said who it is, and everything behind the greeting is ours.
struct Connection {
  std::unique_ptr<Transport> transport;
  Multiplexer multiplexer;
  std::string version;  ///< such as 7.0.15
  std::string mode;     ///< standalone, cluster, sentinel
  std::string role;     ///< master, replica; as it was when the server greeted
};

/// Connects, authenticates, gives the connection its name and selects the database. Has no time limit of its own.
Awaitable<std::expected<Connection, ConnectError>> open_connection(Address address, std::string name,
                                                                   ReplyLimits limits = {});

/// One operation on a connection that nobody else uses.
Awaitable<std::expected<std::vector<Value>, ConnectError>> exchange(Connection& connection, Operation operation);

/// An error of which trying again is no cure.
[[nodiscard]] ConnectError misconfigured(std::string message);
/// Major number of a version; 0 if there is none.
[[nodiscard]] int major_version(std::string_view version);

}  // namespace dun::redis
