#include "redis/multiplexer.hpp"
#include "redis/protocol.hpp"

#include <gmock/gmock.h>

namespace dun::redis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Value only(std::string_view bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  auto reply = reader.next();
  EXPECT_TRUE(reply.has_value() && reply->has_value()) << bytes;
  return reply.value_or(Value()).value_or(Value());
}

TEST(Protocol, CommandsAreArraysOfBulkStringsOfAnyBytes) {
  std::string out = "before";
  append_command(out, {"SET", std::string("k\0\r\n", 4), ""});
  EXPECT_EQ(out, std::string("before*3\r\n$3\r\nSET\r\n$4\r\nk\0\r\n\r\n$0\r\n\r\n", 35));
}

TEST(Protocol, EveryKindOfReplyIsRead) {
  EXPECT_EQ(only("+OK\r\n"), text_value("OK"));
  EXPECT_EQ(only("-WRONGTYPE no\r\n"), error_value("WRONGTYPE no"));
  EXPECT_EQ(only(":-42\r\n"), integer_value(-42));
  EXPECT_EQ(only("$-1\r\n"), Value());
  EXPECT_EQ(only("*-1\r\n"), Value());
  EXPECT_EQ(only(std::string_view("$5\r\na\0\r\nb\r\n", 11)), text_value(std::string("a\0\r\nb", 5)));
  EXPECT_EQ(only("*0\r\n"), array_value({}));
  EXPECT_EQ(
      only("*3\r\n:1\r\n*2\r\n+a\r\n$-1\r\n*1\r\n-E x\r\n"),
      array_value({integer_value(1), array_value({text_value("a"), Value()}), array_value({error_value("E x")})}));
}

TEST(Protocol, RepliesMayComeInAnyPieces) {
  const std::string bytes = "*2\r\n$3\r\nabc\r\n*2\r\n:1\r\n$0\r\n\r\n+next\r\n";
  for (std::size_t step = 1; step < bytes.size(); ++step) {
    ReplyReader reader;
    std::vector<Value> replies;
    for (std::size_t i = 0; i < bytes.size(); i += step) {
      reader.feed(std::string_view(bytes).substr(i, step));
      while (auto reply = reader.next().value()) replies.push_back(*reply);
    }
    EXPECT_THAT(replies, ElementsAre(array_value({text_value("abc"), array_value({integer_value(1), text_value("")})}),
                                     text_value("next")));
  }
}

TEST(Protocol, WhatIsNotRespIsAnError) {
  for (const std::string_view bytes : {"HTTP/1.1 400 Bad Request\r\n", ":12x\r\n", "$abc\r\n", "*-7\r\n", "\r\n"}) {
    ReplyReader reader;
    reader.feed(bytes);
    EXPECT_FALSE(reader.next().has_value()) << bytes;
  }
}

TEST(Protocol, AnAnnouncedGiantArrayCostsNothingUntilItArrives) {
  ReplyReader reader;
  reader.feed("*2000000000\r\n:1\r\n");
  const auto reply = reader.next();
  ASSERT_TRUE(reply.has_value());
  EXPECT_FALSE(reply->has_value());
}

/// An entry of a stream in a reply to XRANGE.
std::string entry_reply(const std::vector<std::string>& texts) {
  std::string out;
  append_command(out, texts);
  return "*1\r\n*2\r\n$3\r\n7-0\r\n" + out;
}

Value fields_of(const std::string& bytes, ReplyLimits limits, std::size_t step) {
  ReplyReader reader(limits);
  for (std::size_t i = 0; i < bytes.size(); i += step) reader.feed(std::string_view(bytes).substr(i, step));
  const auto reply = reader.next();
  EXPECT_TRUE(reply.has_value() && reply->has_value());
  EXPECT_EQ((*reply)->items.at(0).items.at(0).text, "7-0");
  return (*reply)->items.at(0).items.at(1);
}

TEST(FieldCases, C3_OfALargeFieldTheBeginningIsKeptAndItsSize) {
  const std::string large(1'000'000, 'x');
  for (const std::size_t step : {std::size_t{7}, std::size_t{4096}, std::size_t{2'000'000}}) {
    const Value fields = fields_of(entry_reply({"id", "1", "blob", large, "type", "t"}), {.text = 1000}, step);
    ASSERT_THAT(fields.items, SizeIs(6));
    EXPECT_EQ(fields.items[1], text_value("1"));
    EXPECT_EQ(fields.items[3].text, large.substr(0, 1000));
    EXPECT_EQ(fields.items[3].cut, large.size() - 1000);
    EXPECT_EQ(fields.items[5], text_value("t"));
  }
}

TEST(FieldCases, C3_OfManyFieldsTheFirstAreKept) {
  const std::vector<std::string> many(10'000, "12345");
  const Value fields = fields_of(entry_reply(many), {.items = 100}, 1000);
  EXPECT_THAT(fields.items, SizeIs(100));
  EXPECT_EQ(fields.cut, 9'900U * 5);
}

TEST(FieldCases, C3_OneReplyKeepsNoMoreThanItMay) {
  const std::string text(1000, 'x');
  const Value fields = fields_of(entry_reply({text, text, text, text}), {.total = 2500}, 100);
  EXPECT_EQ(fields.items.at(1).cut, 0U);
  EXPECT_EQ(fields.items.at(2).cut, 500U);
  EXPECT_EQ(fields.items.at(3).cut, 1000U);
}

TEST(FieldCases, C3_WhatDunWroteItselfIsNotCut) {
  ReplyReader reader({.text = 10, .items = 2, .total = 10});
  reader.feed("*3\r\n$20\r\n01234567890123456789\r\n:1\r\n:2\r\n");
  EXPECT_EQ(reader.next().value(),
            array_value({text_value("01234567890123456789"), integer_value(1), integer_value(2)}));
}

TEST(FieldCases, C3_ArraysWithoutEndAreNotFollowed) {
  ReplyReader reader;
  for (int i = 0; i < 100'000; ++i) reader.feed("*1\r\n");
  EXPECT_FALSE(reader.next().has_value());
}

TEST(Protocol, ValuesNameTheirErrorsAndNumbers) {
  EXPECT_TRUE(error_value("OOM command not allowed").is_error("OOM"));
  EXPECT_TRUE(error_value("OOM").is_error("OOM"));
  EXPECT_FALSE(error_value("OOMPH x").is_error("OOM"));
  EXPECT_FALSE(text_value("OOM").is_error("OOM"));
  EXPECT_EQ(integer_value(7).to_number(), 7);
  EXPECT_EQ(text_value("-7").to_number(), -7);
  EXPECT_EQ(text_value("7x").to_number(), 0);
  EXPECT_EQ(Value().to_number(), 0);
}

TEST(Multiplexer, OperationsGetTheirOwnRepliesInOrder) {
  Multiplexer multiplexer;
  EXPECT_FALSE(multiplexer.has_output());
  multiplexer.submit(1, {{"A"}, {"B"}});
  multiplexer.submit(2, {{"C"}});
  EXPECT_EQ(multiplexer.take_output(), "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n*1\r\n$1\r\nC\r\n");
  EXPECT_FALSE(multiplexer.has_output());

  EXPECT_THAT(multiplexer.feed("+a\r\n").value(), IsEmpty());
  const auto finished = multiplexer.feed("+b\r\n-ERR c\r\n").value();
  ASSERT_THAT(finished, SizeIs(2));
  EXPECT_EQ(finished[0].ticket, 1U);
  EXPECT_THAT(finished[0].replies, ElementsAre(text_value("a"), text_value("b")));
  EXPECT_EQ(finished[1].ticket, 2U);
  EXPECT_THAT(finished[1].replies, ElementsAre(error_value("ERR c")));
}

TEST(Multiplexer, WhatNobodyAskedForEndsTheConnection) {
  Multiplexer multiplexer;
  multiplexer.submit(1, {{"A"}});
  const auto fed = multiplexer.feed("+a\r\n+b\r\n");
  ASSERT_FALSE(fed.has_value());
  EXPECT_THAT(fed.error(), HasSubstr("not asked"));
}

TEST(Multiplexer, APeerThatDoesNotSpeakRespEndsTheConnection) {
  Multiplexer multiplexer;
  multiplexer.submit(1, {{"A"}});
  const auto fed = multiplexer.feed("HTTP/1.1 200 OK\r\n");
  ASSERT_FALSE(fed.has_value());
  EXPECT_THAT(fed.error(), HasSubstr("not a Redis reply"));
}

}  // namespace
}  // namespace dun::redis
