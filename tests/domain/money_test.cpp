#include "domain/money.hpp"

#include "tests/domain/random.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <vector>

namespace dun {
namespace {

using testing::HasSubstr;

TEST(AmountParse, ReadsDecimals) {
  struct Row {
    const char* text;
    std::int64_t micros;
    const char* shown;
  };
  const std::vector<Row> rows = {
      {"0", 0, "0"},
      {"-0", 0, "0"},
      {"-0.00", 0, "0"},
      {"100", 100'000'000, "100"},
      {"+100", 100'000'000, "100"},
      {"-12.50", -12'500'000, "-12.50"},
      {"-12.5", -12'500'000, "-12.50"},
      {"0.005", 5'000, "0.005"},
      {"-0.000001", -1, "-0.000001"},
      {"00012.340000", 12'340'000, "12.34"},
      {"0000000000000000000000000001", 1'000'000, "1"},
      {"9223372036853.999999", 9'223'372'036'853'999'999, "9223372036853.999999"},
      {"-9223372036853.999999", -9'223'372'036'853'999'999, "-9223372036853.999999"},
  };
  for (const Row& row : rows) {
    const auto amount = Amount::parse(row.text);
    ASSERT_TRUE(amount) << row.text << ": " << amount.error();
    EXPECT_EQ(amount->micros(), row.micros) << row.text;
    EXPECT_EQ(amount->to_text(), row.shown) << row.text;
  }
}

TEST(AmountParse, SaysWhatIsWrong) {
  struct Row {
    const char* text;
    const char* error;
  };
  const std::vector<Row> rows = {
      {"", "decimal amount"},
      {"-", "decimal amount"},
      {"+", "decimal amount"},
      {".5", "decimal amount"},
      {"5.", "decimal amount"},
      {".", "decimal amount"},
      {"1,5", "decimal amount"},
      {"1 000", "decimal amount"},
      {" 1", "decimal amount"},
      {"1 ", "decimal amount"},
      {"--1", "decimal amount"},
      {"+-1", "decimal amount"},
      {"1e3", "decimal amount"},
      {"0x10", "decimal amount"},
      {"nan", "decimal amount"},
      {"1.2.3", "decimal amount"},
      {"0.0000001", "decimal amount"},
      {"12.50CNY", "decimal amount"},
      {"\xef\xbc\x91", "decimal amount"},  // a full-width 1
      {"9223372036854", "nine trillion"},
      {"-9223372036854", "nine trillion"},
      {"9223372036854.775807", "nine trillion"},
      {"99999999999999999999999999999999", "nine trillion"},
  };
  for (const Row& row : rows) {
    const auto amount = Amount::parse(row.text);
    ASSERT_FALSE(amount) << row.text;
    EXPECT_THAT(amount.error(), HasSubstr(row.error)) << row.text;
  }
}

TEST(AmountToText, IsReadBackToTheSameAmount) {
  test::Random random(test::run_seed());
  constexpr std::int64_t most = 9'223'372'036'853'999'999;
  for (int i = 0; i < 50'000; ++i) {
    const Amount amount = Amount::from_micros(random.between(-most, most) / random.between(1, 1 + (i % 7) * 100'000));
    const auto read = Amount::parse(amount.to_text());
    ASSERT_TRUE(read) << amount.to_text() << ", seed " << test::run_seed();
    EXPECT_EQ(*read, amount) << amount.to_text() << ", seed " << test::run_seed();
    const std::size_t point = amount.to_text().find('.');
    if (point != std::string::npos) EXPECT_GE(amount.to_text().size() - point, 3U) << amount.to_text();
  }
}

TEST(AmountToText, ShowsTheEndsOfTheRange) {
  EXPECT_EQ(Amount::from_micros(std::numeric_limits<std::int64_t>::min()).to_text(), "-9223372036854.775808");
  EXPECT_EQ(Amount::from_micros(std::numeric_limits<std::int64_t>::max()).to_text(), "9223372036854.775807");
}

TEST(AmountPlus, IsExactAndSaturates) {
  const auto amount = [](const char* text) { return *Amount::parse(text); };
  EXPECT_EQ(amount("0.1").plus(amount("0.2")), amount("0.3"));
  EXPECT_EQ(amount("-12.50").plus(amount("12.50")), Amount());
  const Amount most = amount("9223372036853.999999");
  EXPECT_GT(most.plus(most), most);
  EXPECT_LT((-most).plus(-most), -most);
  EXPECT_EQ(-(-most).plus(-most), most.plus(most));
}

TEST(AmountSign, TellsOwedFromPaid) {
  EXPECT_TRUE(Amount::parse("-0.000001")->negative());
  EXPECT_FALSE(Amount::parse("-0")->negative());
  EXPECT_LT(*Amount::parse("-2"), *Amount::parse("-1.999999"));
}

TEST(Currency, IsThreeCapitalLetters) {
  for (const char* valid : {"CNY", "EUR", "XXX"}) EXPECT_TRUE(is_currency(valid)) << valid;
  for (const char* invalid : {"", "CN", "CNYY", "cny", "C1Y", "CN ", "\xc3\x84X"})
    EXPECT_FALSE(is_currency(invalid)) << invalid;
}

// Amounts are decimal: no double finds its way in.
static_assert(!std::is_constructible_v<Amount, double>);
static_assert(!std::is_constructible_v<Amount, int>);
static_assert(!std::is_convertible_v<std::int64_t, Amount>);

}  // namespace
}  // namespace dun
