#include "domain/msisdn.hpp"

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
      "+8613800138000\xef\xbc",         // half a full-width digit
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

TEST(FieldCases, D14_ATrunkPrefixInBracketsIsNotOfTheNumber) {
  struct Row {
    const char* text;
    const char* number;
  };
  const std::vector<Row> rows = {
      {"+49 (0)171 1234567", "+491711234567"},
      {"+49(0)1711234567", "+491711234567"},
      {"(+49)(0)171 1234567", "+491711234567"},
      {"+49 (0171) 1234567", "+491711234567"},  // the area code with its prefix
      {"+44 (0)20 7946 0958", "+442079460958"},
      {"+44 (020) 7946 0958", "+442079460958"},
      {"+353 (0) 1 234 5678", "+35312345678"},
      {"+86 (0)138 0013 8000", "+8613800138000"},
      {"\uff0b\uff14\uff19\uff08\uff10\uff09\uff11\uff17\uff11 1234567", "+491711234567"},  // full width
      {"+7 (8) 912 345-67-89", "+79123456789"},
      {"+370 (8) 612 34567", "+37061234567"},
      {"+36 (06) 30 123 4567", "+36301234567"},
      // What is not a trunk prefix stays.
      {"+1 (212) 555 0100", "+12125550100"},
      {"+7 (800) 555-35-35", "+78005553535"},
      {"+86 10 (0123) 4567", "+861001234567"},
      {"+39 06 6982 0000", "+390669820000"},
      {"+39 (06) 6982 0000", "+390669820000"},
      {"+390669820000", "+390669820000"},
      {"+378 0549 882 000", "+3780549882000"},
      {"+225 07 12 34 56 78", "+2250712345678"},
      {"+225 (07) 12 34 56 78", "+2250712345678"},
  };
  for (const Row& row : rows) EXPECT_EQ(normalise_msisdn(row.text).value_or("refused"), row.number) << row.text;
  // In Italy the 0 is of a landline's number and not of a mobile's: nobody can tell what this is.
  for (const char* unclear : {"+39 (0)6 6982 0000", "+39 (0) 347 123 4567", "+225 (0)7 12 34 56 78"}) {
    const auto number = normalise_msisdn(unclear);
    ASSERT_FALSE(number) << unclear << " became " << *number;
    EXPECT_THAT(number.error(), HasSubstr("brackets")) << unclear;
  }
}

TEST(FieldCases, S20_MarksAndSpacesAroundANumberAreOrnaments) {
  const std::vector<std::string> rows = {
      "\u2068+8613800138000\u2069",
      "\u2066+86 138 0013 8000\u2069",
      "\u202a+8613800138000\u202c",
      "\u200e+8613800138000",
      "\ufeff+8613800138000",
      "+86\u00a0138\u00a00013\u00a08000",
      "+86\u202f138 0013 8000",
      "+86\u2011138\u20110013\u20118000",
      "+86 138\u20130013\u20138000",
      "+86\u3000138\uff0d00138000",
      "\u2068+86\u2069 \u2068138 0013 8000\u2069",
      "+86\u200b13800138000",
  };
  for (const std::string& row : rows) EXPECT_EQ(normalise_msisdn(row).value_or("refused"), "+8613800138000") << row;
}

}  // namespace
}  // namespace dun
