#include "base/async/deadline.hpp"
#include "gateways/curl_client.hpp"
#include "gateways/http_sender.hpp"
#include "scheduler/clock.hpp"
#include "tests/gateways/support.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/run_async.hpp"
#include "tools/gateway_sim/faults.hpp"
#include "tools/gateway_sim/message_record.hpp"
#include "tools/gateway_sim/server.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>

namespace dun::gateway_sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

FaultSpec faults(std::string_view text) {
  const auto spec = parse_faults(text);
  EXPECT_TRUE(spec) << spec.error();
  return spec.value_or(FaultSpec{});
}

// ---------------------------------------------------------------------------------------------------------- faults

TEST(Faults, EveryNthIsEveryNth) {
  FaultPlan plan(faults("500=1/3,delay=5ms:1/2"));
  std::string seen;
  for (int i = 0; i < 6; ++i) {
    const RequestFate fate = plan.next();
    seen += fmt::format("{}{} ", fate.fault ? fate.fault->status : 0, fate.delay == 5ms ? "d" : "");
  }
  EXPECT_EQ(seen, "0 0d 500 0d 0 500d ");
}

TEST(Faults, AreTheSameForTheSameSeedAndAsFrequentAsAsked) {
  const auto count = [](std::string_view spec) {
    FaultPlan plan(faults(spec));
    std::vector<int> hits;
    for (int i = 0; i < 10'000; ++i)
      if (plan.next().fault) hits.push_back(i);
    return hits;
  };
  EXPECT_EQ(count("reset_after=0.1,seed=7"), count("reset_after=0.1,seed=7"));
  EXPECT_NE(count("reset_after=0.1,seed=7"), count("reset_after=0.1,seed=8"));
  EXPECT_NEAR(static_cast<double>(count("reset_after=0.1,seed=7").size()), 1000, 150);
  EXPECT_EQ(count("garbage=0").size(), 0U);
  EXPECT_EQ(count("garbage=1").size(), 10'000U);
}

TEST(Faults, ASpecificationThatIsWrongIsNamed) {
  struct Row {
    std::string_view spec, error;
  };
  const Row rows[] = {
      {"", ""},
      {"delay=50ms:0.1,429=0.02,429=3s:0.1,500=0.01,599=1/7,reset_before=0,slow=2s:1,no_answer=1,seed=7", ""},
      {"delay", "\"delay\": expected NAME=WHEN"},
      {"dely=1", "\"dely=1\": there is no such fault"},
      {"404=1", "\"404=1\": there is no such fault"},
      {"delay=1.5", "\"delay=1.5\": expected a probability such as 0.05, or 1/N for every Nth, found \"1.5\""},
      {"delay=-1", "\"delay=-1\": expected a probability such as 0.05, or 1/N for every Nth, found \"-1\""},
      {"delay=1/0", "\"delay=1/0\": expected a probability such as 0.05, or 1/N for every Nth, found \"1/0\""},
      {"delay=nan", "\"delay=nan\": expected a probability such as 0.05, or 1/N for every Nth, found \"nan\""},
      {"garbage=1s:1", "\"garbage=1s:1\": this fault takes no span"},
      {"seed=x", "\"seed=x\": expected a whole number"},
  };
  for (const Row& row : rows) {
    const auto spec = parse_faults(row.spec);
    EXPECT_EQ(spec ? "" : spec.error(), row.error) << row.spec;
  }
  EXPECT_THAT(parse_faults("delay=5x:1").error(), HasSubstr("\"delay=5x:1\": "));
}

// ------------------------------------------------------------------------------------------------------- simulator

class SimulatorTest : public testing::Test {
 protected:
  SimulatorTest() {
    directory = std::filesystem::path(testing::TempDir()) /
                fmt::format("dun_sim_{}", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(directory);
    std::filesystem::create_directories(directory);
  }
  ~SimulatorTest() override {
    stop();
    std::filesystem::remove_all(directory);
  }

  void start(SimulatorOptions options = {}) {
    options.port = 0;
    simulator = std::make_unique<Simulator>(context.get_executor(), std::move(options));
    const auto started = simulator->start();
    ASSERT_TRUE(started) << started.error();
    port = *started;
  }
  void stop() {
    if (simulator) test::run(context, simulator->stop());
    simulator.reset();
  }
  [[nodiscard]] std::string url(const std::string& path) const {
    return fmt::format("http://127.0.0.1:{}{}", port, path);
  }

  /// STATUS BODY
  std::string ask(gateways::HttpRequest request) {
    gateways::CurlClient client(context.get_executor(), {});
    const auto result = test::run(context, client.perform(std::move(request)));
    const auto* response = std::get_if<gateways::HttpResponse>(&result);
    return response == nullptr ? "no answer" : fmt::format("{} {}", response->status, response->body);
  }
  std::string get(const std::string& path) {
    return ask({.method = "GET", .url = url(path), .headers = {}, .body = {}});
  }
  std::string post(const std::string& type, const std::string& body) {
    return ask({.method = "POST", .url = url("/send"), .headers = {{"Content-Type", type}}, .body = body});
  }
  std::string post_json(const std::string& body) { return post("application/json", body); }
  nlohmann::json stats() { return nlohmann::json::parse(get("/stats").substr(4)); }
  /// Lets the simulator go on until the condition holds. Looked at so often at most: a bound against hanging.
  template <typename Condition>
  void go_on_until(Condition condition) {
    constexpr int looks_most = 10'000;
    for (int looks = 0; looks < looks_most; ++looks) {
      if (condition()) return;
      test::run(context, async::sleep(5ms));
    }
    FAIL() << "waited in vain; " << stats();
  }
  void go_on_until_acknowledged(int receipts) {
    go_on_until([&] { return stats()["receipts"]["acknowledged"] == receipts; });
  }

  std::filesystem::path directory;
  boost::asio::io_context context{1};
  std::uint16_t port = 0;
  std::unique_ptr<Simulator> simulator;
};

TEST_F(SimulatorTest, TakesJsonFormsAndQueries) {
  start();
  EXPECT_EQ(post_json(R"({"client_ref":"a","to":"+1","text":"中","validity":60})"),
            R"(202 {"status":"accepted","id":"sim-1","parts":1})");
  EXPECT_EQ(post("application/x-www-form-urlencoded", "client_ref=b&to=%2B2&text=x%20y"), "200 OK sim-2\n");
  EXPECT_EQ(get("/send?client_ref=c&to=3&text=" + std::string(161, 'x')), "200 OK sim-3\n");
  std::vector<nlohmann::json> lines;
  std::istringstream page(get("/messages").substr(4));
  for (std::string line; std::getline(page, line);) lines.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_TRUE(parse_rfc3339(lines[0]["at"].get<std::string>()));
  EXPECT_EQ(lines[0]["id"], "sim-1");
  EXPECT_EQ(lines[0]["client_ref"], "a");
  EXPECT_EQ(lines[0]["text"], "中");
  EXPECT_EQ(lines[0]["validity"], "60");
  EXPECT_EQ(lines[1]["text"], "x y");
  EXPECT_EQ(lines[2]["to"], "3");
  EXPECT_THAT(get("/messages?from=1&limit=1"), testing::AllOf(HasSubstr("sim-2"), testing::Not(HasSubstr("sim-3"))));
  EXPECT_EQ(get("/messages?from=3"), "200 ");
  EXPECT_EQ(stats()["messages"], 3);
}

TEST_F(SimulatorTest, RefusesWhatIsNoMessage) {
  start();
  EXPECT_EQ(post_json("{"), R"(400 {"error":"the body is not a JSON object"})");
  EXPECT_EQ(post_json("[]"), R"(400 {"error":"the body is not a JSON object"})");
  EXPECT_EQ(post_json(R"({"text":"x"})"), R"(400 {"error":"to is missing"})");
  EXPECT_EQ(post("text/plain", "to=1&text="), "400 ERROR text is missing\n");
  EXPECT_EQ(post("text/plain", "to=1&text=%FF"), "400 ERROR text is not UTF-8\n");
  EXPECT_EQ(get("/").substr(0, 3), "404");
  EXPECT_EQ(stats()["refused"], 5);
  EXPECT_EQ(stats()["messages"], 0);
}

TEST_F(SimulatorTest, ForgetsWhatItHadIfAsked) {
  SimulatorOptions options;
  options.forgetful = true;
  start(options);
  for (const std::string id : {"sim-1", "sim-2"})
    EXPECT_EQ(post_json(R"({"client_ref":"a","to":"1","text":"x"})"),
              R"(202 {"status":"accepted","id":")" + id + R"(","parts":1})");
  EXPECT_EQ(stats()["repeats"], 0);
}

TEST_F(SimulatorTest, SaysWhatItTookWhenAsked) {
  SimulatorOptions options;
  options.record = directory / "record";
  start(options);
  EXPECT_EQ(get("/status?client_ref=a~1"), "404 {\"client_ref\":\"a~1\",\"status\":\"not_found\"}\n");
  post_json(R"({"client_ref":"a~1","to":"1","text":"x"})");
  const std::string taken = "200 {\"client_ref\":\"a~1\",\"status\":\"taken\",\"id\":\"sim-1\"}\n";
  EXPECT_EQ(get("/status?client_ref=a~1"), taken);
  EXPECT_EQ(stats()["questions"], 2);
  EXPECT_EQ(stats()["requests"], 1) << "a question is no message";

  stop();
  options.listed_after = std::chrono::hours(1);
  start(options);
  post_json(R"({"client_ref":"b~1","to":"1","text":"x"})");
  EXPECT_EQ(get("/status?client_ref=a~1"), taken);
  EXPECT_EQ(get("/status?client_ref=b~1"), "404 {\"client_ref\":\"b~1\",\"status\":\"not_found\"}\n");
}

TEST_F(SimulatorTest, TheSenderFindsOutByAskingWhatItTook) {
  SimulatorOptions options;
  options.forgetful = true;
  options.faults = faults("reset_after=1/2");
  start(options);
  const gateways::GatewaySpec spec = test::gateway(fmt::format(R"(
preset = "generic-json"
unknown = {{ rule = "query" }}
request = {{ url = "{}" }}
[gateways.g.status]
url = "{}"
query = {{ client_ref = "{{client_ref}}" }}
response = [
  {{ json = {{ "/status" = "taken" }}, result = "taken", id = "json:/id" }},
  {{ status = 404, json = {{ "/status" = "not_found" }}, result = "not_taken" }},
]
)",
                                                               url("/send"), url("/status")));
  scheduler::WallClock clock;
  gateways::HttpSender sender(context.get_executor(), clock, {spec});
  const auto ask_about = [&](const std::string& ref) {
    return test::run(context, sender.ask({.gateway = "g", .client_ref = ref, .to = "+8613800138000"}));
  };
  EXPECT_TRUE(std::holds_alternative<scheduler::SendRetry>(ask_about("a~1")));
  const auto lost = test::run(
      context, sender.send({.gateway = "g", .notice = {}, .client_ref = "a~1", .to = "+8613800138000", .text = "x"}));
  EXPECT_TRUE(std::holds_alternative<scheduler::SendUnknown>(lost));
  const auto found = ask_about("a~1");
  ASSERT_TRUE(std::holds_alternative<scheduler::SendAccepted>(found));
  EXPECT_EQ(std::get<scheduler::SendAccepted>(found).gateway_id, "sim-1");
  EXPECT_TRUE(std::holds_alternative<scheduler::SendUnknown>(ask_about("a~1"))) << "its answer is lost too";
  const auto nobody = test::run(context, sender.ask({.gateway = "h", .client_ref = "a~1"}));
  EXPECT_TRUE(std::holds_alternative<scheduler::SendUnknown>(nobody));
}

TEST(HttpSender, GivesEachAttemptAUuidOfItsOwn) {
  std::mutex mutex;
  std::vector<std::string> targets;
  const test::ScriptedServer server([&](const test::SeenRequest& request) {
    const std::lock_guard lock(mutex);
    targets.push_back(request.target);
    return test::Reaction{.bytes = test::http_answer(200, "")};
  });
  boost::asio::io_context context(1);
  scheduler::WallClock clock;
  const auto spec = test::gateway(fmt::format(R"(
unknown = {{ rule = "hold" }}
request = {{ url = "{}", query = {{ id = "{{uuid}}", to = "{{to}}", text = "{{text}}" }} }}
response = [{{ status = 200, result = "accepted" }}]
)",
                                              server.url("/s")));
  gateways::HttpSender sender(context.get_executor(), clock, {spec});
  for (int i = 0; i < 2; ++i)
    test::run(context,
              sender.send({.gateway = "g", .notice = {}, .client_ref = "a~1", .to = "+8613800138000", .text = "x"}));
  ASSERT_THAT(targets, testing::SizeIs(2));
  EXPECT_NE(targets[0], targets[1]);
  EXPECT_THAT(targets, testing::Each(testing::MatchesRegex(
                           "/s[?]id=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}&to=.*")));
}

TEST_F(SimulatorTest, KnowsARepeatByItsReference) {
  SimulatorOptions options;
  options.record = directory / "record";
  start(options);
  const std::string first = post_json(R"({"client_ref":"a","to":"1","text":"x"})");
  EXPECT_EQ(post_json(R"({"client_ref":"b","to":"1","text":"x"})"),
            R"(202 {"status":"accepted","id":"sim-2","parts":1})");
  EXPECT_EQ(post_json(R"({"client_ref":"a","to":"1","text":"x"})"), first);
  EXPECT_EQ(post_json(R"({"to":"1","text":"x"})"), R"(202 {"status":"accepted","id":"sim-3","parts":1})");
  EXPECT_EQ(post_json(R"({"to":"1","text":"x"})"), R"(202 {"status":"accepted","id":"sim-4","parts":1})");
  EXPECT_EQ(stats()["repeats"], 1);
  EXPECT_EQ(stats()["messages"], 4);

  stop();
  std::ofstream(*options.record, std::ios::app) << R"({"at":"2026-01-31T00:00:00.000Z","id":"sim-5","client_r)";
  start(options);
  EXPECT_EQ(stats()["messages"], 4);
  EXPECT_EQ(post_json(R"({"client_ref":"a","to":"1","text":"x"})"), first);
  EXPECT_EQ(post_json(R"({"client_ref":"c","to":"1","text":"x"})"),
            R"(202 {"status":"accepted","id":"sim-5","parts":1})");

  stop();
  std::vector<std::string> refs;
  std::ifstream record(*options.record);
  for (std::string line; std::getline(record, line);) {
    const auto json = nlohmann::json::parse(line);
    refs.push_back(json.contains("repeat_of") ? "again " + json["repeat_of"].get<std::string>()
                                              : json.value("client_ref", "-"));
  }
  EXPECT_THAT(refs, ElementsAre("a", "b", "again sim-1", "-", "-", "again sim-1", "c"));
}

TEST_F(SimulatorTest, RefusesAFileThatIsNotItsRecord) {
  std::ofstream(directory / "record") << "{\"at\":\"x\",\"id\":\"sim-1\"}\nnonsense\n";
  MessageRecord record(directory / "record", 10);
  EXPECT_EQ(record.open().error(),
            fmt::format("{}:2: not a line of a gateway simulator's record", (directory / "record").string()));
  MessageRecord nowhere(directory / "no" / "record", 10);
  EXPECT_THAT(nowhere.open().error(), HasSubstr("No such file or directory"));
}

TEST_F(SimulatorTest, ShowsOnlyTheNewestMessagesThatItKeeps) {
  SimulatorOptions options;
  options.keep = 2;
  start(options);
  for (int i = 0; i < 5; ++i) post_json(fmt::format(R"({{"to":"{}","text":"x"}})", i));
  EXPECT_THAT(get("/messages"),
              testing::AllOf(HasSubstr("sim-4"), HasSubstr("sim-5"), testing::Not(HasSubstr("sim-3"))));
}

TEST_F(SimulatorTest, AnswersTooFastAboveItsRate) {
  SimulatorOptions options;
  options.rate = 2;
  start(options);
  gateways::CurlClient client(context.get_executor(), {});
  int throttled = 0;
  for (int i = 0; i < 5; ++i) {
    const auto result = test::run(context, client.perform({.method = "POST",
                                                           .url = url("/send"),
                                                           .headers = {{"Content-Type", "application/json"}},
                                                           .body = R"({"to":"1","text":"x"})"}));
    const auto& response = std::get<gateways::HttpResponse>(result);
    if (response.status != 429) continue;
    ++throttled;
    EXPECT_THAT(response.headers, testing::Contains(testing::Pair("Retry-After", "1")));
  }
  EXPECT_EQ(stats()["throttled"], throttled);
  EXPECT_EQ(stats()["messages"], 5 - throttled);
}

TEST_F(SimulatorTest, SendsReceiptsUntilTheyAreAcknowledged) {
  std::atomic<int> answers = 0;
  test::ScriptedServer listener([&](const test::SeenRequest&) -> test::Reaction {
    const int answer = ++answers;
    if (answer == 1) return {.bytes = test::http_answer(503, "later")};
    if (answer == 2) return {.bytes = "", .then = test::Reaction::Then::reset};
    return {.bytes = test::http_answer(200, "ok")};
  });
  SimulatorOptions options;
  options.receipts = listener.url();
  options.receipt_delay = 0ms;
  start(options);
  post_json(R"({"client_ref":"a","to":"1","text":"x"})");
  ASSERT_NO_FATAL_FAILURE(go_on_until_acknowledged(1));
  EXPECT_EQ(stats()["receipts"]["failed_attempts"], 2);
  EXPECT_EQ(stats()["receipts"]["pending"], 0);
  ASSERT_EQ(listener.seen().size(), 3U);
  for (const test::SeenRequest& seen : listener.seen())
    EXPECT_EQ(seen.body, R"({"client_ref":"a","id":"sim-1","status":"delivered"})");
}

TEST_F(SimulatorTest, SendsAReceiptWhereTheMessageAsksForItAndOncePerMessage) {
  test::ScriptedServer listener(
      [](const test::SeenRequest&) -> test::Reaction { return {.bytes = test::http_answer(200, "ok")}; });
  SimulatorOptions options;
  options.receipts = listener.url("/standard");
  options.receipt_delay = 0ms;
  options.faults = faults("undelivered=1/2");
  start(options);
  const auto send = [&](const std::string& client_ref, const std::string& more = "") {
    post("application/x-www-form-urlencoded", fmt::format("client_ref={}&to=1&text=x{}", client_ref, more));
  };
  send("a");
  send("b", "&receipt_url=" + gateways::percent_encode(listener.url("/own")));
  send("a");
  send("a");  // every second request, but it takes no message
  ASSERT_NO_FATAL_FAILURE(go_on_until_acknowledged(2));
  EXPECT_EQ(stats()["receipts"]["pending"], 0);
  EXPECT_EQ(stats()["faults"]["undelivered"], 1);
  std::vector<std::string> seen;
  for (const test::SeenRequest& request : listener.seen()) seen.push_back(request.target + " " + request.body);
  EXPECT_THAT(seen, testing::UnorderedElementsAre("/standard client_ref=a&id=sim-1&status=delivered",
                                                  "/own client_ref=b&id=sim-2&status=failed"));
}

TEST_F(SimulatorTest, GivesUpWhatIsNotAcknowledgedWhenItStops) {
  test::ScriptedServer listener(
      [](const test::SeenRequest&) -> test::Reaction { return {.bytes = "", .then = test::Reaction::Then::hang}; });
  SimulatorOptions options;
  options.receipts = listener.url();
  options.receipt_delay = 0ms;
  start(options);
  post_json(R"({"to":"1","text":"x"})");
  ASSERT_NO_FATAL_FAILURE(go_on_until([&] { return !listener.seen().empty(); }));
  stop();
  EXPECT_EQ(listener.seen().size(), 1U);
}

// What each fault looks like to a sender, and whether the message was taken.
TEST_F(SimulatorTest, FaultsLookAsTheyShouldToTheSender) {
  struct Row {
    std::string_view faults, result;
    int taken;
  };
  const Row rows[] = {
      {"", "accepted", 1},
      {"delay=1ms:1", "accepted", 1},
      {"429=7s:1", "throttled 7s", 0},
      {"503=1", "throttled", 0},
      {"500=1", "unknown", 0},
      {"reset_before=1", "unknown", 0},
      {"reset_after=1", "unknown", 1},
      {"garbage=1", "unknown", 1},
      {"slow=100s:1", "unknown", 1},
      {"no_answer=1", "unknown", 1},
  };
  scheduler::WallClock clock;
  for (const Row& row : rows) {
    SimulatorOptions options;
    options.faults = faults(row.faults);
    options.record = directory / "record";
    std::filesystem::remove(*options.record);
    start(options);
    gateways::GatewaySpec spec = test::gateway(
        fmt::format(R"(
preset = "generic-json"
unknown = {{ rule = "hold" }}
transport = {{ total_timeout = "{}" }}
request = {{ url = "{}" }}
)",
                    row.faults.starts_with("slow") || row.faults.starts_with("no_") ? "100ms" : "60s", url("/send")));
    gateways::HttpSender sender(context.get_executor(), clock, {spec});
    const auto result = test::run(
        context, sender.send({.gateway = "g", .notice = {}, .client_ref = "a~1", .to = "+8613800138000", .text = "x"}));
    std::string seen = "?";
    if (std::holds_alternative<scheduler::SendAccepted>(result)) seen = "accepted";
    if (std::holds_alternative<scheduler::SendUnknown>(result)) seen = "unknown";
    if (const auto* throttled = std::get_if<scheduler::SendThrottled>(&result))
      seen = "throttled" + (throttled->after ? " " + to_text(*throttled->after) : "");
    EXPECT_EQ(seen, row.result) << row.faults;
    stop();
    std::ifstream record(*options.record);
    std::string line;
    int taken = 0;
    while (std::getline(record, line)) ++taken;
    EXPECT_EQ(taken, row.taken) << row.faults;
  }
}

}  // namespace
}  // namespace dun::gateway_sim
