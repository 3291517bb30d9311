// The HTTP/1.1 listener of a Dun process.
#pragma once

#include "async/task_group.hpp"
#include "console/http.hpp"
#include "domain/time.hpp"

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

namespace dun::console {

struct HttpServerOptions {
  std::string address = "127.0.0.1";                   ///< to listen on
  std::uint16_t port = 0;                              ///< 0: any that is free
  std::size_t body_max = std::size_t{1} << 20;         ///< bytes; a longer body is answered with 413
  Millis idle_timeout = std::chrono::seconds(60);      ///< a connection without a request is closed after this
  Millis transfer_timeout = std::chrono::seconds(10);  ///< for a body to come, and for an answer to go
  std::size_t connections_max = 1024;                  ///< above this the listener waits before it accepts more
};

/// Accepts connections, keeps them alive, and gives each request to the handler; requests of one connection are handled
/// one after the other, those of several side by side.
///
/// Guarantee: whatever bytes a client sends or does not send, it costs at most one connection for the time-outs. Lives
/// on the thread of its executor; its owner awaits `stop` before destroying it.
class HttpServer {
 public:
  HttpServer(async::Executor executor, HttpServerOptions options, HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Starts; returns the port, or why the address cannot be listened on.
  [[nodiscard]] std::expected<std::uint16_t, std::string> start();
  /// Takes no more requests, lets those under way be answered, and returns when all connections are closed.
  boost::asio::awaitable<void> stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dun::console
