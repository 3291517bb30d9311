#include "tools/listeners.hpp"

#include "gateways/curl_client.hpp"
#include "tests/support/run_async.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

namespace dun::tools {
namespace {

using namespace std::chrono_literals;

TEST(FieldCases, C4_ListenersNeverTakeTheLastDescriptors) {
  struct Row {
    std::size_t limit, reserved, most, share;
  };
  const Row rows[] = {
      {1'048'576, 160, 1024, 1024},                       // plenty
      {1024, 160, 1024, 864},                             // a hard limit that nobody raised
      {1024, 160, 100, 100},                              // as few as was asked for
      {200, 160, 1024, 40},         {160, 160, 1024, 8},  // health can be asked for all the same
      {64, 160, 1024, 8},           {1024, 160, 2, 8},
  };
  for (const Row& row : rows)
    EXPECT_EQ(listener_share(row.limit, row.reserved, row.most), row.share) << row.limit << " " << row.most;
}

TEST(FieldCases, C4_TheLimitIsRaisedToTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{.rlim_cur = 256, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  rlimit after{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, before.rlim_max);
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST(FieldCases, C5_HealthThatNobodyLooksAfterAnyMoreIsNone) {
  HealthBoard board;
  board.show({.problems = {}, .alerts = {"gateway down"}}, 100s);
  EXPECT_TRUE(board.read(100s).problems.empty());
  EXPECT_TRUE(board.read(100s + HealthBoard::stale_after).problems.empty());
  const auto stale = board.read(100s + HealthBoard::stale_after + 1ms);
  EXPECT_THAT(stale.problems, testing::ElementsAre("nothing was decided for 5 s"));
  EXPECT_THAT(stale.alerts, testing::ElementsAre("gateway down"));
  board.show({.problems = {"no redis"}, .alerts = {}}, 200s);
  EXPECT_THAT(board.read(201s).problems, testing::ElementsAre("no redis"));
}

boost::asio::awaitable<http::Reply> echo(http::Request query) {
  co_return http::Reply{.body = query.body};
}

class ListenersTest {
 public:
  std::string get(std::uint16_t port, const std::string& path) {
    gateways::CurlClient client(context_.get_executor(), {});
    const auto result = test::run(
        context_,
        client.perform(
            {.method = "GET", .url = fmt::format("http://127.0.0.1:{}{}", port, path), .headers = {}, .body = ""}));
    const auto* response = std::get_if<gateways::HttpResponse>(&result);
    return response == nullptr ? "no answer" : fmt::format("{} {}", response->status, response->body);
  }
  void stop(Listeners& listeners) { test::run(context_, listeners.stop()); }

 private:
  boost::asio::io_context context_{1};
};

/// A port that nobody listened on a moment ago.
std::uint16_t free_port() {
  HealthBoard board;
  Listeners listeners({.listen = {.host = "127.0.0.1", .port = 0}, .health = {}}, http::Endpoints(), board);
  const std::uint16_t port = listeners.start().value();
  ListenersTest().stop(listeners);
  return port;
}

TEST(FieldCases, C5_HealthHasAListenerOfItsOwn) {
  HealthBoard board;
  board.show({}, std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch()) + 1h);
  http::Endpoints endpoints;
  endpoints.add("/echo", echo);
  const std::uint16_t health = free_port();
  Listeners listeners({.listen = {.host = "127.0.0.1", .port = 0},
                       .health = config::ListenAddress{.host = "127.0.0.1", .port = health}},
                      endpoints, board);
  const auto port = listeners.start();
  ASSERT_TRUE(port) << port.error();
  ListenersTest client;
  EXPECT_EQ(client.get(*port, "/healthz"), "200 ok\n");
  EXPECT_EQ(client.get(*port, "/echo"), "200 ");
  EXPECT_EQ(client.get(health, "/healthz"), "200 ok\n");
  EXPECT_EQ(client.get(health, "/echo"), "404 there is nothing at this path\n");
  // Whoever else wants these addresses is told so, and nothing is left behind.
  Listeners second({.listen = {.host = "127.0.0.1", .port = 0},
                    .health = config::ListenAddress{.host = "127.0.0.1", .port = health}},
                   endpoints, board);
  EXPECT_THAT(second.start().error(), testing::HasSubstr(fmt::format("port {}: ", health)));
  board.show({}, 1s);
  EXPECT_THAT(client.get(health, "/healthz"), testing::StartsWith("503 nothing was decided for "));
  client.stop(second);
  client.stop(listeners);
}

}  // namespace
}  // namespace dun::tools
