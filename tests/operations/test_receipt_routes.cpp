#include "operations/receipts.hpp"

#include "base/async/deadline.hpp"
#include "base/http/server.hpp"
#include "gateways/curl_client.hpp"
#include "gateways/http_sender.hpp"
#include "scheduler/clock.hpp"
#include "tests/gateways/support.hpp"
#include "tests/support/run_async.hpp"
#include "tools/gateway_sim/server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::operations {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

gateways::Receipt receipt(std::string client_ref, ReceiptStatus status = ReceiptStatus::delivered) {
  return {.client_ref = std::move(client_ref), .status = status, .gateway_id = "g-7", .time = {}, .detail = "fine"};
}

const Instant now = *parse_rfc3339("2026-01-31T13:45:00Z");

const scheduler::Seal seal("the key of these tests, and of nobody else");

/// The event that a receipt for this notice becomes, with its signature checked and taken off.
Fields event_of(const std::string& gateway, const std::string& notice, ReceiptStatus status, Instant at) {
  const auto named = seal.read(seal.reference(NoticeId(notice)));
  return seal.open(receipt_event(gateway, receipt("", status), named.value(), seal, at)).value();
}

TEST(ReceiptEvent, IsAnEventThatTheEngineUnderstands) {
  const Fields fields = event_of("kannel", "a+b@c.d~0123456789abcdef", ReceiptStatus::delivered, now);
  EXPECT_THAT(fields, ElementsAre(Pair("id", testing::StartsWith("receipt~")), Pair("type", "dun.receipt"),
                                  Pair("account", "a+b@c.d"), Pair("time", "2026-01-31T13:45:00.000Z"),
                                  Pair("notice", "a+b@c.d~0123456789abcdef"), Pair("status", "delivered"),
                                  Pair("gateway", "kannel"), Pair("gateway_id", "g-7"), Pair("detail", "fine")));
  const auto event = parse_event(fields, {.latest = now});
  ASSERT_TRUE(event) << event.error().field << ": " << event.error().reason;
  EXPECT_EQ(event->account, AccountId("a+b@c.d"));
  EXPECT_EQ(event->receipt, ReceiptStatus::delivered);
}

TEST(FieldCases, S12_TheTimeOfAReceiptsEventIsWhenItWasDelivered) {
  const auto time = [](std::optional<Instant> of) {
    gateways::Receipt delivered = receipt("a~1");
    delivered.time = of;
    const auto named = seal.read(seal.reference(NoticeId("a~1")));
    const auto fields = seal.open(receipt_event("g", delivered, named.value(), seal, now)).value();
    const auto event = parse_event(fields, {.latest = now});
    return event ? to_rfc3339(event->time) : event.error().reason;
  };
  EXPECT_EQ(time(now - 5min), "2026-01-31T13:40:00.000Z");
  EXPECT_EQ(time(now - 29 * 24h), "2026-01-02T13:45:00.000Z");
  EXPECT_EQ(time(now + 2h), "2026-01-31T13:45:00.000Z") << "a clock that is ahead";
  EXPECT_EQ(time(Instant()), "2026-01-31T13:45:00.000Z") << "a clock that was never set";
  EXPECT_EQ(time({}), "2026-01-31T13:45:00.000Z");
}

TEST(ReceiptEvent, RepeatedIsTheSameEventAndAnotherStatusAnother) {
  const auto id = [](const std::string& gateway, const std::string& notice, ReceiptStatus status, Instant at) {
    return event_of(gateway, notice, status, at).front().second;
  };
  const auto delivered = ReceiptStatus::delivered;
  EXPECT_EQ(id("g", "a~1", delivered, now), id("g", "a~1", delivered, now + 1h));
  EXPECT_NE(id("g", "a~1", delivered, now), id("g", "a~1", ReceiptStatus::failed, now));
  EXPECT_NE(id("g", "a~1", delivered, now), id("g", "a~2", delivered, now));
  EXPECT_NE(id("g", "a~1", delivered, now), id("h", "a~1", delivered, now));
}

std::string receipt_of(const std::string& reference, const std::string& status = "ok") {
  return fmt::format(R"({{"client_ref":"{}","status":"{}"}})", reference, status);
}
std::string ours(const std::string& notice) {
  return seal.reference(NoticeId(notice));
}

/// A listener with the routes of some gateways, and a store that may fail.
struct Desk {
  Desk() = default;
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;
  ~Desk() {
    if (server) test::run(context, server->stop());
  }

  void start(const std::vector<gateways::GatewaySpec>& gateways) {
    http::Endpoints endpoints;
    specs = std::make_shared<ReceiptGateways>(gateways);
    counts = add_receipt_endpoints(endpoints, specs, clock, seal,
                                   [this](std::vector<Fields> events) { return publish(std::move(events)); });
    server = std::make_unique<http::Server>(context.get_executor(), http::ServerOptions{}, endpoints.handler());
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error();
    port = *started;
  }

  async::Awaitable<bool> publish(std::vector<Fields> events) {
    co_await async::sleep(1ms);
    if (!store_works) co_return false;
    for (Fields& event : events) published.push_back(std::move(event));
    co_return true;
  }

  std::string post(const std::string& path, const std::string& body) { return ask("POST", path, body); }
  std::string ask(const std::string& method, const std::string& path, const std::string& body) {
    gateways::CurlClient client(context.get_executor(), {});
    const auto result = test::run(context, client.perform({.method = method,
                                                           .url = fmt::format("http://127.0.0.1:{}{}", port, path),
                                                           .headers = {{"Content-Type", "application/json"}},
                                                           .body = body}));
    const auto* response = std::get_if<gateways::HttpResponse>(&result);
    return response == nullptr ? "no answer" : fmt::format("{} {}", response->status, response->body);
  }

  boost::asio::io_context context{1};
  scheduler::WallClock clock;
  bool store_works = true;
  std::vector<Fields> published;
  std::shared_ptr<ReceiptGateways> specs;
  ReceiptCountsOf counts;
  std::uint16_t port = 0;
  std::unique_ptr<http::Server> server;
};

class ReceiptRoutesTest : public testing::Test, protected Desk {};

TEST_F(ReceiptRoutesTest, AcknowledgesWhatHasBeenPublishedAndNothingElse) {
  start({test::gateway(std::string(test::minimal) + R"(
[gateways.g.receipts]
path = "/r"
status_map = { ok = "delivered" }
acknowledge = { status = 202, content_type = "application/json", body = '{"code":0}' }
)")});
  const std::string one = receipt_of(ours("acct~1"));
  store_works = false;
  EXPECT_EQ(post("/r", one), "503 not stored; send it again\n");
  EXPECT_THAT(published, testing::IsEmpty());
  store_works = true;
  EXPECT_EQ(post("/r", one), "202 {\"code\":0}");
  EXPECT_EQ(published.size(), 1U);
  EXPECT_EQ(post("/r", "[" + receipt_of(ours("acct~2")) + "," + receipt_of(ours("b~3")) + R"(,{"x":1}])"),
            "202 {\"code\":0}");
  EXPECT_EQ(published.size(), 3U);
  EXPECT_EQ(post("/r", R"({"client_ref":"not ours","status":"ok"})"), "202 {\"code\":0}");
  EXPECT_EQ(published.size(), 3U);
  EXPECT_EQ(post("/r", "\xFF"), "400 the body: not JSON from byte 1 on\n");
  EXPECT_EQ(post("/r/x", one), "404 there is nothing at this path\n");
  EXPECT_EQ(post("/other", one), "404 there is nothing at this path\n");
  EXPECT_EQ(published.size(), 3U);
}

TEST_F(ReceiptRoutesTest, TellsEachPathWhatCameToIt) {
  start({test::gateway(std::string(test::minimal) +
                       "receipts = { path = \"/r\", status_map = { ok = \"delivered\" } }\n")});
  const auto& count = *counts.at("g");
  post("/r", receipt_of(ours("a~1")));
  post("/r", "[" + receipt_of(ours("a~2")) + "," + receipt_of("x") + "," + receipt_of("a~3~0000000000") + ",{}]");
  post("/r", "nonsense");
  store_works = false;
  post("/r", receipt_of(ours("a~4")));
  EXPECT_EQ(count.taken, 2U);
  EXPECT_EQ(count.foreign, 1U);
  EXPECT_EQ(count.forged, 1U);
  EXPECT_EQ(count.refused, 2U);
  EXPECT_EQ(count.delayed, 1U);
}

constexpr std::string_view two_paths = R"(
[gateways.open]
preset = "generic-json"
request = { url = "http://h/s" }
receipts = { path = "/open", status_map = { ok = "delivered" } }
[gateways.token]
preset = "generic-json"
request = { url = "http://h/s" }
receipts = { path = "/token", token = "t", status_map = { ok = "delivered" } }
[routing]
default = "open"
)";

TEST(FieldCases, C6_ReferencesCannotBeMadeByOutsiders) {
  Desk desk;
  const auto loaded = test::load_gateways(two_paths);
  for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
  desk.start(loaded.options.gateways);
  const std::string right = ours("acct~0123456789abcdef");
  std::string other_tag = right;
  other_tag.back() = other_tag.back() == '0' ? '1' : '0';
  const std::string another_key = scheduler::Seal().reference(NoticeId("acct~0123456789abcdef"));
  const std::string of_another_notice = "acct~0123456789abcdeg" + right.substr(right.rfind('~'));
  const std::vector<std::string> all_forged = {other_tag,
                                               another_key,
                                               of_another_notice,
                                               right + "0",
                                               right + "~0",
                                               right.substr(0, right.size() - 1),
                                               "acct~0123456789abcdef~",
                                               "b" + right};
  for (const std::string& forged : all_forged) {
    EXPECT_EQ(desk.post("/open", receipt_of(forged)), "403 the reference is none that was given out here\n") << forged;
    EXPECT_EQ(desk.post("/token/t", receipt_of(forged)), "403 the reference is none that was given out here\n")
        << forged;
  }
  // One without a tag anybody can compute: believed from whoever has proved who he is.
  EXPECT_EQ(desk.post("/open", receipt_of("acct~0123456789abcdef")),
            "403 the reference is none that was given out here\n");
  EXPECT_THAT(desk.published, testing::IsEmpty());
  EXPECT_EQ(desk.post("/token/t", receipt_of("acct~0123456789abcdef")), "200 ok");
  EXPECT_EQ(desk.post("/open", receipt_of(right)), "200 ok");
  // In a batch each is judged for itself.
  EXPECT_EQ(desk.post("/open", "[" + receipt_of(other_tag) + "," + receipt_of(right, "no") + "]"), "200 ok");
  ASSERT_EQ(desk.published.size(), 3U);
  for (const Fields& event : desk.published) {
    const auto opened = seal.open(event);
    ASSERT_TRUE(opened);
    EXPECT_THAT(*opened, testing::Contains(Pair("notice", "acct~0123456789abcdef")));
  }
  EXPECT_THAT(desk.published[0], testing::Contains(Pair("gateway", "token")));
  EXPECT_THAT(desk.published[1], testing::Contains(Pair("gateway", "open")));
}

TEST(FieldCases, C7_AFloodIsRefusedBeforeTheStoreAndARateHoldsForTheRest) {
  Desk desk;
  desk.start({test::gateway(std::string(test::minimal) +
                            "receipts = { path = \"/r\", status_map = { ok = \"delivered\" }, rate = 3 }\n")});
  for (int i = 0; i < 50; ++i) desk.post("/r", receipt_of(fmt::format("acct~{:016}~0123456789", i)));
  EXPECT_THAT(desk.published, testing::IsEmpty());
  EXPECT_EQ(desk.counts.at("g")->forged, 50U);
  // What was refused has taken nothing of the rate.
  const auto batch = [](const std::string& name, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += (i == 0 ? "[" : ",") + receipt_of(ours(fmt::format("{}~{}", name, i)));
    return text + "]";
  };
  EXPECT_EQ(desk.post("/r", batch("a", 300)), "200 ok") << "one request may take more than there is";
  EXPECT_EQ(desk.published.size(), 300U);
  // ... and then the path owes for it, for a hundred seconds.
  EXPECT_EQ(desk.post("/r", batch("b", 3)), "503 too many receipts at once; send it again\n");
  EXPECT_EQ(desk.post("/r", receipt_of(ours("c~1"))), "503 too many receipts at once; send it again\n");
  EXPECT_EQ(desk.published.size(), 300U);
  EXPECT_EQ(desk.counts.at("g")->delayed, 4U);
}

TEST(FieldCases, S35_AProviderTriesTheUrlBeforeItTrustsIt) {
  Desk desk;
  desk.start({test::gateway(std::string(test::minimal) + R"(
[gateways.g.receipts]
path = "/r"
acknowledge = { status = 202, body = "taken" }
)")});
  EXPECT_EQ(desk.ask("GET", "/r", ""), "200 taken");
  EXPECT_EQ(desk.ask("GET", "/r/", ""), "200 taken");
  EXPECT_EQ(desk.post("/r", "{}"), "200 taken");
  EXPECT_EQ(desk.post("/r/", "[]"), "200 taken");
  EXPECT_EQ(desk.post("/r/", ""), "200 taken");
  EXPECT_EQ(desk.post("/r/", receipt_of(ours("a~1"))), "202 taken");
  EXPECT_EQ(desk.ask("GET", "/r/x", ""), "404 there is nothing at this path\n");
  EXPECT_EQ(desk.counts.at("g")->refused, 0U);
}

// The way of a message to the simulator and of its receipt back, over both of its interfaces, with a store that is away
// at first.
TEST_F(ReceiptRoutesTest, BringBackWhatTheSimulatorDelivered) {
  gateway_sim::SimulatorOptions options;
  options.port = 0;
  options.receipt_delay = 0ms;
  gateway_sim::Simulator simulator(context.get_executor(), options);
  const auto simulator_port = simulator.start();
  ASSERT_TRUE(simulator_port) << simulator_port.error();

  // The gateways must know the port before there are routes.
  http::Handler routes;
  server = std::make_unique<http::Server>(context.get_executor(), http::ServerOptions{},
                                          [&routes](http::Request query) { return routes(std::move(query)); });
  const auto listening = server->start();
  ASSERT_TRUE(listening) << listening.error();
  const auto loaded = test::load_gateways(fmt::format(R"(
routing = {{ default = "json" }}
[gateways.json]
preset = "generic-json"
request = {{ url = "http://127.0.0.1:{0}/send" }}
receipts = {{ path = "/receipts/json", public_url = "http://127.0.0.1:{1}", token = "t0k" }}
[gateways.form]
preset = "generic-form"
request = {{ url = "http://127.0.0.1:{0}/send" }}
receipts = {{ path = "/receipts/form", public_url = "http://127.0.0.1:{1}" }}
)",
                                                      *simulator_port, *listening));
  for (const auto& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
  http::Endpoints endpoints;
  add_receipt_endpoints(endpoints, std::make_shared<ReceiptGateways>(loaded.options.gateways), clock, seal,
                        [this](std::vector<Fields> events) { return publish(std::move(events)); });
  routes = endpoints.handler();

  store_works = false;
  gateways::HttpSender sender(context.get_executor(), clock, loaded.options.gateways);
  for (const char* gateway : {"json", "form"}) {
    const auto result = test::run(context, sender.send({.gateway = gateway,
                                                        .notice = {},
                                                        .client_ref = ours(fmt::format("a+b@{}~0123", gateway)),
                                                        .to = "+8613800138000",
                                                        .text = "您好 & \"x\""}));
    EXPECT_TRUE(std::holds_alternative<scheduler::SendAccepted>(result));
  }
  test::run(context, async::sleep(50ms));
  EXPECT_THAT(published, testing::IsEmpty());
  store_works = true;
  while (published.size() < 2) test::run(context, async::sleep(5ms));
  std::vector<std::string> accounts;
  for (const Fields& event : published) {
    const auto parsed = parse_event(seal.open(event).value(), {.latest = clock.now() + 1min});
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->receipt, ReceiptStatus::delivered);
    accounts.push_back(parsed->account.str() + " " + parsed->gateway + " " + parsed->gateway_id);
  }
  EXPECT_THAT(accounts, testing::UnorderedElementsAre("a+b@json json sim-1", "a+b@form form sim-2"));
  test::run(context, simulator.stop());
}

TEST(FieldCases, U8_ReceiptsAreTakenByAnExchangedToken) {
  const auto with_token = [](const std::string& token, const std::string& rate) {
    return std::vector{test::gateway(std::string(test::minimal) + "[gateways.g.receipts]\npath = \"/r\"\ntoken = \"" +
                                     token + "\"\nrate = " + rate + "\n")};
  };
  Desk desk;
  desk.start(with_token("former", "3"));
  const std::string receipt = receipt_of(ours("a~1"));
  EXPECT_THAT(desk.post("/r/former", receipt), testing::StartsWith("200"));
  desk.specs->exchange(with_token("other", "1"));
  EXPECT_THAT(desk.post("/r/former", receipt), testing::StartsWith("403"));
  EXPECT_THAT(desk.post("/r/other", receipt), testing::StartsWith("200"));
  EXPECT_THAT(desk.post("/r/other", receipt), testing::StartsWith("503 too many")) << "by its rate too";
}

TEST(FieldCases, U8_WhatIsUnderWayEndsByTheFormerGateway) {
  boost::asio::io_context context(1);
  scheduler::WallClock clock;
  int asked = 0;
  bool answers = false;
  http::Server former(context.get_executor(), http::ServerOptions{},
                      [&](http::Request) -> async::Awaitable<http::Reply> {
                        ++asked;
                        while (!answers) co_await async::sleep(1ms);
                        co_return http::Reply{.status = 200};
                      });
  const auto port = former.start();
  ASSERT_TRUE(port) << port.error();
  const auto specs = [](int at) {
    return std::vector{test::gateway(fmt::format(R"(
unknown = {{ rule = "hold" }}
request = {{ url = "http://127.0.0.1:{}/s", query = {{ to = "{{to}}", text = "{{text}}" }} }}
response = [{{ status = 200, result = "accepted" }}]
)",
                                                 at))};
  };
  gateways::HttpSender sender(context.get_executor(), clock, specs(*port));
  const scheduler::SendRequest request{
      .gateway = "g", .notice = {}, .client_ref = "a~1", .to = "+8613800138000", .text = "x"};
  std::optional<scheduler::SendResult> first;
  const auto send_first = [&]() -> async::Awaitable<void> { first = co_await sender.send(request); };
  async::TaskGroup tasks(context.get_executor());
  tasks.spawn(send_first());
  while (asked == 0) test::run(context, async::sleep(1ms));
  sender.exchange(specs(1));
  const auto second = test::run(context, sender.send(request));
  EXPECT_TRUE(std::holds_alternative<scheduler::SendGatewayDown>(second)) << "nobody listens there";
  answers = true;
  test::run(context, tasks.join());
  ASSERT_TRUE(first);
  EXPECT_TRUE(std::holds_alternative<scheduler::SendAccepted>(*first));
  EXPECT_EQ(asked, 1);
  test::run(context, former.stop());
}

TEST(HttpSender, SendsNothingThatItCannotSend) {
  boost::asio::io_context context(1);
  scheduler::WallClock clock;
  const auto spec = test::gateway(std::string(test::minimal) + "message = { segments_max = 1 }\n");
  gateways::HttpSender sender(context.get_executor(), clock, {spec});
  scheduler::SendRequest request{.gateway = "h", .notice = {}, .client_ref = "a~1", .to = "+1", .text = "x"};
  const auto unknown_gateway = test::run(context, sender.send(request));
  EXPECT_THAT(std::get<scheduler::SendGatewayDown>(unknown_gateway).detail, HasSubstr("no gateway is called \"h\""));
  request.gateway = "g";
  request.text = std::string(161, 'x');
  const auto too_long = test::run(context, sender.send(request));
  EXPECT_THAT(std::get<scheduler::SendRejected>(too_long).detail, HasSubstr("2 segments"));
}

TEST(FieldCases, S13_AFaultOfTheConfigurationEndsNoNotice) {
  boost::asio::io_context context(1);
  scheduler::WallClock clock;
  auto spec = test::gateway(std::string(test::minimal));
  spec.request.bearer = *gateways::Template::parse("t0k\n", {});
  gateways::HttpSender sender(context.get_executor(), clock, {spec});
  const auto kept = test::run(
      context, sender.send({.gateway = "g", .notice = {}, .client_ref = "a~1", .to = "+8613800138000", .text = "x"}));
  ASSERT_TRUE(std::holds_alternative<scheduler::SendGatewayDown>(kept));
  EXPECT_THAT(std::get<scheduler::SendGatewayDown>(kept).detail,
              HasSubstr("no request can be built, as gateways.toml has it: Authorization"));
}

}  // namespace
}  // namespace dun::operations
