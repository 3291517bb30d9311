#include "tools/gateway_sim/server.hpp"

#include "base/async/deadline.hpp"
#include "base/http/listen.hpp"
#include "tools/gateway_sim/gateway.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>

namespace dun::gateway_sim {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using async::Awaitable;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t body_max = 1 << 20;

/// Closes so that the peer sees a reset and not an end.
void reset(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

std::string to_bytes(const GatewayReply& reply, unsigned version, bool keep_alive) {
  const auto status = static_cast<http::status>(reply.answer.status);
  std::string bytes = fmt::format("HTTP/{}.{} {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\n", version / 10,
                                  version % 10, reply.answer.status, std::string_view(http::obsolete_reason(status)),
                                  reply.answer.content_type, reply.answer.body.size());
  if (reply.retry_after > Millis(0))
    bytes += fmt::format("Retry-After: {}\r\n", std::chrono::ceil<Seconds>(reply.retry_after).count());
  bytes += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  return bytes + reply.answer.body;
}

struct Connection {
  tcp::socket socket;
  beast::flat_buffer buffer;
};

}  // namespace

class Simulator::Impl {
 public:
  Impl(async::Executor executor, SimulatorOptions options)
      : options_(std::move(options)),
        faults_(options_.faults),
        acceptor_(executor),
        gateway_(executor, options_),
        tasks_(executor) {}

  std::expected<std::uint16_t, std::string> start() {
    if (auto opened = gateway_.open(); !opened) return std::unexpected(opened.error());
    auto port = dun::http::listen(acceptor_, options_.address, options_.port);
    if (port) tasks_.spawn(accept());
    return port;
  }

  Awaitable<void> stop() {
    co_await gateway_.stop();
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  Awaitable<void> accept() {
    for (;;) {
      auto [error, socket] = co_await acceptor_.async_accept(as_result);
      if (error == asio::error::operation_aborted) co_return;
      if (error) {
        co_await async::sleep(Millis(100));  // too many open files, perhaps; some will close
        continue;
      }
      socket.set_option(tcp::no_delay(true), error);
      tasks_.spawn(serve({.socket = std::move(socket), .buffer = {}}));
    }
  }

  Awaitable<void> serve(Connection connection) {
    while (co_await has_request(connection)) {
      const RequestFate fate = faults_.next();
      if (fate.fault && fate.fault->fault == Fault::reset_before) {
        gateway_.count_fault(Fault::reset_before);
        co_return reset(connection.socket);
      }
      if (!co_await serve_one(connection, fate)) co_return;
    }
  }

  /// Waits for the next request without reading it; false when there will be none.
  static Awaitable<bool> has_request(Connection& connection) {
    if (connection.buffer.size() > 0) co_return true;
    const auto [error] = co_await connection.socket.async_wait(tcp::socket::wait_read, as_result);
    char byte = 0;
    co_return !error && recv(connection.socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
  }

  /// Returns whether another request may follow.
  Awaitable<bool> serve_one(Connection& connection, RequestFate fate) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(body_max);
    auto [error, size] = co_await http::async_read(connection.socket, connection.buffer, parser, as_result);
    if (error) co_return false;
    const http::request<http::string_body> request = parser.release();
    if (fate.delay > Millis(0)) {
      gateway_.count_fault(Fault::delay);
      co_await async::sleep(fate.delay);
    }
    const std::string bytes = to_bytes(reply_to(request, fate), request.version(), request.keep_alive());
    if (fate.fault && is_after_taking(fate.fault->fault)) {
      gateway_.count_fault(fate.fault->fault);
      co_await misbehave(connection, *fate.fault, bytes);
      co_return false;
    }
    auto [failed, written] = co_await asio::async_write(connection.socket, asio::buffer(bytes), as_result);
    co_return !failed && request.keep_alive();
  }

  static bool is_after_taking(Fault fault) {
    return fault == Fault::reset_after || fault == Fault::garbage || fault == Fault::slow || fault == Fault::no_answer;
  }

  GatewayReply reply_to(const http::request<http::string_body>& request, const RequestFate& fate) {
    const auto text = [](auto view) { return std::string(view.data(), view.size()); };
    const std::string target = text(request.target());
    const std::size_t mark = std::min(target.find('?'), target.size());
    const GatewayRequest plain{.method = text(request.method_string()),
                               .path = target.substr(0, mark),
                               .query = target.substr(std::min(mark + 1, target.size())),
                               .content_type = text(request[http::field::content_type]),
                               .body = request.body()};
    const Interface interface = interface_of(plain.content_type);
    if (fate.fault && fate.fault->fault == Fault::throttled) {
      gateway_.count_fault(Fault::throttled);
      return {.answer = refused(interface, 429, "too fast"), .retry_after = fate.fault->span};
    }
    if (fate.fault && fate.fault->fault == Fault::error) {
      gateway_.count_fault(Fault::error);
      return {.answer = refused(interface, fate.fault->status, "out of order")};
    }
    return gateway_.handle(plain, fate);
  }

  /// What follows once the message has been taken, in place of an orderly answer.
  static Awaitable<void> misbehave(Connection& connection, FaultRule fault, std::string answer) {
    switch (fault.fault) {
      case Fault::reset_after:
        reset(connection.socket);
        co_return;
      case Fault::garbage:
        co_await asio::async_write(connection.socket, asio::buffer("\x16\x03\x01 this is not HTTP\r\n\r\n", 26),
                                   as_result);
        co_return;
      case Fault::slow:
        for (std::size_t i = 0; i < answer.size(); ++i) {
          const auto [error, size] =
              co_await asio::async_write(connection.socket, asio::buffer(&answer[i], 1), as_result);
          if (error) co_return;
          co_await async::sleep(fault.span / static_cast<std::int64_t>(answer.size()));
        }
        co_return;
      case Fault::no_answer: {
        char byte = 0;
        co_await connection.socket.async_read_some(asio::buffer(&byte, 1), as_result);
        co_return;
      }
      default:
        co_return;
    }
  }

  SimulatorOptions options_;
  FaultPlan faults_;
  tcp::acceptor acceptor_;
  Gateway gateway_;
  async::TaskGroup tasks_;
};

Simulator::Simulator(async::Executor executor, SimulatorOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options))) {}

Simulator::~Simulator() = default;

std::expected<std::uint16_t, std::string> Simulator::start() {
  return impl_->start();
}

Awaitable<void> Simulator::stop() {
  return impl_->stop();
}

}  // namespace dun::gateway_sim
