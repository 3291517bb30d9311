#include "domain/credit_event.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace dun {
namespace {

using testing::HasSubstr;

TEST(NormaliseMsisdn, TakesSeparatorsAndFullWidthCharactersAway) {
  struct Row {
    const char* text;
    const char* number;
  };
  const std::vector<Row> rows = {
      {"+8613800138000", "+8613800138000"},
      {"+86 138 0013 8000", "+8613800138000"},
      {"+86-138-0013-8000", "+8613800138000"},
      {"+1 (212) 555.0100", "+12125550100"},
      {"+49 30/1234567", "+49301234567"},
      {" +8613800138000 ", "+8613800138000"},
      {"\xef\xbc\x8b\xef\xbc\x98\xef\xbc\x96"
       "13800138000",
       "+8613800138000"},
      {"+\xef\xbc\x90", nullptr},
      {"\xef\xbc\x8b\xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96\xef\xbc\x97\xef\xbc\x98"
       "\xef\xbc\x99\xef\xbc\x90",
       "+1234567890"},
      // Unusual and possible: a new number range must not silence a customer.
      {"+1234567", "+1234567"},
      {"+999999999999999", "+999999999999999"},
  };
  for (const Row& row : rows) {
    const auto number = normalise_msisdn(row.text);
    if (row.number == nullptr) {
      EXPECT_FALSE(number) << row.text;
      continue;
    }
    ASSERT_TRUE(number) << row.text << ": " << number.error();
    EXPECT_EQ(*number, row.number) << row.text;
  }
}

TEST(NormaliseMsisdn, RefusesWhatIsNotE164) {
  const std::vector<std::string> rows = {
      "",
      "+",
      "8613800138000",         // national, or without its plus
      "008613800138000",       //
      "+0123456789",           // no country code begins with 0
      "+123456",               // six digits
      "+1234567890123456",     // sixteen
      "+86138001380a0",        //
      "+8613800138000x12",     // extension
      "+8613800138000;ext=1",  //
      "tel:+8613800138000",    //
      "++8613800138000",       //
      "86+13800138000",        //
      "+8613800138000+86138001380",
      "+8613800138000,+8613800138001",  // one number a field
      "+86\t13800138000",               //
      "+86\n13800138000",               //
      "+86\xc2\xa0"
      "13800138000",             // a no-break space
      "+8613800138000\xef\xbc",  // half a full-width digit
      "\xef\xbc\x8c"
      "8613800138000",             // a full-width comma
      "\xd9\xa1\xd9\xa2\xd9\xa3",  // Arabic digits
      std::string("+8613800138000\0", 15),
      "\xff\xfe",
  };
  for (const std::string& row : rows) {
    const auto number = normalise_msisdn(row);
    ASSERT_FALSE(number) << row << " became " << *number;
    EXPECT_THAT(number.error(), HasSubstr("E.164")) << row;
  }
}

TEST(NormaliseMsisdn, LeavesWhatIsNormalAlone) {
  for (const std::string number : {"+8613800138000", "+1234567", "+999999999999999"})
    EXPECT_EQ(normalise_msisdn(number).value_or("refused"), number);
}

}  // namespace
}  // namespace dun
