#include "redis/commit_commands.hpp"
#include "redis/keys.hpp"
#include "redis/options.hpp"
#include "redis/outcome_filter.hpp"
#include "redis/router.hpp"
#include "redis/stream.hpp"
#include "redis/views.hpp"
#include "tests/support/shelf_times.hpp"

#include <gmock/gmock.h>

#include <set>

namespace dun::redis {
namespace {

using scheduler::ShelfKey;
using test::at_minute;
using test::at_second;
using testing::HasSubstr;

TEST(Keys, AreThoseOfTheContract) {
  const Keyspace keys;
  EXPECT_EQ(keys.front_door(), "dun:events");
  const PartitionKeys partition = keys.partition(12);
  EXPECT_EQ(partition.events(), "dun:{12}:events");
  EXPECT_EQ(partition.outcomes(), "dun:{12}:outcomes");
  EXPECT_EQ(partition.rejected(), "dun:{12}:rejected");
  EXPECT_EQ(partition.bucket(7), "dun:{12}:acct:7");
  EXPECT_EQ(partition.lane({.lane = Lane::bulk, .at = at_second(5)}), "dun:{12}:lane:bulk:5");
  EXPECT_EQ(partition.timers(at_minute(6)), "dun:{12}:timers:6");
  EXPECT_EQ(Keyspace("test.dun").partition(0).lease(), "test.dun:{0}:lease");
}

TEST(Keys, PrefixesHoldNothingThatMovesTheHashTag) {
  for (const char* good : {"dun", "a-b_c.d:1"}) EXPECT_TRUE(is_key_prefix(good)) << good;
  for (const char* bad : {"", "a{b", "a}b", "a b", "a*"}) EXPECT_FALSE(is_key_prefix(bad)) << bad;
}

TEST(Keys, BucketsAreFixedForEverAndSpread) {
  // Were this number to change, every stored record would be lost to its account.
  EXPECT_EQ(bucket_of(AccountId("8600012345"), 16'384), 8'203U);
  std::set<std::uint32_t> buckets;
  for (int i = 0; i < 1000; ++i) buckets.insert(bucket_of(AccountId("acct-" + std::to_string(i)), 64));
  EXPECT_EQ(buckets.size(), 64U);
  EXPECT_LT(*buckets.rbegin(), 64U);
}

TEST(Keys, MembersOfDueAreReadBack) {
  const auto shelf = parse_due_member(due_member(ShelfKey{.lane = Lane::urgent, .at = at_second(-5)}));
  ASSERT_TRUE(shelf && shelf->shelf);
  EXPECT_EQ(*shelf->shelf, (ShelfKey{.lane = Lane::urgent, .at = at_second(-5)}));
  const auto minute = parse_due_member(due_member(at_minute(29'453'760)));
  ASSERT_TRUE(minute && !minute->shelf);
  EXPECT_EQ(minute->minute, at_minute(29'453'760));
  for (const char* bad : {"", "normal", "normal:", "normal:x", "timers:1x", "fast:1"})
    EXPECT_FALSE(parse_due_member(bad));
}

TEST(StreamIds, AreReadAndWritten) {
  EXPECT_EQ(parse_stream_id("5-6"), (StreamId{5, 6}));
  EXPECT_EQ(parse_stream_id("5"), (StreamId{5, 0}));
  EXPECT_EQ(to_text(StreamId{5, 6}), "5-6");
  EXPECT_EQ(parse_stream_id("18446744073709551615-18446744073709551615"), (StreamId{~0ULL, ~0ULL}));
  for (const char* bad : {"", "-", "5-", "-5", "x", "5-6-7", "18446744073709551616"})
    EXPECT_FALSE(parse_stream_id(bad));
  EXPECT_EQ(parse_rejected_id("3:5-6"), (RejectedId{3, {5, 6}}));
  for (const char* bad : {"", "3", "3:", ":5-6", "-1:5-6", "x:5-6"}) EXPECT_FALSE(parse_rejected_id(bad)) << bad;
}

TEST(OutcomeFilters, AreNamesAndPrefixes) {
  const OutcomeFilter standard = OutcomeFilter::standard();
  EXPECT_TRUE(standard.has(OutcomeType::suspension_at_risk));
  EXPECT_TRUE(standard.has(OutcomeType::notice_unreachable));
  EXPECT_FALSE(standard.has(OutcomeType::notice_held));
  EXPECT_FALSE(standard.has(OutcomeType::event_rejected));

  const std::vector<std::string> events = {"event.*"};
  EXPECT_TRUE(OutcomeFilter::parse(events)->has(OutcomeType::event_duplicate));
  EXPECT_FALSE(OutcomeFilter::parse(events)->has(OutcomeType::event_applied));
  const std::vector<std::string> own = {"event.applied"};
  EXPECT_TRUE(OutcomeFilter::parse(own)->has(OutcomeType::event_applied));
  EXPECT_TRUE(OutcomeFilter::parse({}).has_value());
  for (const std::string bad : {"notice", "notice.", "notice.gone", "gone.*", "*", ""}) {
    const auto filter = OutcomeFilter::parse(std::vector<std::string>{bad});
    ASSERT_FALSE(filter.has_value()) << bad;
    EXPECT_THAT(filter.error(), HasSubstr("notice.sent"));
  }
}

TEST(Routing, GoesByTheAccountAndSendsTheRestToPartition0) {
  EXPECT_EQ(Router::partition_for({{"id", "1"}, {"account", "8600012345"}}, 16), partition_of("8600012345", 16));
  EXPECT_EQ(Router::partition_for({{"id", "1"}}, 16), 0);
  EXPECT_EQ(Router::partition_for({{"account", "not usable"}}, 16), 0);
  EXPECT_EQ(Router::partition_for({{"type", "source.heartbeat"}, {"account", "8600012345"}}, 16), 0);
  EXPECT_EQ(Router::partition_for({}, 16), 0);
}

TEST(FieldCases, S39_RoutingGoesByTheFieldThatTheEventIsReadBy) {
  EXPECT_EQ(Router::partition_for({{"account", ""}, {"account", "8600012345"}}, 16), partition_of("8600012345", 16));
  EXPECT_EQ(Router::partition_for({{"account", "8600012345"}, {"account", ""}}, 16), partition_of("8600012345", 16));
  EXPECT_EQ(Router::partition_for({{"type", ""}, {"type", "source.heartbeat"}, {"account", "8600012345"}}, 16), 0);
  for (int i = 0; i < 100; ++i) {
    const std::string account = "A" + std::to_string(i);
    const Fields fields{{"id", "e"},          {"account", ""}, {"type", "payment.received"},
                        {"account", account}, {"account", ""}, {"time", "2026-03-02T10:00:00Z"}};
    const auto event = parse_event(fields, {});
    ASSERT_TRUE(event) << event.error().reason;
    EXPECT_EQ(Router::partition_for(fields, 16), partition_of(event->account.str(), 16));
  }
}

TEST(StoreErrors, TellRefusalFromAbsenceFromDamage) {
  using Kind = StoreError::Kind;
  const auto kind = [](const char* reply) { return store_error(error_value(reply), "key").kind; };
  EXPECT_EQ(kind("OOM command not allowed when used memory > 'maxmemory'."), Kind::refused);
  EXPECT_EQ(kind("READONLY You can't write against a read only replica."), Kind::refused);
  EXPECT_EQ(kind("MISCONF Redis is configured to save RDB snapshots"), Kind::refused);
  EXPECT_EQ(kind("NOPERM this user has no permissions"), Kind::refused);
  EXPECT_EQ(kind("LOADING Redis is loading the dataset in memory"), Kind::unavailable);
  EXPECT_EQ(kind("WRONGTYPE Operation against a key"), Kind::corrupt);
  EXPECT_EQ(kind("ERR whatever"), Kind::corrupt);
  EXPECT_EQ(store_error(Value(), "key").kind, Kind::corrupt);
  EXPECT_THAT(store_error(error_value("WRONGTYPE x"), "dun:{1}:due").message, HasSubstr("dun:{1}:due"));
}

}  // namespace
}  // namespace dun::redis
