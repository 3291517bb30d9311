#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include <unistd.h>

namespace dun::config {
namespace {

using test::load_gateways;
using test::mistakes_in;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string file_text(const std::filesystem::path& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string shipped() {
  return file_text(std::filesystem::path(DUN_SOURCE_DIR) / "config" / "gateways.toml");
}

std::vector<std::string> lines_of(const Mistakes& mistakes) {
  std::vector<std::string> lines;
  for (const Mistake& mistake : mistakes) lines.push_back(to_text(mistake));
  return lines;
}

TEST(GatewaysLoader, TheShippedFileIsRightAndSaysWhatTheDefaultsAre) {
  const auto loaded = load_gateways(shipped());
  EXPECT_THAT(lines_of(loaded.mistakes), IsEmpty());
  ASSERT_EQ(loaded.options.gateways.size(), 1U);
  const auto& gateway = loaded.options.gateways[0];
  EXPECT_EQ(gateway.name, "sim");
  EXPECT_EQ(gateway.request.url.constant_beginning(), "http://127.0.0.1:13013/send");
  EXPECT_EQ(gateway.remembers_for, std::chrono::hours(72));
  EXPECT_EQ(loaded.options.dispatch.routes, Routes({"sim", "sim", "sim"}));
  EXPECT_EQ(loaded.options.dispatch.gateways.at(0).unknown, scheduler::UnknownRule::same_ref);

  // Every value that the file states is the one that the structs default to: deleting its line changes nothing.
  const gateways::TransportSpec transport;
  EXPECT_EQ(gateway.transport.connect_timeout, transport.connect_timeout);
  EXPECT_EQ(gateway.transport.total_timeout, transport.total_timeout);
  EXPECT_EQ(gateway.transport.connections, transport.connections);
  EXPECT_EQ(gateway.transport.idle_max, transport.idle_max);
  EXPECT_EQ(gateway.transport.tls_verify, transport.tls_verify);
  const gateways::MessageSpec message;
  EXPECT_EQ(gateway.message.segments_max, message.segments_max);
  EXPECT_EQ(gateway.message.characters_max, message.characters_max);
  const scheduler::FlowOptions flow;
  const auto& read = loaded.options.dispatch.gateways.at(0).flow;
  EXPECT_EQ(read.rate, flow.rate);
  EXPECT_EQ(read.burst, flow.burst);
  EXPECT_EQ(read.in_flight_max, flow.in_flight_max);
  EXPECT_EQ(read.in_flight_min, flow.in_flight_min);
  EXPECT_EQ(read.ramp, flow.ramp);
  EXPECT_EQ(read.ramp_after, flow.ramp_after);
  EXPECT_EQ(read.latency_target, flow.latency_target);
  EXPECT_EQ(read.throttle_pause, flow.throttle_pause);
  EXPECT_EQ(read.breaker_failures, flow.breaker_failures);
  EXPECT_EQ(read.breaker_pause, flow.breaker_pause);
  EXPECT_EQ(read.breaker_pause_max, flow.breaker_pause_max);
  EXPECT_EQ(loaded.options.dispatch.lane_weight, scheduler::DispatchOptions().lane_weight);
  EXPECT_EQ(loaded.options.dispatch.retry.first, scheduler::RetryOptions().first);
  EXPECT_EQ(loaded.options.dispatch.retry.most, scheduler::RetryOptions().most);
  EXPECT_EQ(loaded.options.dispatch.retry.attempts_max, scheduler::RetryOptions().attempts_max);
}

TEST(GatewaysLoader, TheExamplesOfTheShippedFileAreRight) {
  std::string uncommented = std::regex_replace(shipped(), std::regex("(^|\n)#(?=[a-z\\[])"), "$1");
  // As the comment above [gateways.sim.status] says.
  const auto say = [&](const char* in_place_of, const char* line) {
    uncommented =
        std::regex_replace(uncommented, std::regex(in_place_of), line, std::regex_constants::format_first_only);
  };
  say(R"(remembers_for = "3d")", "");
  say(R"(rule = "same_ref")", R"(rule = "query")");
  GatewaySources sources;
  sources.environment = [](const std::string&) { return std::optional<std::string>("x"); };
  sources.settings_required = false;  // the files with secrets are not there
  sources.environment = [](const std::string& name) {
    return name == "ACME_TOKEN" ? std::optional<std::string>("x") : std::nullopt;
  };
  Mistakes mistakes;
  GatewaysOptions options;
  const Document document(uncommented, "gateways.toml", mistakes);
  read_gateways(document.root(), sources, mistakes, options);
  document.finish();
  EXPECT_THAT(lines_of(mistakes), IsEmpty());
  EXPECT_EQ(options.gateways.size(), 3U);
  EXPECT_EQ(options.dispatch.routes, Routes({"kannel", "sim", "sim"}));
}

TEST(GatewaysLoader, TheEnvironmentSaysWhereTheSimulatorIs) {
  const auto loaded = load_gateways(shipped(), {{"DUN_SIM_URL", "http://127.0.0.1:5/send"}});
  EXPECT_THAT(lines_of(loaded.mistakes), IsEmpty());
  EXPECT_EQ(loaded.options.gateways.at(0).request.url.constant_beginning(), "http://127.0.0.1:5/send");
  EXPECT_THAT(loaded.options.gateways.at(0).secrets, IsEmpty());
}

TEST(GatewaysLoader, AGatewayIsReadOverItsPreset) {
  const auto gateway = test::gateway(R"(
preset = "generic-json"
unknown = { rule = "hold" }
[gateways.g.request]
url = "https://h/v2"
[gateways.g.request.json]
parts = ""
text = "{text|base64}"
campaign = "dun"
[[gateways.g.response]]
status = 400
body = "busy"
result = "throttled"
[gateways.g.receipts]
path = "/r"
[gateways.g.receipts.status_map]
rejected = "pending"
)");
  std::vector<std::string> members;
  for (const auto& member : gateway.request.json) members.push_back(member.pointer);
  EXPECT_THAT(members, ElementsAre("/client_ref", "/to", "/text", "/encoding", "/parts", "/validity", "/receipt_url",
                                   "/campaign"));
  EXPECT_EQ(gateway.responses.front().result, gateways::ResultKind::throttled);
  EXPECT_EQ(gateway.responses.at(1).result, gateways::ResultKind::accepted);
  EXPECT_EQ(gateway.receipts.status_map.at("rejected"), ReceiptStatus::pending);
  EXPECT_EQ(gateway.receipts.status_map.at("delivered"), ReceiptStatus::delivered);
}

TEST(GatewaysLoader, APresetOfTheConfigurationStandsInPlaceOfOurs) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "dun_presets";
  std::filesystem::create_directories(directory / "gateway-presets");
  std::ofstream(directory / "gateway-presets" / "generic-json.toml") << "\n[request]\nmethood = \"PUT\"\n";
  Mistakes mistakes;
  GatewaysOptions options;
  const Document document("[gateways.g]\npreset = \"generic-json\"\n", "gateways.toml", mistakes);
  read_gateways(document.root(), {.directory = directory, .environment = {}}, mistakes, options);
  EXPECT_THAT(lines_of(mistakes),
              testing::Contains(fmt::format("{}:3:1: error: unknown key \"methood\"; did you mean \"method\"?",
                                            (directory / "gateway-presets" / "generic-json.toml").string())));
  std::filesystem::remove_all(directory);
}

struct WrongGateway {
  std::string_view body, mistakes;
};
constexpr WrongGateway wrong_gateways[] = {
    {"preset = \"kanel\"\n", "1:10: there is no preset \"kanel\"; did you mean \"kannel\"?\n"},
    {"request = { url = \"http://h/{too}\" }\n",
     "1:29: gateway \"g\", request.url: unknown value \"too\"; did you mean \"to\"?\n"},
    {"request = { url = \"http://h/{to|hx}\" }\n", "1:29: url: unknown filter \"hx\"; there are"},
    {"request = { url = \"http://h/{env:NOPE}\" }\n",
     "1:29: url: the environment variable NOPE is not set, and {env:NOPE} names no default ({env:NOPE:-default}); "
     "`dun check --without-secrets` checks the rest\n"},
    {"request = { url = \"ftp://h/\" }\n",
     "1:19: gateway \"g\", request.url: expected a URL that begins with http:// or https://\n"},
    {"request = { url = \"http://u:p@h/\" }\n",
     "1:19: gateway \"g\", request.url: no user or password in the URL: use basic_user and basic_password\n"},
    {"request = { url = \"http://{to}/\" }\n", "1:19: gateway \"g\", request.url: the URL names no host\n"},
    {"request = { url = \"http://h{to}/\" }\n",
     "1:19: gateway \"g\", request.url: the host must be the same for every message\n"},
    {"request = { url = \"http://h/a b\" }\n", "1:19: gateway \"g\", request.url: a URL holds no spaces"},
    {"request = { url = \"http://h\", method = \"Post\" }\n",
     "gateway \"g\", request.method: expected an HTTP method in capital letters, such as POST\n"},
    {"request = { url = \"http://h\", method = \"GET\", body = \"form\", form = { a = \"1\" } }\n",
     "gateway \"g\", request.body: a GET has no body\n"},
    {"request = { url = \"http://h\", body = \"json\" }\n",
     "gateway \"g\", request.json: body = \"json\" needs [request.json]\n"},
    {"request = { url = \"http://h\", form = { a = \"1\" } }\n",
     "gateway \"g\", request.form: this is used only with body = \"form\"\n"},
    {"request = { url = \"http://h\", body = \"raw\", raw = \"x\" }\n",
     "gateway \"g\", request.content_type: a raw body needs its content type\n"},
    {"request = { url = \"http://h\", body = \"json\", json = { a = \"1\", \"/a/b\" = \"2\" } }\n",
     "gateway \"g\", request.json./a/b: does not fit to the members before it\n"},
    {"request = { url = \"http://h\", body = \"json\", json = { \"/a/4294967295\" = \"2\" } }\n",
     "an index has at most two digits\n"},
    {"request = { url = \"http://h\", headers = { \"X Y\" = \"1\" } }\n", "request.headers.X Y: not a header name\n"},
    {"request = { url = \"http://h\", headers = { Host = \"1\" } }\n",
     "request.headers.Host: Dun sets this header itself\n"},
    {"request = { url = \"http://h\", basic_user = \"u\" }\n",
     "request.basic_user: basic_user and basic_password go together\n"},
    {"request = { url = \"http://h\" }\n", "gateway \"g\", request: nothing in the request mentions {to}\n"},
    {"values = { to = \"x\" }\n", "1:17: gateway \"g\", values.to: \"to\" is a name of Dun's own; take another\n"},
    {"values = { a = \"{b}\", b = \"x{c}\", c = \"{a|hex}\" }\n",
     "values.a: these values need each other: a -> b -> c -> a\n"},
    {"values = { a = { gsm7 = \"0\" } }\n", "[gateways.g.values.a] lacks \"ucs2\": and in UCS-2\n"},
    {"values = { a = \"{utc:%Q}\" }\n", "1:16: gateway \"g\", values.a: utc needs a form such as"},
    {"values = { a = \"{utc}\" }\n", "1:16: gateway \"g\", values.a: utc needs a form such as"},
    {"values = { a = \"{epoch:x}\" }\n", "1:16: gateway \"g\", values.a: epoch takes nothing after a colon\n"},
    {"response = [{ status = 200 }]\n",
     "1:13: [gateways.g.response] lacks \"result\": what an answer that matches means\n"},
    {"response = [{ status = [99, \"2xx\", \"6xx\", \"300-200\"], result = \"retry\" }]\n",
     "status: expected an HTTP status such as 202, \"2xx\" or \"500-504\", found \"99\"\n"},
    {"response = [{ status = 200, body = '(', result = \"retry\" }]\n",
     "body: not a regular expression in RE2's syntax: missing ): (\n"},
    {"response = [{ result = \"accepted\" }]\n", "an accepting rule must look at the answer"},
    {"response = [{ transport = [\"timeout\"], result = \"retry\" }]\n",
     "1:13: gateway \"g\", response.0: after dns, connect, tls, proxy and not_sent the message has surely not been "
     "taken"},
    {"response = [{ transport = [\"dns\"], status = 200, result = \"retry\" }]\n",
     "a rule is about an answer or, with transport, about its absence, not both\n"},
    {"response = [{ status = 200, result = \"accepted\", id = \"body:1\" }]\n",
     "body:1 needs that many groups in the rule's body pattern\n"},
    {"response = [{ status = 200, result = \"accepted\", id = \"sid\" }]\n",
     "id: expected \"header:NAME\", \"json:/POINTER\" or \"body:GROUP\", found \"sid\"\n"},
    {"response = [{ status = 200, result = \"throttled\", after = \"soon\" }]\n",
     "after: expected \"header:NAME\", \"json:/POINTER\", a span such as \"30s\" or \"body:GROUP\", found "
     "\"soon\"\n"},
    {"response = [{ status = 200, json = { code = 1 }, result = \"retry\" }]\n",
     "expected a JSON pointer, which begins with a slash"},
    {"response = [{ status = 500, result = \"retry\" }]\n", "no rule says what an accepted message looks like"},
    {"message = { number = \"national\" }\n",
     "message.country: number = \"national\" needs the country's calling code"},
    {"message = { signature = \"x\" }\n", "message.signature: signature and signature_place go together\n"},
    {"message = { validity_min = \"2h\", validity_max = \"1h\" }\n", "validity_min lies above validity_max\n"},
    {"receipts = { path = \"r\" }\n", "receipts.path: expected a path such as /receipts/NAME\n"},
    {"receipts = { public_url = \"http://h\" }\n", "receipts.public_url: receipts need a path as well\n"},
    {"receipts = { path = \"/r\", sources = [\"10.0.0.0/99\"] }\n", "sources: expected /0 to /32 after the address"},
    {"receipts = { path = \"/r\", signature = \"{to|hex}\", signature_header = \"X\" }\n",
     "gateway \"g\", receipts.signature: unknown value \"to\""},
    {"values = { s = \"{to}\" }\nreceipts = { path = \"/r\", signature = \"{s}\", signature_header = \"X\" }\n",
     "receipts.signature: to is not known when a receipt comes\n"},
    {"receipts = { path = \"/r\", status_map = { ok = \"deliverd\" } }\n",
     "\"deliverd\" is none of delivered, failed, pending\n"},
    {"unknown = { rule = \"same_ref\" }\n",
     "rule = \"same_ref\" repeats a message, so the gateway must remove duplicates"},
    {"unknown = { rule = \"wait_receipt\" }\n", "rule = \"wait_receipt\" needs [receipts]"},
    {"remembers_for = \"1d\"\n", "a gateway knows a repeat by {client_ref}, but nothing in the request mentions it\n"},
    {"flow = { rate = 0 }\n", "1:17: rate: expected a number from 0.001 to"},
    {"flow = { in_flight_min = 9, in_flight_max = 8 }\n", "in_flight_min lies above in_flight_max\n"},
    {"transport = { conections = 1 }\n", "1:15: unknown key \"conections\"; did you mean \"connections\"?\n"},
    {"transport = { proxy = \"http://{to}\" }\n", "proxy: only {env:NAME} and {file:PATH} mean something here\n"},
};

TEST(GatewaysLoader, EveryMistakeHasItsPlaceAndSaysWhatWasExpected) {
  for (const WrongGateway& each : wrong_gateways)
    EXPECT_THAT(mistakes_in(each.body), HasSubstr(each.mistakes)) << each.body;
}

TEST(GatewaysLoader, ChecksNamesRoutesAndPathsAcrossGateways) {
  const auto mistakes = [](std::string_view toml) {
    return testing::PrintToString(lines_of(load_gateways(toml).mistakes));
  };
  EXPECT_THAT(mistakes(""), HasSubstr("gateways.toml:1:1: error: there is no gateway: expected [gateways.NAME]"));
  EXPECT_THAT(mistakes("[gateways.g]\n"), HasSubstr("this file lacks \\\"routing\\\""));
  EXPECT_THAT(mistakes("[gateways.\"a b\"]\n"), HasSubstr("a gateway's name is 1 to 32 letters, digits, - and _"));
  EXPECT_THAT(
      mistakes("[gateways.sim]\n[routing]\ndefault = \"simm\"\nurgent = \"x\""),
      testing::AllOf(HasSubstr("3:11: error: default: there is no gateway \\\"simm\\\"; did you mean \\\"sim\\\"?"),
                     HasSubstr("4:10: error: urgent: there is no gateway \\\"x\\\"")));
  EXPECT_THAT(mistakes("[gateways.a.receipts]\npath = \"/r\"\n[gateways.b.receipts]\npath = \"/r\"\n"),
              HasSubstr("gateways \\\"a\\\" and \\\"b\\\" take receipts at the same path, /r"));
}

TEST(GatewaysLoader, ValuesThatBuildOnEachOtherAreBounded) {
  std::string chain = "[gateways.g.values]\nv0 = \"x\"\n";
  for (int i = 1; i <= 101; ++i) chain += fmt::format("v{} = \"{{v{}}}\"\n", i, i - 1);
  EXPECT_THAT(mistakes_in(chain), HasSubstr("values: more than 100 values\n"));
}

TEST(GatewaysLoader, ASecretFileThatIsNoSecretIsRefused) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / fmt::format("dun-secret-{}", ::getpid());
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "key") << std::string((64 << 10) + 1, 'k');
  GatewaySources sources{.directory = directory, .environment = {}};
  Mistakes mistakes;
  GatewaysOptions options;
  const Document document("[gateways.g]\npreset = \"generic-json\"\nrequest = { bearer = \"{file:key}\" }\n",
                          "gateways.toml", mistakes);
  read_gateways(document.root(), sources, mistakes, options);
  EXPECT_THAT(testing::PrintToString(lines_of(mistakes)), HasSubstr("more than 65536 bytes are no secret"));
  std::filesystem::remove_all(directory);
}

TEST(GatewaysLoader, SecretsAreKnownInEveryFormTheyAreSentIn) {
  const auto gateway =
      test::gateway(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
values = { key = "{env:KEY}" }
request = { url = "{env:URL}/s?k={env:INURL}", query = { to = "{to}", text = "{text}" }, bearer = "{env:TOKEN}" }
receipts = { path = "/r", token = "{env:PATHTOKEN}" }
)",
                    {{"KEY", "a\"b&c"}, {"URL", "http://h"}, {"INURL", "x y"}, {"TOKEN", "tt"}, {"PATHTOKEN", "pp"}});
  EXPECT_THAT(gateway.secrets,
              testing::UnorderedElementsAre("a\"b&c", "a%22b%26c", "a\\\"b&c", "x y", "x%20y", "tt", "pp"));
}

}  // namespace
}  // namespace dun::config
