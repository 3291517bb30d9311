#include "console/http_server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <list>

namespace dun::console {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_max = 16 << 10;
constexpr std::chrono::milliseconds accept_pause{100};  // after a failure such as too many open files

using Request = http::request<http::string_body>;
using Response = http::response<http::string_body>;

HttpQuery to_query(Request request, std::string source) {
  const std::string_view target(request.target().data(), request.target().size());
  const std::size_t mark = std::min(target.find('?'), target.size());
  HttpQuery query{.method = std::string(request.method_string()),
                  .path = std::string(target.substr(0, mark)),
                  .query = std::string(target.substr(std::min(mark + 1, target.size()))),
                  .headers = {},
                  .body = std::move(request.body()),
                  .source = std::move(source)};
  for (const auto& field : request) query.headers.emplace_back(field.name_string(), field.value());
  return query;
}

Response to_response(HttpReply reply, unsigned version, bool keep_alive, bool head) {
  Response response(static_cast<http::status>(reply.status), version);
  response.set(http::field::content_type, reply.content_type);
  response.keep_alive(keep_alive);
  response.content_length(reply.body.size());
  if (!head) response.body() = std::move(reply.body);
  return response;
}

/// What a request that could not be read is answered with; none where there is nobody to answer.
std::optional<HttpReply> refusal(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return HttpReply{.status = 413, .body = "the body is too long\n"};
  if (error == http::error::header_limit) return HttpReply{.status = 431, .body = "the header is too long\n"};
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (!ended && error.category() == http::make_error_code(http::error::bad_method).category())
    return HttpReply{.status = 400, .body = fmt::format("not an HTTP request: {}\n", error.message())};
  return std::nullopt;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(async::Executor executor, HttpServerOptions options, HttpHandler handler)
      : executor_(executor),
        options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(executor),
        room_(executor),
        tasks_(executor) {}

  std::expected<std::uint16_t, std::string> start() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    const tcp::endpoint endpoint(address, options_.port);
    if (!error) acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error)
      return std::unexpected(
          fmt::format("cannot listen on {} port {}: {}", options_.address, options_.port, error.message()));
    const std::uint16_t port = acceptor_.local_endpoint().port();
    tasks_.spawn(accept());
    return port;
  }

  asio::awaitable<void> stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    room_.notify();
    for (Session* session : sessions_)
      if (!session->busy) session->stream.close();
    co_await tasks_.join();
  }

 private:
  struct Session {
    Session(tcp::socket socket, std::list<Session*>& all) : stream(std::move(socket)), all_(all) {
      place_ = all_.insert(all_.end(), this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { all_.erase(place_); }

    beast::tcp_stream stream;
    beast::flat_buffer buffer;
    std::string source;
    bool busy = false;  // a request has begun to come and has not been answered

   private:
    std::list<Session*>& all_;
    std::list<Session*>::iterator place_;
  };

  asio::awaitable<void> accept() {
    while (!stopping_) {
      if (sessions_.size() >= options_.connections_max) {
        co_await room_.wait();
        continue;
      }
      auto [error, socket] = co_await acceptor_.async_accept(as_result);
      if (error && !stopping_) {
        spdlog::warn("http: cannot accept a connection: {}", error.message());
        co_await room_.wait(accept_pause);
      } else if (!error) {
        socket.set_option(tcp::no_delay(true), error);
        tasks_.spawn(serve(std::move(socket)));
      }
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    {
      Session session(std::move(socket), sessions_);
      boost::system::error_code error;
      session.source = session.stream.socket().remote_endpoint(error).address().to_string();
      while (!stopping_ && co_await serve_one(session)) session.busy = false;
      session.stream.socket().shutdown(tcp::socket::shutdown_both, error);
    }
    room_.notify();
  }

  /// One request and its answer; returns whether another may follow.
  asio::awaitable<bool> serve_one(Session& session) {
    http::request_parser<http::string_body> parser;
    parser.header_limit(header_max);
    parser.body_limit(options_.body_max);
    session.stream.expires_after(options_.idle_timeout);
    auto [error, size] = co_await http::async_read_header(session.stream, session.buffer, parser, as_result);
    session.busy = true;
    if (!error) error = co_await read_body(session, parser);
    if (error) {
      if (auto reply = refusal(error)) co_await answer(session, to_response(*std::move(reply), 11, false, false));
      co_return false;
    }
    const unsigned version = parser.get().version();
    const bool keep_alive = parser.get().keep_alive() && !stopping_;
    const bool head = parser.get().method() == http::verb::head;
    HttpReply reply = co_await handle(to_query(parser.release(), session.source));
    co_return co_await answer(session, to_response(std::move(reply), version, keep_alive, head)) && keep_alive;
  }

  asio::awaitable<boost::system::error_code> read_body(Session& session,
                                                       http::request_parser<http::string_body>& parser) {
    session.stream.expires_after(options_.transfer_timeout);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
      auto [error, size] = co_await http::async_write(session.stream, go_on, as_result);
      if (error) co_return error;
    }
    auto [error, size] = co_await http::async_read(session.stream, session.buffer, parser, as_result);
    co_return error;
  }

  asio::awaitable<HttpReply> handle(HttpQuery query) {
    const std::string what = query.method + " " + query.path;
    try {
      co_return co_await handler_(std::move(query));
    } catch (const std::exception& problem) {
      spdlog::error("http: {} failed: {}", what, problem.what());
    }
    co_return HttpReply{.status = 500, .body = "this is a fault in Dun; its log says more\n"};
  }

  asio::awaitable<bool> answer(Session& session, Response response) {
    session.stream.expires_after(options_.transfer_timeout);
    auto [error, size] = co_await http::async_write(session.stream, response, as_result);
    co_return !error;
  }

  async::Executor executor_;
  HttpServerOptions options_;
  HttpHandler handler_;
  tcp::acceptor acceptor_;
  std::list<Session*> sessions_;
  async::Signal room_;
  bool stopping_ = false;
  async::TaskGroup tasks_;
};

HttpServer::HttpServer(async::Executor executor, HttpServerOptions options, HttpHandler handler)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options), std::move(handler))) {}

HttpServer::~HttpServer() = default;

std::expected<std::uint16_t, std::string> HttpServer::start() {
  return impl_->start();
}

asio::awaitable<void> HttpServer::stop() {
  return impl_->stop();
}

}  // namespace dun::console
