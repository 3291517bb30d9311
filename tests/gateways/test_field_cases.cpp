// What the field found wrong with what gateways say and what is said to them: S5 to S41 and C16 of docs/field_cases.md.
#include "gateways/instants.hpp"
#include "gateways/options.hpp"
#include "gateways/receipts.hpp"
#include "gateways/request_builder.hpp"
#include "gateways/response_rules.hpp"
#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

namespace dun::gateways {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

const Instant now = *parse_rfc3339("2026-01-31T13:45:00Z");

/// The spans of a throttled or retried answer, the id of an accepted one, else what was wrong.
struct Describe {
  static std::string waits(const std::optional<Millis>& after) { return after ? to_text(*after) : "-"; }
  std::string operator()(const scheduler::SendAccepted& r) const {
    return fmt::format("accepted {} {}", r.gateway_id, r.parts);
  }
  std::string operator()(const scheduler::SendRetry& r) const { return "retry " + waits(r.after); }
  std::string operator()(const scheduler::SendThrottled& r) const { return "throttled " + waits(r.after); }
  std::string operator()(const auto& r) const { return r.detail; }
};

std::string judged(const GatewaySpec& gateway, int status, std::string body, NameValues headers = {}) {
  return std::visit(Describe{}, result_of(gateway, HttpResponse{status, std::move(headers), std::move(body)}, now));
}

GatewaySpec with_rules(std::string_view rules) {
  return test::gateway(
      "unknown = { rule = \"hold\" }\nrequest = { url = \"http://h/s\", query = { to = \"{to}\", text = "
      "\"{text}\" } }\n" +
      std::string(rules));
}

scheduler::SendRequest message(std::string text = "hello") {
  return {.gateway = "g",
          .notice = NoticeId("A1~0001"),
          .client_ref = "A1~0001",
          .to = "+8613800138000",
          .text = std::move(text)};
}

std::string body_of(const GatewaySpec& gateway, const scheduler::SendRequest& request) {
  const auto built = build_request(gateway, request, {.now = now, .uuid = [] { return std::string("u"); }});
  return built ? built->body : "error: " + built.error();
}

constexpr std::string_view one_rule = "response = [{ status = 200, result = \"accepted\" }]\n";

// --------------------------------------------------------------------------------------------------------- answers

TEST(FieldCases, S1_AnAnswerThatIsNestedDeeplyIsUnknown) {
  const GatewaySpec gateway = test::gateway(
      "preset = \"generic-json\"\nrequest = { url = \"http://h\" }\n"
      "unknown = { rule = \"hold\" }\n");
  const std::string deep = std::string(30'000, '[') + std::string(30'000, ']');
  EXPECT_THAT(judged(gateway, 202, R"({"status":"accepted","id":)" + deep + "}"), HasSubstr("no rule knows"));
  EXPECT_EQ(judged(gateway, 202, R"({"status":"accepted","id":[[7]]})"), "accepted [[7]] 0");
}

TEST(FieldCases, S9_AForeignByteInARemarkDoesNotMakeAnAnswerUnknown) {
  const GatewaySpec gateway = test::gateway(
      "preset = \"generic-json\"\nrequest = { url = \"http://h\" }\n"
      "unknown = { rule = \"hold\" }\n");
  for (const std::string_view remark : {"\xCC\xE1\xBD\xBB\xB3\xC9\xB9\xA6", "envoy\xE9", "\\ud83d", "\xA6\xA8\xA5\\",
                                        "a\tb", "\xE6\x8F\x90\xE4\xBA\xA4\xE6\x88\x90\xE5\x8A\x9F"})
    EXPECT_EQ(judged(gateway, 202, fmt::format(R"({{"msg":"{}","status":"accepted","id":"ID1"}})", remark)),
              "accepted ID1 0")
        << remark;
  EXPECT_EQ(judged(gateway, 202, "{\"status\":\"accepted\",\"id\":\"I\xE9\"}"), "accepted I\xEF\xBF\xBD 0");
  // Where the byte stands in what the rule looks at, the answer is another.
  EXPECT_THAT(judged(gateway, 202, "{\"status\":\"accept\xE9\",\"id\":\"1\"}"), HasSubstr("no rule knows"));
}

TEST(FieldCases, S15_AnIdThatIsANumberKeepsItsDigits) {
  const GatewaySpec gateway = with_rules(
      "response = [{ status = 200, result = \"accepted\", id = \"json:/id\", json = "
      "{ \"/code\" = [0, \"1e3\"] } }]");
  for (const std::string_view id : {"123456789012345678901234567890", "18446744073709551616", "0.10", "1e999", "-1"})
    EXPECT_EQ(judged(gateway, 200, fmt::format(R"({{"code":0,"id":{}}})", id)), fmt::format("accepted {} 0", id));
  EXPECT_EQ(judged(gateway, 200, R"({"code":1e3,"id":null})"), "accepted  0");
}

TEST(FieldCases, S5_NowAgainAndAgainIsNoLoop) {
  const GatewaySpec gateway = with_rules(R"(
response = [{ status = 200, result = "accepted" },
            { status = 429, result = "throttled", after = "header:Retry-After" },
            { status = 503, result = "retry", after = "json:/wait" }]
)");
  for (const std::string_view zero : {"0", "-1", "-99999999999", "0.0001", "0s", "1ms", "Sat, 31 Jan 2026 13:45:00 GMT",
                                      "Mon, 01 Jan 1990 00:00:00 GMT"}) {
    EXPECT_EQ(judged(gateway, 429, "", {{"Retry-After", std::string(zero)}}), "throttled 1s") << zero;
    EXPECT_EQ(judged(gateway, 503, fmt::format(R"({{"wait":"{}"}})", zero)), "retry 1s") << zero;
  }
  EXPECT_EQ(judged(gateway, 503, R"({"wait":0})"), "retry 1s");
  EXPECT_EQ(judged(gateway, 429, "", {{"Retry-After", "2"}}), "throttled 2s");
  EXPECT_THAT(test::mistakes_in(std::string(test::minimal) + "flow = { throttle_pause = \"0s\" }\n"),
              HasSubstr("throttle_pause"));
}

TEST(FieldCases, S18_ADateInRetryAfterHasThreeForms) {
  const GatewaySpec gateway = with_rules(
      "response = [{ status = 200, result = \"accepted\" }, { status = 429, result = \"throttled\", "
      "after = \"header:Retry-After\" }]");
  for (const std::string_view date :
       {"Sat, 31 Jan 2026 13:47:30 GMT", "Saturday, 31-Jan-26 13:47:30 GMT", "Sat Jan 31 13:47:30 2026"})
    EXPECT_EQ(judged(gateway, 429, "", {{"retry-after", std::string(date)}}), "throttled 2m30s") << date;
  EXPECT_EQ(judged(gateway, 429, "", {{"retry-after", "Sun Feb  1 09:00:00 2026"}}), "throttled 19h15m");
  EXPECT_EQ(judged(gateway, 429, "", {{"retry-after", "Sun Feb 30 13:47:30"}}), "throttled -");
}

TEST(FieldCases, S41_AnInstantIsReadAsOne) {
  struct Row {
    std::string_view form, text, result;
  };
  const Row rows[] = {
      {"epoch", "1769867220", "throttled 2m"},
      {"epoch", "1769867220.5", "throttled 2m500ms"},
      {"epoch", "1769867000", "throttled 1s"},
      {"epoch", "120", "throttled 1s"},
      {"epoch", "soon", "throttled -"},
      {"epoch_ms", "1769867220000", "throttled 2m"},
      {"rfc3339", "2026-01-31T21:47:00+08:00", "throttled 2m"},
      {"utc_text", "2026-01-31 13:47:00", "throttled 2m"},
      {"http_date", "Saturday, 31-Jan-26 13:47:00 GMT", "throttled 2m"},
      {"milliseconds", "2500", "throttled 2s500ms"},
      {"milliseconds", "10", "throttled 1s"},
      {"retry_after", "120", "throttled 2m"},
      // Nobody waits for fifty-six years.
      {"retry_after", "1769867220", "throttled 2m"},
      {"retry_after", "1469867220", "throttled 1d"},
      {"retry_after", "90000", "throttled 1d"},
  };
  for (const Row& row : rows) {
    const GatewaySpec gateway = with_rules(
        fmt::format("response = [{{ status = 200, result = \"accepted\" }}, {{ status = 429, result = \"throttled\", "
                    "after = \"header:X-RateLimit-Reset\", after_form = \"{}\" }}]",
                    row.form));
    EXPECT_EQ(judged(gateway, 429, "", {{"x-ratelimit-reset", std::string(row.text)}}), row.result)
        << row.form << " " << row.text;
  }
}

// ---------------------------------------------------------------------------------------------------- configuration

std::string mistakes_of_rule(std::string_view rule) {
  return test::mistakes_in(
      fmt::format("unknown = {{ rule = \"hold\" }}\nrequest = {{ url = \"http://h/s\", query = {{ to "
                  "= \"{{to}}\", text = \"{{text}}\" }} }}\nresponse = [{{ status = 200, result = "
                  "\"accepted\" }}, {{ {} }}]\n",
                  rule));
}

TEST(FieldCases, S12_WhatARuleSaysIsUsedOrRefused) {
  struct Row {
    std::string_view rule, mistake;
  };
  const Row rows[] = {
      {R"(status = 429, result = "throttled", after_form = "epoch")", "after_form is about"},
      {R"(status = 429, result = "throttled", after = "30s", after_form = "epoch")", "after_form is about"},
      {R"(status = 429, result = "throttled", after = "header:X", after_form = "minutes")", "after_form"},
      {R"(status = 401, result = "gateway_down", after = "30s")", "nothing waits for this result"},
      {R"(status = 500, result = "unknown", after = "header:Retry-After")", "nothing waits for this result"},
      {R"(status = 400, result = "permanent", id = "json:/id")", "id and segments are of messages that were taken"},
      {R"(status = 400, result = "retry", segments = "json:/n")", "id and segments are of messages that were taken"},
      {R"(status = 201, result = "accepted", detail = "json:/why")", "detail says why"},
      {R"(transport = ["connect"], result = "retry", after = "header:Retry-After")", "there is no answer"},
      {R"(transport = ["connect"], result = "retry", detail = "no line")", "there is no answer"},
  };
  for (const Row& row : rows) EXPECT_THAT(mistakes_of_rule(row.rule), HasSubstr(row.mistake)) << row.rule;
  EXPECT_THAT(mistakes_of_rule(R"(status = 429, result = "throttled", after = "header:X", after_form = "epoch")"),
              IsEmpty());
}

TEST(FieldCases, S12_WhatTransportAndMessageSayIsUsedOrRefused) {
  struct Row {
    std::string_view tables, mistake;
  };
  const Row rows[] = {
      {"transport = { tls_certificate = \"c.pem\" }", "tls_certificate and tls_key go together"},
      {"transport = { tls_key = \"k.pem\" }", "tls_certificate and tls_key go together"},
      {"transport = { tls_verify = false, tls_ca = \"a.pem\" }", "nothing is checked against tls_ca"},
      {"message = { country = \"86\" }", "a country is used only with"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(test::mistakes_in(std::string(test::minimal) + std::string(row.tables) + "\n"), HasSubstr(row.mistake))
        << row.tables;
}

TEST(FieldCases, S12_AGatewayRemembersAsLongAsAMessageIsRepeated) {
  const auto mistakes = [](std::string_view remembers_for) {
    return test::mistakes_in(
        fmt::format("unknown = {{ rule = \"same_ref\" }}\nremembers_for = \"{}\"\nrequest = {{ url = "
                    "\"http://h/s\", query = {{ to = \"{{to}}\", text = \"{{text}}\", ref = "
                    "\"{{client_ref}}\" }} }}\n{}",
                    remembers_for, one_rule));
  };
  EXPECT_THAT(mistakes("10m"),
              HasSubstr("it remembers a message for 10m (remembers_for), but [retry] and its time-outs "
                        "repeat one for up to 11m59s"));
  EXPECT_THAT(mistakes("12m"), IsEmpty());
}

TEST(FieldCases, C16_APlaceThatIsNoneIsNotTakenForAText) {
  for (const std::string_view detail : {"body:^(.*)$", "body:", "body:0", "body:x", "json:why", "header:"})
    EXPECT_THAT(mistakes_of_rule(fmt::format("status = 400, result = \"permanent\", detail = '{}'", detail)),
                AllOf(HasSubstr("detail: expected"), HasSubstr("found \"" + std::string(detail) + "\"")))
        << detail;
  EXPECT_THAT(mistakes_of_rule("status = 400, result = \"permanent\", detail = 'body:^(.*)$'"),
              HasSubstr("GROUP is the number of a group in the rule's body pattern"));
  const GatewaySpec gateway = with_rules(
      "response = [{ status = 200, result = \"accepted\" }, { status = 400, body = '^(.*)$', result = \"permanent\", "
      "detail = 'body:1' }, { status = 410, result = \"permanent\", detail = \"gone: for ever\" }]");
  EXPECT_EQ(judged(gateway, 400, "because"), "because");
  EXPECT_EQ(judged(gateway, 410, "because"), "gone: for ever");
}

GatewaySpec with_secret(std::string secret) {
  return test::gateway(
      "unknown = { rule = \"hold\" }\nrequest = { url = \"http://h/s\", bearer = \"{env:TOKEN}\", query = "
      "{ to = \"{to}\", text = \"{text}\" } }\n" +
          std::string(one_rule),
      {{"TOKEN", std::move(secret)}});
}

TEST(FieldCases, S13_ASecretEndsWhereItsLineEnds) {
  for (const std::string_view end : {"", "\n", "\r\n", "\n\n", "\r"}) {
    const auto built = build_request(with_secret("t0k" + std::string(end)), message(),
                                     {.now = now, .uuid = [] { return std::string("u"); }});
    ASSERT_TRUE(built) << built.error();
    EXPECT_THAT(built->headers, testing::Contains(testing::Pair("Authorization", "Bearer t0k")));
  }
  const auto marked =
      build_request(with_secret("\xEF\xBB\xBFt0k\n"), message(), {.now = now, .uuid = [] { return std::string("u"); }});
  ASSERT_TRUE(marked);
  EXPECT_THAT(marked->headers, testing::Contains(testing::Pair("Authorization", "Bearer t0k")));
}

std::string mistakes_with(std::string_view toml, const std::map<std::string, std::string>& environment,
                          const std::filesystem::path& directory = {}, bool settings_required = true) {
  config::Mistakes mistakes;
  config::GatewaysOptions options;
  const config::GatewaySources sources{.directory = directory,
                                       .environment =
                                           [&](const std::string& name) {
                                             const auto found = environment.find(name);
                                             return found == environment.end() ? std::nullopt
                                                                               : std::optional(found->second);
                                           },
                                       .settings_required = settings_required};
  const config::Document document(fmt::format("routing = {{ default = \"g\" }}\n[gateways.g]\n{}", toml),
                                  "gateways.toml", mistakes);
  config::read_gateways(document.root(), sources, mistakes, options);
  document.finish();
  std::string lines;
  for (const config::Mistake& mistake : mistakes) lines += to_text(mistake) + "\n";
  return lines;
}

TEST(FieldCases, S13_ASecretThatNoMessageCouldCarryIsRefusedAtStart) {
  const std::string toml =
      "unknown = { rule = \"hold\" }\nrequest = { url = \"http://h/s\", bearer = \"{env:TOKEN}\", query = { to = "
      "\"{to}\", text = \"{text}\" } }\n" +
      std::string(one_rule);
  for (const std::string_view bad : {"t0\nk", "t0k\n\t", "\x01t0k", "t0k\x7F", "t0\r\nX-Evil: 1"})
    EXPECT_THAT(mistakes_with(toml, {{"TOKEN", std::string(bad)}}),
                HasSubstr("the environment variable TOKEN has a line break or another control character, at byte"));
  EXPECT_THAT(mistakes_with(toml, {{"TOKEN", "t\xE9k"}}), HasSubstr("the environment variable TOKEN is not UTF-8"));
  EXPECT_THAT(mistakes_with(toml, {}), HasSubstr("`dun check --without-secrets` checks the rest"));
  EXPECT_THAT(mistakes_with(toml, {}, {}, false), IsEmpty());
}

TEST(FieldCases, S13_ASecretFileThatCannotBeReadSaysWhy) {
  const std::filesystem::path directory = std::filesystem::path(testing::TempDir()) / "field_cases_s13";
  std::filesystem::create_directories(directory / "folder");
  std::ofstream(directory / "good") << "t0k\r\n\r\n";
  std::ofstream(directory / "two") << "t0k\nsecond\n";
  const auto mistakes = [&](std::string_view file, bool required = true) {
    return mistakes_with(fmt::format("unknown = {{ rule = \"hold\" }}\nrequest = {{ url = \"http://h/s\", bearer = "
                                     "\"{{file:{}}}\", query = {{ to = \"{{to}}\", text = \"{{text}}\" }} }}\n{}",
                                     file, one_rule),
                         {}, directory, required);
  };
  EXPECT_THAT(mistakes("good"), IsEmpty());
  EXPECT_THAT(mistakes("two"), HasSubstr("the file two has a line break or another control character, at byte 4"));
  EXPECT_THAT(mistakes("none"), AllOf(HasSubstr("No such file"), HasSubstr("--without-secrets")));
  EXPECT_THAT(mistakes("folder"), AllOf(HasSubstr("it is not a file"), HasSubstr("--without-secrets")));
  EXPECT_THAT(mistakes("good/x"), HasSubstr("Not a directory"));
  EXPECT_THAT(mistakes("none", false), IsEmpty());
  std::filesystem::remove_all(directory);
}

TEST(FieldCases, S13_CheckBuildsARequestBeforeAnyMessageDoes) {
  struct Row {
    std::string_view request, more, mistake;
  };
  const Row rows[] = {
      {R"(url = "http://h/{receipt_url}")", "", "url: a value in it is absent"},
      {R"(url = "http://h/{validity}")", "", "url: a value in it is absent"},
      {R"(url = "http://h", headers = { X-N = "{env:N|number}" })", "", "number: \"t\" is not one"},
      {R"(url = "http://h", headers = { X-T = "a\nb" })", "", "control character"},
      {R"(url = "http://h")", "message = { characters_max = 3, signature = \"[Acme]\", signature_place = \"back\" }\n",
       "at most 3"},
  };
  for (const Row& row : rows)
    EXPECT_THAT(mistakes_with(fmt::format("unknown = {{ rule = \"hold\" }}\n{}{}request = {{ {}, query = {{ to = "
                                          "\"{{to}}\", text = \"{{text}}\" }} }}\n",
                                          row.more, one_rule, row.request),
                              {{"N", "t"}}),
                AllOf(HasSubstr("no request can be built"), HasSubstr(row.mistake)))
        << row.request;
}

TEST(FieldCases, S13_AFaultOfTheConfigurationIsToldFromOneOfTheMessage) {
  EXPECT_EQ(configuration_fault(with_secret("t0k")), std::nullopt);
  GatewaySpec gateway = with_secret("t0k");
  gateway.request.bearer = *Template::parse("a\nb", {});
  EXPECT_THAT(configuration_fault(gateway).value_or(""), HasSubstr("control character"));
  // One message that is odd is no fault of the configuration.
  const GatewaySpec header = test::gateway(
      "unknown = { rule = \"hold\" }\nrequest = { url = \"http://h/s\", headers = { X-Text = \"{text}\" }, query = { "
      "to = "
      "\"{to}\" } }\n" +
      std::string(one_rule));
  EXPECT_EQ(configuration_fault(header), std::nullopt);
  EXPECT_THAT(body_of(header, message("a\nb")), HasSubstr("control character"));
}

// ------------------------------------------------------------------------------------------------------- raw bodies

GatewaySpec with_raw(std::string_view content_type, std::string_view raw) {
  return test::gateway(
      fmt::format("unknown = {{ rule = \"hold\" }}\nrequest = {{ url = \"http://h/s\", body = \"raw\", "
                  "content_type = \"{}\", raw = '{}' }}\n{}",
                  content_type, raw, one_rule));
}

TEST(FieldCases, S14_ARawBodyIsEscapedByItsContentType) {
  const auto request = message("A&to=B <\"'>+%\n");
  struct Row {
    std::string_view type, raw, body;
  };
  const Row rows[] = {
      {"application/x-www-form-urlencoded", "to={to}&text={text}",
       "to=%2B8613800138000&text=A%26to%3DB%20%3C%22%27%3E%2B%25%0A"},
      {"Application/X-WWW-Form-URLEncoded; charset=UTF-8", "{text}&to={to}",
       "A%26to%3DB%20%3C%22%27%3E%2B%25%0A&to=%2B8613800138000"},
      // Who escaped by hand before is not escaped twice.
      {"application/x-www-form-urlencoded", "to={to|percent}&text={text|percent}",
       "to=%2B8613800138000&text=A%26to%3DB%20%3C%22%27%3E%2B%25%0A"},
      {"application/json", R"({{"to":"{to}","text":"{text}"}})",
       R"({"to":"+8613800138000","text":"A&to=B <\"'>+%\n"})"},
      {"application/vnd.acme+json; v=2",
       R"(["{text}"])"
       "{to}",
       "[\"A&to=B <\\\"'>+%\\n\"]+8613800138000"},
      {"text/xml", "<m to=\"{to}\">{text}</m>", "<m to=\"+8613800138000\">A&amp;to=B &lt;&quot;&apos;&gt;+%\n</m>"},
      {"text/plain", "{to} {text}", "+8613800138000 A&to=B <\"'>+%\n"},
  };
  for (const Row& row : rows) EXPECT_EQ(body_of(with_raw(row.type, row.raw), request), row.body) << row.type;
}

TEST(FieldCases, S14_ARawBodyThatDunCannotEscapeIsRefused) {
  const auto mistakes = [](std::string_view type) {
    return test::mistakes_in(
        fmt::format("unknown = {{ rule = \"hold\" }}\nrequest = {{ url = \"http://h/s\", body = \"raw\", "
                    "content_type = \"{}\", raw = '{{to}} {{text}}' }}\n{}",
                    type, one_rule));
  };
  for (const std::string_view type :
       {"multipart/form-data; boundary=x", "text/csv", "application/octet-stream", "form"})
    EXPECT_THAT(mistakes(type), HasSubstr("how values are escaped in a raw body follows from its content type"))
        << type;
  EXPECT_THAT(mistakes("text/plain"), IsEmpty());
  EXPECT_THAT(
      test::mistakes_in("unknown = { rule = \"hold\" }\nrequest = { url = \"http://h/s\", basic_user = \"a:b\", "
                        "basic_password = \"p\", query = { to = \"{to}\", text = \"{text}\" } }\n" +
                        std::string(one_rule)),
      HasSubstr("a colon ends the user's name"));
}

// --------------------------------------------------------------------------------------------------------- receipts

ReceiptBatch receipts_of(const GatewaySpec& gateway, std::string body) {
  const auto batch = read_receipts(
      gateway,
      {.method = "POST", .path = "/r", .query = "", .headers = {}, .body = std::move(body), .source = "127.0.0.1"});
  return batch ? *batch : ReceiptBatch{.receipts = {}, .problems = {batch.error().message}};
}

TEST(FieldCases, S12_AReceiptIsOfWhenItBecameTrue) {
  struct Row {
    std::string_view form, text, result;
  };
  const Row rows[] = {
      {"rfc3339", "\"2026-01-31T21:40:00+08:00\"", "2026-01-31T13:40:00.000Z"},
      {"epoch", "1769866800", "2026-01-31T13:40:00.000Z"},
      {"epoch", "\"1769866800.25\"", "2026-01-31T13:40:00.250Z"},
      {"epoch_ms", "1769866800250", "2026-01-31T13:40:00.250Z"},
      {"utc_text", "\"2026-01-31 13:40:00\"", "2026-01-31T13:40:00.000Z"},
      {"http_date", "\"Sat, 31 Jan 2026 13:40:00 GMT\"", "2026-01-31T13:40:00.000Z"},
      // A clock that is ahead: it did not become true before it was said.
      {"epoch", "1769867101", "2026-01-31T13:45:00.000Z"},
      // A clock that was never set, another form, none.
      {"epoch", "0", "2026-01-31T13:45:00.000Z"},
      {"epoch", "1769866800000", "2026-01-31T13:45:00.000Z"},
      {"rfc3339", "\"31.01.2026\"", "2026-01-31T13:45:00.000Z"},
      {"rfc3339", "null", "2026-01-31T13:45:00.000Z"},
  };
  for (const Row& row : rows) {
    const GatewaySpec gateway = test::gateway(
        fmt::format("{}receipts = {{ path = \"/r\", time = \"t\", time_form = \"{}\" }}\n", test::minimal, row.form));
    const auto batch = receipts_of(gateway, fmt::format(R"({{"client_ref":"a~1","status":"x","t":{}}})", row.text));
    ASSERT_EQ(batch.receipts.size(), 1U) << row.text;
    EXPECT_EQ(to_rfc3339(became_true(batch.receipts.front(), now)), row.result) << row.form << " " << row.text;
  }
}

TEST(FieldCases, S34_AStatusWordThatNobodyHeardIsSaidOnce) {
  const GatewaySpec gateway = test::gateway(std::string(test::minimal) + R"(
[gateways.g.receipts]
path = "/r"
status_map = { DELIVRD = "delivered" }
status_default = "pending"
)");
  const auto batch = receipts_of(gateway, R"([{"client_ref":"a~1","status":"DELIVRD"},
      {"client_ref":"b~1","status":"ENROUTE"},{"client_ref":"c~1","status":"delivrd"},
      {"client_ref":"d~1","status":8},{"client_ref":"e~1","status":"+8613800138000"},
      {"client_ref":"f~1","status":"ENROUTE"}])");
  ASSERT_EQ(batch.receipts.size(), 6U);
  UnheardWords words;
  std::vector<std::string> said;
  for (const Receipt& receipt : batch.receipts) {
    EXPECT_EQ(receipt.status, receipt.unheard.empty() ? ReceiptStatus::delivered : ReceiptStatus::pending);
    if (!receipt.unheard.empty() && words.add(receipt.unheard)) said.push_back(receipt.unheard);
  }
  EXPECT_THAT(said, testing::ElementsAre("ENROUTE", "delivrd", "8", "+861***"));
  EXPECT_EQ(words.count(), 5U);
}

TEST(FieldCases, S34_StatusWordsThatNeverEndAreNotKept) {
  UnheardWords words;
  int said = 0;
  for (int i = 0; i < 1000; ++i) said += words.add(std::to_string(i)) ? 1 : 0;
  EXPECT_EQ(said, 100);
  EXPECT_EQ(words.count(), 1000U);
}

}  // namespace
}  // namespace dun::gateways
