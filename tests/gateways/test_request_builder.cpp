#include "gateways/request_builder.hpp"
#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::gateways {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

scheduler::SendRequest message(std::string text = "Hello") {
  return {.gateway = "g",
          .notice = NoticeId("acct-1~0123456789abcdef"),
          .client_ref = "acct-1~0123456789abcdef",
          .to = "+8613800138000",
          .text = std::move(text),
          .attempt = 2,
          .validity = std::chrono::minutes(90)};
}

FreshValues fresh() {
  return {.now = *parse_rfc3339("2026-01-31T21:45:07.250+08:00"),
          .uuid = [] { return std::string("11111111-2222-4333-8444-555555555555"); }};
}

HttpRequest built(const GatewaySpec& gateway, const scheduler::SendRequest& request = message()) {
  auto result = build_request(gateway, request, fresh());
  EXPECT_TRUE(result) << result.error();
  return result.value_or(HttpRequest{});
}

std::string refused(const GatewaySpec& gateway, const scheduler::SendRequest& request = message()) {
  const auto result = build_request(gateway, request, fresh());
  return result ? "built" : result.error();
}

/// The minimal gateway with `more` in its request's query.
GatewaySpec with_query(std::string_view more, std::string_view other = "") {
  return test::gateway(std::string(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
)") + std::string(other) +
                       R"(
[gateways.g.request]
url = "http://h/s"
[gateways.g.request.query]
to = "{to}"
text = "{text}"
)" + std::string(more));
}

TEST(RequestBuilder, KnowsEveryValueOfAMessageAndOfTheMoment) {
  struct Row {
    std::string_view value, result;
  };
  const Row rows[] = {
      {"{client_ref}", "acct-1~0123456789abcdef"},
      {"{account}", "acct-1"},
      {"{gateway}", "g"},
      {"{encoding}", "gsm7"},
      {"{parts}", "1"},
      {"{attempt}", "2"},
      {"{validity}", "5400"},
      {"{utc:%Y-%m-%dT%H:%M:%SZ}", "2026-01-31T13%3A45%3A07Z"},
      {"{utc:%a %d %b %j}", "Sat%2031%20Jan%20031"},
      {"{epoch}", "1769867107"},
      {"{epoch_ms}", "1769867107250"},
      {"{uuid}", "11111111-2222-4333-8444-555555555555"},
      {"{method}", "GET"},
  };
  for (const Row& row : rows) {
    GatewaySpec gateway = with_query("x = \"" + std::string(row.value) + "\"");
    gateway.request.method = "GET";
    EXPECT_THAT(built(gateway).url, testing::EndsWith("&x=" + std::string(row.result))) << row.value;
  }
}

TEST(RequestBuilder, MakesAUuidOnlyWhereATemplateNamesOneAndThenOne) {
  int made = 0;
  const auto url = [&](std::string_view query) {
    const auto result = build_request(with_query(query), message(),
                                      {.now = fresh().now, .uuid = [&] { return "u" + std::to_string(++made); }});
    return result ? result->url : result.error();
  };
  EXPECT_THAT(url("x = \"{epoch}\""), testing::EndsWith("&x=1769867107"));
  EXPECT_EQ(made, 0);
  EXPECT_THAT(url("x = \"{uuid}\"\ny = \"{uuid|upper}\""), testing::EndsWith("&x=u1&y=U1"));
  EXPECT_EQ(made, 1);
}

TEST(RequestBuilder, EscapesQueriesAndKeepsTheOrderOfTheFile) {
  const GatewaySpec gateway = with_query("z = \"1\"\n\"b c\" = \"&{text}\"\na = \"2\"");
  EXPECT_EQ(built(gateway, message("50% & 中 +")).url,
            "http://h/s?to=%2B8613800138000&text=50%25%20%26%20%E4%B8%AD%20%2B&z=1"
            "&b%20c=%2650%25%20%26%20%E4%B8%AD%20%2B&a=2");
}

TEST(RequestBuilder, LeavesOutWhatIsAbsentOrEmpty) {
  const GatewaySpec gateway = with_query(R"(
validity = "{validity}"
ttl = "{validity}s"
empty = ""
receipts = "{receipt_url}"
mask = "{receipt_url|then(31)}"
days = "{validity|else(none)}"
)");
  scheduler::SendRequest unbounded = message();
  unbounded.validity = Millis(0);
  EXPECT_EQ(built(gateway, unbounded).url, "http://h/s?to=%2B8613800138000&text=Hello&days=none");
  EXPECT_EQ(built(gateway).url, "http://h/s?to=%2B8613800138000&text=Hello&validity=5400&ttl=5400s&days=5400");
}

TEST(RequestBuilder, WritesNumbersAsTheGatewayWantsThem) {
  const auto to = [](std::string_view spec, std::string number) {
    const GatewaySpec gateway = with_query("", "message = { " + std::string(spec) + " }\n");
    scheduler::SendRequest request = message();
    request.to = std::move(number);
    const auto result = build_request(gateway, request, fresh());
    return result ? result->url.substr(0, result->url.find('&')) : result.error();
  };
  EXPECT_EQ(to("number = \"e164\"", "+8613800138000"), "http://h/s?to=%2B8613800138000");
  EXPECT_EQ(to("number = \"no_plus\"", "+8613800138000"), "http://h/s?to=8613800138000");
  EXPECT_EQ(to("number = \"national\", country = \"86\"", "+8613800138000"), "http://h/s?to=13800138000");
  EXPECT_EQ(to("number = \"national\", country = \"86\"", "+14155550100"), "the gateway serves numbers of +86 only");
}

TEST(RequestBuilder, RoundsAValidityDownButNeverToNothing) {
  struct Row {
    std::string_view spec;
    Millis validity;
    std::string_view result;
  };
  using namespace std::chrono_literals;
  const Row rows[] = {
      {"validity_unit = \"milliseconds\"", 1500ms, "1500"},
      {"validity_unit = \"seconds\"", 1999ms, "1"},
      {"validity_unit = \"seconds\"", 1ms, "1"},
      {"validity_unit = \"minutes\"", 179s, "2"},
      {"validity_unit = \"minutes\"", 59s, "1"},
      {"validity_unit = \"hours\"", 119min, "1"},
      {"validity_unit = \"hours\"", 1min, "1"},
      {"validity_min = \"10m\"", 1min, "600"},
      {"validity_max = \"10m\"", 1h, "600"},
  };
  for (const Row& row : rows) {
    const GatewaySpec gateway = with_query("v = \"{validity}\"", "message = { " + std::string(row.spec) + " }\n");
    scheduler::SendRequest request = message();
    request.validity = row.validity;
    EXPECT_THAT(built(gateway, request).url, testing::EndsWith("&v=" + std::string(row.result)))
        << row.spec << " " << row.validity.count();
  }
}

TEST(RequestBuilder, CountsTheSignatureAndRefusesWhatIsTooLong) {
  const auto text_of = [](std::string_view spec, std::string text) {
    const GatewaySpec gateway = with_query("p = \"{encoding}{parts}\"", "message = { " + std::string(spec) + " }\n");
    const auto result = build_request(gateway, message(std::move(text)), fresh());
    return result ? percent_decode(result->url.substr(result->url.find("text=") + 5), true) : result.error();
  };
  EXPECT_EQ(text_of("signature = \"【A】\", signature_place = \"front\"", "Hi"), "【A】Hi&p=ucs21");
  EXPECT_EQ(text_of("signature = \" STOP\", signature_place = \"back\"", "Hi"), "Hi STOP&p=gsm71");
  EXPECT_EQ(text_of("signature = \"【A】\", signature_place = \"provider\"", "Hi"), "Hi&p=ucs21");
  EXPECT_EQ(text_of("signature = \"!\", signature_place = \"back\"", std::string(160, 'x')).substr(158), "xx!&p=gsm72");
  EXPECT_EQ(text_of("signature = \"!\", signature_place = \"back\", segments_max = 1", std::string(160, 'x')),
            "the text takes 2 segments, the gateway at most 1");
  EXPECT_EQ(text_of("signature = \"!\", signature_place = \"provider\", segments_max = 1", std::string(160, 'x')),
            "the text takes 2 segments, the gateway at most 1");
  EXPECT_EQ(text_of("characters_max = 3", "中文中文"), "the text has 4 characters, the gateway takes at most 3");
  EXPECT_EQ(text_of("characters_max = 4", "中文中文"), "中文中文&p=ucs21");
}

TEST(RequestBuilder, ChoosesValuesByTheEncodingThatTheWholeTextNeeds) {
  const GatewaySpec gateway = with_query("coding = \"{c}\"\nbytes = \"{b}\"", R"(
values = { c = { gsm7 = "0", ucs2 = "2" }, b = { gsm7 = "{text}", ucs2 = "{text|utf16be|hex|upper}" } }
)");
  EXPECT_THAT(built(gateway, message("a@")).url, testing::EndsWith("&coding=0&bytes=a%40"));
  EXPECT_THAT(built(gateway, message("中😀")).url, testing::EndsWith("&coding=2&bytes=4E2DD83DDE00"));
}

TEST(RequestBuilder, WritesFormsJsonAndRawBodies) {
  const std::string_view head = R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
)";
  const auto body = [&](std::string_view request, std::string text) {
    const HttpRequest result = built(test::gateway(std::string(head) + std::string(request)), message(std::move(text)));
    EXPECT_THAT(result.headers, Contains(Pair("Content-Type", testing::_)));
    return result.headers.back().second + "|" + result.body;
  };
  EXPECT_EQ(
      body("request = { url = \"http://h\", body = \"form\", form = { to = \"{to}\", t = \"{text}\", none = \"\" } }",
           "a&b c"),
      "application/x-www-form-urlencoded|to=%2B8613800138000&t=a%26b%20c");
  EXPECT_EQ(body(R"(
[gateways.g.request]
url = "http://h"
body = "json"
[gateways.g.request.json]
z = "{text}"
"/list/0/to" = "{to}"
"/list/0/ref" = "{client_ref}"
"a b" = true
n = 7
v = "{validity|number}"
u = "{receipt_url}"
)",
                 "\"中\"\n\\"),
            "application/json|{\"z\":\"\\\"中\\\"\\n\\\\\",\"list\":[{\"to\":\"+8613800138000\",\"ref\":"
            "\"acct-1~0123456789abcdef\"}],\"a b\":true,\"n\":7,\"v\":5400}");
  EXPECT_EQ(
      body(
          R"(request = { url = "http://h", body = "raw", content_type = "text/xml", raw = "<sms to='{to}'>{text}</sms>" })",
          "<a & 'b'>"),
      "text/xml|<sms to='+8613800138000'>&lt;a &amp; &apos;b&apos;&gt;</sms>");
  EXPECT_EQ(
      body(
          R"(request = { url = "http://h", body = "raw", content_type = "application/json", raw = '{{"to": "{to}", "text": "{text}"}}' })",
          "say \"hi\""),
      R"(application/json|{"to": "+8613800138000", "text": "say \"hi\""})");
  EXPECT_EQ(
      body(R"(request = { url = "http://h", body = "raw", content_type = "text/plain", raw = "{to} {text}" })", "<&>"),
      "text/plain|+8613800138000 <&>");
}

TEST(RequestBuilder, AuthenticatesByBasicBearerAndHeader) {
  const auto headers = [](std::string_view request) {
    return built(test::gateway(std::string(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
[gateways.g.request]
url = "http://h"
query = { to = "{to}", text = "{text}" }
)") + std::string(request),
                               {{"USER", "Aladdin"}, {"PASSWORD", "open sesame"}}))
        .headers;
  };
  EXPECT_THAT(headers("basic_user = \"{env:USER}\"\nbasic_password = \"{env:PASSWORD}\""),
              ElementsAre(Pair("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")));
  EXPECT_THAT(headers("bearer = \"{env:PASSWORD}\""), ElementsAre(Pair("Authorization", "Bearer open sesame")));
  EXPECT_THAT(headers("headers = { X-Key = \"{env:USER}\" }"), ElementsAre(Pair("X-Key", "Aladdin")));
}

TEST(RequestBuilder, SignsTheBytesThatItSends) {
  const GatewaySpec gateway = test::gateway(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
values = { key = "{env:KEY}", signed = "{method}.{epoch}.{body}" }
[gateways.g.request]
url = "http://h/send"
body = "json"
json = { to = "{to}", text = "{text}", id = "{uuid}" }
headers = { X-Signature = "{signed|hmac_sha256(key)|hex}", X-Digest = "{body|sha256|base64}" }
)",
                                            {{"KEY", "k"}});
  const HttpRequest request = built(gateway, message("中"));
  EXPECT_EQ(request.body, R"({"to":"+8613800138000","text":"中","id":"11111111-2222-4333-8444-555555555555"})");
  EXPECT_THAT(request.headers,
              ElementsAre(Pair("X-Signature", hex(hmac(Digest::sha256, "k", "POST.1769867107." + request.body))),
                          Pair("X-Digest", base64(digest(Digest::sha256, request.body))),
                          Pair("Content-Type", "application/json")));
}

// The scheme of Aliyun's RPC interface: HMAC-SHA1 over the sorted, encoded parameters, which then carry the signature.
TEST(RequestBuilder, SignsSortedParametersWithoutTheSignatureItself) {
  const GatewaySpec gateway = test::gateway(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
[gateways.g.values]
key = "testsecret&"
to_sign = "{method}&%2F&{sorted_query|percent}"
[gateways.g.request]
method = "GET"
url = "http://h/"
[gateways.g.request.query]
Timestamp = "{utc:%Y-%m-%dT%H:%M:%SZ}"
Signature = "{to_sign|hmac_sha1(key)|base64}"
PhoneNumbers = "{to}"
Text = "{text}"
Action = "SendSms"
)");
  const std::string sorted =
      "Action=SendSms&PhoneNumbers=%2B8613800138000&Text=a%20b&Timestamp=2026-01-31T13%3A45%3A07Z";
  const std::string signature = base64(hmac(Digest::sha1, "testsecret&", "GET&%2F&" + percent_encode(sorted)));
  const HttpRequest request = built(gateway, message("a b"));
  EXPECT_EQ(request.url, "http://h/?Timestamp=2026-01-31T13%3A45%3A07Z&Signature=" + percent_encode(signature) +
                             "&PhoneNumbers=%2B8613800138000&Text=a%20b&Action=SendSms");
}

TEST(RequestBuilder, SignsSortedFormsUnencoded) {
  const GatewaySpec gateway = test::gateway(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
[gateways.g.request]
url = "http://h/"
body = "form"
form = { to = "{to}", sign = "{sorted_form_raw|md5|hex}", msg = "{text}" }
)");
  EXPECT_EQ(built(gateway, message("a b")).body,
            "to=%2B8613800138000&sign=" + hex(digest(Digest::md5, "msg=a b&to=+8613800138000")) + "&msg=a%20b");
}

TEST(RequestBuilder, PutsTheReceiptUrlTogether) {
  const GatewaySpec gateway = with_query(R"(dlr = "{dlr}")", R"(
values = { dlr = { url = "{receipt_url}?ref={client_ref}&st=%d" } }
receipts = { path = "/receipts/g", public_url = "http://me:8080", token = "a/b" }
)");
  scheduler::SendRequest request = message();
  request.client_ref = "a+b@c~0123";
  EXPECT_EQ(percent_decode(built(gateway, request).url, false),
            "http://h/s?to=+8613800138000&text=Hello&dlr=http://me:8080/receipts/g/a%2Fb?ref=a%2Bb%40c~0123&st=%d");
}

TEST(RequestBuilder, RefusesAValueThatWouldBreakAHeader) {
  const GatewaySpec gateway = test::gateway(R"(
unknown = { rule = "hold" }
response = [{ status = 200, result = "accepted" }]
request = { url = "http://h/{to}", headers = { X-Text = "{text}" } }
)");
  EXPECT_EQ(built(gateway, message("fine, 中")).url, "http://h/%2B8613800138000");
  EXPECT_EQ(refused(gateway, message("a\r\nX-Other: b")),
            "X-Text: the value has a line break or another control character");
}

TEST(FieldCases, C14_AnAccountCannotWalkUpThePathOfAUrl) {
  const auto gateway = [](std::string_view url) {
    return test::gateway(fmt::format(R"(
unknown = {{ rule = "hold" }}
response = [{{ status = 200, result = "accepted" }}]
request = {{ url = "{}", query = {{ t = "{{to}}{{text}}" }} }}
)",
                                     url));
  };
  struct Row {
    std::string_view url, account, result;
  };
  const std::string refusal = "url: a segment of the path would be \".\" or \"..\", which names another path";
  const Row rows[] = {
      {"http://h/v1/{account}/sms", "..", refusal},
      {"http://h/v1/{account}/sms", ".", refusal},
      {"http://h/v1/{account}", "..", refusal},
      {"http://h/v1/{account}?x=1", "..", refusal},
      {"http://h/v1/.{account}/sms", ".", refusal},
      {"http://h/v1/{account}%2e/sms", ".", refusal},
      {"http://h/v1/{account}/sms", "...", "http://h/v1/.../sms?"},
      {"http://h/v1/{account}/sms", "a..b", "http://h/v1/a..b/sms?"},
      {"http://h/v1/{account}/sms", "a+b@c:d", "http://h/v1/a%2Bb%40c%3Ad/sms?"},
      {"http://h/v1/x{account}/sms", "..", "http://h/v1/x../sms?"},
      {"http://h/v1/sms?a={account}", "..", "http://h/v1/sms?a=..&"},
      {"http://h/v1/{client_ref}", "..", "http://h/v1/..~0123?"},
  };
  for (const Row& row : rows) {
    scheduler::SendRequest request = message();
    request.client_ref = std::string(row.account) + "~0123";
    const auto result = build_request(gateway(row.url), request, fresh());
    if (row.result == refusal)
      EXPECT_EQ(result ? result->url : result.error(), refusal) << row.url << " " << row.account;
    else
      EXPECT_THAT(result ? result->url : result.error(), testing::StartsWith(std::string(row.result))) << row.url;
  }
  // What is written out can be seen before anything is sent.
  EXPECT_EQ(
      test::mistakes_in("unknown = { rule = \"hold\" }\nresponse = [{ status = 200, result = \"accepted\" }]\n"
                        "request = { url = \"http://h/a/../b\", query = { t = \"{to}{text}\" } }\n"),
      "3:19: gateway \"g\", request.url: a segment of the path is \".\" or \"..\": write the path that is meant\n");
}

TEST(FieldCases, C14_OnlyAUrlIsTheBaseOfAUrl) {
  // A value that begins a URL of one's own is encoded like any other, unless it is a URL itself.
  const GatewaySpec gateway = with_query("back = \"{back}\"\nmine = \"{mine}\"", R"(
values = { back = { url = "{receipt_url}?r={client_ref}" }, mine = { url = "{account}/x" } }
receipts = { path = "/receipts/g", public_url = "http://me:8080" }
)");
  scheduler::SendRequest request = message();
  request.client_ref = "a@b:c~0123~tag";
  EXPECT_EQ(
      percent_decode(built(gateway, request).url, false),
      "http://h/s?to=+8613800138000&text=Hello&back=http://me:8080/receipts/g?r=a%40b%3Ac~0123~tag&mine=a%40b%3Ac/x");
}

TEST(RequestBuilder, RefusesTextsThatAreNotUtf8) {
  EXPECT_THAT(refused(with_query(""), message("a\xFF")), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace dun::gateways
