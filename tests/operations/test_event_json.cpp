// Events as JSON: flat objects and CloudEvents 1.0.
#include "operations/event_json.hpp"

#include <gmock/gmock.h>

namespace dun::operations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

std::string problem(std::string_view text) {
  const auto fields = parse_event_json(text);
  return fields ? "" : fields.error();
}

TEST(EventJson, AFlatObjectIsItsFieldsAsTheyAreWritten) {
  EXPECT_THAT(
      parse_event_json(R"({"id":"e1","amount":12.50,"seq":-7,"ok":true,"none":null,"big":18446744073709551615})")
          .value(),
      ElementsAre(Pair("id", "e1"), Pair("amount", "12.50"), Pair("seq", "-7"), Pair("ok", "true"),
                  Pair("big", "18446744073709551615")));
  EXPECT_THAT(parse_event_json("{}").value(), IsEmpty());
}

TEST(EventJson, WhatIsNotAFlatObjectIsRefusedByName) {
  struct Row {
    std::string_view text, problem;
  };
  const Row rows[] = {
      {"", "not JSON from byte 1 on"},
      {"{\"id\":", "not JSON from byte 7 on"},
      {"[1]", "expected a JSON object"},
      {"null", "expected a JSON object"},
      {"7", "expected a JSON object"},
      {R"({"id":{"a":1}})", "field id: expected a string, a number or a boolean"},
      {R"({"id":[1]})", "field id: expected a string, a number or a boolean"},
      {R"({"id":"e1","data":{"amount":1}})", "field data: expected a string, a number or a boolean"},
      {R"({"data":{"a":{}}})", "field data.a: expected a string, a number or a boolean"},
      {R"({"data":{},"data":{}})", "field data: expected a string, a number or a boolean"},
  };
  for (const Row& row : rows) EXPECT_EQ(problem(row.text), row.problem) << row.text;
}

TEST(CloudEvents, AttributesAndDataAreTheFields) {
  EXPECT_THAT(
      parse_event_json(R"({"specversion":"1.0","id":"e1","type":"payment.received","source":"billing",)"
                       R"("time":"2026-03-02T10:00:00+08:00","subject":"A1","datacontenttype":"application/json",)"
                       R"("dataschema":"urn:x","traceparent":"00-1","sampledrate":30,)"
                       R"("data":{"amount":12.50,"currency":"CNY","seq":3,"note":null}})")
          .value(),
      ElementsAre(Pair("id", "e1"), Pair("type", "payment.received"), Pair("account", "A1"),
                  Pair("time", "2026-03-02T10:00:00+08:00"), Pair("source", "billing"), Pair("amount", "12.50"),
                  Pair("currency", "CNY"), Pair("seq", "3")));
}

TEST(FieldCases, D9_TheSourceOfACloudEventIsPartOfWhichEventItIs) {
  const auto read = [](std::string_view source, std::string_view line) {
    std::string text(line);
    text.insert(1, R"("source":")" + std::string(source) + R"(",)");
    return parse_event(parse_event_json(text).value(), {}).value();
  };
  constexpr std::string_view cloud =
      R"({"specversion":"1.0","id":"1001","type":"payment.received","time":"2026-03-02T10:00:00Z","subject":"A1"})";
  constexpr std::string_view flat =
      R"({"id":"1001","type":"payment.received","time":"2026-03-02T10:00:00Z","account":"A1"})";
  EXPECT_NE(read("billing", cloud).identity, read("payments", cloud).identity);
  EXPECT_NE(read("urn:a", cloud).identity, read("urn:a/b", cloud).identity);
  EXPECT_EQ(read("billing", cloud).identity, read("billing", flat).identity) << "whatever form it comes in";
  EXPECT_EQ(read("billing", cloud).content_hash, read("payments", cloud).content_hash);
}

TEST(FieldCases, U6_ExtensionsOfACloudEventAreNoUnknownFields) {
  const auto event = parse_event(
      parse_event_json(R"({"specversion":"1.0","id":"1","type":"account.updated","time":"2026-03-02T10:00:00Z",)"
                       R"("source":"s","subject":"A1","traceparent":"00-1","data":{"brnad":"x","brand":"y"}})")
          .value(),
      {});
  ASSERT_TRUE(event);
  EXPECT_EQ(describe_refused(event->refused), "left out: brnad (no field of this name)");
}

TEST(CloudEvents, OrderAndAbsentDataDoNotMatter) {
  EXPECT_THAT(
      parse_event_json(R"({"data":{"until":"x"},"type":"dispute.opened","source":"s","id":"e","specversion":"1.0"})")
          .value(),
      ElementsAre(Pair("id", "e"), Pair("type", "dispute.opened"), Pair("source", "s"), Pair("until", "x")));
  EXPECT_THAT(
      parse_event_json(R"({"specversion":"1.0","id":"e","type":"t","source":"s","subject":"A","data":null})").value(),
      ElementsAre(Pair("id", "e"), Pair("type", "t"), Pair("account", "A"), Pair("source", "s")));
}

TEST(CloudEvents, ContentTypesOfJsonAreTaken) {
  const auto of = [](std::string_view type) {
    return problem(R"({"specversion":"1.0","id":"e","type":"t","source":"s","datacontenttype":")" + std::string(type) +
                   R"(","data":{}})");
  };
  for (const auto* type : {"application/json", "application/json; charset=utf-8", "text/JSON", "application/x+json"})
    EXPECT_EQ(of(type), "") << type;
  for (const auto* type : {"application/xml", "text/plain", "json", "/json", ""})
    EXPECT_EQ(of(type), "field datacontenttype: expected application/json, found " + std::string(type));
}

TEST(CloudEvents, WhatIsWrongIsNamed) {
  const auto with = [](std::string_view more) {
    return problem(R"({"specversion":"1.0","id":"e","type":"t","source":"s",)" + std::string(more) + "}");
  };
  EXPECT_EQ(problem(R"({"specversion":"0.3","id":"e"})"), "field specversion: expected \"1.0\", found 0.3");
  EXPECT_EQ(problem(R"({"specversion":1.0,"id":"e"})"), "field specversion: expected \"1.0\", found 1.0");
  EXPECT_EQ(problem(R"({"specversion":"1.0","id":"e","type":"t"})"), "field source: a CloudEvent needs it");
  EXPECT_EQ(with(R"("data_base64":"aGk=")"), "field data_base64: expected data, a JSON object, in its place");
  EXPECT_EQ(with(R"("data":"text")"), "field data: expected a JSON object");
  EXPECT_EQ(with(R"("data":[1])"), "field data: expected a string, a number or a boolean");
  EXPECT_EQ(with(R"("data":{"a":{}})"), "field data.a: expected a string, a number or a boolean");
  EXPECT_EQ(with(R"("subject":7)"), "field subject: expected a string");
  EXPECT_EQ(with(R"("id":"f")"), "field id: is there twice");
  EXPECT_EQ(with(R"("data":{"account":"B"})"), "field data.account: the attribute subject says that of a CloudEvent");
  EXPECT_EQ(with(R"("data":{"time":"x"})"), "field data.time: the attribute time says that of a CloudEvent");
}

TEST(FieldCases, S1_AnEventThatIsNestedDeeplyIsRefused) {
  const std::string deep = std::string(90'000, '[') + std::string(90'000, ']');
  EXPECT_EQ(problem(R"({"id":)" + deep + "}"), "nested more than 64 deep at byte 70");
  EXPECT_EQ(problem(R"({"specversion":"1.0","data":{"amount":)" + deep + "}}"), "nested more than 64 deep at byte 101");
  std::string objects;
  for (int i = 0; i < 90'000; ++i) objects += R"({"data":)";
  EXPECT_EQ(problem(objects), "nested more than 64 deep at byte 513");
}

TEST(FieldCases, S9_AForeignByteInAnEventHidesNothingElse) {
  const std::string odd = "\xEF\xBF\xBD";
  EXPECT_THAT(
      parse_event_json("{\"id\":\"e1\",\"brand\":\"Telef\xF4nica\",\"amount\":5,\"note\":\"\\udc00\"}").value(),
      ElementsAre(Pair("id", "e1"), Pair("brand", "Telef" + odd + "nica"), Pair("amount", "5"), Pair("note", odd)));
}

TEST(FieldCases, S15_AnEventsNumbersKeepTheirDigits) {
  EXPECT_THAT(
      parse_event_json(R"({"id":123456789012345678901234567890,"amount":1e999,"balance":-0.10})").value(),
      ElementsAre(Pair("id", "123456789012345678901234567890"), Pair("amount", "1e999"), Pair("balance", "-0.10")));
}

}  // namespace
}  // namespace dun::operations
