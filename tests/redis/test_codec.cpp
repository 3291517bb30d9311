#include "redis/codec.hpp"
#include "tests/conformance/random_state.hpp"
#include "tests/support/shelf_times.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace dun::redis {
namespace {

using test::at_minute;
using test::at_second;
using testing::HasSubstr;
using namespace scheduler;

constexpr int rounds = 2000;

Instant at(std::string_view text) {
  return parse_rfc3339(text).value();
}

TEST(Codec, AnyRecordComesBackAsItWas) {
  test::RandomState random(1);
  for (int i = 0; i < rounds; ++i) {
    const AccountRecord record = random.record();
    const auto decoded = decode_record(encode(record));
    ASSERT_TRUE(decoded.has_value()) << decoded.error();
    ASSERT_EQ(*decoded, record);
  }
  EXPECT_EQ(decode_record(encode(AccountRecord())).value(), AccountRecord());
}

TEST(Codec, AnyCaseOrPostComesBackAsItWas) {
  test::RandomState random(6);
  for (int i = 0; i < rounds; ++i) {
    const CaseRecord record = random.case_record();
    ASSERT_EQ(decode_case(encode(record)).value(), record);
    const Post post = random.post();
    ASSERT_EQ(decode_post(post.id, encode(post)).value(), post);
  }
  EXPECT_FALSE(decode_case("\xff").has_value());
  EXPECT_FALSE(decode_post(EventId(), "\xff").has_value());
}

TEST(Codec, AnyInFlightEntryComesBackAsItWas) {
  test::RandomState random(2);
  for (int i = 0; i < rounds; ++i) {
    const InFlight entry = random.in_flight();
    ASSERT_EQ(decode_in_flight(encode(entry)).value(), entry);
  }
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

// Two versions may be at work on one store: neither form may change.
TEST(Codec, AMessageAndAQuestionInFlightAreStoredAsTheyAlwaysWere) {
  const Instant claimed = Instant(Seconds(1'772'416'805));
  InFlight entry{
      .subject = AccountId("138"),
      .ordinal = 7,
      .notice = NoticeId("138~n"),
      .kind = NoticeKind::dunning,
      .step = 2,
      .shelf = {.lane = Lane::normal, .at = at_second(1'772'416'804)},
      .decided_at = claimed - Seconds(5),
      .claimed_at = claimed,
      .gateway = "g",
      .to = "+86138",
      .errand = Submission{.text = "hi", .encoding = Encoding::ucs2, .parts = 2, .valid_until = claimed + Seconds(60)}};
  const std::string both =
      "0890a2b1c495671203313338180722053133387e6e28013004380140c8bca79a0d488f4e50025a016762062b3836313338";
  EXPECT_EQ(hex(encode(entry)), both + "6a026869700178048001c0a907");
  entry.errand = Question{.number = 3, .submitted_at = claimed - Seconds(4)};
  EXPECT_EQ(hex(encode(entry)), both + "7802800180f0b2528801069001bf3e");
}

TEST(Codec, AnyShelfOrTimerEntryComesBackAsItWas) {
  test::RandomState random(3);
  for (int i = 0; i < rounds; ++i) {
    const ShelfKey key{.lane = Lane::bulk, .at = date::floor<Seconds>(random.instant())};
    const ShelfEntry entry = random.shelf_entry();
    ASSERT_EQ(decode_shelf_entry(encode(entry, key), key).value(), entry);
    const TimerMinute minute = at_minute(random.number(0, 100'000'000));
    const TimerEntry timer = random.timer_entry(minute);
    ASSERT_EQ(decode_timer_entry(encode(timer, minute), minute).value(), timer);
  }
}

TEST(Codec, AnyJournalEntryComesBackAsItWas) {
  test::RandomState random(4);
  for (int i = 0; i < rounds; ++i) {
    std::vector<Outcome> outcomes(static_cast<std::size_t>(random.number(0, 5)));
    for (Outcome& outcome : outcomes) outcome = random.outcome();
    ASSERT_EQ(decode_journal(encode_journal(random.instant(), outcomes)).value(), outcomes);
  }
}

TEST(Codec, DamagedBytesAreAnErrorOrAnotherValueButNeverACrash) {
  test::RandomState random(5);
  const auto look = [](std::string_view bytes) {
    if (const auto record = decode_record(bytes)) EXPECT_EQ(decode_record(encode(*record)).value(), *record);
    if (const auto entry = decode_in_flight(bytes)) EXPECT_EQ(decode_in_flight(encode(*entry)).value(), *entry);
    if (const auto outcomes = decode_journal(bytes))
      EXPECT_EQ(decode_journal(encode_journal(Instant(), *outcomes)).value(), *outcomes);
    for (const std::int64_t base : {std::int64_t{0}, std::int64_t{1'767'225'600}, INT64_MAX, INT64_MIN}) {
      (void)decode_shelf_entry(bytes, {.lane = Lane::normal, .at = at_second(base)});
      (void)decode_timer_entry(bytes, at_minute(base));
    }
  };
  for (int i = 0; i < rounds; ++i) {
    std::string bytes = random.chance(50) ? encode(random.record()) : encode(random.in_flight());
    if (random.chance(50))
      bytes.resize(static_cast<std::size_t>(random.number(0, static_cast<std::int64_t>(bytes.size()))));
    for (std::int64_t left = random.number(1, 8); left > 0 && !bytes.empty(); --left)
      bytes[static_cast<std::size_t>(random.number(0, static_cast<std::int64_t>(bytes.size()) - 1))] =
          static_cast<char>(random.number(0, 255));
    look(bytes);
    look(random.bytes(40));
  }
}

TEST(Codec, NumbersThatMeanNothingAreNamed) {
  // Field 18 (`service`) with the value 9; field 1 (`last_time`) with an instant beyond the calendar.
  EXPECT_THAT(decode_record("\x90\x01\x09").error(), HasSubstr("service"));
  EXPECT_THAT(decode_record("\x08\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01").error(), HasSubstr("last_time"));
  EXPECT_FALSE(decode_record("not a record").has_value());
  EXPECT_FALSE(decode_in_flight("").has_value());
  EXPECT_FALSE(decode_journal("\xff\xff").has_value());
  EXPECT_FALSE(decode_shelf_entry("", {}).has_value());
  EXPECT_FALSE(decode_shelf_entry(std::string_view("\1\1\0bad account", 14), {}).has_value());
  EXPECT_FALSE(decode_timer_entry(std::string_view("\0", 1), {}).has_value());
}

TEST(Codec, ALaterVersionMayPutMoreBehindTheAccountOfAnEntry) {
  const ShelfKey key{.lane = Lane::normal, .at = at_second(1'767'225'600)};
  const ShelfEntry entry{
      .subject = AccountId("a1"), .ordinal = 3, .generation = 2, .decided_at = at("2026-01-01T00:00:00Z")};
  EXPECT_EQ(decode_shelf_entry(encode(entry, key) + std::string("\0more", 5), key).value(), entry);
}

/// A customer with one dunning notice held over the night, as it stands there by the hundred thousand.
AccountRecord held_record() {
  AccountRecord record;
  record.profile = {.msisdn = "+8613800138000", .zone = "Asia/Shanghai", .lang = "zh-CN", .credit_level = 3};
  record.credit = {.state = CreditState::arrears,
                   .balance = Amount::from_micros(-123'450'000),
                   .credit_limit = Amount::from_micros(50'000'000),
                   .currency = "CNY",
                   .as_of = at("2026-01-31T21:45:00+08:00")};
  record.last_time = record.credit.as_of;
  record.profile_time = record.last_time;
  record.episode = {.key = hash48("evt-20260131-000123"),
                    .opened_at = record.last_time,
                    .cause = EventId("evt-20260131-000123"),
                    .caused_at = record.last_time,
                    .ladder_anchor = record.last_time,
                    .ladder_step = 1};
  record.pending.push_back({.ordinal = 1,
                            .generation = 1,
                            .kind = NoticeKind::dunning,
                            .step = 1,
                            .state = Held{.due_at = at("2026-02-01T07:00:00+08:00")},
                            .cause = record.episode.cause,
                            .event_time = record.last_time,
                            .decided_at = at("2026-01-31T22:00:01.250+08:00"),
                            .wanted_at = at("2026-01-31T22:00:01.250+08:00"),
                            .episode = record.episode.key,
                            .reasons = {"ladder.standard", "quiet_hours.night"}});
  record.ordinals = 1;
  record.wake_at = at("2026-02-03T21:45:00+08:00");
  record.seen = {hash48("evt-20260131-000123"), hash48("content")};
  return record;
}

TEST(Codec, AHeldDunningRecordStaysWellUnder200Bytes) {
  const std::size_t size = encode(held_record()).size();
  RecordProperty("bytes", static_cast<int>(size));
  EXPECT_LE(size, 180U);
}

TEST(Codec, AShelfEntryStaysUnder20Bytes) {
  const ShelfKey key{.lane = Lane::normal, .at = date::floor<Seconds>(at("2026-02-01T07:00:00+08:00"))};
  const ShelfEntry entry{.subject = AccountId("8600012345"),
                         .ordinal = 12,
                         .generation = 3,
                         .decided_at = at("2026-01-31T22:00:01.250+08:00")};
  EXPECT_EQ(encode(entry, key).size(), 16U);
  const auto minute = date::floor<std::chrono::minutes>(at("2026-02-03T21:45:00+08:00"));
  EXPECT_LE(
      encode(TimerEntry{.account = AccountId("8600012345"), .at = at("2026-02-03T21:45:59+08:00")}, minute).size(),
      14U);
}

}  // namespace
}  // namespace dun::redis
