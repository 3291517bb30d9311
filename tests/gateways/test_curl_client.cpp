#include "base/async/deadline.hpp"
#include "base/async/task_group.hpp"
#include "gateways/connection_reuse.hpp"
#include "gateways/curl_client.hpp"
#include "gateways/response_rules.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/run_async.hpp"
#include "tools/child_process.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

namespace dun::gateways {
namespace {

using namespace std::chrono_literals;
using test::http_answer;
using test::Reaction;
using test::ScriptedServer;
using test::SeenRequest;
using Then = Reaction::Then;

/// Time-outs that a test waits for are short; all others are far longer than any test.
TransportSpec transport() {
  TransportSpec spec;
  spec.connect_timeout = 60s;
  spec.total_timeout = 60s;
  spec.idle_max = Seconds(60);
  return spec;
}

HttpRequest post(const std::string& url, std::string body = "b") {
  return {.method = "POST", .url = url, .headers = {{"Content-Type", "text/plain"}}, .body = std::move(body)};
}

std::string describe(const HttpResult& result) {
  if (const auto* response = std::get_if<HttpResponse>(&result))
    return fmt::format("{} {}", response->status, response->body);
  const auto& failure = std::get<TransportFailure>(result);
  return fmt::format("{}{}", transport_kind_names()[static_cast<std::size_t>(failure.kind)],
                     failure.detail.empty() ? " without a reason" : "");
}

async::Awaitable<void> send(CurlClient& client, HttpRequest request) {
  co_await client.perform(std::move(request));
}

async::Awaitable<void> send_and_note(CurlClient& client, HttpRequest request, std::vector<std::string>& results) {
  const HttpResult result = co_await client.perform(std::move(request));
  results.push_back(describe(result));
}

/// Sends, and cancels when the server has the request.
async::Awaitable<void> abandon(CurlClient& client, HttpRequest request, const ScriptedServer& server) {
  async::TaskGroup tasks(co_await boost::asio::this_coro::executor);
  tasks.spawn(send(client, std::move(request)));
  while (server.seen().empty()) co_await async::sleep(1ms);
  tasks.cancel();
  co_await tasks.join();
}

class CurlClientTest : public testing::Test {
 protected:
  std::string perform(CurlClient& client, HttpRequest request) {
    return describe(test::run(context, client.perform(std::move(request))));
  }
  std::string perform(const TransportSpec& spec, HttpRequest request) {
    CurlClient client(context.get_executor(), spec);
    return perform(client, std::move(request));
  }

  boost::asio::io_context context{1};
};

Reaction ok(const SeenRequest& request) {
  return {.bytes = http_answer(200, request.method + " " + request.target + " " + request.body)};
}

TEST_F(CurlClientTest, SendsExactlyTheRequestThatItIsGiven) {
  ScriptedServer server(ok);
  CurlClient client(context.get_executor(), transport());
  const std::string body("a\0b\r\n\xFF", 6);
  EXPECT_EQ(perform(client, {.method = "PUT",
                             .url = server.url("/p%20q?x=%2B"),
                             .headers = {{"Content-Type", "application/json"}, {"X-Key", "v w"}},
                             .body = body}),
            "200 PUT /p%20q?x=%2B " + body);
  EXPECT_EQ(perform(client, {.method = "GET", .url = server.url("/g"), .headers = {}, .body = {}}), "200 GET /g ");
  EXPECT_EQ(perform(client, {.method = "POST", .url = server.url("/e"), .headers = {}, .body = {}}), "200 POST /e ");
  EXPECT_EQ(perform(client, post(server.url("/big"), std::string(100'000, 'x'))), "too_large");
  const auto seen = server.seen();
  EXPECT_EQ(seen[0].header("Content-Type"), "application/json");
  EXPECT_EQ(seen[0].header("X-Key"), "v w");
  EXPECT_EQ(seen[1].header("Content-Type"), "");
  EXPECT_EQ(seen[2].header("Content-Type"), "");
  for (const SeenRequest& request : seen) EXPECT_EQ(request.header("Expect"), "");
}

TEST_F(CurlClientTest, ReadsStatusHeadersAndBody) {
  ScriptedServer server([](const SeenRequest&) {
    return Reaction{.bytes = "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n" +
                             http_answer(429, "slow", "Retry-After:  7 \r\nX-Id: a\r\n")};
  });
  CurlClient client(context.get_executor(), transport());
  const HttpResult result = test::run(context, client.perform(post(server.url())));
  const auto& response = std::get<HttpResponse>(result);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.body, "slow");
  EXPECT_THAT(response.headers, testing::ElementsAre(testing::Pair("Content-Length", "4"),
                                                     testing::Pair("Retry-After", "7"), testing::Pair("X-Id", "a")));
}

TEST_F(CurlClientTest, KeepsConnectionsAliveUnlessToldNotTo) {
  ScriptedServer server(ok);
  CurlClient client(context.get_executor(), transport());
  for (int i = 0; i < 3; ++i) perform(client, post(server.url()));
  EXPECT_EQ(server.seen().back().connection, 1);
  EXPECT_EQ(server.seen().back().number, 3);
  TransportSpec single = transport();
  single.keep_alive = false;
  CurlClient once(context.get_executor(), single);
  for (int i = 0; i < 2; ++i) perform(once, post(server.url()));
  EXPECT_EQ(server.seen().back().connection, 3);
  EXPECT_EQ(server.seen().back().header("Connection"), "close");
}

// The only way to have a connection that was idle for long is to wait; how much longer it takes does not matter.
TEST_F(CurlClientTest, UsesNoConnectionThatWasIdleForTooLong) {
  ScriptedServer server(ok);
  for (const auto& [idle_max, connection] : {std::pair{Seconds(60), 1}, std::pair{Seconds(1), 3}}) {
    TransportSpec spec = transport();
    spec.idle_max = idle_max;
    CurlClient client(context.get_executor(), spec);
    perform(client, post(server.url()));
    std::this_thread::sleep_for(2200ms);
    perform(client, post(server.url()));
    EXPECT_EQ(server.seen().back().connection, connection) << idle_max.count();
  }
}

TEST_F(CurlClientTest, OpensNoMoreConnectionsThanAllowedAndServesInOrder) {
  ScriptedServer server(ok);
  TransportSpec spec = transport();
  spec.connections = 1;
  CurlClient client(context.get_executor(), spec);
  std::vector<std::string> expected;
  async::TaskGroup tasks(context.get_executor());
  for (int i = 0; i < 200; ++i) {
    tasks.spawn(send(client, post(server.url(), std::to_string(i))));
    expected.push_back(std::to_string(i));
  }
  test::run(context, tasks.join());
  std::vector<std::string> bodies;
  for (const SeenRequest& request : server.seen()) bodies.push_back(request.body);
  EXPECT_EQ(bodies, expected);
  EXPECT_EQ(server.connections_most(), 1);
}

TEST_F(CurlClientTest, UsesItsConnectionsSideBySide) {
  ScriptedServer server(ok);
  TransportSpec spec = transport();
  spec.connections = 4;
  CurlClient client(context.get_executor(), spec);
  async::TaskGroup tasks(context.get_executor());
  for (int i = 0; i < 400; ++i) tasks.spawn(send(client, post(server.url(), std::to_string(i))));
  test::run(context, tasks.join());
  EXPECT_EQ(server.seen().size(), 400U);
  EXPECT_LE(server.connections_most(), 4);
  EXPECT_GT(server.connections_most(), 1);
}

// What happened to the request decides whether it can have been taken.
TEST_F(CurlClientTest, TellsFailuresBeforeSendingFromThoseAfter) {
  EXPECT_EQ(perform(transport(), post(fmt::format("http://127.0.0.1:{}/", test::closed_port()))), "connect");
  EXPECT_EQ(perform(transport(), post("http://no-such-host.invalid/")), "dns");
  EXPECT_EQ(perform(transport(), post("http://[::bad/")), "connect");

  ScriptedServer no_tls(ok);
  no_tls.reset_before_reading(true);
  EXPECT_EQ(perform(transport(), post(fmt::format("https://127.0.0.1:{}/", no_tls.port()))), "tls");
  TransportSpec proxied = transport();
  ScriptedServer proxy([](const SeenRequest&) { return Reaction{.bytes = http_answer(403, "no")}; });
  proxied.proxy = proxy.url("");
  EXPECT_EQ(perform(proxied, post("https://gateway.example/")), "proxy");
  EXPECT_EQ(proxy.seen().at(0).method, "CONNECT");
  proxied.proxy = "http://no-such-proxy.invalid:1";
  EXPECT_EQ(perform(proxied, post("http://gateway.example/")), "proxy");
}

TEST_F(CurlClientTest, GivesUpAConnectionThatIsNotMadeInTime) {
  // A documentation address (RFC 5737): nobody answers, or the network says at once that there is no way to it.
  TransportSpec spec = transport();
  spec.connect_timeout = 50ms;
  EXPECT_EQ(perform(spec, post("http://192.0.2.1:9/")), "connect");
}

TEST_F(CurlClientTest, AFreshConnectionThatBreaksAfterTheRequestLeavesItUnknown) {
  ScriptedServer server([](const SeenRequest& request) -> Reaction {
    if (request.target == "/reset") return {.bytes = "", .then = Then::reset};
    if (request.target == "/close") return {.bytes = "", .then = Then::close};
    if (request.target == "/half")
      return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", .then = Then::close};
    if (request.target == "/garbage") return {.bytes = "\x16\x03\x01 nonsense\r\n\r\n", .then = Then::close};
    if (request.target == "/status") return {.bytes = "HTTP/1.1 abc\r\n\r\n", .then = Then::close};
    return {.bytes = http_answer(200, std::string(65 << 10, 'x'))};
  });
  EXPECT_EQ(perform(transport(), post(server.url("/reset"))), "reset");
  EXPECT_EQ(perform(transport(), post(server.url("/close"))), "reset");
  EXPECT_EQ(perform(transport(), post(server.url("/half"))), "reset");
  EXPECT_EQ(perform(transport(), post(server.url("/garbage"))), "malformed");
  EXPECT_EQ(perform(transport(), post(server.url("/status"))), "malformed");
  EXPECT_EQ(perform(transport(), post(server.url("/long"))), "too_large");
  EXPECT_EQ(server.seen().size(), 6U);

  server.reset_before_reading(true);
  EXPECT_EQ(perform(transport(), post(server.url("/unread"))), "reset");
  EXPECT_EQ(server.seen().size(), 6U);
}

TEST_F(CurlClientTest, BoundsAnswersThatDoNotComeAndThoseThatTrickle) {
  ScriptedServer server([](const SeenRequest& request) -> Reaction {
    if (request.target == "/silent") return {.bytes = "", .then = Then::hang};
    return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nslo", .then = Then::hang};
  });
  TransportSpec spec = transport();
  spec.total_timeout = 50ms;
  EXPECT_EQ(perform(spec, post(server.url("/silent"))), "timeout");
  EXPECT_EQ(perform(spec, post(server.url("/slow"))), "timeout");
}

// libcurl 7.88 sends a request again by itself when a reused connection closes without an answer. Take the guard away
// and the server sees the second message twice, while the caller is told of one success.
TEST_F(CurlClientTest, NeverSendsARequestASecondTime) {
  for (const Then then : {Then::close, Then::reset}) {
    ScriptedServer server([then](const SeenRequest& request) -> Reaction {
      if (request.number == 2) return {.bytes = "", .then = then};
      return ok(request);
    });
    CurlClient client(context.get_executor(), transport());
    EXPECT_EQ(perform(client, post(server.url(), "first")), "200 POST / first");
    const std::string second = perform(client, post(server.url(), "second"));
    EXPECT_THAT(second, testing::AnyOf("repeated", "reset"));
    EXPECT_EQ(perform(client, post(server.url(), "third")), "200 POST / third");
    std::vector<std::string> bodies;
    for (const SeenRequest& request : server.seen()) bodies.push_back(request.body);
    EXPECT_THAT(bodies, testing::ElementsAre("first", "second", "third"));
    if (then == Then::close) EXPECT_EQ(second, "repeated");
  }
}

// What libcurl says then is that it could not connect, as if nothing had left.
TEST_F(CurlClientTest, AGatewayThatDiesWithTheRequestIsNotSaidToHaveBeenOutOfReach) {
  CurlClient client(context.get_executor(), transport());
  ScriptedServer* self = nullptr;
  ScriptedServer server([&](const SeenRequest& request) -> Reaction {
    if (request.body == "first") return ok(request);
    self->stop_listening();
    return {.bytes = "", .then = Then::close};
  });
  self = &server;
  EXPECT_EQ(perform(client, post(server.url(), "first")), "200 POST / first");
  const HttpResult result = test::run(context, client.perform(post(server.url(), "second")));
  const auto& failure = std::get<TransportFailure>(result);
  EXPECT_EQ(failure.kind, TransportKind::repeated);
  EXPECT_EQ(failure.detail, "the connection closed after the request was sent; there was no other");
  EXPECT_EQ(server.seen().size(), 2U);
}

TEST_F(CurlClientTest, AGatewayThatComesBackIsUsedAgain) {
  CurlClient client(context.get_executor(), transport());
  auto server = std::make_unique<ScriptedServer>(ok);
  const std::string url = server->url();
  EXPECT_EQ(perform(client, post(url)), "200 POST / b");
  server.reset();
  EXPECT_EQ(perform(client, post(url)), "connect");
}

TEST_F(CurlClientTest, ARequestThatWaitsTooLongForAConnectionIsNotSent) {
  ScriptedServer server([](const SeenRequest&) { return Reaction{.bytes = "", .then = Then::hang}; });
  TransportSpec spec = transport();
  spec.connections = 1;
  spec.connect_timeout = 50ms;
  spec.total_timeout = 500ms;
  CurlClient client(context.get_executor(), spec);
  std::vector<std::string> results;
  async::TaskGroup tasks(context.get_executor());
  for (int i = 0; i < 2; ++i) tasks.spawn(send_and_note(client, post(server.url()), results));
  test::run(context, tasks.join());
  EXPECT_THAT(results, testing::ElementsAre("not_sent", "timeout"));
  EXPECT_EQ(server.seen().size(), 1U);
}

TEST_F(CurlClientTest, ACancelledRequestEndsAndFreesItsConnection) {
  ScriptedServer server([](const SeenRequest& request) -> Reaction {
    if (request.target == "/hang") return {.bytes = "", .then = Then::hang};
    return ok(request);
  });
  TransportSpec spec = transport();
  spec.connections = 1;
  CurlClient client(context.get_executor(), spec);
  test::run(context, abandon(client, post(server.url("/hang")), server));
  EXPECT_EQ(perform(client, post(server.url("/next"))), "200 POST /next b");
}

TEST_F(CurlClientTest, RequestsUnderWayMayOutliveTheirClientAndTheirContext) {
  ScriptedServer server([](const SeenRequest&) { return Reaction{.bytes = "", .then = Then::hang}; });
  auto short_lived = std::make_unique<boost::asio::io_context>(1);
  auto client = std::make_unique<CurlClient>(short_lived->get_executor(), transport());
  for (int i = 0; i < 40; ++i)
    boost::asio::co_spawn(*short_lived, send(*client, post(server.url())), [](std::exception_ptr) {});
  while (server.seen().empty()) short_lived->run_one();
  client.reset();
  short_lived.reset();  // destroys the coroutines, their requests, and the connections
  SUCCEED();
}

// ----------------------------------------------------------------------------------------------------- field cases

using FieldCases = CurlClientTest;

TEST_F(FieldCases, S43_WhatCameBeforeTheRequestLeftIsNotItsAnswer) {
  struct Row {
    std::string bytes;
    bool then_close;
  };
  for (const Row& row : {Row{http_answer(408, "idle", "Connection: close\r\n"), true},
                         Row{http_answer(408, "idle"), false}, Row{http_answer(200, "POST / second"), true},
                         Row{http_answer(503, "going down"), true}, Row{"\r\n", false}, Row{"", true}}) {
    SCOPED_TRACE(row.bytes + (row.then_close ? " and closed" : ""));
    ScriptedServer server(ok);
    CurlClient client(context.get_executor(), transport());
    EXPECT_EQ(perform(client, post(server.url(), "first")), "200 POST / first");
    server.speak_up(row.bytes, row.then_close);
    EXPECT_EQ(perform(client, post(server.url(), "second")), "200 POST / second");
    const auto seen = server.seen();
    ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1].body, "second");
    EXPECT_EQ(seen[1].connection, 2);
    EXPECT_EQ(perform(client, post(server.url(), "third")), "200 POST / third");
    EXPECT_EQ(server.seen().back().connection, 2) << "which is kept again";
  }
}

TEST_F(FieldCases, S43_AllConnectionsThatWereEndedMeanwhileAreReplaced) {
  ScriptedServer server(ok);
  TransportSpec spec = transport();
  spec.connections = 4;
  CurlClient client(context.get_executor(), spec);
  const auto send_many = [&] {
    std::vector<std::string> results;
    async::TaskGroup tasks(context.get_executor());
    for (int i = 0; i < 40; ++i) tasks.spawn(send_and_note(client, post(server.url()), results));
    test::run(context, tasks.join());
    EXPECT_THAT(results, testing::AllOf(testing::SizeIs(40), testing::Each("200 POST / b")));
  };
  send_many();
  server.speak_up(http_answer(408, ""), true);
  send_many();
  EXPECT_EQ(server.seen().size(), 80U);
}

// The server wrote it before it read the request: whether it did read it, nobody knows.
TEST_F(FieldCases, S43_AnIdleTimeOutThatCrossesTheRequestIsNotItsAnswer) {
  ScriptedServer server([](const SeenRequest& request) -> Reaction {
    if (request.number == 2) return {.bytes = http_answer(408, "idle", "Connection: close\r\n"), .then = Then::close};
    return request.target == "/slow" ? Reaction{.bytes = http_answer(408, "slow")} : ok(request);
  });
  CurlClient client(context.get_executor(), transport());
  EXPECT_EQ(perform(client, post(server.url())), "200 POST / b");
  EXPECT_EQ(perform(client, post(server.url())), "repeated");
  EXPECT_EQ(perform(client, post(server.url("/slow"))), "408 slow") << "on a new connection it is the answer";
}

TEST_F(FieldCases, C11_WhereConnectionsAreClosedUnderRequestsTheyAreNotUsedAgain) {
  for (const Then then : {Then::close, Then::reset}) {
    ScriptedServer server([then](const SeenRequest& request) -> Reaction {
      if (request.number == 2) return {.bytes = "", .then = then};
      return ok(request);
    });
    CurlClient client(context.get_executor(), transport());
    std::vector<std::string> results;
    for (int i = 0; i < 8; ++i) results.push_back(perform(client, post(server.url())));
    EXPECT_THAT(results, testing::ElementsAre("200 POST / b", "repeated", "200 POST / b", "repeated", "200 POST / b",
                                              "200 POST / b", "200 POST / b", "200 POST / b"));
    EXPECT_EQ(server.seen().back().number, 1);
    EXPECT_EQ(server.seen().back().header("Connection"), "close");
  }
}

TEST_F(FieldCases, C11_ANewConnectionThatClosesIsTheGatewaysFailure) {
  ScriptedServer server([](const SeenRequest&) { return Reaction{.bytes = "", .then = Then::close}; });
  CurlClient client(context.get_executor(), transport());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(perform(client, post(server.url())), "reset");
}

TEST_F(FieldCases, C11_OnlyWhatSaysSomethingAboutTheGatewayCountsForItsBreaker) {
  using enum TransportKind;
  for (const TransportKind kind : {repeated, timeout, reset, malformed, too_large}) {
    const auto result = result_of(GatewaySpec{}, TransportFailure{kind, "x"});
    EXPECT_EQ(std::get<scheduler::SendUnknown>(result).telling, kind != repeated);
    const auto asked = status_result_of(GatewaySpec{}, TransportFailure{kind, "x"});
    EXPECT_EQ(std::get<scheduler::SendUnknown>(asked).telling, kind != repeated);
  }
  EXPECT_FALSE(std::get<scheduler::SendRetry>(result_of(GatewaySpec{}, TransportFailure{not_sent, "x"})).telling);
  GatewaySpec own;
  own.responses.push_back({.transport = {repeated, timeout}, .result = ResultKind::retry});
  EXPECT_FALSE(std::get<scheduler::SendRetry>(result_of(own, TransportFailure{timeout, "x"})).telling)
      << "no answer is no sign of life, whatever the notice is worth";
  EXPECT_TRUE(std::get<scheduler::SendUnknown>(result_of(own, HttpResponse{.status = 500}, Instant())).telling);
}

TEST_F(FieldCases, C11_ReuseIsTriedAgainAndLeftForLongerEachTime) {
  using std::chrono::minutes;
  ConnectionReuse reuse;
  EXPECT_TRUE(reuse.allowed(Millis(0)));
  reuse.failed(minutes(1));
  reuse.failed(minutes(3));
  EXPECT_TRUE(reuse.allowed(minutes(3))) << "it happens to everybody now and then";
  reuse.failed(minutes(4));
  EXPECT_FALSE(reuse.allowed(minutes(13)));
  reuse.failed(minutes(5));  // one that was open before
  EXPECT_TRUE(reuse.allowed(minutes(14)));
  reuse.failed(minutes(15));
  EXPECT_FALSE(reuse.allowed(minutes(34)));
  EXPECT_TRUE(reuse.allowed(minutes(35)));
  reuse.failed(minutes(90));
  EXPECT_TRUE(reuse.allowed(minutes(90))) << "it had gone well for long";
  for (Millis now = minutes(100); now < date::days(9); now += minutes(1)) reuse.failed(now);
  EXPECT_FALSE(reuse.allowed(date::days(9)));
  EXPECT_TRUE(reuse.allowed(date::days(9) + std::chrono::hours(8)));
}

TEST_F(FieldCases, S31_AProxyThatAsksForAPasswordIsAProxyThatDoesNotLetUsThrough) {
  ScriptedServer proxy([](const SeenRequest&) {
    return Reaction{.bytes = http_answer(407, "who are you", "Proxy-Authenticate: Basic realm=x\r\n")};
  });
  TransportSpec proxied = transport();
  proxied.proxy = proxy.url("");
  for (const char* url : {"http://gateway.example/", "https://gateway.example/"}) {
    EXPECT_EQ(perform(proxied, post(url)), "proxy") << url;
    const auto result = result_of(GatewaySpec{}, TransportFailure{TransportKind::proxy, "x"});
    EXPECT_TRUE(std::holds_alternative<scheduler::SendGatewayDown>(result));
  }
  EXPECT_EQ(perform(transport(), post(proxy.url())), "407 who are you") << "without a proxy rules say what it means";
}

std::string packed(const std::string& text, int format) {
  z_stream stream{};
  if (deflateInit2(&stream, 9, Z_DEFLATED, format, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
  std::string result(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

TEST_F(FieldCases, S32_PackedAnswersAreUnpacked) {
  constexpr int gzip = 15 + 16;
  constexpr int zlib = 15;
  constexpr int bare = -15;
  const std::string text = R"({"status":"accepted","id":"ID1"})";
  const std::string half = packed(text, gzip).substr(0, 20);
  struct Row {
    const char* encoding;
    std::string body, read;
  };
  for (const Row& row :
       {Row{"gzip", packed(text, gzip), text}, Row{"GZip", packed(text, gzip), text},
        Row{"x-gzip", packed(text, gzip), text}, Row{"deflate", packed(text, zlib), text},
        Row{"deflate", packed(text, bare), text}, Row{"", packed(text, gzip), text}, Row{"gzip", text, text},
        Row{"utf-8", text, text}, Row{"br", text, text}, Row{"gzip", half, half}, Row{"gzip", "", ""}}) {
    SCOPED_TRACE(row.encoding);
    ScriptedServer server([&](const SeenRequest& request) -> Reaction {
      EXPECT_EQ(request.header("Accept-Encoding"), "") << "nobody asked";
      const std::string header = *row.encoding == '\0' ? "" : fmt::format("Content-Encoding: {}\r\n", row.encoding);
      return {.bytes = http_answer(200, row.body, header)};
    });
    EXPECT_EQ(perform(transport(), post(server.url())), "200 " + row.read);
  }
}

TEST_F(FieldCases, S32_ABombIsTooLarge) {
  ScriptedServer server([](const SeenRequest&) -> Reaction {
    return {.bytes = http_answer(200, packed(std::string(10 << 20, ' '), 15 + 16), "Content-Encoding: gzip\r\n")};
  });
  EXPECT_EQ(perform(transport(), post(server.url())), "too_large");
}

// ------------------------------------------------------------------------------------------------------------- TLS

/// `openssl s_server`, whose page tells whether the client showed a certificate.
class TlsTest : public CurlClientTest {
 protected:
  TlsTest() : name(testing::TempDir() + "dun_tls_" + std::to_string(getpid())) {
    const std::string make =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
        "-addext subjectAltName=DNS:localhost -keyout " +
        name + ".key -out " + name + ".crt 2>" + name + ".log";
    if (std::system(make.c_str()) != 0) throw std::runtime_error("openssl could not make a certificate");
  }
  ~TlsTest() override {
    for (const char* suffix : {".key", ".crt", ".log"}) std::filesystem::remove(name + suffix);
  }

  /// Returns when the server accepts connections.
  void serve(const std::vector<std::string>& more = {}) {
    port = tools::free_port();
    std::vector<std::string> arguments = {"openssl", "s_server",    "-accept", fmt::format("localhost:{}", port),
                                          "-cert",   name + ".crt", "-key",    name + ".key",
                                          "-www"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    server.emplace(tools::ChildProcess::Options{.arguments = arguments, .environment = {}, .log = name + ".log"});
    while (perform(transport(), get("http", "localhost")) == "connect")
      ASSERT_FALSE(server->ended()) << "openssl s_server ended";
  }
  [[nodiscard]] HttpRequest get(const std::string& scheme, const std::string& host) const {
    return {.method = "GET", .url = fmt::format("{}://{}:{}/", scheme, host, port), .headers = {}, .body = {}};
  }
  [[nodiscard]] TransportSpec trusting() const {
    TransportSpec spec = transport();
    spec.tls_ca = name + ".crt";
    return spec;
  }

  std::string name;
  int port = 0;
  std::optional<tools::ChildProcess> server;
};

TEST_F(TlsTest, TrustsOnlyWhomItIsTold) {
  serve();
  EXPECT_EQ(perform(transport(), get("https", "localhost")), "tls");
  EXPECT_THAT(perform(trusting(), get("https", "localhost")), testing::StartsWith("200 "));
  EXPECT_EQ(perform(trusting(), get("https", "127.0.0.1")), "tls") << "the certificate is for another name";
  TransportSpec unverified = transport();
  unverified.tls_verify = false;
  EXPECT_THAT(perform(unverified, get("https", "127.0.0.1")), testing::StartsWith("200 "));
  TransportSpec misconfigured = transport();
  misconfigured.tls_ca = name + ".none";
  EXPECT_EQ(perform(misconfigured, get("https", "localhost")), "tls");
}

TEST_F(TlsTest, ShowsItsCertificateToAServerThatAsksForOne) {
  serve({"-verify", "1", "-CAfile", name + ".crt"});
  EXPECT_THAT(perform(trusting(), get("https", "localhost")), testing::HasSubstr("no client certificate available"));
  TransportSpec known = trusting();
  known.tls_certificate = name + ".crt";
  known.tls_key = name + ".key";
  EXPECT_THAT(perform(known, get("https", "localhost")), testing::HasSubstr("Client certificate"));
}

}  // namespace
}  // namespace dun::gateways
