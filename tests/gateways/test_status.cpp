// Asking a gateway what became of a message: the request, what its answers mean, and what configuration may not say.
#include "gateways/request_builder.hpp"
#include "gateways/response_rules.hpp"
#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::gateways {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Pair;

const Instant now = *parse_rfc3339("2026-01-31T13:45:00Z");
constexpr std::string_view ref = "acct-1~0123456789abcdef";

scheduler::StatusRequest question() {
  return {.gateway = "g",
          .notice = NoticeId(std::string(ref)),
          .client_ref = std::string(ref),
          .to = "+8613800138000",
          .submitted_at = *parse_rfc3339("2026-01-31T23:59:30.500+08:00")};
}

/// The minimal gateway with a [status] of its own.
std::string asked(std::string_view status, std::string_view further = "") {
  return fmt::format(R"(
request = {{ url = "http://h/s", query = {{ to = "{{to}}", text = "{{text}}" }} }}
response = [{{ status = 200, result = "accepted" }}]
unknown = {{ rule = "query" }}
{}
[gateways.g.status]
{}
)",
                     further, status);
}

HttpRequest built(std::string_view status, std::string_view further = "") {
  const auto result = build_status_request(test::gateway(asked(status, further)), question(),
                                           {.now = now, .uuid = [] { return std::string("u"); }});
  EXPECT_TRUE(result) << result.error();
  return result.value_or(HttpRequest{});
}

TEST(StatusRequest, SaysWhatIsKnownOfTheMessage) {
  const HttpRequest request = built(R"(
url = "http://h/status/{client_ref}"
query = { to = "{to}", account = "{account}", day = "{sent_utc:%Y%m%d}", at = "{sent_epoch}", ms = "{sent_epoch_ms}" }
headers = { X-Now = "{epoch}" }
bearer = "t"
response = [{ json = { "/s" = "ok" }, result = "taken" }]
)");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url,
            "http://h/status/acct-1~0123456789abcdef?to=%2B8613800138000&account=acct-1&day=20260131&at=1769875170"
            "&ms=1769875170500");
  EXPECT_THAT(request.headers, Contains(Pair("X-Now", "1769867100")));
  EXPECT_THAT(request.headers, Contains(Pair("Authorization", "Bearer t")));
  EXPECT_EQ(request.body, "");
}

TEST(StatusRequest, IsSignedAsItIsSentApartFromTheSubmission) {
  const HttpRequest request = built(R"(
url = "http://h/status"
method = "POST"
body = "form"
form = { ref = "{client_ref}", sign = "{sorted_form|sha256|hex}" }
headers = { X-Body = "{body|md5|hex}" }
response = [{ json = { "/s" = "ok" }, result = "taken" }]
)");
  EXPECT_EQ(request.body, "ref=acct-1~0123456789abcdef&sign=" + hex(digest(Digest::sha256, "ref=" + std::string(ref))));
  EXPECT_THAT(request.headers, Contains(Pair("X-Body", hex(digest(Digest::md5, request.body)))));
}

// ----------------------------------------------------------------------------------------------------------- answers

std::string describe(const scheduler::SendResult& result) {
  if (const auto* taken = std::get_if<scheduler::SendAccepted>(&result))
    return fmt::format("taken id={}{}", taken->gateway_id,
                       taken->receipt ? " " + std::string(to_text(*taken->receipt)) : "");
  if (const auto* untaken = std::get_if<scheduler::SendRetry>(&result)) return "not taken: " + untaken->detail;
  if (std::holds_alternative<scheduler::SendThrottled>(result)) return "throttled";
  if (const auto* down = std::get_if<scheduler::SendGatewayDown>(&result)) return "down: " + down->detail;
  if (const auto* unknown = std::get_if<scheduler::SendUnknown>(&result)) return "unknown: " + unknown->detail;
  return "something that is no answer to a question";
}

std::string judged(const GatewaySpec& gateway, int status, std::string body) {
  return describe(status_result_of(gateway, ref, HttpResponse{status, {}, std::move(body)}, now));
}

TEST(StatusRules, TheFirstRuleThatMatchesDecidesAndNoneIsUnknown) {
  const GatewaySpec gateway = test::gateway(asked(R"(
url = "http://h/status/{client_ref}"
[[gateways.g.status.response]]
json = { "/state" = ["sent", "queued"] }
result = "taken"
id = "json:/id"
[[gateways.g.status.response]]
json = { "/state" = "DELIVRD" }
result = "delivered"
[[gateways.g.status.response]]
json = { "/state" = "UNDELIV" }
result = "failed"
[[gateways.g.status.response]]
status = 404
json = { "/error" = "no such message" }
result = "not_taken"
[[gateways.g.status.response]]
json = { "/state" = "accepting" }
result = "unknown"
[[gateways.g.status.response]]
status = 429
result = "throttled"
[[gateways.g.status.response]]
status = [401, 503]
result = "gateway_down"
)"));
  EXPECT_EQ(judged(gateway, 200, R"({"state":"queued","id":7})"), "taken id=7");
  EXPECT_EQ(judged(gateway, 200, R"({"state":"DELIVRD"})"), "taken id= delivered");
  EXPECT_EQ(judged(gateway, 200, R"({"state":"UNDELIV"})"), "taken id= failed");
  EXPECT_EQ(judged(gateway, 404, R"({"error":"no such message"})"),
            R"(not taken: HTTP 404: {"error":"no such message"})");
  EXPECT_EQ(judged(gateway, 200, R"({"state":"accepting"})"), R"(unknown: HTTP 200: {"state":"accepting"})");
  EXPECT_EQ(judged(gateway, 429, ""), "throttled");
  EXPECT_EQ(judged(gateway, 503, "later"), "down: HTTP 503: later");
  // What nobody foresaw is never "not taken".
  for (const auto& [status, body] : std::initializer_list<std::pair<int, std::string>>{
           {404, ""}, {404, "<html>not found</html>"}, {200, "{}"}, {200, "no JSON"}, {500, R"({"error":"x"})"}})
    EXPECT_THAT(judged(gateway, status, body), HasSubstr("unknown: no rule knows this answer: HTTP")) << status << body;
}

TEST(StatusRules, AListingIsLookedThroughForOurMessage) {
  const GatewaySpec gateway = test::gateway(asked(R"(
url = "http://h/messages?since={sent_epoch}"
our_ref = "ref"
each = "/data/messages"
response = [
  { json = { "/state" = "sent" }, result = "taken", id = "json:/id" },
  { listed = false, status = 200, result = "not_taken" },
  { listed = true, result = "unknown", detail = "another state" },
]
)"));
  const auto listing = [](const std::string& entries) { return R"({"data":{"messages":[)" + entries + "]}}"; };
  const std::string other = R"({"ref":"acct-2~1","state":"sent","id":1})";
  const std::string ours = R"({"ref":"acct-1~0123456789abcdef","state":"sent","id":2})";
  EXPECT_EQ(judged(gateway, 200, listing(other + "," + ours)), "taken id=2");
  EXPECT_THAT(judged(gateway, 200, listing(other)), HasSubstr("not taken: HTTP 200"));
  EXPECT_THAT(judged(gateway, 200, listing("")), HasSubstr("not taken: HTTP 200"));
  EXPECT_THAT(judged(gateway, 200, listing(R"({"ref":"acct-1~0123456789abcdef","state":"?"})")),
              "unknown: another state");
  // Another message's state says nothing of ours, and what is no listing lists nothing.
  EXPECT_THAT(judged(gateway, 500, listing(other)), HasSubstr("unknown: no rule"));
  for (const std::string body : {"", "[]", "{}", R"({"data":{}})", R"({"data":{"messages":null}})",
                                 R"({"data":{"messages":{"ref":"acct-1~0123456789abcdef"}}})", "<html>"})
    EXPECT_THAT(judged(gateway, 200, body), HasSubstr("unknown: no rule")) << body;
}

TEST(StatusRules, EntriesMayHoldAnything) {
  const GatewaySpec gateway = test::gateway(asked(R"(
url = "http://h/messages"
our_ref = "/meta/ref"
response = [{ listed = true, result = "taken" }, { listed = false, result = "not_taken" }]
)"));
  EXPECT_EQ(judged(gateway, 200, R"([1,null,"x",[],{},{"meta":3},{"meta":{"ref":"acct-1~0123456789abcdef"}}])"),
            "taken id=");
  EXPECT_THAT(judged(gateway, 200, R"([1,null,"x",[]])"), HasSubstr("not taken"));
}

TEST(StatusRules, AQuestionThatWasNotAnsweredSaysNothingOfTheMessage) {
  const GatewaySpec gateway = test::gateway(asked(R"(
url = "http://h/{client_ref}"
response = [{ json = { "/s" = "ok" }, result = "taken" }]
)"));
  for (std::size_t i = 0; i < transport_kind_names().size(); ++i) {
    const auto kind = static_cast<TransportKind>(i);
    const bool down = surely_not_sent(kind) && kind != TransportKind::not_sent;
    EXPECT_EQ(describe(status_result_of(gateway, TransportFailure{kind, "why"})), down ? "down: why" : "unknown: why")
        << transport_kind_names()[i];
  }
}

// ----------------------------------------------------------------------------------------------------- configuration

TEST(StatusConfiguration, SaysWhenToAsk) {
  const auto loaded = test::load_gateways("routing = { default = \"g\" }\n[gateways.g]\n" + asked(R"(
url = "http://h/{client_ref}"
first = "7s"
pause = "11s"
questions_max = 13
listed_within = "17s"
response = [{ json = { "/s" = "ok" }, result = "taken" }]
)"));
  ASSERT_TRUE(loaded.mistakes.empty()) << to_text(loaded.mistakes.front());
  const scheduler::GatewayOptions& options = loaded.options.dispatch.gateways.front();
  EXPECT_EQ(options.unknown, scheduler::UnknownRule::query);
  EXPECT_EQ(options.question.first, Seconds(7));
  EXPECT_EQ(options.question.pause, Seconds(11));
  EXPECT_EQ(options.question.most, 13);
  EXPECT_EQ(options.question.listed_within, Seconds(17));
}

TEST(StatusConfiguration, EveryMistakeSaysWhatWasExpected) {
  const std::string right = "url = \"http://h/{client_ref}\"\nresponse = [{ status = 200, result = \"taken\" }]\n";
  const auto rules = [](const std::string& list) {
    return asked("url = \"http://h/{client_ref}\"\nresponse = [{ status = 200, result = \"taken\" }, " + list + "]\n");
  };
  struct Row {
    std::string body, mistake;
  };
  const Row rows[] = {
      {std::string(test::minimal) + "[gateways.g.status]\n" + right,
       "gateway \"g\": [status] is used only with rule = \"query\" in [unknown]\n"},
      {"unknown = { rule = \"query\" }\n", "gateway \"g\": rule = \"query\" needs [status]: what to ask, and where\n"},
      {asked("url = \"ftp://h/{client_ref}\"\n"), "status.url: expected a URL that begins with http:// or https://\n"},
      {asked("url = \"http://h/{client_ref}\"\n"),
       "status: no response rule says what a message looks like that was taken\n"},
      {asked("response = [{ status = 200, result = \"taken\" }]\n"), "status: without a url nothing can be asked\n"},
      {asked("url = \"http://h/status\"\nresponse = [{ status = 200, result = \"taken\" }]\n"),
       "status: nothing in the question mentions {client_ref}; a listing needs our_ref\n"},
      {asked(right + "query = { t = \"{text}\" }\n"), "status.query.t: unknown value \"text\""},
      {asked(right + "query = { t = \"{v}\" }\n", "values = { v = \"{text}\" }"),
       "status.query.t: text is not known when a message is asked about\n"},
      {asked(right + "query = { t = \"{sent_utc}\" }\n"), "sent_utc needs a form such as {sent_utc:%Y"},
      {"values = { v = \"{sent_epoch}\" }\nrequest = { url = \"http://h/{v}\" }\n",
       "request.url: sent_epoch is known only when a message is asked about\n"},
      {asked(right, "values = { sent_epoch = \"1\" }"), "\"sent_epoch\" is a name of Dun's own; take another\n"},
      {asked(right + "method = \"get\"\n"), "status.method: expected an HTTP method in capital letters"},
      {asked(right + "form = { a = \"1\" }\n"), "status.form: this is used only with body = \"form\"\n"},
      {asked(right + "headers = { Content-Type = \"x\" }\n"), "set status.content_type instead\n"},
      {asked(right + "each = \"messages\"\nour_ref = \"r\"\n"), "status.each: "},
      {asked(right + "each = \"/messages\"\n"), "status.each: a listing needs our_ref"},
      {rules("{ status = 404, result = \"not_taken\" }"),
       "status.response.1: \"not_taken\" sends the message again: the rule must look at header, json, body or listed"},
      {rules("{ listed = true, result = \"unknown\" }"), "status.response.1: listed is about listings"},
      {rules("{ result = \"delivered\" }"), "status.response.1: a rule for what was taken must look at the answer"},
      {rules("{ status = 200, result = \"accepted\" }"),
       "\"accepted\" is none of taken, delivered, failed, not_taken, throttled, gateway_down, unknown\n"},
      {rules("{ status = 200, result = \"taken\", id = \"body:1\" }"), "body:1 needs that many groups"},
      {rules("{ transport = [\"timeout\"], result = \"unknown\" }"), "unknown key \"transport\""},
      {rules("{ status = 200 }"), "lacks \"result\": what an answer that matches means\n"},
      {asked(right + "listed_within = \"12s\"\n"),
       "gateway \"g\": listed_within is 12s, but a request may be under way for 13s (connect_timeout and "
       "total_timeout)"},
      {asked(right + "first = \"1s\"\npause = \"10s\"\nquestions_max = 6\n"),
       "the last question is asked after 51s, before listed_within (1m): \"not_taken\" would never be believed\n"},
      {asked(right + "questions_max = 0\n"), "questions_max: expected a whole number from 1 to"},
  };
  for (const Row& row : rows) EXPECT_THAT(test::mistakes_in(row.body), HasSubstr(row.mistake)) << row.body;
  EXPECT_EQ(test::mistakes_in(asked(right)), "");
}

TEST(StatusConfiguration, ItsSecretsAreSecretsToo) {
  const auto gateway = test::gateway(asked(R"(
url = "http://h/{client_ref}"
bearer = "{env:TOKEN}"
response = [{ json = { "/s" = "ok" }, result = "taken" }]
)"),
                                     {{"TOKEN", "hush"}});
  EXPECT_THAT(gateway.secrets, Contains("hush"));
  EXPECT_THAT(judged(gateway, 500, "bad token hush"), testing::Not(HasSubstr("hush")));
}

}  // namespace
}  // namespace dun::gateways
