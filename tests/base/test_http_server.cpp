#include "base/async/deadline.hpp"
#include "base/http/endpoints.hpp"
#include "base/http/request_target.hpp"
#include "base/http/server.hpp"
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

namespace dun::http {
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

boost::asio::awaitable<Reply> echo(Request request) {
  if (request.path == "/throw") throw std::runtime_error("a bug");
  co_return Reply{.status = request.path == "/teapot" ? 418 : 200,
                  .body = fmt::format("{} {} {} {} from {}\n", request.method, request.path, request.query,
                                      request.body, request.source)};
}

/// A server on a thread of its own.
class Running {
 public:
  explicit Running(ServerOptions options = {}, Handler handler = echo)
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
  Server server_;
  std::thread thread_;
};

TEST(Server, AnswersOneRequestAfterTheOtherOnAConnection) {
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

TEST(Server, RefusesWhatIsNotARequestAndGoesOn) {
  ServerOptions options;
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

TEST(Server, AsksForABodyThatTheClientHoldsBack) {
  Running server;
  RawClient client(server.port);
  client.send("POST /e HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ab");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), HasSubstr("POST /e  ab from"));
}

TEST(Server, AFaultyHandlerCostsOneAnswer) {
  Running server;
  RawClient client(server.port);
  client.send("GET /throw HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_until("says more\n"), StartsWith("HTTP/1.1 500 "));
  client.send("GET /fine HTTP/1.1\r\n\r\n");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), StartsWith("HTTP/1.1 200 "));
}

TEST(Server, ClosesConnectionsThatSayNothingOrNotEnough) {
  ServerOptions options;
  options.idle_timeout = options.header_timeout = options.transfer_timeout = 30ms;
  Running server(options);
  RawClient silent(server.port), half(server.port), short_body(server.port);
  half.send("GET / HTT");
  short_body.send("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_EQ(silent.read_all(), "");
  EXPECT_EQ(half.read_all(), "");
  EXPECT_EQ(short_body.read_all(), "");
}

std::atomic<bool> handling = false;
std::atomic<bool> go_on = false;

boost::asio::awaitable<Reply> wait_for_test(Request) {
  handling = true;
  while (!go_on) co_await async::sleep(1ms);
  co_return Reply{.status = 200, .body = "done\n"};
}

TEST(Server, StoppingLetsRequestsUnderWayBeAnswered) {
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

std::atomic<int> held = 0;
std::atomic<bool> release_held = false;

boost::asio::awaitable<Reply> hold_post(Request request) {
  if (request.method == "POST") {
    ++held;
    while (!release_held) co_await async::sleep(1ms);
  }
  co_return Reply{.body = fmt::format("{} {}\n", request.method, request.body.size())};
}

std::string post_of(std::size_t size) {
  return fmt::format("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", size, std::string(size, 'x'));
}

TEST(FieldCases, C4_IdleConnectionsMakeRoomForNewOnes) {
  ServerOptions options;
  options.connections_max = 3;
  Running server(options);
  std::vector<std::unique_ptr<RawClient>> idle;
  for (int i = 0; i < 20; ++i) idle.push_back(std::make_unique<RawClient>(server.port));
  RawClient last(server.port);
  last.send("GET /last HTTP/1.1\r\n\r\n");
  EXPECT_THAT(last.read_until("from 127.0.0.1\n"), HasSubstr("GET /last"));
  // All but the newest have been closed, without a word.
  for (int i = 0; i < 17; ++i) EXPECT_EQ(idle[static_cast<std::size_t>(i)]->read_all(), "") << i;
}

TEST(FieldCases, C4_WhoeverWaitsGoesBeforeWhoeverSendsAndNobodyWhoIsHandled) {
  held = 0;
  release_held = false;
  ServerOptions options;
  options.connections_max = 3;
  options.header_timeout = options.transfer_timeout = 1h;
  Running server(options, hold_post);
  RawClient handled(server.port), half_header(server.port), half_body(server.port);
  handled.send("POST /slow HTTP/1.1\r\nContent-Length: 2\r\n\r\nab");
  while (held == 0) std::this_thread::yield();
  half_header.send("GET / HTT");
  half_body.send("POST / HTTP/1.1\r\nContent-Length: 50\r\n\r\nx");
  for (int i = 0; i < 5; ++i) {
    RawClient fresh(server.port);
    fresh.send("GET /fresh HTTP/1.1\r\n\r\n");
    EXPECT_EQ(fresh.read_until("GET 0\n").substr(0, 15), "HTTP/1.1 200 OK");
  }
  EXPECT_EQ(half_header.read_all(), "");
  release_held = true;
  EXPECT_THAT(handled.read_until("POST 2\n"), StartsWith("HTTP/1.1 200 OK"));
}

TEST(FieldCases, C4_WhereAllAreHandledANewOneWaitsForItsTurn) {
  held = 0;
  release_held = false;
  ServerOptions options;
  options.connections_max = 1;
  Running server(options, hold_post);
  RawClient handled(server.port);
  handled.send(post_of(3));
  while (held == 0) std::this_thread::yield();
  RawClient next(server.port);
  next.send("GET / HTTP/1.1\r\n\r\n");
  release_held = true;
  EXPECT_THAT(handled.read_until("POST 3\n"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(next.read_until("GET 0\n"), StartsWith("HTTP/1.1 200 OK"));
}

TEST(FieldCases, C5_BodiesTogetherAreBoundedAndSmallOnesAreServedAllTheSame) {
  held = 0;
  release_held = false;
  ServerOptions options;
  options.body_free = 100;
  options.bodies_max = 2500;
  Running server(options, hold_post);
  RawClient first(server.port), second(server.port), third(server.port), small(server.port), chunked(server.port);
  first.send(post_of(1000));
  second.send(post_of(1000));
  while (held < 2) std::this_thread::yield();
  third.send(post_of(1000));
  EXPECT_THAT(third.read_all(), testing::AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Retry-After: 1\r\n")));
  chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" + std::string(1000, 'x') +
               "\r\n0\r\n\r\n");
  EXPECT_THAT(chunked.read_all(), StartsWith("HTTP/1.1 503 "));
  small.send(post_of(100));
  while (held < 3) std::this_thread::yield();
  release_held = true;
  EXPECT_THAT(small.read_until("POST 100\n"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(first.read_until("POST 1000\n"), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(second.read_until("POST 1000\n"), StartsWith("HTTP/1.1 200 OK"));
  // The room is given back with the bodies.
  for (int i = 0; i < 5; ++i) {
    first.send(post_of(2500));
    EXPECT_THAT(first.read_until("POST 2500\n"), StartsWith("HTTP/1.1 200 OK"));
  }
}

TEST(FieldCases, C5_AHeaderThatComesByTheByteHasADeadline) {
  ServerOptions options;
  options.header_timeout = 30ms;
  options.idle_timeout = 1h;
  Running server(options);
  RawClient half(server.port), after_one(server.port);
  after_one.send("GET /1 HTTP/1.1\r\n\r\nGET /2");
  EXPECT_THAT(after_one.read_until("from 127.0.0.1\n"), HasSubstr("GET /1"));
  EXPECT_EQ(after_one.read_all(), "");
  half.send("G");
  EXPECT_EQ(half.read_all(), "");
}

TEST(FieldCases, C14_OnlyOneEndOfABodyIsBelieved) {
  struct Row {
    std::string header;
    std::string status;
  };
  // What stands behind the header must never be answered as a request of its own.
  const std::vector<Row> rows = {
      {"HTTP/1.1\r\nTransfer-Encoding: identity", "501"},
      {"HTTP/1.1\r\nTransfer-Encoding: gzip", "501"},
      {"HTTP/1.1\r\nTransfer-Encoding: gzip, chunked", "501"},
      {"HTTP/1.1\r\nTransfer-Encoding: chunked, identity", "501"},
      {"HTTP/1.1\r\nTransfer-Encoding: xchunked", "501"},
      {"HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "[45]0."},
      {"HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity", "[45]0."},
      {"HTTP/1.1\r\nTransfer-Encoding: identity\r\nContent-Length: 5", "400"},
      {"HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5", "400"},
      {"HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked", "400"},
      {"HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6", "400"},
      {"HTTP/1.0\r\nTransfer-Encoding: chunked", "400"},
  };
  Running server;
  for (const Row& row : rows) {
    RawClient client(server.port);
    client.send("POST /first " + row.header + "\r\n\r\nGET /second HTTP/1.1\r\n\r\n");
    const std::string answer = client.read_all();
    EXPECT_THAT(answer, testing::MatchesRegex("HTTP/1.1 " + row.status + " [^\v]*")) << row.header;
    EXPECT_THAT(answer, testing::Not(HasSubstr("second"))) << row.header;
  }
  RawClient right(server.port);
  right.send("POST /c HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n");
  EXPECT_THAT(right.read_until("from 127.0.0.1\n"), HasSubstr("POST /c  abc from"));
}

TEST(FieldCases, C14_DotSegmentsAndOtherTargetsAreRefused) {
  Running server;
  for (const char* target : {"/a/../healthz", "/..", "/.", "/a/.", "/a/%2e%2E/b", "/%2e", "/.%2e/x", "a/b", "/a#b",
                             "ftp://h/a", "http:///a", "http://h/a/../b", "h:80"}) {
    RawClient client(server.port);
    client.send(fmt::format("GET {} HTTP/1.1\r\nConnection: close\r\n\r\n", target));
    EXPECT_THAT(client.read_all(), StartsWith("HTTP/1.1 400 ")) << target;
  }
}

TEST(FieldCases, S24_AbsoluteFormNamesThePathBehindTheHost) {
  struct Row {
    std::string target;
    RequestTarget expected;
  };
  const std::vector<Row> rows = {
      {"/a?b=c", {"/a", "b=c"}},
      {"http://10.0.0.1:8620/receipts/sim?x=1&y", {"/receipts/sim", "x=1&y"}},
      {"HTTPS://Dun.example/r", {"/r", ""}},
      {"http://h", {"/", ""}},
      {"http://h?q=http://x/y", {"/", "q=http://x/y"}},
      {"http://[::1]:80/r/", {"/r/", ""}},
      {"/http://h/a", {"/http://h/a", ""}},
      {"/a..b/...?../.", {"/a..b/...", "../."}},
      {"*", {"*", ""}},
  };
  for (const Row& row : rows) {
    const auto target = parse_target(row.target);
    ASSERT_TRUE(target) << row.target << ": " << target.error();
    EXPECT_EQ(*target, row.expected) << row.target;
  }
  Running server;
  RawClient client(server.port);
  client.send("POST http://127.0.0.1/receipts/sim?a=1 HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_THAT(client.read_until("from 127.0.0.1\n"), HasSubstr("POST /receipts/sim a=1 x from"));
}

TEST(Server, SaysWhyItCannotListen) {
  Running server;
  boost::asio::io_context context(1);
  ServerOptions options;
  options.port = server.port;
  EXPECT_THAT(
      Server(context.get_executor(), options, echo).start().error(),
      testing::AllOf(HasSubstr(fmt::format("cannot listen on 127.0.0.1 port {}: ", server.port)), HasSubstr("in use")));
  options.address = "localhost";
  EXPECT_THAT(Server(context.get_executor(), options, echo).start().error(), HasSubstr("cannot listen on localhost"));
}

boost::asio::awaitable<Reply> name_a(Request) {
  co_return Reply{.body = "a"};
}
boost::asio::awaitable<Reply> name_ab(Request) {
  co_return Reply{.body = "ab"};
}

TEST(Endpoints, TheLongestPathWins) {
  Endpoints endpoints;
  endpoints.add("/a", name_a);
  endpoints.add("/a/b", name_ab);
  boost::asio::io_context context(1);
  const auto ask = [&](std::string path) {
    Request request;
    request.path = std::move(path);
    const Reply reply = test::run(context, endpoints.handler()(std::move(request)));
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

TEST(FieldCases, C14_HealthHasOnePathAndIsOnlyRead) {
  Endpoints endpoints;
  endpoints.add("/healthz", health_handler([] { return Health{}; }), Endpoints::Match::exact);
  boost::asio::io_context context(1);
  const auto ask = [&](std::string method, std::string path) {
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    return test::run(context, endpoints.handler()(std::move(request))).status;
  };
  EXPECT_EQ(ask("GET", "/healthz"), 200);
  EXPECT_EQ(ask("HEAD", "/healthz"), 200);
  for (const char* path : {"/healthz/", "/healthz/x", "/healthzz", "/health", "/x/healthz"})
    EXPECT_EQ(ask("GET", path), 404) << path;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get", ""})
    EXPECT_EQ(ask(method, "/healthz"), 405) << method;
}

TEST(Health, IsWhatTheProblemsSayAndAlertsAreOnlyTold) {
  boost::asio::io_context context(1);
  Health health;
  const Handler handler = health_handler([&] { return health; });
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
    Request request;
    request.method = "GET";
    const Reply reply = test::run(context, handler(std::move(request)));
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(reply.body, row.body);
  }
}

}  // namespace
}  // namespace dun::http
