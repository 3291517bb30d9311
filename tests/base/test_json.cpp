#include "base/json/as_string.hpp"
#include "base/json/reader.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::json {
namespace {

using testing::StartsWith;

/// The document as it is written again, or what is wrong with it.
std::string again(std::string_view bytes, const Limits& limits = {}) {
  const auto value = read(bytes, limits);
  return value ? write(*value) : value.error().message;
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonReader, WritesAgainWhatItRead) {
  for (const std::string_view same :
       {R"({"a":[1,-2.50,true,null,"x"],"b":{"c":{}},"":[]})", R"("text")", "7", "null", R"({"b":1,"a":2})"})
    EXPECT_EQ(again(same), same);
  EXPECT_EQ(again(" { \"a\" : [ 1 , 2 ] }\r\n"), R"({"a":[1,2]})");
  EXPECT_EQ(again("\xEF\xBB\xBF[1]"), "[1]");
  EXPECT_EQ(again(R"("\u0041\n\"\\\/\ud83d\ude00")"), "\"A\\n\\\"\\\\/\xF0\x9F\x98\x80\"");
}

TEST(JsonString, IsAStringWhateverTheBytes) {
  EXPECT_EQ(as_string(""), R"("")");
  EXPECT_EQ(as_string("a\"b\\/\n\x01\f中"), R"("a\"b\\/\n\u0001\f中")");
  EXPECT_EQ(as_string("a\xff\xe6\xac"), "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(JsonReader, NamesTheByteFromWhichItIsNotJson) {
  struct Row {
    std::string_view bytes;
    std::size_t offset;
  };
  const Row rows[] = {
      {"", 0},
      {"{\"id\":", 6},
      {"[1,]", 3},
      {"[1-2]", 1},
      {"[01]", 1},
      {"[+1]", 1},
      {"[1.]", 1},
      {"[1e]", 1},
      {"[nul]", 4},
      {"[e]", 1},
      {"{1:2}", 1},
      {"[1] x", 4},
      {std::string_view("[1]\0", 4), 3},
      {"\"open", 5},
      {"\"\\x\"", 2},
      {"[\"\xE9\",]", 5},  // one byte becomes three, and still
      {"[\"\n\",]", 5},
      {"\xFF\xFE{", 0},
  };
  for (const Row& row : rows) {
    const auto value = read(row.bytes);
    ASSERT_FALSE(value) << row.bytes;
    EXPECT_EQ(value.error().offset, row.offset) << row.bytes;
    EXPECT_EQ(value.error().message, fmt::format("not JSON from byte {} on", row.offset + 1));
  }
}

TEST(JsonReader, OfAMemberThatIsThereTwiceTheLastCounts) {
  const auto value = read(R"({"a":1,"b":2,"a":[3]})");
  ASSERT_TRUE(value);
  EXPECT_EQ(write(*value->find("a")), "[3]");
  EXPECT_EQ(value->find("c"), nullptr);
  EXPECT_EQ(value->members.size(), 3U);
}

TEST(JsonReader, KnowsNumbers) {
  for (const std::string_view good : {"0", "-0", "12", "1.5", "-1.5e+10", "2E5"}) EXPECT_TRUE(is_number(good)) << good;
  for (const std::string_view bad : {"", "-", "+1", "01", "1.", ".5", "1e", "0x1", "1 ", "nan"})
    EXPECT_FALSE(is_number(bad)) << bad;
}

TEST(FieldCases, S1_JsonIsReadToABoundedDepth) {
  EXPECT_EQ(again(nested(64)), nested(64));
  EXPECT_EQ(again(nested(65)), "nested more than 64 deep at byte 65");
  EXPECT_EQ(again(nested(90'000)), "nested more than 64 deep at byte 65");
  EXPECT_EQ(again(std::string(90'000, '[')), "nested more than 64 deep at byte 65");
  std::string objects;
  for (int i = 0; i < 90'000; ++i) objects += "{\"a\":";
  EXPECT_EQ(again(objects), "nested more than 64 deep at byte 321");
  EXPECT_EQ(again("{\"a\":" + nested(64) + "}"), "nested more than 64 deep at byte 69");
  // Brackets in a text are no nesting, and neighbours are not within each other.
  EXPECT_EQ(again("\"" + std::string(1000, '[') + "\""), "\"" + std::string(1000, '[') + "\"");
  std::string neighbours = "[0";
  for (int i = 0; i < 1000; ++i) neighbours += ",[{}]";
  EXPECT_EQ(again(neighbours + "]"), neighbours + "]");
}

TEST(FieldCases, S1_JsonIsBoundedInSizeAndInValues) {
  EXPECT_EQ(again("[1,2,3]", {.size = 7}), "[1,2,3]");
  EXPECT_EQ(again("[1,2,3]", {.size = 6}), "longer than 6 bytes");
  EXPECT_EQ(again("[1,2,3]", {.values = 3}), "[1,2,3]");
  EXPECT_EQ(again("[1,2,3]", {.values = 2}), "more than 2 values before byte 5");
}

TEST(FieldCases, S9_AForeignByteHidesNothingElse) {
  struct Row {
    std::string_view bytes, text;
  };
  const Row rows[] = {
      // "提交成功" in GBK, some of which happens to be UTF-8; Latin-1; what was cut in the middle of a character
      {"{\"id\":\"ID1\",\"msg\":\"\xCC\xE1\xBD\xBB\xB3\xC9\xB9\xA6\"}",
       "{\"id\":\"ID1\",\"msg\":\"\xEF\xBF\xBD\xE1\xBD\xBB\xEF\xBF\xBD\xC9\xB9\xEF\xBF\xBD\"}"},
      {"[\"caf\xE9\"]", "[\"caf\xEF\xBF\xBD\"]"},
      {"[\"\xE6\x8F\"]", "[\"\xEF\xBF\xBD\"]"},
      // "成功" in Big5 ends in a backslash
      {"{\"msg\":\"\xA6\xA8\xA5\\\",\"id\":\"ID1\"}",
       "{\"msg\":\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\",\"id\":\"ID1\"}"},
      // but where a backslash makes sense as such it is one
      {"[\"\xE9\\\"\"]", "[\"\xEF\xBF\xBD\\\"\"]"},
      // control characters that were not escaped
      {"[\"a\tb\nc\"]", "[\"a\\tb\\nc\"]"},
      {std::string_view("[\"a\0b\"]", 7), "[\"a\\u0000b\"]"},
      // names of members as well
      {"{\"\xE9\":1}", "{\"\xEF\xBF\xBD\":1}"},
  };
  for (const Row& row : rows) EXPECT_EQ(again(row.bytes), row.text) << row.bytes;
}

TEST(FieldCases, S9_HalfASurrogatePairIsAReplacementCharacter) {
  struct Row {
    std::string_view bytes, text;
  };
  const Row rows[] = {
      {R"(["\ud83d"])", "[\"\xEF\xBF\xBD\"]"},
      {R"(["\uDE00x"])", "[\"\xEF\xBF\xBDx\"]"},
      {R"(["\ud83d\ud83d\ude00"])", "[\"\xEF\xBF\xBD\xF0\x9F\x98\x80\"]"},
      {R"(["\ude00\ud83d"])", "[\"\xEF\xBF\xBD\xEF\xBF\xBD\"]"},
      {R"(["\ud83d\n"])", "[\"\xEF\xBF\xBD\\n\"]"},
      {R"(["\\ud83d"])", R"(["\\ud83d"])"},  // an escaped backslash and letters
      {"[\"\xED\xA0\xBD\"]", "[\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"]"},
  };
  for (const Row& row : rows) EXPECT_EQ(again(row.bytes), row.text) << row.bytes;
  EXPECT_THAT(again(R"(["\ud83"])"), StartsWith("not JSON"));
}

TEST(FieldCases, S15_NumbersKeepTheirDigits) {
  for (const std::string_view number :
       {"123456789012345678901234567890", "-123456789012345678901234567890.5", "12.50", "0.1000", "1E5", "1e-7", "-0",
        "18446744073709551616", "1e999", "-1e999", "0.30000000000000001"}) {
    const std::string document = fmt::format(R"({{"id":{0},"list":[{0},"{0}",true,{0}]}})", number);
    EXPECT_EQ(again(document), document);
    const auto value = read(document);
    ASSERT_TRUE(value);
    EXPECT_EQ(text_of(*value->find("id")), number);
  }
}

}  // namespace
}  // namespace dun::json
