// What a partition's owner knows of its shelves, against a naive model that holds everything.
#include "scheduler/shelves.hpp"
#include "tests/scheduler/random.hpp"
#include "tests/support/shelf_times.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using test::at_second;
using test::Random;
using testing::ElementsAre;
using testing::IsEmpty;

Instant ms(std::int64_t at) {
  return Instant(Millis(at));
}

TEST(ShelfSecond, IsThePresentOneOrTheFirstWholeSecondAtWhichItMayGo) {
  struct Row {
    std::int64_t due, now, second;
  };
  for (const Row& row : {Row{5000, 9999, 9}, Row{9999, 9999, 9}, Row{10'000, 9999, 10}, Row{10'001, 9999, 11},
                         Row{10'000, 10'000, 10}, Row{-1, -1, -1}, Row{-999, -2000, 0}})
    EXPECT_EQ(shelf_second(ms(row.due), ms(row.now)), at_second(row.second)) << row.due << " at " << row.now;
}

TEST(ShelfSecond, NeverOpensAShelfBeforeItsNoticesMayGo) {
  for (std::int64_t due = 0; due < 3000; ++due) EXPECT_GE(shelf_second(ms(due), ms(-1)), ms(due));
}

/// The store and the owner's view of it, changed together.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  void step() {
    switch (random_.between(0, 9)) {
      case 0:
        now_ += random_.chance(20) ? Seconds(random_.between(1, 20)) : random_.millis(0, 900);
        break;
      case 1:
      case 2:
      case 3:
        append();
        break;
      case 4:
        put_back();
        break;
      case 5:
        recover();
        break;
      default:
        look();
        take();
        break;
    }
    check();
  }
  void drain() {
    now_ += Seconds(1000);
    for (int i = 0; i < 10'000 && shelves_.total() > 0; ++i) {
      look();
      ASSERT_FALSE(shelves_.must_fetch(now_)) << "a look brings something to hand";
      take();
      check();
    }
    EXPECT_THAT(stored_, IsEmpty());
  }

 private:
  using Stored = std::map<ShelfKey, std::deque<ShelfEntry>>;

  ShelfEntry new_entry() {
    return {.subject = AccountId("a" + std::to_string(made_)), .ordinal = ++made_, .decided_at = now_};
  }
  ShelfKey random_key() {
    const Lane lane = all_lanes.at(random_.index(all_lanes.size()));
    return {.lane = lane, .at = shelf_second(now_ + (random_.chance(60) ? Millis(0) : random_.millis(0, 9000)), now_)};
  }
  void append() {
    const ShelfKey key = random_key();
    for (int i = random_.chance(2) ? 2000 : random_.between(1, 5); i > 0; --i) {
      const ShelfEntry entry = new_entry();
      stored_[key].push_back(entry);
      shelves_.append(key, entry);
    }
  }
  void put_back() {
    const ShelfKey key = random_key();
    std::vector<ShelfEntry> entries;
    for (int i = random_.between(1, 4); i > 0; --i) entries.push_back(new_entry());
    stored_[key].insert(stored_[key].begin(), entries.begin(), entries.end());
    shelves_.put_back(key, entries);
  }
  void recover() {
    std::vector<Recovery::Shelf> found;
    for (const auto& [key, entries] : stored_) found.push_back({.key = key, .entries = entries.size()});
    shelves_.recover(found);
  }
  void look() {
    for (const auto& asked : shelves_.wanted(now_, static_cast<std::size_t>(random_.between(1, 40)))) {
      const auto& entries = stored_.at(asked.key);
      ASSERT_LT(asked.skip, entries.size());
      ASSERT_GT(asked.count, 0U);
      const auto first = entries.begin() + static_cast<std::ptrdiff_t>(asked.skip);
      const auto count = std::min(asked.count, entries.size() - asked.skip);
      shelves_.fetched(asked, {first, first + static_cast<std::ptrdiff_t>(count)});
    }
  }
  void take() {
    for (const Lane lane : all_lanes) {
      const auto turns = shelves_.turns(lane, now_, static_cast<std::size_t>(random_.between(0, 30)));
      for (const auto& turn : turns) {
        auto& entries = stored_.at(turn.shelf);
        ASSERT_EQ(entries.front(), turn.entry);
        entries.pop_front();
        shelves_.take(turn.shelf);
        if (entries.empty()) stored_.erase(turn.shelf);
      }
    }
  }
  /// The lane's open entries, in the order of their turns.
  [[nodiscard]] std::vector<ShelfEntry> open(Lane lane) const {
    std::vector<ShelfEntry> all;
    for (const auto& [key, entries] : stored_)
      if (key.lane == lane && key.at <= now_) all.insert(all.end(), entries.begin(), entries.end());
    return all;
  }
  void check() const {
    std::uint64_t total = 0;
    std::optional<Instant> next;
    for (const auto& [key, entries] : stored_) {
      ASSERT_EQ(shelves_.size(key), entries.size());
      total += entries.size();
      if (key.at > now_ && (!next || key.at < *next)) next = key.at;
    }
    ASSERT_EQ(shelves_.total(), total);
    ASSERT_EQ(shelves_.next_open(now_), next);
    bool something_at_hand = false;
    bool something_open = false;
    for (const Lane lane : all_lanes) {
      const auto all = open(lane);
      const auto turns = shelves_.turns(lane, now_, 5000);
      ASSERT_LE(turns.size(), all.size());
      for (std::size_t i = 0; i < turns.size(); ++i) ASSERT_EQ(turns[i].entry, all[i]);
      something_at_hand |= !turns.empty();
      something_open |= !all.empty();
    }
    if (something_open && !something_at_hand) ASSERT_TRUE(shelves_.must_fetch(now_));
    if (!something_open) ASSERT_FALSE(shelves_.must_fetch(now_));
  }

  Random random_;
  Instant now_ = ms(1'000'000);
  std::uint32_t made_ = 0;
  Stored stored_;
  Shelves shelves_;
};

TEST(ShelvesProperty, AgreeWithANaiveModel) {
  for (const auto seed : test::seeds(100)) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed);
    for (int i = 0; i < 150; ++i) world.step();
    world.drain();
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(Shelves, ALookAsksForWhatIsMissingOfTheLanesFirstShelvesOnly) {
  Shelves shelves;
  shelves.recover({{.key = {Lane::normal, at_second(1)}, .entries = 10},
                   {.key = {Lane::normal, at_second(2)}, .entries = 10},
                   {.key = {Lane::bulk, at_second(2)}, .entries = 3},
                   {.key = {Lane::bulk, at_second(900)}, .entries = 3},
                   {.key = {Lane::urgent, at_second(1)}, .entries = 0}});
  EXPECT_EQ(shelves.total(), 26U);
  const auto wanted = shelves.wanted(Instant(Seconds(5)), 12);
  ASSERT_THAT(wanted, testing::SizeIs(2));
  EXPECT_EQ(wanted[0].key, (ShelfKey{Lane::normal, at_second(1)}));
  EXPECT_EQ(wanted[0].count, 12U);
  EXPECT_EQ(wanted[1].key, (ShelfKey{Lane::bulk, at_second(2)}));
}

TEST(Shelves, TheOldestThatIsOpenHoldsWhatWaitsLongest) {
  Shelves shelves;
  shelves.recover(
      {{.key = {Lane::normal, at_second(7)}, .entries = 1}, {.key = {Lane::bulk, at_second(2)}, .entries = 1}});
  EXPECT_EQ(shelves.oldest_open(Lane::normal, Instant(Seconds(6))), std::nullopt);
  EXPECT_EQ(shelves.oldest_open(Lane::normal, Instant(Seconds(7))), Instant(Seconds(7)));
  EXPECT_EQ(shelves.oldest_open(Lane::bulk, Instant(Seconds(7))), Instant(Seconds(2)));
  EXPECT_EQ(shelves.oldest_open(Lane::urgent, Instant(Seconds(7))), std::nullopt);
}

TEST(Shelves, ForgetAnAnswerThatNoLongerFits) {
  Shelves shelves;
  const ShelfKey key{Lane::normal, at_second(1)};
  shelves.recover({{.key = key, .entries = 2}});
  const auto asked = shelves.wanted(Instant(Seconds(5)), 10);
  const ShelfEntry returned{.subject = AccountId("returned")};
  shelves.put_back(key, {returned});
  shelves.fetched(asked.front(), {{.subject = AccountId("x")}, {.subject = AccountId("y")}});
  const auto turns = shelves.turns(Lane::normal, Instant(Seconds(5)), 10);
  ASSERT_THAT(turns, testing::SizeIs(1));
  EXPECT_EQ(turns.front().entry, returned);
}

}  // namespace
}  // namespace dun::scheduler
