#include "base/http/server.hpp"

#include "base/http/bounded_body.hpp"
#include "base/http/listen.hpp"
#include "base/http/request_target.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <list>

namespace dun::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_max = 16 << 10;
constexpr std::size_t buffer_max = std::size_t{2} * header_max;
constexpr std::size_t first_read = 2048;
constexpr std::chrono::milliseconds accept_pause{100};  // after a failure such as too many open files
constexpr std::chrono::minutes say_again_after{1};
// Of a refused body what is still under way is read and dropped, or the client would see a reset in place of the
// answer.
constexpr std::chrono::seconds linger_most{1};
constexpr std::size_t linger_bytes = std::size_t{2} << 20;

using Parser = http::request_parser<BoundedBody>;
using Response = http::response<http::string_body>;

Reply refuse(int status, std::string why) {
  return {.status = status, .body = std::move(why) + "\n"};
}

/// Why a header asks for what is not done here; none where it may go on.
std::optional<Reply> check_header(const Parser::value_type& request) {
  const auto codings = request.equal_range(http::field::transfer_encoding);
  if (codings.first == codings.second) return std::nullopt;
  if (request.version() < 11) return refuse(400, "Transfer-Encoding belongs to HTTP/1.1");
  if (request.count(http::field::content_length) != 0)
    return refuse(400, "Transfer-Encoding and Content-Length contradict each other");
  // Whatever else it says, where the body ends is not known, and what follows would be read as another request.
  if (std::next(codings.first) != codings.second || !beast::iequals(codings.first->value(), "chunked"))
    return refuse(501, "of transfer codings only chunked is understood");
  return std::nullopt;
}

Request to_request(Parser::value_type& parsed, RequestTarget target, std::string source) {
  Request request{.method = std::string(parsed.method_string()),
                  .path = std::move(target.path),
                  .query = std::move(target.query),
                  .headers = {},
                  .body = std::move(parsed.body().text),
                  .source = std::move(source)};
  for (const auto& field : parsed) request.headers.emplace_back(field.name_string(), field.value());
  return request;
}

Response to_response(Reply reply, unsigned version, bool keep_alive, bool head) {
  Response response(static_cast<http::status>(reply.status), version);
  response.set(http::field::content_type, reply.content_type);
  for (const auto& [name, value] : reply.headers) response.set(name, value);
  response.keep_alive(keep_alive);
  response.content_length(reply.body.size());
  if (!head) response.body() = std::move(reply.body);
  return response;
}

/// What a request that could not be read is answered with; none where there is nobody to answer.
std::optional<Reply> refusal(const boost::system::error_code& error) {
  if (error == http::error::body_limit) return refuse(413, "the body is too long");
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refuse(431, "the header is too long");
  if (error == BoundedBody::no_room) {
    Reply reply = refuse(503, "too many bodies at once; send it again");
    reply.headers.emplace_back("Retry-After", "1");
    return reply;
  }
  const bool ended = error == http::error::end_of_stream || error == http::error::partial_message;
  if (!ended && error.category() == http::make_error_code(http::error::bad_method).category())
    return refuse(400, fmt::format("not an HTTP request: {}", error.message()));
  return std::nullopt;
}

}  // namespace

class Server::Impl {
 public:
  Impl(async::Executor executor, ServerOptions options, Handler handler)
      : executor_(executor),
        options_(std::move(options)),
        handler_(std::move(handler)),
        acceptor_(executor),
        bodies_(options_.body_free, options_.bodies_max),
        room_(executor),
        tasks_(executor) {}

  std::expected<std::uint16_t, std::string> start() {
    auto port = listen(acceptor_, options_.address, options_.port);
    if (port) tasks_.spawn(accept());
    return port;
  }

  asio::awaitable<void> stop() {
    stopping_ = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    room_.notify();
    for (Session* session : sessions_)
      if (session->phase == Phase::waiting) session->stream.close();
    co_await tasks_.join();
  }

 private:
  using Steady = std::chrono::steady_clock;

  enum class Phase : std::uint8_t {
    waiting,    ///< for a request to begin
    moving,     ///< the request comes, or the answer goes
    handling,   ///< the handler has it
    abandoned,  ///< closed for another one; its coroutine is about to end
  };

  struct Session {
    Session(tcp::socket socket, std::list<Session*>& all) : stream(std::move(socket)), all_(all) {
      place_ = all_.insert(all_.end(), this);
    }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { all_.erase(place_); }

    void enter(Phase next) {
      if (phase == Phase::abandoned) return;
      phase = next;
      since = Steady::now();
    }

    beast::tcp_stream stream;
    beast::flat_buffer buffer{buffer_max};
    std::string source;
    Phase phase = Phase::waiting;
    Steady::time_point since = Steady::now();

   private:
    std::list<Session*>& all_;
    std::list<Session*>::iterator place_;
  };

  [[nodiscard]] std::size_t open_sessions() const {
    return sessions_.size() -
           static_cast<std::size_t>(std::ranges::count(sessions_, Phase::abandoned, &Session::phase));
  }

  /// Closes the session that has waited longest, or else moved longest; false if all are with their handlers.
  bool make_room() {
    Session* oldest = nullptr;
    for (Session* session : sessions_) {
      if (session->phase > Phase::moving) continue;
      if (oldest == nullptr || std::pair(session->phase, session->since) < std::pair(oldest->phase, oldest->since))
        oldest = session;
    }
    if (oldest == nullptr) return false;
    oldest->phase = Phase::abandoned;
    oldest->stream.close();
    return true;
  }

  asio::awaitable<void> accept() {
    while (!stopping_) {
      auto [error, socket] = co_await acceptor_.async_accept(as_result);
      if (stopping_) co_return;
      if (error) {
        if (const auto now = Steady::now(); now >= say_again_) {
          spdlog::warn("{}: cannot accept a connection: {}", options_.name, error.message());
          say_again_ = now + say_again_after;
        }
        make_room();
        co_await room_.wait(accept_pause);
        continue;
      }
      while (!stopping_ && open_sessions() >= options_.connections_max && !make_room()) co_await room_.wait();
      socket.set_option(tcp::no_delay(true), error);
      tasks_.spawn(serve(std::move(socket)));
    }
  }

  asio::awaitable<void> serve(tcp::socket socket) {
    {
      Session session(std::move(socket), sessions_);
      boost::system::error_code error;
      session.source = session.stream.socket().remote_endpoint(error).address().to_string();
      while (!stopping_ && session.phase != Phase::abandoned && co_await serve_one(session)) {
        session.enter(Phase::waiting);
        room_.notify();  // a new one may be waiting for somebody who waits
      }
      session.stream.socket().shutdown(tcp::socket::shutdown_both, error);
    }
    room_.notify();
  }

  /// One request and its answer; returns whether another may follow.
  asio::awaitable<bool> serve_one(Session& session) {
    if (session.buffer.size() == 0 && !co_await something_came(session)) co_return false;
    session.enter(Phase::moving);
    BodyRoom::Share share(bodies_);
    Parser parser;
    parser.header_limit(header_max);
    parser.body_limit(options_.body_max);
    parser.get().body().share = &share;
    session.stream.expires_after(options_.header_timeout);
    auto [error, size] = co_await http::async_read_header(session.stream, session.buffer, parser, as_result);
    std::optional<Reply> refused;
    if (!error) refused = check_header(parser.get());
    if (!error && !refused) error = co_await read_body(session, parser);
    if (error) refused = refusal(error);
    if (refused || error) {
      if (refused && co_await answer(session, to_response(*std::move(refused), 11, false, false)))
        co_await linger(session);
      co_return false;
    }
    Parser::value_type& request = parser.get();
    const unsigned version = request.version();
    const bool keep_alive = request.keep_alive() && !stopping_;
    const bool head = request.method() == http::verb::head;
    auto target = parse_target({request.target().data(), request.target().size()});
    session.enter(Phase::handling);
    Reply reply = target ? co_await handle(to_request(request, *std::move(target), session.source))
                         : refuse(400, std::move(target.error()));
    session.enter(Phase::moving);
    co_return co_await answer(session, to_response(std::move(reply), version, keep_alive, head)) && keep_alive;
  }

  /// The first bytes of a request; until then the connection is idle.
  asio::awaitable<bool> something_came(Session& session) {
    session.stream.expires_after(options_.idle_timeout);
    auto [error, size] = co_await session.stream.async_read_some(session.buffer.prepare(first_read), as_result);
    session.buffer.commit(size);
    co_return !error;
  }

  asio::awaitable<boost::system::error_code> read_body(Session& session, Parser& parser) {
    session.stream.expires_after(options_.transfer_timeout);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      http::response<http::empty_body> go_on(http::status::continue_, parser.get().version());
      auto [error, size] = co_await http::async_write(session.stream, go_on, as_result);
      if (error) co_return error;
    }
    auto [error, size] = co_await http::async_read(session.stream, session.buffer, parser, as_result);
    co_return error;
  }

  asio::awaitable<void> linger(Session& session) {
    boost::system::error_code error;
    session.stream.socket().shutdown(tcp::socket::shutdown_send, error);
    session.stream.expires_after(linger_most);
    session.buffer.consume(session.buffer.size());
    for (std::size_t read = 0; !error && read < linger_bytes;) {
      auto [failed, size] = co_await session.stream.async_read_some(session.buffer.prepare(header_max), as_result);
      error = failed;
      read += size;
    }
  }

  asio::awaitable<Reply> handle(Request request) {
    const std::string what = request.method + " " + request.path;
    try {
      co_return co_await handler_(std::move(request));
    } catch (const std::exception& problem) {
      spdlog::error("{}: {} failed: {}", options_.name, what, problem.what());
    }
    co_return Reply{.status = 500, .body = "this is a fault in Dun; its log says more\n"};
  }

  asio::awaitable<bool> answer(Session& session, Response response) {
    session.stream.expires_after(options_.transfer_timeout);
    auto [error, size] = co_await http::async_write(session.stream, response, as_result);
    co_return !error;
  }

  async::Executor executor_;
  ServerOptions options_;
  Handler handler_;
  tcp::acceptor acceptor_;
  BodyRoom bodies_;
  std::list<Session*> sessions_;
  Steady::time_point say_again_{};
  async::Signal room_;
  bool stopping_ = false;
  async::TaskGroup tasks_;
};

Server::Server(async::Executor executor, ServerOptions options, Handler handler)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(options), std::move(handler))) {}

Server::~Server() = default;

std::expected<std::uint16_t, std::string> Server::start() {
  return impl_->start();
}

asio::awaitable<void> Server::stop() {
  return impl_->stop();
}

}  // namespace dun::http
