// The sample day is what it says it is: checked with the event parser and with books kept here, not with the
// generator's.
#include "tools/sample/generator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace dun::sample {
namespace {

constexpr SampleOptions small{.seed = 7, .accounts = 3000};

std::string value_of(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::first);
  return at == fields.end() ? std::string() : at->second;
}

/// What the contract says becomes of each event, by the plainest books that can be kept.
struct Books {
  struct Account {
    std::set<std::string> ids;
    std::set<std::uint64_t> contents;  ///< of what states a position or a profile
    std::optional<std::int64_t> seq;
    Instant changed{};  ///< newest `time` of a credit.changed
    int level = 0;
    bool owing = false;
  };
  std::map<std::string, Account> accounts;
  SampleTruth found;

  void enter(const CreditEvent& event) {
    if (event.type == EventType::source_heartbeat) {
      ++found.heartbeats;
      return;
    }
    Account& account = accounts[event.account.str()];
    const bool states = event.type == EventType::credit_changed || event.type == EventType::suspension_scheduled ||
                        event.type == EventType::suspension_cancelled || event.type == EventType::account_updated;
    if (account.ids.contains(event.id.str()) || (states && account.contents.contains(event.content_hash))) {
      ++found.duplicates;
      return;
    }
    const bool by_seq = event.seq && account.seq && *event.seq < *account.seq;
    const bool by_time = !event.seq && event.type == EventType::credit_changed && event.time < account.changed;
    if (by_seq || by_time) {
      ++found.superseded;
      return;
    }
    ++found.applied;
    account.ids.insert(event.id.str());
    if (states) account.contents.insert(event.content_hash);
    if (event.seq) account.seq = event.seq;
    if (event.type == EventType::credit_changed) account.changed = event.time;
    if (event.profile.credit_level) account.level = *event.profile.credit_level;
    const bool owes = event.state ? *event.state >= CreditState::arrears
                                  : event.type == EventType::credit_changed &&
                                        event.balance->plus(event.credit_limit.value_or(Amount())).negative();
    account.owing = account.owing || owes || event.type == EventType::suspension_scheduled;
  }
};

// The small one, and the size that is played: only in it each way to be malformed meets every producer.
class TruthOfSampleDay : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Accounts, TruthOfSampleDay, testing::Values(small.accounts, SampleOptions().accounts));

TEST_P(TruthOfSampleDay, is_what_independent_books_find) {
  SampleOptions options = small;
  options.accounts = GetParam();
  const SampleDay day(options);
  Books books;
  Instant last = day.begins();
  for (std::size_t i = 0; i < day.size(); ++i) {
    const SampleEvent event = day.event(i);
    EXPECT_LE(last, event.arrives);
    last = event.arrives;
    const auto parsed = parse_event(event.fields, {.now = event.arrives,
                                                   .latest = event.arrives,
                                                   .earliest = event.arrives - date::days(1830),
                                                   .plausible = date::days(3660)});
    if (parsed) {
      books.enter(*parsed);
    } else {
      ++books.found.malformed;
      ++books.found.malformed_by_field[parsed.error().field];
    }
  }
  const SampleTruth& truth = day.truth();
  EXPECT_EQ(truth.events, day.size());
  EXPECT_EQ(truth.events, truth.applied + truth.heartbeats + truth.duplicates + truth.superseded + truth.malformed);
  EXPECT_EQ(books.found.applied, truth.applied);
  EXPECT_EQ(books.found.heartbeats, truth.heartbeats);
  EXPECT_EQ(books.found.duplicates, truth.duplicates);
  EXPECT_EQ(books.found.superseded, truth.superseded);
  EXPECT_EQ(books.found.malformed, truth.malformed);
  EXPECT_EQ(books.found.malformed_by_field, truth.malformed_by_field);
  EXPECT_EQ(books.accounts.size(), truth.accounts);
  const auto vip = std::ranges::count_if(books.accounts, [](const auto& each) {
    const Books::Account& account = each.second;
    return account.level == 7 && account.owing;
  });
  EXPECT_EQ(static_cast<std::uint64_t>(vip), truth.vip_owing);
}

TEST(SampleDay, holds_something_of_everything) {
  const SampleDay day(small);
  std::set<std::string> types, zones, langs, levels, states;
  std::size_t at_night = 0;
  std::size_t without_balance = 0;
  std::size_t without_zone = 0;
  for (std::size_t i = 0; i < day.size(); ++i) {
    const Fields fields = day.event(i).fields;
    const std::string type = value_of(fields, "type");
    types.insert(type);
    zones.insert(value_of(fields, "zone"));
    langs.insert(value_of(fields, "lang"));
    levels.insert(value_of(fields, "credit_level"));
    states.insert(value_of(fields, "state"));
    if (!value_of(fields, "lang").empty() && value_of(fields, "zone").empty()) ++without_zone;
    if (type != "payment.received") continue;
    const std::string hour = value_of(fields, "time").substr(11, 2);  // billing writes the customer's wall clock
    if (hour >= "22" || hour < "07") ++at_night;
    if (value_of(fields, "balance").empty()) ++without_balance;
  }
  for (const std::string_view type : event_type_names())
    if (type != "dun.receipt") EXPECT_THAT(types, testing::Contains(std::string(type)));
  for (const std::string_view state : credit_state_names())
    if (state != "suspended") EXPECT_THAT(states, testing::Contains(std::string(state)));
  EXPECT_THAT(zones, testing::IsSupersetOf({"Asia/Shanghai", "Asia/Urumqi", "Asia/Hong_Kong", "Europe/Berlin",
                                            "America/New_York", "Asia/Atlantis"}));
  EXPECT_THAT(langs, testing::IsSupersetOf({"zh-CN", "en"}));
  EXPECT_THAT(levels, testing::IsSupersetOf({"1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_GT(at_night, small.accounts / 20);
  EXPECT_GT(without_balance, 0U);
  EXPECT_GT(without_zone, 0U);
  EXPECT_GT(day.truth().duplicates, 0U);
  EXPECT_GT(day.truth().superseded, 0U);
  EXPECT_GT(day.truth().vip_owing, 0U);
  EXPECT_GE(day.ends() - day.begins(), std::chrono::hours(30));
  EXPECT_LE(day.ends() - day.begins(), std::chrono::hours(36));
}

TEST(SampleDay, the_same_seed_makes_the_same_day_and_another_one_another) {
  const SampleDay day(small);
  const SampleDay again(small);
  const SampleDay other({.seed = 8, .accounts = small.accounts});
  ASSERT_EQ(day.size(), again.size());
  std::size_t differ = 0;
  for (std::size_t i = 0; i < day.size(); ++i) {
    EXPECT_EQ(day.event(i).arrives, again.event(i).arrives);
    EXPECT_EQ(day.event(i).fields, again.event(i).fields);
    if (i >= other.size() || day.event(i).fields != other.event(i).fields) ++differ;
  }
  EXPECT_GT(differ, day.size() / 2);
}

TEST(SampleDay, can_be_any_day) {
  for (const std::string_view text : {"2026-03-29", "2026-11-01", "2024-02-29"}) {
    const auto parsed = parse_day(text);
    ASSERT_TRUE(parsed) << text;
    const SampleDay day({.seed = 1, .accounts = 200, .day = *parsed});
    EXPECT_EQ(date::floor<date::days>(day.begins() + std::chrono::hours(8)), date::sys_days(*parsed));
  }
  for (const std::string_view text : {"", "2026-1-31", "2026-02-30", "2026-01-31T", "today"})
    EXPECT_FALSE(parse_day(text)) << text;
}

TEST(SampleDay, one_account_makes_a_day_too) {
  const SampleDay day({.seed = 1, .accounts = 1});
  EXPECT_GT(day.truth().malformed, 0U);
  EXPECT_EQ(day.size(), day.truth().events);
}

}  // namespace
}  // namespace dun::sample
