#include "domain/time.hpp"

#include "tests/domain/random.hpp"

#include <gmock/gmock.h>

namespace dun {
namespace {

using testing::HasSubstr;

constexpr Millis day_length = date::days(1);

Instant utc(int year, unsigned month, unsigned day, Millis of_day = Millis(0)) {
  return date::sys_days(date::year(year) / date::month(month) / date::day(day)) + of_day;
}
constexpr Millis clock(int hours, int minutes, int seconds = 0, int millis = 0) {
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + Seconds(seconds) + Millis(millis);
}

TEST(ParseRfc3339, ReadsWhatTheRfcAllows) {
  struct Row {
    const char* text;
    Instant instant;
  };
  const std::vector<Row> rows = {
      {"2026-01-31T21:45:00+08:00", utc(2026, 1, 31, clock(13, 45))},
      {"2026-01-31T21:45:00Z", utc(2026, 1, 31, clock(21, 45))},
      {"2026-01-31T21:45:00-00:00", utc(2026, 1, 31, clock(21, 45))},
      {"2026-01-31t21:45:00z", utc(2026, 1, 31, clock(21, 45))},
      {"2026-01-31 21:45:00Z", utc(2026, 1, 31, clock(21, 45))},
      {"2026-01-01T00:00:00+14:00", utc(2025, 12, 31, clock(10, 0))},
      {"2025-12-31T23:59:59-12:00", utc(2026, 1, 1, clock(11, 59, 59))},
      {"2026-01-31T21:45:00+05:45", utc(2026, 1, 31, clock(16, 0))},
      {"2026-01-31T21:45:00-03:30", utc(2026, 2, 1, clock(1, 15))},
      {"2026-01-31T21:45:00+23:59", utc(2026, 1, 30, clock(21, 46))},
      // Fractions: milliseconds are kept, what is finer is cut off.
      {"2026-01-31T21:45:00.1Z", utc(2026, 1, 31, clock(21, 45, 0, 100))},
      {"2026-01-31T21:45:00.12Z", utc(2026, 1, 31, clock(21, 45, 0, 120))},
      {"2026-01-31T21:45:00.007Z", utc(2026, 1, 31, clock(21, 45, 0, 7))},
      {"2026-01-31T21:45:00.123999999Z", utc(2026, 1, 31, clock(21, 45, 0, 123))},
      {"2026-01-31T21:45:00.99999999999999999999999999999999Z", utc(2026, 1, 31, clock(21, 45, 0, 999))},
      // Calendar.
      {"2024-02-29T12:00:00Z", utc(2024, 2, 29, clock(12, 0))},
      {"2000-02-29T12:00:00Z", utc(2000, 2, 29, clock(12, 0))},
      {"1969-12-31T23:59:59.999Z", Instant(Millis(-1))},
      {"0000-01-01T00:00:00Z", utc(0, 1, 1)},
      {"9999-12-31T23:59:59.999Z", utc(9999, 12, 31, clock(23, 59, 59, 999))},
      // A leap second is the last millisecond of its minute.
      {"2016-12-31T23:59:60Z", utc(2016, 12, 31, clock(23, 59, 59, 999))},
      {"2017-01-01T07:59:60.5+08:00", utc(2016, 12, 31, clock(23, 59, 59, 999))},
  };
  for (const Row& row : rows) {
    const auto instant = parse_rfc3339(row.text);
    ASSERT_TRUE(instant) << row.text << ": " << instant.error();
    EXPECT_EQ(*instant, row.instant) << row.text << " was read as " << to_rfc3339(*instant);
  }
}

TEST(ParseRfc3339, SaysWhatIsWrong) {
  struct Row {
    std::string text;
    const char* error;
  };
  const std::vector<Row> rows = {
      {"", "RFC 3339"},
      {"now", "RFC 3339"},
      {"2026-01-31", "RFC 3339"},
      {"2026-01-31T21:45:00", "RFC 3339"},        // no offset
      {"2026-01-31T21:45:00+0800", "RFC 3339"},   // no colon
      {"2026-01-31T21:45:00+08", "RFC 3339"},     //
      {"2026-01-31T21:45:00+8:00", "RFC 3339"},   //
      {"2026-01-31T21:45:00+24:00", "RFC 3339"},  //
      {"2026-01-31T21:45:00+08:60", "RFC 3339"},  //
      {"2026-01-31T21:45:00 +08:00", "RFC 3339"},
      {"2026-01-31T21:45:00Z ", "RFC 3339"},
      {" 2026-01-31T21:45:00Z", "RFC 3339"},
      {"2026-01-31T21:45:00ZZ", "RFC 3339"},
      {"2026-01-31T21:45:00.Z", "RFC 3339"},
      {"2026-01-31T21:45:00,5Z", "RFC 3339"},
      {"2026-01-31T21:45Z", "RFC 3339"},
      {"2026-1-31T21:45:00Z", "RFC 3339"},
      {"26-01-31T21:45:00Z", "RFC 3339"},
      {"02026-01-31T21:45:00Z", "RFC 3339"},
      {"-026-01-31T21:45:00Z", "RFC 3339"},
      {"2026/01/31T21:45:00Z", "RFC 3339"},
      {"2026-01-31T+1:45:00Z", "RFC 3339"},
      {"\xef\xbc\x92"
       "026-01-31T21:45:00Z",
       "RFC 3339"},  // a full-width 2
      {std::string("2026-01-31T21:45:00\0Z", 21), "RFC 3339"},
      {std::string("2026-01-31T21:45:00Z\0", 21), "RFC 3339"},
      {"1769867100", "RFC 3339"},
      {"2026-02-29T12:00:00Z", "no such day"},
      {"1900-02-29T12:00:00Z", "no such day"},
      {"2026-02-30T12:00:00Z", "no such day"},
      {"2026-04-31T12:00:00Z", "no such day"},
      {"2026-13-01T12:00:00Z", "no such day"},
      {"2026-00-01T12:00:00Z", "no such day"},
      {"2026-01-00T12:00:00Z", "no such day"},
      {"2026-01-32T12:00:00Z", "no such day"},
      {"2026-01-31T24:00:00Z", "no such time"},
      {"2026-01-31T23:60:00Z", "no such time"},
      {"2026-01-31T23:59:61Z", "no such time"},
  };
  for (const Row& row : rows) {
    const auto instant = parse_rfc3339(row.text);
    ASSERT_FALSE(instant) << row.text;
    EXPECT_THAT(instant.error(), HasSubstr(row.error)) << row.text;
  }
}

TEST(ToRfc3339, IsAlwaysUtcWithMilliseconds) {
  EXPECT_EQ(to_rfc3339(utc(2026, 1, 31, clock(13, 45))), "2026-01-31T13:45:00.000Z");
  EXPECT_EQ(to_rfc3339(Instant(Millis(-1))), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(utc(7, 3, 4, clock(5, 6, 7, 8))), "0007-03-04T05:06:07.008Z");
}

TEST(ToRfc3339, ShowsAWallClock) {
  const Instant instant = utc(2026, 1, 31, clock(13, 45));
  EXPECT_EQ(to_rfc3339(instant, std::chrono::hours(8)), "2026-01-31T21:45:00+08:00");
  EXPECT_EQ(to_rfc3339(instant, Seconds(0)), "2026-01-31T13:45:00+00:00");
  EXPECT_EQ(to_rfc3339(instant, -std::chrono::minutes(210)), "2026-01-31T10:15:00-03:30");
  EXPECT_EQ(to_rfc3339(instant + Millis(5), std::chrono::hours(14)), "2026-02-01T03:45:00.005+14:00");
}

TEST(ToRfc3339, IsReadBackToTheSameInstant) {
  test::Random random(test::run_seed());
  const auto first = utc(0, 1, 2).time_since_epoch().count();
  const auto last = utc(9999, 12, 30).time_since_epoch().count();
  for (int i = 0; i < 20'000; ++i) {
    const Instant instant{Millis(random.between(first, last))};
    EXPECT_EQ(parse_rfc3339(to_rfc3339(instant)), instant) << "seed " << test::run_seed();
    const std::chrono::minutes ahead(random.between(-14 * 60, 14 * 60));
    EXPECT_EQ(parse_rfc3339(to_rfc3339(instant, ahead)), instant) << "seed " << test::run_seed();
  }
}

TEST(ParseSpan, ReadsFallingUnits) {
  struct Row {
    const char* text;
    Millis span;
  };
  const std::vector<Row> rows = {
      {"0s", Millis(0)},
      {"250ms", Millis(250)},
      {"90s", Seconds(90)},
      {"10m", clock(0, 10)},
      {"24h", day_length},
      {"3d", 3 * day_length},
      {"1h30m", clock(1, 30)},
      {"1d2h3m4s5ms", day_length + clock(2, 3, 4, 5)},
      {"1m5ms", Millis(60'005)},
      {"007s", Seconds(7)},
      {"36500d", 36'500 * day_length},
      {"0d0h0m0s0ms", Millis(0)},
  };
  for (const Row& row : rows) {
    const auto span = parse_span(row.text);
    ASSERT_TRUE(span) << row.text << ": " << span.error();
    EXPECT_EQ(*span, row.span) << row.text;
  }
}

TEST(ParseSpan, SaysWhatIsWrong) {
  struct Row {
    const char* text;
    const char* error;
  };
  const std::vector<Row> rows = {
      {"", "expected a span"},
      {"5", "expected a span"},
      {"m", "expected a span"},
      {"-5m", "expected a span"},
      {"+5m", "expected a span"},
      {"1.5h", "expected a span"},
      {"1h 30m", "expected a span"},
      {" 1h", "expected a span"},
      {"1h ", "expected a span"},
      {"1w", "expected a span"},
      {"1H", "expected a span"},
      {"30m1h", "expected a span"},
      {"1h1h", "expected a span"},
      {"5min", "expected a span"},
      {"1ms1s", "expected a span"},
      {"10m5", "expected a span"},
      {"36501d", "hundred years"},
      {"36500d1ms", "hundred years"},
      {"99999999999999999999999d", "hundred years"},
      {"9223372036854775807ms", "hundred years"},
      {"53000000m", "hundred years"},
  };
  for (const Row& row : rows) {
    const auto span = parse_span(row.text);
    ASSERT_FALSE(span) << row.text;
    EXPECT_THAT(span.error(), HasSubstr(row.error)) << row.text;
  }
}

TEST(SpanToText, IsReadBackToTheSameSpan) {
  test::Random random(test::run_seed());
  for (int i = 0; i < 20'000; ++i) {
    const Millis span(random.between(0, Millis(36'500 * day_length).count()) >> random.below(40));
    EXPECT_EQ(parse_span(to_text(span)), span) << to_text(span) << ", seed " << test::run_seed();
  }
  EXPECT_EQ(to_text(Millis(0)), "0s");
  EXPECT_EQ(to_text(clock(1, 30)), "1h30m");
}

}  // namespace
}  // namespace dun
