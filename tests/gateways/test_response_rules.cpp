#include "gateways/response_rules.hpp"
#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace dun::gateways {
namespace {

std::string span_text(const std::optional<Millis>& after) {
  return after ? " after " + to_text(*after) : "";
}

/// A result as one line.
struct Describe {
  std::string operator()(const scheduler::SendAccepted& r) const {
    return fmt::format("accepted id={} parts={}", r.gateway_id, r.parts);
  }
  std::string operator()(const scheduler::SendRejected& r) const { return "permanent: " + r.detail; }
  std::string operator()(const scheduler::SendRetry& r) const { return "retry" + span_text(r.after) + ": " + r.detail; }
  std::string operator()(const scheduler::SendThrottled& r) const {
    return "throttled" + span_text(r.after) + ": " + r.detail;
  }
  std::string operator()(const scheduler::SendRecipientLimited& r) const { return "limited: " + r.detail; }
  std::string operator()(const scheduler::SendGatewayDown& r) const { return "down: " + r.detail; }
  std::string operator()(const scheduler::SendUnknown& r) const { return "unknown: " + r.detail; }
};

const Instant now = *parse_rfc3339("2026-01-31T13:45:00Z");

std::string judged(const GatewaySpec& gateway, int status, std::string body, NameValues headers = {}) {
  return std::visit(Describe{}, result_of(gateway, HttpResponse{status, std::move(headers), std::move(body)}, now));
}

std::string judged(const GatewaySpec& gateway, TransportKind kind, std::string detail = "why") {
  return std::visit(Describe{}, result_of(gateway, TransportFailure{kind, std::move(detail)}));
}

GatewaySpec with_rules(std::string_view rules) {
  return test::gateway(R"(
unknown = { rule = "hold" }
request = { url = "http://h/s", query = { to = "{to}", text = "{text}" } }
)" + std::string(rules));
}

GatewaySpec preset(std::string_view name) {
  return test::gateway(fmt::format(R"(
preset = "{}"
unknown = {{ rule = "hold" }}
request = {{ url = "http://h/s" }}
values = {{ user = "u", password = "p" }}
)",
                                   name));
}

TEST(ResponseRules, TheFirstRuleThatMatchesDecides) {
  const GatewaySpec gateway = with_rules(R"(
response = [
  { status = [200, "202-203"], body = '^OK (\d+) (\w+)', result = "accepted", id = "body:2", segments = "body:1" },
  { status = "2xx", header = { X-Result = '^queued$' }, result = "accepted", id = "header:x-id" },
  { status = 200, json = { "/code" = [0, "OK"], "/fine" = true }, result = "accepted", id = "json:/ids/0" },
  { status = 200, json = { "/parts/*/status" = "0" }, result = "accepted" },
  { status = 200, json = { "/code" = 17 }, result = "throttled", after = "json:/wait", detail = "json:/msg" },
  { status = 200, body = 'too many', result = "recipient_limited" },
  { status = 409, result = "retry", after = "30s" },
  { status = 410, result = "permanent", detail = "gone for ever" },
  { status = 503, result = "throttled", after = "header:Retry-After" },
  { status = 401, result = "gateway_down" },
]
)");
  struct Row {
    int status;
    std::string_view body, result;
  };
  const Row rows[] = {
      {200, "OK 2 abc", "accepted id=abc parts=2"},
      {203, "OK 2 abc", "accepted id=abc parts=2"},
      {204, "OK 2 abc", "unknown: no rule knows this answer: HTTP 204: OK 2 abc"},
      {200, R"({"code": 0, "fine": true, "ids": ["x", "y"]})", "accepted id=x parts=0"},
      {200, R"({"code": "OK", "fine": true})", "accepted id= parts=0"},
      {200, R"({"code": 0, "fine": false})",
       R"(unknown: no rule knows this answer: HTTP 200: {"code": 0, "fine": false})"},
      {200, R"({"code": 0})", R"(unknown: no rule knows this answer: HTTP 200: {"code": 0})"},
      {200, R"({"parts": [{"status": "0"}, {"status": 0}]})", "accepted id= parts=0"},
      {200, R"({"parts": [{"status": "0"}, {"status": "1"}]})",
       R"(unknown: no rule knows this answer: HTTP 200: {"parts": [{"status": "0"}, {"status": "1"}]})"},
      {200, R"({"parts": []})", R"(unknown: no rule knows this answer: HTTP 200: {"parts": []})"},
      {200, R"({"code": 17, "wait": 2.5, "msg": "slow down"})", "throttled after 2s500ms: slow down"},
      {200, R"({"code": 17})", R"(throttled: HTTP 200: {"code": 17})"},
      {200, "too many to this one", "limited: HTTP 200: too many to this one"},
      {409, "", "retry after 30s: HTTP 409"},
      {410, "x", "permanent: gone for ever"},
      {401, "who are you", "down: HTTP 401: who are you"},
      {500, "oops", "unknown: no rule knows this answer: HTTP 500: oops"},
      {200, "", "unknown: no rule knows this answer: HTTP 200"},
      {200, "{\"code\": 0, ", "unknown: no rule knows this answer: HTTP 200: {\"code\": 0,"},
  };
  for (const Row& row : rows) EXPECT_EQ(judged(gateway, row.status, std::string(row.body)), row.result);
  EXPECT_EQ(judged(gateway, 202, "", {{"x-RESULT", "queued"}, {"X-ID", "77"}}), "accepted id=77 parts=0");
}

TEST(ResponseRules, ReadsHowLongToWaitInEveryForm) {
  const GatewaySpec gateway = with_rules(
      "response = [{ status = 503, result = \"throttled\", after = \"header:Retry-After\" }, "
      "{ status = 200, result = \"accepted\" }]");
  struct Row {
    std::string_view header, result;
  };
  const Row rows[] = {
      {"120", " after 2m"},
      {" 1.5 ", " after 1s500ms"},
      {"0", " after 1s"},
      {"90s", " after 1m30s"},
      {"Sat, 31 Jan 2026 13:46:00 GMT", " after 1m"},
      {"Sat, 31 Jan 2026 13:44:00 GMT", " after 1s"},
      {"99999999999999999999", " after 1d"},
      {"1e400", ""},
      {"-5", " after 1s"},
      {"nan", ""},
      {"soon", ""},
      {"", ""},
  };
  for (const Row& row : rows)
    EXPECT_EQ(judged(gateway, 503, "", {{"retry-after", std::string(row.header)}}),
              "throttled" + std::string(row.result) + ": HTTP 503")
        << row.header;
}

TEST(ResponseRules, AFailureBeforeSendingIsCertainAndAnyOtherUnknown) {
  const GatewaySpec plain = with_rules("response = [{ status = 200, result = \"accepted\" }]");
  EXPECT_EQ(judged(plain, TransportKind::dns), "down: why");
  EXPECT_EQ(judged(plain, TransportKind::connect), "down: why");
  EXPECT_EQ(judged(plain, TransportKind::tls), "down: why");
  EXPECT_EQ(judged(plain, TransportKind::proxy), "down: why");
  EXPECT_EQ(judged(plain, TransportKind::not_sent), "retry: why");
  for (const TransportKind kind : {TransportKind::timeout, TransportKind::reset, TransportKind::malformed,
                                   TransportKind::too_large, TransportKind::repeated})
    EXPECT_EQ(judged(plain, kind), "unknown: why");
  const GatewaySpec ruled = with_rules(R"(
response = [
  { status = 200, result = "accepted" },
  { transport = ["connect", "tls"], result = "retry", after = "7s" },
]
)");
  EXPECT_EQ(judged(ruled, TransportKind::connect), "retry after 7s: why");
  EXPECT_EQ(judged(ruled, TransportKind::dns), "down: why");
  EXPECT_EQ(judged(ruled, 503, ""), "unknown: no rule knows this answer: HTTP 503");
}

TEST(ResponseRules, ShowsNoSecretsNoNumbersAndNoRubbish) {
  const GatewaySpec gateway = test::gateway(R"(
unknown = { rule = "hold" }
request = { url = "http://h/s", query = { to = "{to}", text = "{text}", key = "{env:KEY}" } }
response = [{ status = 200, result = "accepted", id = "body:1", body = 'id=(.*)' },
            { status = 400, result = "permanent" }]
)",
                                            {{"KEY", "s3cr&t"}});
  EXPECT_EQ(judged(gateway, 400, "key s3cr&t and s3cr%26t wrong for +8613800138000"),
            "permanent: HTTP 400: key *** and *** wrong for +861***");
  EXPECT_EQ(judged(gateway, 400, std::string("a\0b\xFF\r\n\t c\x1B[1m中", 16)), "permanent: HTTP 400: a?b? c?[1m中");
  EXPECT_EQ(judged(gateway, 400, std::string(117, 'x') + "s3cr&t"),
            "permanent: HTTP 400: " + std::string(117, 'x') + "***");
  EXPECT_EQ(judged(gateway, 200, "id=" + std::string(5000, 'y')), "accepted id=" + std::string(128, 'y') + " parts=0");
  EXPECT_EQ(judged(gateway, TransportKind::reset, "to s3cr&t"), "unknown: to ***");
}

TEST(ResponseRules, SurvivesDeepAndLongAnswers) {
  const GatewaySpec gateway = with_rules(R"(
response = [{ status = 200, json = { "/a" = 1 }, result = "accepted" },
            { status = 200, body = '(x+x+)+y', result = "permanent" }]
)");
  EXPECT_EQ(judged(gateway, 200, std::string(60'000, '[')).substr(0, 8), "unknown:");
  EXPECT_EQ(judged(gateway, 200, std::string(60'000, 'x')).substr(0, 8), "unknown:");
}

struct Answer {
  int status;
  std::string_view body, result;
};

TEST(Presets, KannelAnswersMeanWhatKannelMeans) {
  const GatewaySpec gateway = preset("kannel");
  const Answer rows[] = {
      {202, "0: Accepted for delivery", "accepted id= parts=0"},
      {202, "3: Queued for later delivery", "accepted id= parts=0"},
      {202, "Sent.", "unknown: no rule knows this answer: HTTP 202: Sent."},
      {200, "0: Accepted for delivery", "unknown: no rule knows this answer: HTTP 200: 0: Accepted for delivery"},
      {503, "Temporal failure, try again later.", "throttled: HTTP 503: Temporal failure, try again later."},
      {403, "Not routable. Do not try again.", "down: HTTP 403: Not routable. Do not try again."},
      {403, "Authorization failed for sendsms", "down: HTTP 403: Authorization failed for sendsms"},
      {400, "Garbage 'to' field, rejected.", "permanent: HTTP 400: Garbage 'to' field, rejected."},
      {400, "Sender missing and no global set, rejected", "down: HTTP 400: Sender missing and no global set, rejected"},
      {404, "404", "down: HTTP 404: 404"},
  };
  for (const Answer& row : rows) EXPECT_EQ(judged(gateway, row.status, std::string(row.body)), row.result);
}

TEST(Presets, GenericAnswersMeanWhatTheirFileSays) {
  const Answer json[] = {
      {202, R"({"status":"accepted","id":"s-1","parts":3})", "accepted id=s-1 parts=3"},
      {202, R"({"status":"queued","id":"s-1"})",
       R"(unknown: no rule knows this answer: HTTP 202: {"status":"queued","id":"s-1"})"},
      {200, "<html>ok</html>", "unknown: no rule knows this answer: HTTP 200: <html>ok</html>"},
      {400, R"({"error":"no text"})", "permanent: no text"},
      {422, R"({"error":"recipient_limited"})", "limited: HTTP 422: {\"error\":\"recipient_limited\"}"},
      {401, "", "down: HTTP 401"},
      {429, "", "throttled: HTTP 429"},
      {500, "", "unknown: no rule knows this answer: HTTP 500"},
  };
  for (const Answer& row : json)
    EXPECT_EQ(judged(preset("generic-json"), row.status, std::string(row.body)), row.result);
  const Answer form[] = {
      {200, "OK s-1\n", "accepted id=s-1 parts=0"},
      {200, "OK", "unknown: no rule knows this answer: HTTP 200: OK"},
      {422, "ERROR recipient_limited", "limited: HTTP 422: ERROR recipient_limited"},
      {400, "ERROR no text", "permanent: HTTP 400: ERROR no text"},
      {402, "", "down: HTTP 402"},
  };
  for (const Answer& row : form)
    EXPECT_EQ(judged(preset("generic-form"), row.status, std::string(row.body)), row.result);
}

}  // namespace
}  // namespace dun::gateways
