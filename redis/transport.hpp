// A byte stream to a Redis server, whatever carries it: TCP, a unix socket, or TLS.
#pragma once

#include "base/async/task_group.hpp"
#include "redis/address.hpp"

#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace dun::redis {

using async::Awaitable;
using async::Executor;

/// Why there is no connection.
struct ConnectError {
  bool misconfigured = false;  ///< trying again cannot help until somebody changes something
  std::string message;
};

/// One open connection. One coroutine reads and one writes, at the same time if they like; close() makes both end.
class Transport {
 public:
  virtual ~Transport() = default;
  /// At least one byte, or why the stream has ended.
  virtual Awaitable<std::expected<std::size_t, std::string>> read_some(std::span<char> into) = 0;
  /// All of the bytes, which must stay until it returns.
  virtual Awaitable<std::expected<void, std::string>> write(std::string_view bytes) = 0;
  virtual void close() = 0;
};

/// Resolves, connects and, for TLS, shakes hands. Has no time limit of its own.
Awaitable<std::expected<std::unique_ptr<Transport>, ConnectError>> open_transport(Address address);

}  // namespace dun::redis
