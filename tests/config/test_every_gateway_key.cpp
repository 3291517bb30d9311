// Every key of a gateway changes what is handed over, what an answer or a receipt means, or what is done then: a row
// each. How fast it is fed is in test_every_flow_key.cpp.
#include "config/gateways_loader.hpp"
#include "gateways/codec.hpp"
#include "gateways/receipts.hpp"
#include "gateways/request_builder.hpp"
#include "gateways/response_rules.hpp"
#include "scheduler/verdict.hpp"
#include "tests/config/every_key.hpp"
#include "tests/config/gateway_rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <array>

namespace dun::test {
namespace {

using namespace gateways;
using Lines = std::vector<std::string>;

const std::string ref = "acct-1~0123456789abcdef";
const std::string other_ref = "acct-2~0123456789abcdef";
const Instant now = *parse_rfc3339("2026-03-02T02:00:00Z");

/// Everything but preset and flow written out, so that nothing but the row's key says it.
std::vector<Setting> bare(std::vector<Setting> further) {
  std::vector<Setting> settings = {{sim + "preset", ""},
                                   {sim + "remembers_for", ""},
                                   {sim + "unknown.rule", "\"hold\""},
                                   {sim + "receipts.path", ""},
                                   {sim + "receipts.public_url", ""},
                                   {sim + "request.url", "\"http://h/s\""},
                                   {sim + "request.query", "{ to = \"{to}\", text = \"{text}\" }"},
                                   {sim + "response[].status", "200"},
                                   {sim + "response[].result", "\"accepted\""}};
  std::ranges::move(further, std::back_inserter(settings));
  return settings;
}

/// A gateway that is asked, whose answers mean nothing.
std::vector<Setting> questions(std::vector<Setting> further = {}) {
  std::vector<Setting> settings = {{sim + "unknown.rule", "\"query\""},
                                   {sim + "status.url", "\"http://h/q\""},
                                   {sim + "status.query", "{ ref = \"{client_ref}\" }"},
                                   {sim + "status.response[].status", "599"},
                                   {sim + "status.response[].result", "\"unknown\""},
                                   {sim + "status.response[1].status", "598"},
                                   {sim + "status.response[1].result", "\"taken\""}};
  std::ranges::move(further, std::back_inserter(settings));
  return settings;
}

// ---------------------------------------------------------------------------------------------------- what is said

std::string line_of(const std::expected<HttpRequest, std::string>& request) {
  if (!request) return "refused: " + request.error();
  std::string line = request->method + " " + request->url;
  for (const auto& [name, value] : request->headers) line += fmt::format(" [{}: {}]", name, value);
  return line + " " + request->body;
}

struct Describe {
  static std::string after(std::optional<Millis> pause) { return pause ? " after " + dun::to_text(*pause) : ""; }
  std::string operator()(const scheduler::SendAccepted& result) const {
    return fmt::format("accepted id={} parts={}{}", result.gateway_id, result.parts,
                       result.receipt ? " " + std::string(to_text(*result.receipt)) : "");
  }
  std::string operator()(const scheduler::SendRejected& result) const { return "permanent: " + result.detail; }
  std::string operator()(const scheduler::SendRetry& result) const {
    return "retry" + after(result.after) + ": " + result.detail;
  }
  std::string operator()(const scheduler::SendThrottled& result) const {
    return "throttled" + after(result.after) + ": " + result.detail;
  }
  std::string operator()(const scheduler::SendRecipientLimited& result) const { return "limited: " + result.detail; }
  std::string operator()(const scheduler::SendGatewayDown& result) const { return "down: " + result.detail; }
  std::string operator()(const scheduler::SendUnknown& result) const { return "unknown: " + result.detail; }
};

void add_requests(const GatewaySpec& gateway, Lines& lines) {
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "中";
  for (const std::string& text : {std::string("Hello"), long_text})
    lines.push_back("sends " + line_of(build_request(gateway,
                                                     {.gateway = "sim",
                                                      .notice = NoticeId(ref),
                                                      .client_ref = ref,
                                                      .to = "+8613800138000",
                                                      .text = text,
                                                      .validity = std::chrono::minutes(90)},
                                                     {.now = now, .uuid = [] { return std::string("u"); }})));
  if (gateway.status.configured())
    lines.push_back(
        "asks " +
        line_of(build_status_request(
            gateway,
            {.gateway = "sim", .notice = NoticeId(ref), .client_ref = ref, .to = "+8613800138000", .submitted_at = now},
            {.now = now, .uuid = [] { return std::string("u"); }})));
}

void add_answers(const GatewaySpec& gateway, Lines& lines) {
  const HttpResponse teapot{418, {{"X-A", "b"}}, R"({"s":"x","id":"m77","n":2,"wait":3,"why":"busy"})"};
  lines.push_back("418 is " + std::visit(Describe{}, result_of(gateway, teapot, now)));
  lines.push_back("a name that is not found is " +
                  std::visit(Describe{}, result_of(gateway, TransportFailure{TransportKind::dns, ""})));
  const auto answers = {teapot, HttpResponse{200, {}, fmt::format(R"({{"list":[{{"ref":"{}","s":"x"}}]}})", ref)},
                        HttpResponse{200, {}, R"({"list":[{"ref":"another"}]})"}};
  for (const HttpResponse& answer : answers)
    lines.push_back(fmt::format("asked about, {} {} is {}", answer.status, answer.body,
                                std::visit(Describe{}, status_result_of(gateway, ref, answer, now))));
}

std::string line_of(const std::expected<ReceiptBatch, ReceiptRefusal>& batch) {
  if (!batch) return fmt::format("{} {}", batch.error().status, batch.error().message);
  std::string line = fmt::format("{} problems", batch->problems.size());
  for (const Receipt& receipt : batch->receipts)
    line += fmt::format(", {} {} id={} time={} detail={}", receipt.client_ref, to_text(receipt.status),
                        receipt.gateway_id, receipt.time ? to_rfc3339(*receipt.time) : "-", receipt.detail);
  return line;
}

void add_receipts(const GatewaySpec& gateway, Lines& lines) {
  for (const char* path : {"/receipts/sim", "/receipts/other", "/receipts/sim/tok"})
    lines.push_back(fmt::format("{} takes receipts: {}", path, takes_receipts_at(gateway.receipts, path)));
  const std::string json = fmt::format(
      R"({{"client_ref":"{}","ref2":"{}","hex_ref":"{}","status":"delivered","st":"failed","odd":"?",)"
      R"("id":"m1","gid":"m2",)"
      R"("time":"2026-03-02T01:00:00Z","t2":"2026-03-02T01:30:00Z","t3":"1772413200","detail":"d1","d2":"why",)"
      R"("list":[{{"client_ref":"{}","status":"expired"}}]}})",
      ref, other_ref, hex(ref), ref);
  const std::string form = fmt::format("client_ref={}&status=undelivered", ref);
  const std::string path = "/receipts/sim";
  const http::Request requests[] = {
      {.method = "POST", .path = path, .query = "", .headers = {}, .body = json, .source = "127.0.0.1"},
      {.method = "POST", .path = path, .query = form, .headers = {}, .body = "x=1", .source = "127.0.0.1"},
      {.method = "POST", .path = path, .query = "x=1", .headers = {}, .body = form, .source = "127.0.0.1"},
      {.method = "PUT", .path = path, .query = "", .headers = {}, .body = json, .source = "127.0.0.1"},
      {.method = "POST", .path = path, .query = "", .headers = {}, .body = json, .source = "10.9.9.9"},
      {.method = "POST",
       .path = path,
       .query = "",
       .headers = {{"X-Sig", "good"}},
       .body = json,
       .source = "127.0.0.1"},
  };
  for (const http::Request& request : requests)
    lines.push_back(fmt::format("{} from {} with {} headers ?{} says {}", request.method, request.source,
                                request.headers.size(), request.query, line_of(read_receipts(gateway, request))));
}

std::string line_of(const scheduler::Answer& answer) {
  const auto* settled = std::get_if<policies::Settled>(&answer.verdict);
  if (settled == nullptr) return "returned";
  if (const auto* repeat = std::get_if<policies::ToRepeat>(&settled->verdict))
    return fmt::format("again in {} {}", dun::to_text(repeat->at - now), settled->reason);
  if (const auto* doubt = std::get_if<policies::InDoubt>(&settled->verdict))
    return fmt::format("in doubt for {}{}{} {}", dun::to_text(doubt->until - now), doubt->ask ? " then ask" : "",
                       doubt->then_repeat ? " then repeat" : "", settled->reason);
  const bool accepted = std::holds_alternative<policies::Accepted>(settled->verdict);
  return fmt::format("{} {}", accepted ? "accepted" : "rejected", settled->reason);
}

void add_verdicts(const scheduler::DispatchOptions& options, Lines& lines) {
  scheduler::InFlight request{.subject = AccountId("acct-1"), .notice = NoticeId(ref), .gateway = "sim", .to = "+1"};
  for (request.attempt = 1; request.attempt <= 8; ++request.attempt) {
    lines.push_back(fmt::format("unanswered {}: {}", request.attempt,
                                line_of(judge(request, scheduler::SendUnknown{}, options, now))));
    lines.push_back(fmt::format("not taken {}: {}", request.attempt,
                                line_of(judge(request, scheduler::SendRetry{}, options, now))));
  }
  request.attempt = 1;
  for (int number = 1; number <= 4; ++number) {
    request.errand = Question{.number = number};
    lines.push_back(fmt::format("question {} unknown: {}", number,
                                line_of(judge(request, scheduler::SendUnknown{}, options, now))));
    lines.push_back(fmt::format("question {} not taken: {}", number,
                                line_of(judge(request, scheduler::SendRetry{}, options, now))));
  }
}

/// Everything that a gateway says and is told.
Lines exchange(const std::string& text) {
  const LoadedFile loaded = load_gateways_file(text);
  for (const config::Mistake& mistake : loaded.mistakes) ADD_FAILURE() << to_text(mistake);
  if (!loaded.mistakes.empty()) return {};
  Lines lines;
  const GatewaySpec& gateway = loaded.options.gateways.front();
  add_requests(gateway, lines);
  add_answers(gateway, lines);
  add_receipts(gateway, lines);
  add_verdicts(loaded.options.dispatch, lines);
  return lines;
}

// ------------------------------------------------------------------------------------------------------------ rows

KeyRow row(const std::string& key, const std::string& value, const std::string& said, std::vector<Setting> given = {}) {
  return {sim + key, {{sim + key, value}}, said, std::move(given)};
}

std::vector<KeyRow> message_rows() {
  return {
      row("preset", "\"generic-form\"", "&to=%2B86"),
      row("values", "{ mine = \"b\" }", "?v=b",
          {{sim + "values", "{ mine = \"a\" }"}, {sim + "request.query", "{ v = \"{mine}\" }"}}),
      row("message.number", "\"no_plus\"", R"("to":"8613800138000")"),
      row("message.country", "\"86\"", R"("to":"13800138000")",
          {{sim + "message.number", "\"national\""}, {sim + "message.country", "\"49\""}}),
      row("message.segments_max", "1", "sends refused"),
      row("message.characters_max", "50", "sends refused"),
      row("message.signature", "\"[Acme]\"", "[Acme]Hello",
          {{sim + "message.signature", "\"[Other]\""}, {sim + "message.signature_place", "\"front\""}}),
      row("message.signature_place", "\"back\"", "Hello[Acme]",
          {{sim + "message.signature", "\"[Acme]\""}, {sim + "message.signature_place", "\"front\""}}),
      row("message.validity_unit", "\"minutes\"", R"("validity":90,)"),
      row("message.validity_min", "\"3h\"", R"("validity":10800,)"),
      row("message.validity_max", "\"1h\"", R"("validity":3600,)"),
  };
}

/// `table`: "request." or "status.", which say the same of a message and of a question.
std::vector<KeyRow> request_rows(const std::string& table, const std::string& verb, std::vector<Setting> given) {
  given.push_back({sim + table + "method", "\"POST\""});
  const auto rows = [&](const std::string& key, const std::string& value, const std::string& said,
                        std::vector<Setting> changes = {}, std::vector<Setting> more = {}) {
    std::vector<Setting> all = given;
    std::ranges::move(more, std::back_inserter(all));
    changes.push_back({sim + table + key, value});
    return KeyRow{sim + table + key, changes, said, all};
  };
  const std::string body = sim + table + "body";
  return {
      rows("method", "\"PUT\"", verb + " PUT "),
      rows("url", "\"http://other/\"", "http://other/"),
      rows("query",
           verb == "asks" ? "{ ref = \"{client_ref}\", q = \"1\" }" : "{ to = \"{to}\", text = \"{text}\", q = \"1\" }",
           "q=1"),
      rows("headers", "{ X-H = \"1\" }", "[X-H: 1]"),
      rows("bearer", "\"t0k3n\"", "[Authorization: Bearer t0k3n]"),
      rows("basic_user", "\"me\"", "Basic bWU6", {},
           {{sim + table + "basic_user", "\"you\""}, {sim + table + "basic_password", "\"s\""}}),
      rows("basic_password", "\"secret\"", "Basic bWU6c2VjcmV0", {},
           {{sim + table + "basic_user", "\"me\""}, {sim + table + "basic_password", "\"s\""}}),
      rows("body", "\"raw\"", "raw words",
           {{sim + table + "raw", "\"raw words\""}, {sim + table + "content_type", "\"text/plain\""}}),
      rows("raw", "\"other words\"", "other words", {},
           {{body, "\"raw\""},
            {sim + table + "raw", "\"raw words\""},
            {sim + table + "content_type", "\"text/plain\""}}),
      rows("content_type", "\"application/x-ours\"", "[Content-Type: application/x-ours]", {},
           {{body, "\"form\""}, {sim + table + "form", "{ f = \"1\" }"}}),
      rows("form", "{ f = \"2\" }", "f=2", {}, {{body, "\"form\""}, {sim + table + "form", "{ f = \"1\" }"}}),
      rows("json", "{ f = 2 }", R"({"f":2})", {}, {{body, "\"json\""}, {sim + table + "json", "{ f = 1 }"}}),
  };
}

/// `table`: "response[]." or "status.response[].". `said`: what begins the line of the answer 418.
std::vector<KeyRow> answer_rows(const std::string& table, const std::string& said, const std::string& taken) {
  const auto rows = [&](const std::string& key, const std::string& value, const std::string& means,
                        std::vector<Setting> rule) {
    std::vector<Setting> given = table.starts_with("status.") ? questions() : std::vector<Setting>();
    for (Setting& setting : rule) given.push_back({sim + table + setting.key, setting.value});
    return KeyRow{sim + table + key, {{sim + table + key, value}}, said + means, given};
  };
  return {
      rows("status", "418", "accepted", {{"result", taken}, {"status", "419"}}),
      rows("result", taken, "accepted", {{"result", "\"throttled\""}, {"status", "418"}}),
      rows("header", "{ X-A = \"^b$\" }", "accepted",
           {{"result", taken}, {"status", "418"}, {"header", "{ X-A = \"^c$\" }"}}),
      rows("json", "{ \"/s\" = \"x\" }", "accepted",
           {{"result", taken}, {"status", "418"}, {"json", "{ \"/s\" = \"y\" }"}}),
      rows("body", "'\"s\"'", "accepted", {{"result", taken}, {"status", "418"}, {"body", "'nothing of it'"}}),
      rows("id", "\"json:/id\"", "accepted id=m77", {{"result", taken}, {"status", "418"}}),
      rows("after", "\"json:/wait\"", "throttled after 3s", {{"result", "\"throttled\""}, {"status", "418"}}),
      rows("after_form", "\"milliseconds\"", "throttled after 1s",
           {{"result", "\"throttled\""}, {"status", "418"}, {"after", "\"json:/wait\""}}),
      rows("detail", "\"json:/why\"", "down: busy", {{"result", "\"gateway_down\""}, {"status", "418"}}),
  };
}

std::vector<KeyRow> response_rows() {
  auto rows = answer_rows("response[].", "418 is ", "\"accepted\"");
  rows.push_back(row("response[].segments", "\"json:/n\"", "accepted id= parts=2",
                     {{sim + "response[].status", "418"}, {sim + "response[].result", "\"accepted\""}}));
  rows.push_back(row("response[].transport", "[\"dns\"]", "a name that is not found is retry",
                     {{sim + "response[].transport", "[\"connect\"]"}, {sim + "response[].result", "\"retry\""}}));
  return rows;
}

std::vector<KeyRow> status_rows() {
  const auto listing = [](std::vector<Setting> more) {
    std::vector<Setting> given =
        questions({{sim + "status.response[].status", "200"}, {sim + "status.response[].result", "\"taken\""}});
    for (Setting& setting : more) given.push_back({sim + "status." + setting.key, setting.value});
    return given;
  };
  const std::string ours = R"(s":"x"}]} is )";
  return {
      row("status.each", "\"/list\"", ours + "accepted",
          listing({{"our_ref", "\"ref\""}, {"each", "\"/none\""}, {"response[].listed", "true"}})),
      row("status.our_ref", "\"ref\"", ours + "accepted",
          listing({{"our_ref", "\"s\""}, {"each", "\"/list\""}, {"response[].listed", "true"}})),
      row("status.response[].listed", "false", ours + "unknown",
          listing({{"our_ref", "\"ref\""}, {"each", "\"/list\""}, {"response[].listed", "true"}})),
      row("status.first", "\"7s\"", "unanswered 1: in doubt for 7s", questions()),
      row("status.pause", "\"31s\"", "question 1 unknown: in doubt for 31s", questions()),
      row("status.questions_max", "3", "question 3 unknown: in doubt for 0s",
          questions({{sim + "status.pause", "\"5m\""}})),
      row("status.listed_within", "\"90s\"", "question 3 not taken: in doubt", questions()),
  };
}

std::vector<KeyRow> receipt_rows() {
  const std::string r = sim + "receipts.";
  return {
      row("receipts.path", "\"/receipts/other\"", "/receipts/other takes receipts: true"),
      row("receipts.public_url", "\"http://out:1\"", R"("receipt_url":"http://out:1/receipts/sim")"),
      row("receipts.methods", "[\"PUT\"]", "PUT from 127.0.0.1 with 0 headers ? says 0 problems, acct-1"),
      row("receipts.format", "\"query\"", "status=undelivered says 0 problems, " + ref + " failed"),
      row("receipts.each", "\"/list\"", ref + " failed"),
      row("receipts.our_ref", "\"ref2\"", other_ref + " delivered"),
      row("receipts.our_ref_hex", "true", ref + " delivered", {{r + "our_ref", "\"hex_ref\""}}),
      row("receipts.gateway_id", "\"gid\"", "id=m2"),
      row("receipts.status", "\"st\"", ref + " failed"),
      row("receipts.status_map", "{ delivered = \"failed\" }", ref + " failed"),
      row("receipts.status_default", "\"failed\"", ref + " failed", {{r + "status", "\"odd\""}}),
      row("receipts.time", "\"t2\"", "time=2026-03-02T01:30:00"),
      row("receipts.time_form", "\"epoch\"", "time=2026-03-02T01:00:00", {{r + "time", "\"t3\""}}),
      row("receipts.detail", "\"d2\"", "detail=why"),
      row("receipts.token", "\"tok\"", "/receipts/sim/tok takes receipts: true"),
      row("receipts.sources", "[\"10.0.0.0/8\"]", "POST from 127.0.0.1 with 0 headers ? says 403"),
      row("receipts.signature_header", "\"X-Sig\"", "with 1 headers ? says 0 problems, acct-1",
          {{r + "signature_header", "\"X-Other\""}, {r + "signature", "\"good\""}}),
      row("receipts.signature", "\"good\"", "with 1 headers ? says 0 problems, acct-1",
          {{r + "signature_header", "\"X-Sig\""}, {r + "signature", "\"better\""}}),
  };
}

std::vector<KeyRow> verdict_rows() {
  const std::vector<Setting> waits = {{sim + "unknown.rule", "\"wait_receipt\""}};
  return {
      row("unknown.rule", "\"hold\"", "unanswered 1: in doubt for 3650d"),
      row("unknown.receipt_wait", "\"2h\"", "unanswered 1: in doubt for 2h", waits),
      row("unknown.then", "\"give_up\"", "!then repeat", waits),
      {"retry.first", {{"retry.first", "\"7s\""}}, "not taken 2: again in 14s"},
      {"retry.most", {{"retry.most", "\"1m\""}}, "not taken 7: again in 1m "},
      {"retry.attempts_max", {{"retry.attempts_max", "3"}}, "not taken 3: rejected"},
  };
}

std::vector<KeyRow> exchange_rows() {
  std::vector<KeyRow> rows;
  for (auto part : {message_rows(), request_rows("request.", "sends", bare({})),
                    request_rows("status.", "asks", questions()), response_rows(),
                    answer_rows("status.response[].",
                                R"(asked about, 418 {"s":"x","id":"m77","n":2,"wait":3,)"
                                R"("why":"busy"} is )",
                                "\"taken\""),
                    status_rows(), receipt_rows(), verdict_rows()})
    std::ranges::move(part, std::back_inserter(rows));
  return rows;
}

TEST(EveryKey, OfAGatewayChangesWhatIsSaidOrWhatIsUnderstood) {
  for (const KeyRow& row : exchange_rows()) expect_effect(row, shipped_file("gateways.toml"), exchange);
}

TEST(EveryKey, OfAGatewaysMemoryIsHeldAgainstItsRepetitions) {
  expect_effect({"remembers_for", {{sim + "remembers_for", "\"1m\""}}, "it remembers a message for 1m"},
                shipped_file("gateways.toml"), [](const std::string& text) {
                  Lines lines{"checked"};
                  for (const auto& mistake : load_gateways_file(text).mistakes) lines.push_back(mistake.message);
                  return lines;
                });
}

/// Keys of a ReceiptEndpoint, which takes receipts in for good: each with the test that shows it.
struct Elsewhere {
  std::string key, value;
  std::string (*read)(const ReceiptsSpec& receipts);
  std::string test, word;
};

std::vector<Elsewhere> shown_elsewhere() {
  const std::string receipts = sim + "receipts.";
  const std::string acknowledges = "ReceiptRoutesTest.AcknowledgesWhatHasBeenPublishedAndNothingElse";
  return {
      {receipts + "rate", "7", [](const ReceiptsSpec& r) { return std::to_string(r.rate); },
       "FieldCases.C7_AFloodIsRefusedBeforeTheStoreAndARateHoldsForTheRest", "rate = "},
      {receipts + "acknowledge.status", "202",
       [](const ReceiptsSpec& r) { return std::to_string(r.acknowledge_status); }, acknowledges, "acknowledge"},
      {receipts + "acknowledge.body", "\"OK\"", [](const ReceiptsSpec& r) { return r.acknowledge_body; }, acknowledges,
       "acknowledge"},
      {receipts + "acknowledge.content_type", "\"text/html\"", [](const ReceiptsSpec& r) { return r.acknowledge_type; },
       acknowledges, "acknowledge"},
  };
}

TEST(EveryKey, OfAReceiptsAnswerIsReadForTheTestThatShowsIt) {
  for (const Elsewhere& key : shown_elsewhere()) {
    EXPECT_TRUE(has_test(key.test, key.word)) << key.test;
    expect_effect({key.key, {{key.key, key.value}}, ""}, shipped_file("gateways.toml"), [&](const std::string& text) {
      return Lines{key.read(load_gateways_file(text).options.gateways.at(0).receipts)};
    });
  }
}

TEST(EveryKey, OfGatewaysIsShown) {
  const auto read = [](const std::string& text) { return load_gateways_file(text).mistakes; };
  std::set<std::string> shown = keys_of_the_flow();
  shown.insert({"gateways", sim + "remembers_for"});
  for (const KeyRow& row : exchange_rows()) shown.insert(row.key);
  for (const Elsewhere& key : shown_elsewhere()) shown.insert(key.key);
  expect_all_shown(known_keys(read, {"", "gateways.sim"}), shown);
}

}  // namespace
}  // namespace dun::test
