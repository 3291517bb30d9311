// What every PartitionStore promises. The engine is tested against the memory store and runs on Redis: this suite is
// why the one stands for the other.
#include "tests/conformance/random_state.hpp"
#include "tests/conformance/store_suite.hpp"
#include "tests/support/shelf_times.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

namespace dun::test {
namespace {

using namespace scheduler;
using Kind = StoreError::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Instant at(std::string_view text) {
  return parse_rfc3339(text).value();
}

ShelfEntry entry(const std::string& account, std::uint32_t ordinal) {
  return {.subject = AccountId(account), .ordinal = ordinal, .generation = 1, .decided_at = at("2026-03-01T12:00:00Z")};
}

class PartitionStoreSuite : public StoreSuite {
 protected:
  ReadReply read(PartitionStore& store, ReadRequest request) {
    auto reply = world_->run(store.read(std::move(request)));
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return reply.value_or(ReadReply());
  }
  std::vector<std::optional<AccountRecord>> load(PartitionStore& store, std::vector<AccountId> accounts) {
    auto records = world_->run(store.load(std::move(accounts)));
    EXPECT_TRUE(records.has_value()) << records.error().message;
    return records.value_or(std::vector<std::optional<AccountRecord>>());
  }
  std::vector<ShelfEntry> shelf(PartitionStore& store, ShelfKey key) {
    return read(store, {.shelves = {{.key = key, .skip = 0, .count = 1000}}}).shelves.at(0);
  }
};

// ---------------------------------------------------------------------------------------------------------- lease

TEST_P(PartitionStoreSuite, AnEmptyPartitionIsFoundEmpty) {
  PartitionStore& store = world_->open("a");
  const Recovery found = acquire(store);
  EXPECT_GE(found.epoch, 1U);
  EXPECT_EQ(found.cursor, StreamId());
  EXPECT_EQ(found.counters, Counters());
  EXPECT_THAT(found.shelves, IsEmpty());
  EXPECT_THAT(found.timer_minutes, IsEmpty());
  EXPECT_THAT(found.in_flight, IsEmpty());
}

TEST_P(PartitionStoreSuite, AnotherOwnerIsTurnedAwayAndToldWhoHasIt) {
  PartitionStore& first = world_->open("first-process");
  acquire(first);
  PartitionStore& second = world_->open("second-process");
  const auto refused = world_->run(second.acquire());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, Kind::owned);
  EXPECT_THAT(refused.error().message, HasSubstr("first-process"));
}

TEST_P(PartitionStoreSuite, NothingIsCommittedWithoutALease) {
  PartitionStore& store = world_->open("a");
  const auto committed = world_->run(store.commit({.epoch = 1}));
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().kind, Kind::fenced);
}

TEST_P(PartitionStoreSuite, EveryAcquisitionRaisesTheEpochAndVoidsTheOneBefore) {
  PartitionStore& store = world_->open("a");
  const Recovery one = acquire(store);
  const Recovery two = acquire(store);
  EXPECT_GT(two.epoch, one.epoch);
  const auto late = world_->run(store.commit({.epoch = one.epoch, .cursor = {9, 9}}));
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().kind, Kind::fenced);
  EXPECT_EQ(acquire(store).cursor, StreamId());
}

TEST_P(PartitionStoreSuite, AnExpiredLeaseMayBeTakenAndItsOldOwnerIsFenced) {
  PartitionStore& first = world_->open("first");
  const Recovery old = acquire(first);
  world_->let_lease_expire();
  PartitionStore& second = world_->open("second");
  const Recovery now = acquire(second);
  EXPECT_GT(now.epoch, old.epoch);

  Commit late{.epoch = old.epoch, .cursor = {7, 7}, .at = at("2026-03-01T00:00:00Z")};
  late.records.push_back({.account = AccountId("x"), .value = AccountRecord()});
  late.journal.push_back({.account = AccountId("x")});
  const auto fenced = world_->run(first.commit(late));
  ASSERT_FALSE(fenced.has_value());
  EXPECT_EQ(fenced.error().kind, Kind::fenced);

  EXPECT_EQ(load(second, {AccountId("x")}).at(0), std::nullopt);
  EXPECT_THAT(world_->journal(), IsEmpty());
  commit(second, {.epoch = now.epoch, .cursor = {1, 0}});
  EXPECT_EQ(acquire(second).cursor, (StreamId{1, 0}));
}

TEST_P(PartitionStoreSuite, ALeaseThatRanOutFencesEvenWhenNobodyTookIt) {
  PartitionStore& store = world_->open("a");
  const Recovery found = acquire(store);
  world_->let_lease_expire();
  const auto fenced = world_->run(store.commit({.epoch = found.epoch}));
  ASSERT_FALSE(fenced.has_value());
  EXPECT_EQ(fenced.error().kind, Kind::fenced);
}

TEST_P(PartitionStoreSuite, ARestartedProcessOfTheSameNameTakesOverAtOnce) {
  PartitionStore& before = world_->open("same");
  const Recovery old = acquire(before);
  PartitionStore& after = world_->open("same");
  const Recovery now = acquire(after);
  EXPECT_GT(now.epoch, old.epoch);
  const auto fenced = world_->run(before.commit({.epoch = old.epoch}));
  ASSERT_FALSE(fenced.has_value());
  EXPECT_EQ(fenced.error().kind, Kind::fenced);
  commit(after, {.epoch = now.epoch});
}

TEST_P(PartitionStoreSuite, AReleasedLeaseIsFreeAndTheStateStays) {
  PartitionStore& first = world_->open("first");
  const Recovery found = acquire(first);
  commit(first, {.epoch = found.epoch, .cursor = {5, 1}});
  world_->run(first.release());
  const auto fenced = world_->run(first.commit({.epoch = found.epoch}));
  ASSERT_FALSE(fenced.has_value());
  EXPECT_EQ(fenced.error().kind, Kind::fenced);
  PartitionStore& second = world_->open("second");
  const Recovery now = acquire(second);
  EXPECT_GT(now.epoch, found.epoch);
  EXPECT_EQ(now.cursor, (StreamId{5, 1}));
}

TEST_P(PartitionStoreSuite, AReleaseThatComesLateDoesNotFreeTheNewOwnersLease) {
  PartitionStore& first = world_->open("first");
  acquire(first);
  world_->let_lease_expire();
  PartitionStore& second = world_->open("second");
  const Recovery now = acquire(second);
  world_->run(first.release());
  PartitionStore& third = world_->open("third");
  EXPECT_FALSE(world_->run(third.acquire()).has_value());
  commit(second, {.epoch = now.epoch});
}

TEST_P(PartitionStoreSuite, ANewOwnerFindsByWhichPoliciesAndWhenTheLastCommitWasMade) {
  PartitionStore& store = world_->open("a");
  const Recovery none = acquire(store);
  EXPECT_EQ(none.policy, "");
  EXPECT_EQ(none.at, std::nullopt);
  commit(store, {.epoch = none.epoch, .policy = "p1", .at = at("2026-03-01T12:00:00Z")});
  commit(store, {.epoch = none.epoch, .policy = "", .at = at("2026-03-01T12:00:01Z")});
  const Recovery mixed = acquire(store);
  EXPECT_EQ(mixed.policy, "");
  EXPECT_EQ(mixed.at, at("2026-03-01T12:00:01Z"));
  commit(store, {.epoch = mixed.epoch, .policy = "p2", .at = at("1960-01-01T00:00:00Z")});
  const Recovery now = acquire(store);
  EXPECT_EQ(now.policy, "p2");
  EXPECT_EQ(now.at, at("1960-01-01T00:00:00Z"));
}

// --------------------------------------------------------------------------------------------------------- events

TEST_P(PartitionStoreSuite, EventsAreReadInOrderBehindTheCursorAndAsTheyCame) {
  PartitionStore& store = world_->open("a");
  acquire(store);
  const Fields odd = {
      {"id", "1"}, {"", ""}, {"id", "again"}, {std::string("\0\xff\r\n", 4), std::string("\xc3\x28\0", 3)}};
  const StreamId one = world_->publish(odd);
  const StreamId two = world_->publish({{"id", "2"}});
  const StreamId three = world_->publish({{"id", "3"}});

  const ReadReply all = read(store, {.events_max = 10});
  ASSERT_THAT(all.events, SizeIs(3));
  EXPECT_EQ(all.events[0].id, one);
  EXPECT_EQ(all.events[0].fields, odd);
  EXPECT_EQ(all.events[1].id, two);
  EXPECT_EQ(all.events[2].id, three);
  EXPECT_LT(one, two);
  EXPECT_LT(two, three);

  const ReadReply rest = read(store, {.after = one, .events_max = 1});
  ASSERT_THAT(rest.events, SizeIs(1));
  EXPECT_EQ(rest.events[0].id, two);
}

TEST_P(PartitionStoreSuite, TheEndIsReachedWhenNothingIsLeftUnread) {
  PartitionStore& store = world_->open("a");
  acquire(store);
  EXPECT_TRUE(read(store, {}).at_end);
  world_->publish({{"id", "1"}});
  const StreamId last = world_->publish({{"id", "2"}});
  EXPECT_FALSE(read(store, {.events_max = 0}).at_end);
  EXPECT_THAT(read(store, {.events_max = 0}).events, IsEmpty());
  EXPECT_FALSE(read(store, {.events_max = 1}).at_end);
  EXPECT_TRUE(read(store, {.events_max = 2}).at_end);
  EXPECT_TRUE(read(store, {.events_max = 3}).at_end);
  EXPECT_TRUE(read(store, {.after = last, .events_max = 0}).at_end);
}

TEST_P(PartitionStoreSuite, TheEndIsNotReachedWhileTheFrontDoorHoldsWhatWasNotRouted) {
  PartitionStore& store = world_->open("a");
  acquire(store);
  world_->publish_at_front_door();
  EXPECT_FALSE(read(store, {}).at_end);
  world_->route();
  EXPECT_TRUE(read(store, {.after = {~0ULL, 0}}).at_end);
  world_->publish_at_front_door();
  EXPECT_FALSE(read(store, {.after = {~0ULL, 0}}).at_end);
}

TEST_P(PartitionStoreSuite, CursorAndCountersComeBack) {
  PartitionStore& store = world_->open("a");
  const Recovery found = acquire(store);
  const Counters counters = RandomState(11).counters();
  commit(store, {.epoch = found.epoch, .cursor = {1'767'225'600'123, 45}, .counters = counters});
  const Recovery again = acquire(store);
  EXPECT_EQ(again.cursor, (StreamId{1'767'225'600'123, 45}));
  EXPECT_EQ(again.counters, counters);
}

// -------------------------------------------------------------------------------------------------------- records

TEST_P(PartitionStoreSuite, RecordsComeBackInTheOrderAskedAndUnknownOnesAsNone) {
  PartitionStore& store = world_->open("a");
  Commit change{.epoch = acquire(store).epoch};
  RandomState random(1);
  const AccountRecord one = random.record(), two = random.record();
  change.records = {{.account = AccountId("one"), .value = one}, {.account = AccountId("two"), .value = two}};
  commit(store, change);
  EXPECT_THAT(load(store, {AccountId("two"), AccountId("none"), AccountId("one")}),
              ElementsAre(two, std::nullopt, one));
  EXPECT_THAT(load(store, {}), IsEmpty());
}

TEST_P(PartitionStoreSuite, RecordsAreReplacedAndRemoved) {
  PartitionStore& store = world_->open("a");
  RandomState random(2);
  const AccountRecord before = random.record(), after = random.record();
  const std::uint64_t epoch = acquire(store).epoch;
  commit(store, {.epoch = epoch,
                 .records = {{.account = AccountId("kept"), .value = before},
                             {.account = AccountId("gone"), .value = before}}});
  commit(store, {.epoch = epoch,
                 .records = {{.account = AccountId("kept"), .value = after},
                             {.account = AccountId("gone"), .value = std::nullopt},
                             {.account = AccountId("never"), .value = std::nullopt}}});
  EXPECT_THAT(load(store, {AccountId("kept"), AccountId("gone"), AccountId("never")}),
              ElementsAre(after, std::nullopt, std::nullopt));
}

TEST_P(PartitionStoreSuite, WhetherANoticeIsInFlightIsNotPartOfTheRecord) {
  PartitionStore& store = world_->open("a");
  AccountRecord record;
  record.pending.push_back({.ordinal = 1, .in_flight = true});
  commit(store, {.epoch = acquire(store).epoch, .records = {{.account = AccountId("a"), .value = record}}});
  record.pending[0].in_flight = false;
  EXPECT_THAT(load(store, {AccountId("a")}), ElementsAre(record));
}

// -------------------------------------------------------------------------------------------------------- shelves

TEST_P(PartitionStoreSuite, ShelvesKeepArrivalOrder) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const ShelfKey key{.lane = Lane::normal, .at = at_second(1'772'323'200)};
  commit(store, {.epoch = epoch, .shelves = {{.key = key, .append = {entry("c", 1), entry("a", 2)}}}});
  commit(store, {.epoch = epoch, .shelves = {{.key = key, .append = {entry("b", 3)}}}});
  EXPECT_THAT(shelf(store, key), ElementsAre(entry("c", 1), entry("a", 2), entry("b", 3)));
  EXPECT_THAT(shelf(store, {.lane = Lane::urgent, .at = key.at}), IsEmpty());
}

TEST_P(PartitionStoreSuite, TakingPuttingBackAndAppendingHappenInThatOrder) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const ShelfKey key{.lane = Lane::urgent, .at = at_second(1'772'323'200)};
  commit(store, {.epoch = epoch,
                 .shelves = {{.key = key, .append = {entry("a", 1), entry("b", 2), entry("c", 3), entry("d", 4)}}}});
  commit(store,
         {.epoch = epoch,
          .shelves = {{.key = key, .take = 3, .put_back = {entry("b", 2), entry("c", 3)}, .append = {entry("e", 5)}}}});
  EXPECT_THAT(shelf(store, key), ElementsAre(entry("b", 2), entry("c", 3), entry("d", 4), entry("e", 5)));
}

TEST_P(PartitionStoreSuite, AShelfIsReadFromWhereTheEngineStands) {
  PartitionStore& store = world_->open("a");
  const ShelfKey one{.lane = Lane::normal, .at = at_second(100)}, two{.lane = Lane::bulk, .at = at_second(100)};
  commit(store, {.epoch = acquire(store).epoch,
                 .shelves = {{.key = one, .append = {entry("a", 1), entry("b", 2), entry("c", 3)}},
                             {.key = two, .append = {entry("z", 9)}}}});
  const ReadReply reply = read(store, {.events_max = 0,
                                       .shelves = {{.key = one, .skip = 1, .count = 1},
                                                   {.key = one, .skip = 0, .count = 0},
                                                   {.key = two, .skip = 1, .count = 5},
                                                   {.key = two, .skip = 0, .count = 5}}});
  EXPECT_THAT(reply.shelves, ElementsAre(ElementsAre(entry("b", 2)), IsEmpty(), IsEmpty(), ElementsAre(entry("z", 9))));
}

TEST_P(PartitionStoreSuite, ANewOwnerFindsTheShelvesThatHoldSomething) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const ShelfKey early{.lane = Lane::normal, .at = at_second(100)}, late{.lane = Lane::normal, .at = at_second(200)};
  const ShelfKey bulk{.lane = Lane::bulk, .at = at_second(100)}, bare{.lane = Lane::bulk, .at = at_second(300)};
  commit(store, {.epoch = epoch,
                 .shelves = {{.key = early, .append = {entry("a", 1)}},
                             {.key = late, .append = {entry("b", 1), entry("c", 1)}},
                             {.key = bulk, .append = {entry("d", 1), entry("e", 1)}},
                             {.key = bare, .append = {entry("f", 1)}}}});
  commit(store,
         {.epoch = epoch,
          .shelves = {{.key = early, .take = 1, .emptied = true}, {.key = bulk, .take = 1}, {.key = bare, .take = 1}}});
  auto shelves = acquire(store).shelves;
  std::ranges::sort(shelves, {}, &Recovery::Shelf::key);
  ASSERT_THAT(shelves, SizeIs(2));
  EXPECT_EQ(shelves[0].key, late);
  EXPECT_EQ(shelves[0].entries, 2U);
  EXPECT_EQ(shelves[1].key, bulk);
  EXPECT_EQ(shelves[1].entries, 1U);
  EXPECT_THAT(shelf(store, early), IsEmpty());
}

TEST_P(PartitionStoreSuite, AShelfThatEndedMayBeginAgain) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const ShelfKey key{.lane = Lane::normal, .at = at_second(100)};
  commit(store, {.epoch = epoch, .shelves = {{.key = key, .append = {entry("a", 1)}}}});
  commit(store, {.epoch = epoch, .shelves = {{.key = key, .take = 1, .emptied = true}}});
  commit(store, {.epoch = epoch, .shelves = {{.key = key, .append = {entry("b", 2)}}}});
  EXPECT_THAT(shelf(store, key), ElementsAre(entry("b", 2)));
  EXPECT_THAT(acquire(store).shelves, SizeIs(1));
}

// --------------------------------------------------------------------------------------------------------- timers

TEST_P(PartitionStoreSuite, TimersAreReadByTheMinuteAndDropped) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const TimerEntry one{.account = AccountId("a"), .at = Instant(std::chrono::minutes(100) + Millis(59'999))};
  const TimerEntry two{.account = AccountId("b"), .at = Instant(std::chrono::minutes(100))};
  const TimerEntry other{.account = AccountId("c"), .at = Instant(std::chrono::minutes(101))};
  commit(store,
         {.epoch = epoch,
          .timers = {{.minute = at_minute(100), .append = {one}}, {.minute = at_minute(101), .append = {other}}}});
  commit(store, {.epoch = epoch, .timers = {{.minute = at_minute(100), .append = {two}}}});

  const ReadReply reply = read(
      store,
      {.events_max = 0, .timers = {{.minute = at_minute(101)}, {.minute = at_minute(99)}, {.minute = at_minute(100)}}});
  EXPECT_THAT(reply.timers, ElementsAre(ElementsAre(other), IsEmpty(), ElementsAre(one, two)));

  commit(store, {.epoch = epoch, .timers = {{.minute = at_minute(100), .drop = true}}});
  EXPECT_THAT(read(store, {.events_max = 0, .timers = {{.minute = at_minute(100)}}}).timers, ElementsAre(IsEmpty()));
  EXPECT_THAT(acquire(store).timer_minutes, ElementsAre(at_minute(101)));
}

TEST_P(PartitionStoreSuite, AMinuteIsReadInParts) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  std::vector<TimerEntry> all;
  for (int i = 0; i < 5; ++i)
    all.push_back({.account = AccountId("a" + std::to_string(i)), .at = Instant(std::chrono::minutes(100))});
  commit(store, {.epoch = epoch, .timers = {{.minute = at_minute(100), .append = all}}});
  const auto part = [&](std::size_t skip, std::size_t count) {
    return read(store, {.events_max = 0, .timers = {{.minute = at_minute(100), .skip = skip, .count = count}}})
        .timers.at(0);
  };
  EXPECT_THAT(part(0, 2), ElementsAre(all[0], all[1]));
  EXPECT_THAT(part(2, 2), ElementsAre(all[2], all[3]));
  EXPECT_THAT(part(4, 2), ElementsAre(all[4]));
  EXPECT_THAT(part(5, 2), IsEmpty());
  EXPECT_THAT(part(0, 0), IsEmpty());
}

TEST_P(PartitionStoreSuite, AMinuteThatIsDroppedAndBegunAgainInOneCommitHoldsWhatIsNew) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  const TimerEntry old{.account = AccountId("a"), .at = Instant(std::chrono::minutes(100))};
  const TimerEntry fresh{.account = AccountId("b"), .at = Instant(std::chrono::minutes(100) + Millis(5))};
  commit(store, {.epoch = epoch, .timers = {{.minute = at_minute(100), .append = {old}}}});
  commit(store, {.epoch = epoch, .timers = {{.minute = at_minute(100), .append = {fresh}, .drop = true}}});
  EXPECT_THAT(read(store, {.events_max = 0, .timers = {{.minute = at_minute(100)}}}).timers,
              ElementsAre(ElementsAre(fresh)));
  EXPECT_THAT(acquire(store).timer_minutes, ElementsAre(at_minute(100)));
}

// ------------------------------------------------------------------------------------------------- claims, journal

TEST_P(PartitionStoreSuite, ClaimsThatWereNotSettledAreFoundByTheNextOwner) {
  PartitionStore& store = world_->open("a");
  RandomState random(3);
  const InFlight one = random.in_flight(), two = random.in_flight(), three = random.in_flight();
  const std::uint64_t epoch = acquire(store).epoch;
  commit(store, {.epoch = epoch, .claims = {one, two}});
  commit(store, {.epoch = epoch, .claims = {three}, .settled = {two.notice, NoticeId("unheard of")}});
  EXPECT_THAT(acquire(store).in_flight, testing::UnorderedElementsAre(one, three));
}

TEST_P(PartitionStoreSuite, ANoticeSettledAndClaimedAnewInOneCommitIsInFlight) {
  PartitionStore& store = world_->open("a");
  RandomState random(4);
  InFlight claim = random.in_flight();
  const std::uint64_t epoch = acquire(store).epoch;
  commit(store, {.epoch = epoch, .claims = {claim}});
  claim.attempt = 2;
  commit(store, {.epoch = epoch, .claims = {claim}, .settled = {claim.notice}});
  EXPECT_THAT(acquire(store).in_flight, ElementsAre(claim));
}

TEST_P(PartitionStoreSuite, TheJournalHoldsEveryOutcomeInOrder) {
  PartitionStore& store = world_->open("a");
  const std::uint64_t epoch = acquire(store).epoch;
  RandomState random(5);
  std::vector<Outcome> all;
  for (int batch = 0; batch < 8; ++batch) {
    // Instants that grow, as in life: the journals of several partitions are merged by them.
    Commit change{.epoch = epoch, .at = at("2026-03-01T00:00:00Z") + std::chrono::minutes(batch)};
    for (int i = 0; i < batch; ++i) {
      change.journal.push_back(random.outcome());
      change.journal.back().at = change.at;
    }
    std::ranges::copy(change.journal, std::back_inserter(all));
    commit(store, change);
  }
  EXPECT_EQ(world_->journal(), all);
}

TEST_P(PartitionStoreSuite, RejectedEntriesKeepTheOriginalByteForByte) {
  PartitionStore& store = world_->open("a");
  RejectedEntry entry{.field = "time",
                      .reason = "expected RFC 3339",
                      .at = at("2026-03-01T01:02:03.004Z"),
                      .original = {.id = {5, 6},
                                   .fields = {{"time", "x"},
                                              {"time", "twice"},
                                              {"reason", "its own"},
                                              {"original.field", ""},
                                              {"", std::string("\0\xfe\n", 3)}}}};
  RejectedEntry bare{.field = "", .reason = "", .at = entry.at, .original = {.id = {7, 0}, .fields = {{"a", "b"}}}};
  commit(store, {.epoch = acquire(store).epoch, .rejected = {entry, bare}});
  const auto found = world_->rejected();
  ASSERT_THAT(found, SizeIs(2));
  const auto parts = [](const RejectedEntry& e) {
    return std::tie(e.field, e.reason, e.at, e.original.id, e.original.fields);
  };
  EXPECT_EQ(parts(found[0]), parts(entry));
  EXPECT_EQ(parts(found[1]), parts(bare));
}

TEST_P(PartitionStoreSuite, AFencedCommitLeavesNoTraceOfAnyOfItsParts) {
  PartitionStore& first = world_->open("first");
  const std::uint64_t old = acquire(first).epoch;
  world_->let_lease_expire();
  PartitionStore& second = world_->open("second");
  acquire(second);
  RandomState random(6);
  const ShelfKey key{.lane = Lane::normal, .at = at_second(100)};
  Commit change{.epoch = old, .cursor = {3, 3}, .at = at("2026-03-01T00:00:00Z")};
  change.counters.read = 1;
  change.records = {{.account = AccountId("x"), .value = random.record()}};
  change.shelves = {{.key = key, .append = {entry("x", 1)}}};
  change.timers = {{.minute = at_minute(5), .append = {random.timer_entry(at_minute(5))}}};
  change.claims = {random.in_flight()};
  change.journal = {random.outcome()};
  change.rejected = {{.field = "f", .reason = "r", .original = {.id = {1, 1}, .fields = {{"a", "b"}}}}};
  EXPECT_FALSE(world_->run(first.commit(change)).has_value());

  const Recovery found = acquire(second);
  EXPECT_EQ(found.cursor, StreamId());
  EXPECT_EQ(found.counters, Counters());
  EXPECT_THAT(found.shelves, IsEmpty());
  EXPECT_THAT(found.timer_minutes, IsEmpty());
  EXPECT_THAT(found.in_flight, IsEmpty());
  EXPECT_EQ(load(second, {AccountId("x")}).at(0), std::nullopt);
  EXPECT_THAT(world_->journal(), IsEmpty());
  EXPECT_THAT(world_->rejected(), IsEmpty());
}

// ------------------------------------------------------------------------------------------------------- property

/// What the store ought to hold after a sequence of commits, kept in the plainest way.
struct Model {
  std::map<AccountId, AccountRecord> records;
  std::map<ShelfKey, std::deque<ShelfEntry>> shelves;
  std::map<TimerMinute, std::vector<TimerEntry>> timers;
  std::map<NoticeId, InFlight> in_flight;
  Counters counters;
  StreamId cursor;
};

/// A random commit, and what it does to the model.
Commit random_commit(RandomState& random, Model& model, std::uint64_t epoch) {
  Commit change{.epoch = epoch, .cursor = {model.cursor.ms + 1, 0}, .counters = random.counters()};
  model.cursor = change.cursor;
  model.counters = change.counters;
  for (std::int64_t left = random.number(0, 5); left > 0; --left) {
    const AccountId account(std::to_string(left * 100 + random.number(0, 5)));
    change.records.push_back({.account = account});
    if (random.chance(80))
      change.records.back().value = model.records[account] = random.record();
    else
      model.records.erase(account);
  }
  for (std::int64_t at = 0; at < random.number(0, 4); ++at) {
    const ShelfKey key{.lane = Lane::normal, .at = at_second(at)};
    auto& shelf = model.shelves[key];
    Commit::ShelfChange& now = change.shelves.emplace_back(key);
    now.take = static_cast<std::size_t>(random.number(0, static_cast<std::int64_t>(shelf.size())));
    std::vector<ShelfEntry> taken(shelf.begin(), shelf.begin() + static_cast<std::ptrdiff_t>(now.take));
    shelf.erase(shelf.begin(), shelf.begin() + static_cast<std::ptrdiff_t>(now.take));
    if (random.chance(50)) now.put_back = std::move(taken);
    shelf.insert(shelf.begin(), now.put_back.begin(), now.put_back.end());
    for (std::int64_t left = random.number(0, 3); left > 0; --left) now.append.push_back(random.shelf_entry());
    shelf.insert(shelf.end(), now.append.begin(), now.append.end());
    now.emptied = shelf.empty();
  }
  for (std::int64_t i = 0; i < random.number(0, 4); ++i) {
    const TimerMinute minute = at_minute(i);
    auto& timers = model.timers[minute];
    Commit::TimerChange& now = change.timers.emplace_back(minute);
    now.drop = random.chance(30);
    if (now.drop) timers.clear();
    for (std::int64_t left = random.number(0, 3); left > 0; --left) now.append.push_back(random.timer_entry(minute));
    std::ranges::copy(now.append, std::back_inserter(timers));
  }
  if (!model.in_flight.empty() && random.chance(50)) {
    change.settled.push_back(model.in_flight.begin()->first);
    model.in_flight.erase(model.in_flight.begin());
  }
  for (std::int64_t left = random.number(0, 2); left > 0; --left) {
    change.claims.push_back(random.in_flight());
    model.in_flight[change.claims.back().notice] = change.claims.back();
  }
  return change;
}

TEST_P(PartitionStoreSuite, AnySequenceOfCommitsIsFoundAgainExactly) {
  constexpr std::uint64_t seed = 20'260'301;
  RandomState random(seed);
  Model model;
  PartitionStore& store = world_->open("a");
  std::uint64_t epoch = acquire(store).epoch;
  for (int round = 0; round < 150; ++round) {
    commit(store, random_commit(random, model, epoch));
    if (round % 10 != 9) continue;
    SCOPED_TRACE(testing::Message() << "seed " << seed << " round " << round);
    const Recovery found = acquire(store);
    epoch = found.epoch;
    EXPECT_EQ(found.cursor, model.cursor);
    EXPECT_EQ(found.counters, model.counters);
    std::erase_if(model.shelves, [](const auto& item) { return item.second.empty(); });
    std::erase_if(model.timers, [](const auto& item) { return item.second.empty(); });

    EXPECT_THAT(found.shelves, SizeIs(model.shelves.size()));
    for (const auto& [key, entries] : model.shelves)
      EXPECT_EQ(shelf(store, key), std::vector<ShelfEntry>(entries.begin(), entries.end()));
    EXPECT_THAT(found.timer_minutes, SizeIs(model.timers.size()));
    for (const auto& [minute, entries] : model.timers)
      EXPECT_THAT(read(store, {.timers = {{.minute = minute}}}).timers, ElementsAre(entries));
    EXPECT_THAT(found.in_flight, SizeIs(model.in_flight.size()));
    for (const InFlight& claim : found.in_flight) EXPECT_EQ(claim, model.in_flight[claim.notice]);
    for (const auto& [account, record] : model.records) EXPECT_THAT(load(store, {account}), ElementsAre(record));
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, PartitionStoreSuite, both_stores(), name_of_store);

}  // namespace
}  // namespace dun::test
