// The HTTP/1.1 listener of a Dun process.
#pragma once

#include <chrono>
#include "base/async/task_group.hpp"
#include "base/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace dun::http {

struct ServerOptions {
  std::string name = "http";                       ///< of the listener, in the log
  std::string address = "127.0.0.1";               ///< to listen on
  std::uint16_t port = 0;                          ///< 0: any that is free
  std::size_t body_max = std::size_t{1} << 20;     ///< bytes; a longer body is answered with 413
  std::size_t body_free = std::size_t{16} << 10;   ///< bytes that a body may take whatever the others hold
  std::size_t bodies_max = std::size_t{16} << 20;  ///< bytes of all bodies beyond that; then it is 503
  std::chrono::milliseconds idle_timeout =
      std::chrono::seconds(60);  ///< a connection without a request is closed after this
  std::chrono::milliseconds header_timeout =
      std::chrono::seconds(10);  ///< from a request's first byte to the end of its header
  std::chrono::milliseconds transfer_timeout =
      std::chrono::seconds(10);        ///< for a body to come, and for an answer to go
  std::size_t connections_max = 1024;  ///< above this an idle one is closed for each that comes
};

/// Accepts connections, keeps them alive, and gives each request to the handler; requests of one connection are handled
/// one after the other, those of several side by side.
///
/// Guarantee: whatever bytes clients send or do not send, in however many connections, what it costs is bounded:
/// `connections_max` descriptors, and for memory their headers, `body_free` for each and `bodies_max` for all. A new
/// connection is always served: the one that has waited longest for a request is closed for it, and where none waits,
/// the one that has been sending or reading longest; only handlers are never interrupted. Lives on the thread of its
/// executor; its owner awaits `stop` before destroying it.
class Server {
 public:
  Server(async::Executor executor, ServerOptions options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts; returns the port, or why the address cannot be listened on.
  [[nodiscard]] std::expected<std::uint16_t, std::string> start();
  /// Takes no more requests, lets those under way be answered, and returns when all connections are closed.
  boost::asio::awaitable<void> stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dun::http
