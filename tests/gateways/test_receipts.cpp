#include "gateways/options.hpp"
#include "gateways/receipts.hpp"
#include "tests/gateways/support.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::gateways {
namespace {

using testing::ElementsAre;

GatewaySpec with_receipts(std::string_view receipts, const std::map<std::string, std::string>& environment = {}) {
  return test::gateway(std::string(test::minimal) + "[gateways.g.receipts]\npath = \"/r\"\n" + std::string(receipts),
                       environment);
}

/// Receipts and problems as one line each, or the refusal.
std::string read(const GatewaySpec& gateway, const http::Request& request) {
  const auto batch = read_receipts(gateway, request);
  if (!batch) return fmt::format("{} {}", batch.error().status, batch.error().message);
  std::string lines;
  for (const Receipt& receipt : batch->receipts)
    lines += fmt::format("{} {} id={} time={} detail={}\n", receipt.client_ref, to_text(receipt.status),
                         receipt.gateway_id, receipt.time ? to_rfc3339(*receipt.time) : "-", receipt.detail);
  for (const std::string& problem : batch->problems) lines += "problem: " + problem + "\n";
  return lines;
}

http::Request post(std::string body) {
  return {.method = "POST", .path = "/r", .query = "", .headers = {}, .body = std::move(body), .source = "127.0.0.1"};
}

http::Request get(std::string query) {
  return {.method = "GET", .path = "/r", .query = std::move(query), .headers = {}, .body = "", .source = "127.0.0.1"};
}

TEST(Receipts, ReadsOneOrManyFromJson) {
  const GatewaySpec gateway = with_receipts(R"(
our_ref = "ref"
gateway_id = "/meta/id"
status = "/meta/st"
time = "at"
detail = "why"
status_map = { DELIVRD = "delivered", UNDELIV = "failed", "2" = "failed" }
status_default = "pending"
)");
  struct Row {
    std::string_view body, result;
  };
  const Row rows[] = {
      {R"({"ref":"a~1","meta":{"id":"x","st":"DELIVRD"},"at":"2026-01-31T21:45:00+08:00","why":"fine"})",
       "a~1 delivered id=x time=2026-01-31T13:45:00.000Z detail=fine\n"},
      {R"([{"ref":"a~1","meta":{"st":"UNDELIV"}},{"ref":"b~2","meta":{"st":2}},{"ref":"c~3","meta":{"st":"odd"}}])",
       "a~1 failed id= time=- detail=\nb~2 failed id= time=- detail=\nc~3 pending id= time=- detail=\n"},
      {R"([{"ref":"a~1","meta":{"st":"DELIVRD"},"at":"yesterday"},{"meta":{"st":"DELIVRD"}},{"ref":"b~2"}, 7])",
       "a~1 delivered id= time=- detail=\nproblem: no usable reference in ref\nproblem: no status in /meta/st\n"
       "problem: no usable reference in ref\n"},
      {"[]", ""},
      {"{}", ""},
      {"", ""},
      {"{\"ref\":", "400 the body: not JSON from byte 8 on"},
      {"\xFF\xFE", "400 the body: not JSON from byte 1 on"},
      {R"({"ref":"a\nb","meta":{"st":"DELIVRD"}})", "400 no usable reference in ref"},
  };
  for (const Row& row : rows) EXPECT_EQ(read(gateway, post(std::string(row.body))), row.result) << row.body;
  EXPECT_EQ(read(gateway, post(fmt::format(R"({{"ref":"{}","meta":{{"st":2}}}})", std::string(129, 'r')))),
            "400 no usable reference in ref");
}

TEST(Receipts, ReadsEachElementOfAnInnerArray) {
  const GatewaySpec gateway = with_receipts("each = \"/data/list\"\nstatus_map = { ok = \"delivered\" }");
  EXPECT_EQ(
      read(gateway, post(R"({"data":{"list":[{"client_ref":"a","status":"ok"},{"client_ref":"b","status":"no"}]}})")),
      "a delivered id= time=- detail=\nb pending id= time=- detail=\n");
  EXPECT_EQ(read(gateway, post(R"({"data":{}})")), "400 the body has nothing at /data/list");
}

TEST(Receipts, ReadsQueriesAndForms) {
  const std::string_view spec = R"(
methods = ["GET", "POST"]
our_ref = "ref"
our_ref_hex = true
status_map = { 1 = "delivered", 2 = "failed" }
time = "t"
time_form = "epoch"
detail = "d"
)";
  const GatewaySpec query = with_receipts("format = \"query\"\n" + std::string(spec));
  EXPECT_EQ(read(query, get("ref=617e31&status=1&t=1769867107&d=a+b%21")),
            "a~1 delivered id= time=2026-01-31T13:45:07.000Z detail=a b!\n");
  EXPECT_EQ(read(query, get("ref=617e31&status=16&t=-5")), "a~1 pending id= time=- detail=\n");
  EXPECT_EQ(read(query, get("ref=617e3&status=1")), "400 no usable reference in ref");
  EXPECT_EQ(read(query, get("ref=zz&status=1")), "400 no usable reference in ref");
  EXPECT_EQ(read(query, get("")), "");
  EXPECT_EQ(read(query, get("ref=617e31")), "400 no status in status");
  const GatewaySpec form = with_receipts("format = \"form\"\n" + std::string(spec));
  EXPECT_EQ(read(form, post("ref=617e31&status=2&t=99999999999999999999")), "a~1 failed id= time=- detail=\n");
  EXPECT_EQ(read(form, {.method = "PUT", .path = "/r", .query = "", .headers = {}, .body = "", .source = ""}),
            "405 expected GET or POST");
}

TEST(Receipts, ReadsEveryFormOfTime) {
  struct Row {
    std::string_view form, text, result;
  };
  const Row rows[] = {
      {"rfc3339", "2026-01-31T21:45:00+08:00", "2026-01-31T13:45:00.000Z"},
      {"epoch", "1769867100", "2026-01-31T13:45:00.000Z"},
      {"epoch", "253402300800", "-"},
      {"epoch_ms", "1769867100250", "2026-01-31T13:45:00.250Z"},
      {"epoch_ms", "9223372036854775807", "-"},
      {"utc_text", "2026-01-31 13:45:00", "2026-01-31T13:45:00.000Z"},
      {"utc_text", "2026-01-31", "-"},
  };
  for (const Row& row : rows) {
    const GatewaySpec gateway = with_receipts(
        fmt::format("methods = [\"GET\"]\nformat = \"query\"\ntime = \"t\"\ntime_form = \"{}\"\n", row.form));
    EXPECT_EQ(read(gateway, get(fmt::format("client_ref=a&status=1&t={}", percent_encode(row.text)))),
              fmt::format("a pending id= time={} detail=\n", row.result))
        << row.text;
  }
}

TEST(Receipts, AreTakenOnlyFromWhoMaySendThem) {
  const std::string body = R"({"client_ref":"a","status":"x"})";
  const std::string taken = "a pending id= time=- detail=\n";

  const GatewaySpec token = with_receipts("token = \"{env:T}\"", {{"T", "t0/ken"}});
  http::Request request = post(body);
  EXPECT_EQ(read(token, request), "403 the token in the path is wrong");
  request.path = "/r/t0%2Fkex";
  EXPECT_EQ(read(token, request), "403 the token in the path is wrong");
  request.path = "/r/t0%2Fken";
  EXPECT_EQ(read(token, request), taken);

  const GatewaySpec sources = with_receipts(R"(sources = ["192.0.2.7", "10.1.0.0/16", "2001:db8::/32"])");
  for (const std::string_view good : {"192.0.2.7", "10.1.255.1", "2001:db8:1::1", "::ffff:192.0.2.7"}) {
    request.source = good;
    EXPECT_EQ(read(sources, request), taken) << good;
  }
  for (const std::string_view bad : {"192.0.2.8", "10.2.0.1", "2001:db9::1", "", "nonsense"}) {
    request.source = bad;
    EXPECT_EQ(read(sources, request), fmt::format("403 {} may not send receipts", bad));
  }

  const GatewaySpec hmac_signed = with_receipts(R"(
signature_header = "X-Sign"
signature = "{signed|hmac_sha256(key)|hex}"
[gateways.g.values]
key = "{env:K}"
signed = "{method} {path}?{query} {body}"
)",
                                                {{"K", "k"}});
  request = post(body);
  request.query = "v=1";
  EXPECT_EQ(read(hmac_signed, request), "403 X-Sign is missing or wrong");
  request.headers = {{"x-sign", hex(hmac(Digest::sha256, "k", "POST /r?v=1 " + body))}};
  EXPECT_EQ(read(hmac_signed, request), taken);
  request.body += " ";
  EXPECT_EQ(read(hmac_signed, request), "403 X-Sign is missing or wrong");
}

TEST(Receipts, BelongToTheGatewayOfTheirPath) {
  const GatewaySpec plain = with_receipts("");
  EXPECT_TRUE(takes_receipts_at(plain.receipts, "/r"));
  EXPECT_FALSE(takes_receipts_at(plain.receipts, "/r/token"));
  EXPECT_FALSE(takes_receipts_at(plain.receipts, "/rr"));
  const GatewaySpec token = with_receipts("token = \"t\"");
  EXPECT_TRUE(takes_receipts_at(token.receipts, "/r/anything"));
  EXPECT_FALSE(takes_receipts_at(token.receipts, "/r"));
  EXPECT_FALSE(takes_receipts_at(ReceiptsSpec{}, "/r"));
}

TEST(FieldCases, S35_WhoTriesTheUrlIsToldThatItIsRight) {
  struct Row {
    std::string method, query, body, result;
  };
  const Row rows[] = {
      {"GET", "", "", ""},
      {"HEAD", "", "", ""},
      {"HEAD", "client_ref=a&status=1", "", ""},
      {"POST", "", "", ""},
      {"POST", "", "{}", ""},
      {"POST", "", " \r\n{ }\n", ""},
      {"POST", "", "[]", ""},
      // What says something is read as ever: a setting that is wrong must show.
      {"POST", "", R"({"ref":"a"})", "400 no usable reference in client_ref"},
      {"POST", "", "[{}]", "400 no usable reference in client_ref"},
      {"POST", "", "null", "400 no usable reference in client_ref"},
      {"POST", "", std::string(100, ' ') + "x", "400 the body: not JSON from byte 101 on"},
      {"POST", "", "x", "400 the body: not JSON from byte 1 on"},
      {"GET", "client_ref=a&status=1", "", "405 expected POST"},
      {"PUT", "", "{}", "405 expected POST"},
      {"DELETE", "", "", "405 expected POST"},
  };
  const GatewaySpec plain = with_receipts("");
  const GatewaySpec token = with_receipts("token = \"t\"");
  const GatewaySpec sources = with_receipts("sources = [\"192.0.2.7\"]");
  const GatewaySpec is_signed = with_receipts("signature_header = \"X\"\nsignature = \"{body}\"");
  for (const Row& row : rows) {
    http::Request request{
        .method = row.method, .path = "/r", .query = row.query, .headers = {}, .body = row.body, .source = "192.0.2.8"};
    EXPECT_EQ(read(plain, request), row.result) << row.method << " " << row.body;
    EXPECT_EQ(read(sources, request), "403 192.0.2.8 may not send receipts");
    if (row.result.empty()) EXPECT_EQ(read(is_signed, request), "") << row.method;
    for (const char* path : {"/r/t", "/r/t/", "/r/%74"}) {
      request.path = path;
      EXPECT_EQ(read(token, request), row.result) << path;
    }
    for (const char* path : {"/r", "/r/", "/r/x", "/r/t//", "/r/t/x"}) {
      request.path = path;
      EXPECT_EQ(read(token, request), "403 the token in the path is wrong") << path;
    }
  }
}

TEST(FieldCases, S35_ASlashBehindThePathIsThePath) {
  const GatewaySpec plain = with_receipts("");
  EXPECT_TRUE(takes_receipts_at(plain.receipts, "/r/"));
  for (const char* path : {"/r//", "/r/x", "/r/x/", "/rr/", "/", ""})
    EXPECT_FALSE(takes_receipts_at(plain.receipts, path)) << path;
  const GatewaySpec token = with_receipts("token = \"a/\"");
  for (const char* path : {"/r/a%2F", "/r/a%2f/"}) {
    http::Request request = post(R"({"client_ref":"a","status":"x"})");
    request.path = path;
    EXPECT_EQ(read(token, request).substr(0, 9), path == std::string("/r/a%2F") ? "a pending" : "403 the t");
  }
}

TEST(Receipts, OfKannelCarryOurReferenceInHexadecimal) {
  const GatewaySpec gateway = test::gateway(R"(
preset = "kannel"
request = { url = "http://h/s" }
values = { user = "u", password = "p" }
receipts = { path = "/r", public_url = "http://me" }
)");
  EXPECT_EQ(read(gateway, get("ref=" + hex("a+b@c~0123") + "&status=1&id=&time=1769867100&detail=DELIVRD")),
            "a+b@c~0123 delivered id= time=2026-01-31T13:45:00.000Z detail=DELIVRD\n");
}

// Before, the 180 KB of the first row ended the process: taking the document apart and writing it recursed.
TEST(FieldCases, S1_AReceiptThatIsNestedDeeplyIsRefused) {
  const GatewaySpec gateway = with_receipts("each = \"\"\ndetail = \"d\"\nstatus_map = { ok = \"delivered\" }");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const auto body = [](std::string_view ref, std::string_view detail) {
    return fmt::format(R"({{"client_ref":{},"status":"ok","d":{}}})", ref, detail);
  };
  const std::string deep = nested(90'000);
  const std::string refusal = "400 the body: nested more than 64 deep at byte ";
  EXPECT_EQ(read(gateway, post(body(deep, "1"))), refusal + "78");
  EXPECT_EQ(read(gateway, post(body("\"a~1\"", deep))), refusal + "102");
  EXPECT_EQ(read(gateway, post(deep)), refusal + "65");
  EXPECT_EQ(read(gateway, post("[" + body("\"a~1\"", "1") + "," + deep + "]")).substr(0, refusal.size()), refusal);
  std::string objects;
  for (int i = 0; i < 90'000; ++i) objects += R"({"client_ref":)";
  EXPECT_EQ(read(gateway, post(objects)).substr(0, refusal.size()), refusal);
  EXPECT_EQ(read(gateway, post(body("\"a~1\"", nested(63)))), "a~1 delivered id= time=- detail=" + nested(63) + "\n");
}

TEST(FieldCases, S9_AForeignByteInAReceiptHidesNothingElse) {
  const GatewaySpec gateway =
      with_receipts("detail = \"why\"\ngateway_id = \"id\"\nstatus_map = { ok = \"delivered\" }");
  const std::string odd = "\xEF\xBF\xBD";
  // A batch of Latin-1, half a surrogate pair, GBK, and Big5 that ends in a backslash.
  EXPECT_EQ(read(gateway, post("[{\"client_ref\":\"a~1\",\"status\":\"ok\",\"why\":\"\xE9teint\"},"
                               "{\"client_ref\":\"b~2\",\"status\":\"ok\",\"why\":\"\\ud83d!\"},"
                               "{\"client_ref\":\"c~3\",\"status\":\"ok\",\"why\":\"\xB3\xC9\xB9\xA6\"},"
                               "{\"client_ref\":\"d~4\",\"status\":\"ok\",\"why\":\"\xA6\xA8\xA5\\\",\"id\":\"x\"}]")),
            "a~1 delivered id= time=- detail=" + odd + "teint\nb~2 delivered id= time=- detail=" + odd +
                "!\nc~3 delivered id= time=- detail=" + odd + "\xC9\xB9" + odd +
                "\nd~4 delivered id=x time=- detail=" + odd + odd + odd + "\n");
  // In our own reference it is no reference of ours; the others of the batch count.
  EXPECT_EQ(
      read(gateway, post("[{\"client_ref\":\"\xE9~1\",\"status\":\"ok\"},{\"client_ref\":\"b~2\",\"status\":\"ok\"}]")),
      odd + "~1 delivered id= time=- detail=\nb~2 delivered id= time=- detail=\n");
}

TEST(FieldCases, S15_AReceiptsNumbersKeepTheirDigits) {
  const GatewaySpec gateway = with_receipts("gateway_id = \"id\"\nstatus_map = { 0 = \"delivered\" }");
  EXPECT_EQ(read(gateway, post(R"({"client_ref":"a~1","status":0,"id":123456789012345678901234567890})")),
            "a~1 delivered id=123456789012345678901234567890 time=- detail=\n");
  EXPECT_EQ(read(gateway, post(R"({"client_ref":"a~1","status":0,"id":0.10,"cost":1e999})")),
            "a~1 delivered id=0.10 time=- detail=\n");
  EXPECT_EQ(read(gateway, post(R"({"client_ref":"a~1","status":null,"id":null})")), "400 no status in status");
  EXPECT_EQ(read(gateway, post(R"({"client_ref":"a~1","status":0,"id":null})")), "a~1 delivered id= time=- detail=\n");
}

TEST(SourceRange, NamesWhatWasExpected) {
  for (const std::string_view good : {"1.2.3.4", "1.2.3.4/0", "1.2.3.4/32", "::1", "::/0", "fe80::1/128"})
    EXPECT_TRUE(parse_source_range(good)) << good;
  for (const std::string_view bad : {"", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/x", "::/129", "host", "/8"})
    EXPECT_FALSE(parse_source_range(bad)) << bad;
}

}  // namespace
}  // namespace dun::gateways
