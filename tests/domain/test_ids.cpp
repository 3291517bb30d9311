#include "domain/ids.hpp"

#include "tests/domain/random.hpp"

#include <gmock/gmock.h>

#include <set>
#include <type_traits>
#include <unordered_set>
#include <vector>

namespace dun {
namespace {

// One kind of identifier is never taken for another, nor plain text for any.
template <typename A, typename B>
concept Comparable = requires(const A& a, const B& b) { a == b; };
template <typename A, typename B>
concept Ordered = requires(const A& a, const B& b) { a < b; };

static_assert(Comparable<AccountId, AccountId> && Ordered<AccountId, AccountId>);
static_assert(!Comparable<AccountId, EventId> && !Comparable<NoticeId, TaskId> && !Comparable<EventId, NoticeId>);
static_assert(!Ordered<AccountId, EventId>);
static_assert(!Comparable<AccountId, std::string>);
static_assert(!std::is_convertible_v<AccountId, EventId> && !std::is_constructible_v<EventId, AccountId>);
static_assert(!std::is_assignable_v<NoticeId&, TaskId> && !std::is_assignable_v<NoticeId&, std::string>);
static_assert(!std::is_convertible_v<std::string, AccountId> && !std::is_convertible_v<AccountId, std::string>);
static_assert(std::is_constructible_v<AccountId, std::string>);

TEST(Ids, BeginWithTheAccount) {
  struct Row {
    std::string_view id, account;
  };
  for (const Row& row : {Row{"acct-1~0123456789abcdef", "acct-1"}, Row{"a~1~tag", "a"}, Row{"a~", "a"}, Row{"~1", ""},
                         Row{"no mark", "no mark"}, Row{"", ""}})
    EXPECT_EQ(account_part(row.id), row.account) << row.id;
}

// Published vectors of SipHash-2-4 with 128 bits of result: key 00 01 .. 0f, input 00 01 .. of the given length, the
// result as two words of little-endian bytes.
TEST(Hash128, IsSipHash24) {
  struct Row {
    std::size_t size;
    std::uint64_t high, low;
  };
  const std::vector<Row> rows = {
      {0, 0xe6a825ba047f81a3, 0x930255c71472f66d},  {1, 0x44af996bd8c187da, 0x45fc229b11597634},
      {7, 0x53c1dbd8beebf1a1, 0x3982f01fa64ab8c0},  {8, 0x61f55862baa9623b, 0xb49714f364e2830f},
      {9, 0xabbad90a06994426, 0xed716dbb028b7fc4},  {15, 0x11a8b03399e99354, 0xd9c3cf970fec087e},
      {16, 0xbb54b067caa4e26e, 0x77052385bf1533fd}, {63, 0x4a83502f77d15051, 0x7cbd3f979a063e50},
  };
  std::string input;
  for (int i = 0; i < 64; ++i) input += static_cast<char>(i);
  for (const Row& row : rows) {
    const Hash128 hash = hash128(std::string_view(input).substr(0, row.size));
    EXPECT_EQ(hash.high, row.high) << row.size;
    EXPECT_EQ(hash.low, row.low) << row.size;
  }
}

TEST(Hash48, IsTheFrontOfTheHash) {
  EXPECT_EQ(hash48(""), 0xe6a825ba047fU);
  EXPECT_LT(hash48("anything"), std::uint64_t{1} << 48);
}

TEST(Base32, SpellsEightyBits) {
  EXPECT_EQ(base32({}), "0000000000000000");
  EXPECT_EQ(base32({.high = ~std::uint64_t{0}, .low = ~std::uint64_t{0}}), "zzzzzzzzzzzzzzzz");
  EXPECT_EQ(base32({.high = 0b00010'00001, .low = 0b11111}),
            "1200000000"
            "00z000");
  // Letters that are taken for digits do not occur.
  test::Random random(test::run_seed());
  for (int i = 0; i < 1000; ++i)
    EXPECT_THAT(base32(hash128(random.bytes(32))), testing::MatchesRegex("[0-9a-hjkmnp-tv-z]*"));
}

TEST(Base32, DiffersWhereTheHashDiffers) {
  // 60 bits of `high` and 20 of `low` are spelt; each of them shows.
  std::set<std::string> spelt{base32({})};
  for (unsigned bit = 0; bit < 60; ++bit) spelt.insert(base32({.high = std::uint64_t{1} << bit, .low = 0}));
  for (unsigned bit = 0; bit < 20; ++bit) spelt.insert(base32({.high = 0, .low = std::uint64_t{1} << bit}));
  EXPECT_EQ(spelt.size(), 81U);
}

TEST(IdBuilder, KeepsPartsApart) {
  const auto spell = [](std::initializer_list<std::string_view> parts) {
    IdBuilder builder;
    for (const std::string_view part : parts) builder.add(part);
    return base32(builder.hash());
  };
  const std::vector<std::string> all = {
      spell({}),         spell({""}),    spell({"", ""}),    spell({"ab", "c"}),     spell({"a", "bc"}),
      spell({"abc"}),    spell({"1:a"}), spell({"a", "1:"}), spell({"a", "", "1:"}), spell({"a", "1", ""}),
      spell({"2:ab1:c"})};
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), all.size());
}

TEST(IdBuilder, TakesNumbersAsTheirDecimalText) {
  const auto hash = [](auto part) { return IdBuilder().add(part).hash().high; };
  EXPECT_EQ(hash(std::int64_t{-12}), hash(std::string_view("-12")));
  EXPECT_NE(hash(std::int64_t{1}), hash(std::int64_t{-1}));
}

TEST(Crc16, IsThatOfRedisCluster) {
  EXPECT_EQ(crc16("123456789"), 0x31C3);
  EXPECT_EQ(crc16(""), 0);
  // CLUSTER KEYSLOT of a Redis server is this modulo 16384.
  EXPECT_EQ(crc16("somekey") % 16384, 11058);
  EXPECT_EQ(crc16("foo") % 16384, 12182);
  EXPECT_EQ(crc16("bar") % 16384, 5061);
  EXPECT_EQ(crc16("hello") % 16384, 866);
}

TEST(PartitionOf, SpreadsAccountsAndStaysInRange) {
  std::vector<int> counts(16);
  for (int i = 0; i < 16'000; ++i) {
    const int partition = partition_of("A" + std::to_string(i), 16);
    ASSERT_GE(partition, 0);
    ASSERT_LT(partition, 16);
    ++counts[static_cast<std::size_t>(partition)];
  }
  for (const int count : counts) EXPECT_NEAR(count, 1000, 300);
  EXPECT_EQ(partition_of("anything", 1), 0);
  EXPECT_EQ(partition_of("123456789", 16), 0x31C3 % 16);
}

TEST(StrongId, CanBeAKey) {
  const std::unordered_set<AccountId> accounts{AccountId("A"), AccountId("B"), AccountId("A")};
  EXPECT_EQ(accounts.size(), 2U);
  EXPECT_LT(AccountId("A"), AccountId("B"));
  EXPECT_TRUE(AccountId().empty());
}

}  // namespace
}  // namespace dun
