#include "async/deadline.hpp"
#include "console/http_server.hpp"
#include "console/router.hpp"
#include "tests/support/run_async.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <boost/asio/post.hpp>

#include <atomic>
#include <stdexcept>
#include <thread>

namespace dun::console {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

/// A blocking client that speaks bytes.
class RawClient {
 public:
  explicit RawClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error("cannot connect");
  }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;
  ~RawClient() { close(fd_); }

  void send(std::string_view bytes) const {
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size()))
      throw std::runtime_error("cannot send");
  }
  /// Reads until `end` has come, or the connection ends.
  std::string read_until(std::string_view end) const {
    std::string text;
    char byte = 0;
    while (!text.ends_with(end) && recv(fd_, &byte, 1, 0) == 1) text += byte;
    return text;
  }
  /// Reads until the server closes.
  std::string read_all() const {
    std::string text;
    char byte = 0;
    while (recv(fd_, &byte, 1, 0) == 1) text += byte;
    return text;
  }

 private:
  int fd_;
};

boost::asio::awaitable<HttpReply> echo(HttpQuery query) {
  if (query.path == "/throw") throw std::runtime_error("a bug");
  co_return HttpReply{
      .status = query.path == "/teapot" ? 418 : 200,
      .body = fmt::format("{} {} {} {} from {}\n", query.method, query.path, query.query, query.body, query.source)};
}

/// A server on a thread of its own.
class Running {
 public:
  explicit Running(HttpServerOptions options = {}, HttpHandler handler = echo)
      : server_(context_.get_executor(), std::move(options), std::move(handler)) {
    port = server_.start().value();
    thread_ = std::thread([this] { context_.run(); });
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { stop(); }
  void stop() {
    if (!thread_.joinable()) return;
    boost::asio::co_spawn(context_, server_.stop(), [](const std::exception_ptr&) {});
    thread_.join();  // the context runs out of work when the last connection is gone
  }
  std::uint16_t port = 0;

 private:
  boost::asio::io_context context_{1};
  HttpServer server_;
  std::thread thread_;
};

TEST(HttpServer, AnswersOneRequestAfterTheOtherOnAConnection) {
  Running server;
  RawClient client(server.port);
  client.send("GET /a/b?c=%20d HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"),
              testing::AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("\r\n\r\nGET /a/b c=%20d  from")));
  client.send("POST /teapot HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string teapot = client.read_until("from 127.0.0.1\n");
  EXPECT_THAT(teapot, testing::AllOf(StartsWith("HTTP/1.1 418 "), HasSubstr("POST /teapot  body from")));
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), HasSubstr("GET /next   from"));
  client.send("HEAD /h HTTP/1.1\r\nConnection: close\r\n\r\n");
  const std::string head = client.read_all();
  EXPECT_THAT(head, testing::AllOf(HasSubstr("Content-Length: 25\r\n"), testing::EndsWith("\r\n\r\n")));
}

TEST(HttpServer, RefusesWhatIsNotARequestAndGoesOn) {
  HttpServerOptions options;
  options.body_max = 10;
  Running server(options);
  const auto answer = [&](const std::string& bytes) {
    RawClient client(server.port);
    client.send(bytes);
    return client.read_all();
  };
  EXPECT_THAT(answer("\x16\x03\x01nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(answer("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(answer("GET / HTTP/1.1\r\nX: " + std::string(20'000, 'x')), StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(answer("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 10\r\n\r\n0123456789"),
              StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(answer("GET / HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200 "));
}

TEST(HttpServer, AsksForABodyThatTheClientHoldsBack) {
  Running server;
  RawClient client(server.port);
  client.send("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), HasSubstr("POST /e  ab from"));
}

TEST(HttpServer, AFaultyHandlerCostsOneAnswer) {
  Running server;
  RawClient client(server.port);
  client.send("GET /throw HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_until("says more\n"), StartsWith("HTTP/1.1 500 "));
  client.send("GET /fine HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(HttpServer, ClosesConnectionsThatSayNothingOrNotEnough) {
  HttpServerOptions options;
  options.idle_timeout = 30ms;
  options.transfer_timeout = 30ms;
  Running server(options);
  RawClient silent(server.port), half(server.port), short_body(server.port);
  half.send("GET / HTT");
  short_body.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(short_body.read_all(), "");
}

TEST(HttpServer, AcceptsNoMoreConnectionsThanAllowedUntilOneEnds) {
  HttpServerOptions options;
  options.connections_max = 1;
  Running server(options);
  auto first = std::make_unique<RawClient>(server.port);
  first->send("GET /1 HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first->read_until("from 127.0.0.1\n"), HasSubstr("GET /1"));
  RawClient second(server.port);  // waits in the kernel's queue
  second.send("GET /2 HTTP/1.1\r\n\r\n");
  first->send("GET /3 HTTP/1.1\r\n\r\n");
  EXPECT_THAT(first->read_until("from 127.0.0.1\n"), HasSubstr("GET /3"));
  first.reset();
  EXPECT_THAT(second.read_until("from 127.0.0.1\n"), HasSubstr("GET /2"));
}

std::atomic<bool> handling = false;
std::atomic<bool> go_on = false;

boost::asio::awaitable<HttpReply> wait_for_test(HttpQuery) {
  handling = true;
  while (!go_on) co_await async::sleep(1ms);
  co_return HttpReply{.status = 200, .body = "done\n"};
}

TEST(HttpServer, StoppingLetsRequestsUnderWayBeAnswered) {
  Running server({}, wait_for_test);
  RawClient idle(server.port), busy(server.port);
  busy.send("GET / HTTP/1.1\r\n\r\n");
  while (!handling) std::this_thread::yield();
  std::thread stopper([&] { server.stop(); });
  EXPECT_EQ(idle.read_all(), "");  // closed by the stop, while the other is still being handled
  go_on = true;
  EXPECT_THAT(busy.read_all(), testing::EndsWith("done\n"));
  stopper.join();
  EXPECT_THROW(RawClient(server.port), std::runtime_error);
}

TEST(HttpServer, SaysWhyItCannotListen) {
  Running server;
  boost::asio::io_context context(1);
  HttpServerOptions options;
  options.port = server.port;
  EXPECT_THAT(
      HttpServer(context.get_executor(), options, echo).start().error(),
      testing::AllOf(HasSubstr(fmt::format("cannot listen on 127.0.0.1 port {}: ", server.port)), HasSubstr("in use")));
  options.address = "localhost";
  EXPECT_THAT(HttpServer(context.get_executor(), options, echo).start().error(),
              HasSubstr("cannot listen on localhost"));
}

boost::asio::awaitable<HttpReply> name_a(HttpQuery) {
  co_return HttpReply{.body = "a"};
}
boost::asio::awaitable<HttpReply> name_ab(HttpQuery) {
  co_return HttpReply{.body = "ab"};
}

TEST(Router, TheLongestRouteTakesThePath) {
  Router router;
  router.add("/a", name_a);
  router.add("/a/b", name_ab);
  boost::asio::io_context context(1);
  const auto ask = [&](std::string path) {
    HttpQuery query;
    query.path = std::move(path);
    const HttpReply reply = test::run(context, router.handler()(std::move(query)));
    return reply.status == 200 ? reply.body : std::to_string(reply.status);
  };
  EXPECT_EQ(ask("/a"), "a");
  EXPECT_EQ(ask("/a/"), "a");
  EXPECT_EQ(ask("/a/c"), "a");
  EXPECT_EQ(ask("/a/b"), "ab");
  EXPECT_EQ(ask("/a/b/c"), "ab");
  EXPECT_EQ(ask("/a/bc"), "a");
  EXPECT_EQ(ask("/ab"), "404");
  EXPECT_EQ(ask(""), "404");
}

TEST(Health, IsWhatTheProblemsSayAndAlertsAreOnlyTold) {
  boost::asio::io_context context(1);
  Health health;
  const HttpHandler handler = health_handler([&] { return health; });
  struct Row {
    Health health;
    unsigned status;
    std::string body;
  };
  // Receipts would be lost if a load balancer took a process away because a gateway is down.
  const std::vector<Row> rows = {
      {.health = {}, .status = 200, .body = "ok\n"},
      {.health = {.alerts = {"gateway down"}}, .status = 200, .body = "ok\nalert gateway down\n"},
      {.health = {.problems = {"no redis", "no luck"}, .alerts = {"gateway down"}},
       .status = 503,
       .body = "no redis\nno luck\nalert gateway down\n"},
  };
  for (const Row& row : rows) {
    health = row.health;
    const HttpReply reply = test::run(context, handler({}));
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.body, row.body);
  }
}

}  // namespace
}  // namespace dun::console
