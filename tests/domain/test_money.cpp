#include "domain/money.hpp"

#include "tests/domain/random.hpp"

#include <gmock/gmock.h>
#include <unicode/ucurr.h>
#include <unicode/uenum.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <string>
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

/// The currencies of one of ICU's lists.
std::vector<std::string> icu_currencies(std::uint32_t kind) {
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UEnumeration, decltype(&uenum_close)> codes(ucurr_openISOCurrencies(kind, &status),
                                                                    uenum_close);
  std::vector<std::string> read;
  while (const char* code = uenum_next(codes.get(), nullptr, &status)) read.emplace_back(code);
  EXPECT_TRUE(U_SUCCESS(status)) << u_errorName(status);
  return read;
}

TEST(FieldCases, U6_AcceptsTheCurrenciesThatIcuKnowsAndNoOther) {
  const auto today = icu_currencies(UCURR_NON_DEPRECATED);
  ASSERT_GT(today.size(), 150U);
  for (const std::string& code : today) EXPECT_EQ(is_known_currency(code), code != "XXX" && code != "XTS") << code;
  // By brute force over every form, so that nothing slips in through the table's layout.
  const auto ever = icu_currencies(UCURR_ALL);
  std::string code = "AAA";
  for (code[0] = 'A'; code[0] <= 'Z'; ++code[0])
    for (code[1] = 'A'; code[1] <= 'Z'; ++code[1])
      for (code[2] = 'A'; code[2] <= 'Z'; ++code[2])
        if (is_known_currency(code))
          EXPECT_TRUE(std::ranges::count(ever, code) == 1 || code == "XCG" || code == "ZWG") << code;
  for (const char* unknown : {"XXY", "RMB", "YEN", "CNT", "DEM", "cny", "CN", "CNY ", "NY ", "", "   "})
    EXPECT_FALSE(is_known_currency(unknown)) << unknown;
}

TEST(FieldCases, D16_TheSmallestUnitIsThatOfIcuForEveryCurrency) {
  for (const std::string& code : icu_currencies(UCURR_NON_DEPRECATED)) {
    std::array<UChar, 4> letters{};
    u_charsToUChars(code.c_str(), letters.data(), 4);
    UErrorCode status = U_ZERO_ERROR;
    EXPECT_EQ(minor_digits(code), ucurr_getDefaultFractionDigits(letters.data(), &status)) << code;
    EXPECT_TRUE(U_SUCCESS(status)) << code;
  }
  EXPECT_EQ(minor_digits(""), 2);
  EXPECT_EQ(minor_digits("XXY"), 2);
}

TEST(FieldCases, D16_WhatLiesBelowTheSmallestUnitIsDroppedTowardsZero) {
  struct Row {
    const char* amount;
    const char* currency;
    const char* left;
  };
  const std::vector<Row> rows = {
      {"-0.004", "CNY", "0"},
      {"-0.009999", "CNY", "0"},
      {"-0.01", "CNY", "-0.01"},
      {"-12.345", "CNY", "-12.34"},
      {"0.009", "EUR", "0"},
      {"12.349", "EUR", "12.34"},
      {"-0.4", "JPY", "0"},
      {"-0.999999", "JPY", "0"},
      {"-1", "JPY", "-1"},
      {"-1.5", "JPY", "-1"},
      {"-0.0009", "BHD", "0"},
      {"-0.001", "BHD", "-0.001"},
      {"-0.0019", "KWD", "-0.001"},
      {"-0.0001", "CLF", "-0.0001"},
      {"-0.00009", "CLF", "0"},
      {"-0.004", "", "0"},
      {"-0.01", "", "-0.01"},
      {"100", "JPY", "100"},
      {"0", "BHD", "0"},
  };
  for (const Row& row : rows)
    EXPECT_EQ(truncated_to_unit(*Amount::parse(row.amount), row.currency), *Amount::parse(row.left))
        << row.amount << ' ' << row.currency;
  // The ends of the range hold too.
  EXPECT_LE(truncated_to_unit(Amount::from_micros(std::numeric_limits<std::int64_t>::min()), "JPY").micros(), 0);
}

// Amounts are decimal: no double finds its way in.
static_assert(!std::is_constructible_v<Amount, double>);
static_assert(!std::is_constructible_v<Amount, int>);
static_assert(!std::is_convertible_v<std::int64_t, Amount>);

}  // namespace
}  // namespace dun
