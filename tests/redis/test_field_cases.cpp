// Cases from the field, on a real server: what other hands do to the streams, and what the service makes of it.
#include "redis/renewal.hpp"
#include "redis/router.hpp"
#include "redis/server_check.hpp"
#include "redis/views.hpp"
#include "tests/redis/redis_fixture.hpp"

namespace dun::redis {
namespace {

using scheduler::Commit;
using scheduler::ReadReply;
using scheduler::Recovery;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class FieldCases : public RedisTest {
 protected:
  ~FieldCases() override {
    for (const auto& router : routers_) run(router->close());
  }
  Router& open_router() {
    RouterOptions options{
        .partitions = 1, .owner = "router", .block = Millis(1), .retry = Millis(1), .audit_every = Millis(0)};
    options.on_remark = [this](const std::string& reason, const std::string& what) {
      remarks_.push_back(reason + ": " + what);
    };
    Router& router = *routers_.emplace_back(
        std::make_unique<Router>(context_.get_executor(), address(), quick(), std::move(options)));
    EXPECT_TRUE(run(router.acquire()).has_value());
    return router;
  }
  RedisPartitionStore& open_watched_store() {
    PartitionStoreOptions options{.owner = "a", .audit_every = Millis(0)};
    options.on_remark = [this](const std::string& what) { remarks_.push_back(what); };
    return open_store(std::move(options));
  }
  void add(const std::string& key, const std::string& id, const std::string& event) {
    const Value reply = server_.command({"XADD", key, id, "id", event});
    ASSERT_EQ(reply.type, Value::Type::text) << reply.text;
  }
  /// Reads what is new and commits the cursor, as an engine does; the `id` of each event, with cut fields told.
  std::vector<std::string> take(RedisPartitionStore& store, Commit& state) {
    const auto reply = run(store.read({.after = state.cursor}));
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    std::vector<std::string> ids;
    if (!reply) return ids;
    for (const StreamEntry& entry : reply->events) {
      ids.push_back(entry.fields.empty() ? "" : entry.fields.front().second);
      state.cursor = entry.id;
      ++state.counters.read;
    }
    commit(store, state);
    return ids;
  }
  std::vector<std::string> journal() {
    JournalView view(open_links(), Keyspace(), 1, {});
    std::vector<std::string> told;
    while (true) {
      const auto page = run(view.next());
      EXPECT_TRUE(page.has_value()) << page.error().message;
      if (!page) return told;
      for (const Outcome& outcome : page->outcomes)
        told.push_back((outcome.reasons.empty() ? "" : outcome.reasons.front()) + ": " + outcome.detail);
      if (page->at_end) return told;
    }
  }

  static constexpr const char* last_id = "18446744073709551615-18446744073709551615";
  std::vector<std::unique_ptr<Router>> routers_;
  std::vector<std::string> remarks_;
};

TEST_F(FieldCases, C2_AStreamThatWasGivenTheLastPossibleIdIsReadOn) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "*", "before");
  EXPECT_THAT(take(store, state), ElementsAre("before"));
  add(keys_.events(), last_id, "foreign");
  EXPECT_THAT(take(store, state), ElementsAre("foreign"));
  EXPECT_THAT(take(store, state), IsEmpty());
  add(keys_.events(), "*", "after");
  EXPECT_THAT(take(store, state), ElementsAre("after"));
  EXPECT_THAT(take(store, state), IsEmpty());
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("dun:{0}:events"), HasSubstr("last possible id"))));
  EXPECT_THAT(journal(), ElementsAre(HasSubstr("stream.exhausted")));
}

TEST_F(FieldCases, C2_SoDoesAnotherOwnerThatFindsTheCursorThere) {
  for (const char* id :
       {"18446744073709551615-18446744073709551613", "18446744073709551615-18446744073709551614", last_id})
    add(keys_.events(), id, id);
  RedisPartitionStore& first = open_store("a");
  Commit state{.epoch = acquire(first).epoch};
  EXPECT_THAT(take(first, state), SizeIs(3));
  run(first.release());
  RedisPartitionStore& second = open_store("b");
  const Recovery found = acquire(second);
  EXPECT_EQ(found.cursor, last_possible_id);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  EXPECT_THAT(take(second, state), IsEmpty());
  add(keys_.events(), "*", "after");
  EXPECT_THAT(take(second, state), ElementsAre("after"));
}

TEST_F(FieldCases, C2_TheFrontDoorTakesEventsAgain) {
  Router& router = open_router();
  add("dun:events", "7-0", "numbered");
  add("dun:events", last_id, "foreign");
  EXPECT_EQ(run(router.step()).value(), 2U);
  EXPECT_EQ(server_.command({"XADD", "dun:events", "*", "id", "x"}).type, Value::Type::error);
  EXPECT_EQ(run(router.step()).value(), 0U);
  // A producer that numbers its events goes on where it was.
  add("dun:events", "8-0", "next");
  EXPECT_EQ(run(router.step()).value(), 1U);
  EXPECT_EQ(server_.command({"XLEN", keys_.events()}).number, 3);
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("stream.exhausted"), HasSubstr("dun:events"))));
  EXPECT_EQ(run(router.step()).value(), 0U);
}

TEST_F(FieldCases, C2_OutputsThatTakeNothingMoreDoNotStopThePartition) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch, .journal = {{.type = OutcomeType::alert_raised, .detail = "first"}}};
  commit(store, state);
  for (const std::string& key : {keys_.journal(), keys_.outcomes(), keys_.rejected()}) add(key, last_id, "foreign");
  EXPECT_FALSE(run(store.commit(state)).has_value());
  state.epoch = acquire(store).epoch;
  state.journal.front().detail = "second";
  commit(store, state);
  EXPECT_THAT(remarks_, SizeIs(3));
  EXPECT_THAT(journal(), AllOf(Contains(HasSubstr("first")), Contains(HasSubstr("second")),
                               Contains(HasSubstr("dun:{0}:rejected"))));
}

TEST_F(FieldCases, C2_ACommandRenewsAStreamThatNobodyOwnsAndKeepsWhatIsUnread) {
  Links& links = open_links();
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "*", "read");
  EXPECT_THAT(take(store, state), SizeIs(1));
  const std::string end = to_text(state.cursor);
  add(keys_.events(), "99999999999999-1", "ahead and read");
  EXPECT_THAT(take(store, state), SizeIs(1));
  add(keys_.events(), "99999999999999-2", "ahead");
  add(keys_.events(), last_id, "last");
  const auto listed = run(list_streams(links, Keyspace(), 1)).value();
  ASSERT_THAT(listed, SizeIs(2));
  EXPECT_FALSE(listed[0].facts.exhausted());
  EXPECT_TRUE(listed[1].facts.exhausted());
  const auto renewed = run(renew_stream(links, Keyspace(), 1, keys_.events()));
  ASSERT_TRUE(renewed.has_value()) << renewed.error().message;
  EXPECT_EQ(to_text(renewed->end), end);
  EXPECT_EQ(renewed->removed, 3U);
  EXPECT_EQ(renewed->kept, 2U);
  // The owner of before is turned away and finds everything where it is now.
  EXPECT_EQ(run(store.commit(state)).error().kind, StoreError::Kind::fenced);
  const Recovery found = acquire(store);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  add(keys_.events(), "*", "after");
  EXPECT_THAT(take(store, state), ElementsAre("ahead", "last", "after"));
  EXPECT_THAT(take(store, state), IsEmpty());
  EXPECT_THAT(remarks_, IsEmpty());
  EXPECT_THAT(run(renew_stream(links, Keyspace(), 1, "dun:{0}:journal")).error().message,
              HasSubstr("no stream of events"));
}

// ------------------------------------------------------------------------------------------------------------- size

TEST_F(FieldCases, C3_OfAnEntryThatIsTooLargeTheBeginningIsRead) {
  RedisPartitionStore& store = open_store("a");
  Commit state{.epoch = acquire(store).epoch};
  server_.command({"XADD", keys_.events(), "*", "id", "1", "account", "A", "blob", std::string(30'000'000, 'x')});
  Command many = {"XADD", keys_.events(), "*"};
  for (int i = 0; i < 200'000; ++i) many.insert(many.end(), {"n" + std::to_string(i), "v"});
  server_.command(many);
  add(keys_.events(), "*", "good");
  std::vector<StreamEntry> found;
  while (true) {
    const auto reply = run(store.read({.after = state.cursor}));
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    if (reply->events.empty()) break;
    for (const StreamEntry& entry : reply->events) {
      found.push_back(entry);
      state.cursor = entry.id;
      if (entry.oversize > 0) state.rejected.push_back({.field = "blob", .reason = "too large", .original = entry});
    }
    commit(store, state);
    state.rejected.clear();
  }
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_GE(found[0].oversize, 30'000'000U);
  EXPECT_THAT(found[0].fields,
              ElementsAre(Field("id", "1"), Field("account", "A"), Field("blob", std::string(256, 'x'))));
  EXPECT_GT(found[1].oversize, 1'000'000U);
  EXPECT_THAT(found[1].fields, SizeIs(EntryBounds::fields_kept));
  EXPECT_EQ(found[2].oversize, 0U);
  // They are no longer in anybody's way, and cannot be sent again as if they were whole.
  EXPECT_EQ(server_.command({"XLEN", keys_.events()}).number, 1);
  Links& links = open_links();
  const auto rejected = run(list_rejected(links, Keyspace(), 0, {}, 10)).value();
  ASSERT_THAT(rejected, SizeIs(2));
  EXPECT_EQ(rejected[0].entry.original, found[0]);
  const auto requeued = run(requeue_rejected(links, Keyspace(), 16, rejected[0].id));
  ASSERT_FALSE(requeued.has_value());
  EXPECT_THAT(requeued.error().message, HasSubstr("only the beginning"));
}

TEST_F(FieldCases, C3_EntriesThatAreLargeTogetherAreReadInPieces) {
  RedisPartitionStore& store = open_store("a");
  Commit state{.epoch = acquire(store).epoch};
  constexpr int count = 100;
  for (int i = 0; i < count; ++i)
    server_.command({"XADD", keys_.events(), "*", "id", std::to_string(i), "a", std::string(60'000, 'x'), "b",
                     std::string(60'000, 'y'), "c", std::string(60'000, 'z'), "d", std::string(60'000, 'z')});
  std::vector<std::string> ids;
  int looks = 0;
  for (bool more = true; more; ++looks) {
    const auto reply = run(store.read({.after = state.cursor}));
    ASSERT_TRUE(reply.has_value()) << reply.error().message;
    more = reply->more;
    EXPECT_EQ(reply->at_end, !more);
    for (const StreamEntry& entry : reply->events) {
      EXPECT_EQ(entry.oversize, 0U);
      ids.push_back(entry.fields.front().second);
      state.cursor = entry.id;
    }
    commit(store, state);
  }
  EXPECT_GT(looks, 1);
  ASSERT_THAT(ids, SizeIs(count));
  for (int i = 0; i < count; ++i) EXPECT_EQ(ids[static_cast<std::size_t>(i)], std::to_string(i));
}

/// Every partition looks there, again and again, until it has been routed.
TEST_F(FieldCases, C3_WhoWaitsForABarrierDoesNotFetchTheEntryAgainAndAgain) {
  RedisPartitionStore& store = open_store("a");
  acquire(store);
  constexpr std::int64_t size = 5'000'000;
  server_.command({"XADD", "dun:events", "*", "id", "1", "blob", std::string(size, 'x')});
  const auto sent = [&] {
    constexpr std::string_view name = "total_net_output_bytes:";
    const std::string stats = server_.command({"INFO", "stats"}).text;
    return std::stoll(stats.substr(stats.find(name) + name.size()));
  };
  ASSERT_FALSE(run(store.read({.new_barrier = true}))->at_end);
  const auto before = sent();
  for (int i = 0; i < 10; ++i) ASSERT_FALSE(run(store.read({.new_barrier = false}))->at_end);
  EXPECT_LT(sent() - before, size);
  Router& router = open_router();
  while (run(router.step()).value() > 0) {
  }
  EXPECT_TRUE(run(store.read({.new_barrier = false}))->at_end);
}

TEST_F(FieldCases, C3_TheRouterPassesOnTheBeginningAndRemovesTheRest) {
  Router& router = open_router();
  RedisPartitionStore& store = open_store("a");
  const Commit state{.epoch = acquire(store).epoch};
  add("dun:events", "*", "before");
  server_.command({"XADD", "dun:events", "*", "id", "1", "account", "A", "blob", std::string(5'000'000, 'x')});
  add("dun:events", "*", "after");
  while (run(router.step()).value() > 0) {
  }
  const auto reply = run(store.read({.after = state.cursor})).value();
  ASSERT_THAT(reply.events, SizeIs(3));
  EXPECT_GE(reply.events[1].oversize, 5'000'000U);
  EXPECT_THAT(reply.events[1].fields,
              ElementsAre(Field("id", "1"), Field("account", "A"), Field("blob", std::string(256, 'x'))));
  EXPECT_EQ(reply.events[2].fields, (Fields{{"id", "after"}}));
  EXPECT_EQ(server_.command({"XLEN", "dun:events"}).number, 2);
}

// ------------------------------------------------------------------------------------------- deleted, trimmed, begun
// anew

TEST_F(FieldCases, S8_APartitionStreamThatWasBegunAnewBelowTheCursorIsReadFromItsStart) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "*", "old");
  EXPECT_THAT(take(store, state), ElementsAre("old"));
  server_.command({"DEL", keys_.events()});
  add(keys_.events(), "1-0", "payment");
  add(keys_.events(), "2-0", "another");
  EXPECT_THAT(take(store, state), ElementsAre("payment", "another"));
  EXPECT_THAT(take(store, state), IsEmpty());
  add(keys_.events(), "3-0", "third");
  EXPECT_THAT(take(store, state), ElementsAre("third"));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("read from where it begins now")));
  EXPECT_THAT(journal(), ElementsAre(HasSubstr("stream.begun_anew")));
}

TEST_F(FieldCases, S8_SoItIsWhenItWasDoneWhileNobodyWasThere) {
  RedisPartitionStore& first = open_watched_store();
  Commit state{.epoch = acquire(first).epoch};
  for (int i = 0; i < 5; ++i) add(keys_.events(), "*", "old");
  EXPECT_THAT(take(first, state), SizeIs(5));
  run(first.release());
  server_.command({"RENAME", keys_.events(), "elsewhere"});
  add(keys_.events(), "1-0", "payment");
  RedisPartitionStore& second = open_watched_store();
  const Recovery found = acquire(second);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  EXPECT_THAT(take(second, state), ElementsAre("payment"));
  EXPECT_THAT(take(second, state), IsEmpty());
  EXPECT_THAT(remarks_, SizeIs(1));
}

TEST_F(FieldCases, S8_ADeletedStreamWithoutEntriesIsSaidOnceAndReadWhenItHasSome) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "*", "old");
  take(store, state);
  server_.command({"DEL", keys_.events()});
  for (int i = 0; i < 3; ++i) EXPECT_THAT(take(store, state), IsEmpty());
  add(keys_.events(), "1-1", "new");
  EXPECT_THAT(take(store, state), ElementsAre("new"));
  EXPECT_THAT(remarks_, SizeIs(1));
}

/// Its ids and counters are what those of the first one would be by now.
TEST_F(FieldCases, S8_AStreamThatWasBegunAnewAndIsPastTheCursorAlreadyIsReadFromItsStart) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  for (const char* id : {"1-0", "2-0", "3-0"}) add(keys_.events(), id, "old");
  EXPECT_THAT(take(store, state), SizeIs(3));
  server_.command({"DEL", keys_.events()});
  for (const char* id : {"1-0", "2-0", "3-0", "4-0"}) add(keys_.events(), id, id);
  EXPECT_THAT(take(store, state), ElementsAre("1-0", "2-0", "3-0", "4-0"));
  EXPECT_THAT(take(store, state), IsEmpty());
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("read from where it begins now")));
}

TEST_F(FieldCases, S8_SoItIsByAnOwnerThatCameLater) {
  RedisPartitionStore& first = open_watched_store();
  Commit state{.epoch = acquire(first).epoch};
  for (const char* id : {"1-0", "2-0", "3-0"}) add(keys_.events(), id, "old");
  EXPECT_THAT(take(first, state), SizeIs(3));
  run(first.release());
  server_.command({"RENAME", keys_.events(), "elsewhere"});
  for (const char* id : {"2-0", "4-0", "6-0", "8-0"}) add(keys_.events(), id, id);
  RedisPartitionStore& second = open_watched_store();
  Recovery found = acquire(second);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  // It dies before it has committed anything of what it found, and so does what it knew.
  EXPECT_THAT(run(second.read({.after = state.cursor}))->events, SizeIs(4));
  found = acquire(second);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  EXPECT_THAT(take(second, state), ElementsAre("2-0", "4-0", "6-0", "8-0"));
  EXPECT_THAT(take(second, state), IsEmpty());
  EXPECT_THAT(remarks_, SizeIs(1));
}

TEST_F(FieldCases, S8_AnEntryThatBearsTheIdOfTheCursorIsReadOnce) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "7-0", "old");
  EXPECT_THAT(take(store, state), ElementsAre("old"));
  server_.command({"DEL", keys_.events()});
  add(keys_.events(), "7-0", "new");
  EXPECT_THAT(take(store, state), ElementsAre("new"));
  EXPECT_THAT(take(store, state), IsEmpty());
  EXPECT_EQ(server_.command({"HGET", keys_.meta(), "cursor"}), text_value("7-0"));
  add(keys_.events(), "8-0", "next");
  EXPECT_THAT(take(store, state), ElementsAre("next"));
}

TEST_F(FieldCases, S8_AStreamFromBeforeThereWereMarksIsMarkedWithoutAFalseAlarm) {
  for (const char* id : {"1-0", "2-0"}) add(keys_.events(), id, id);
  server_.command({"HSET", keys_.meta(), "cursor", "1-0", "read", "1", "missed", "0"});
  RedisPartitionStore& store = open_watched_store();
  const Recovery found = acquire(store);
  Commit state{.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  EXPECT_THAT(take(store, state), ElementsAre("2-0"));
  server_.command({"DEL", keys_.events()});
  for (const char* id : {"1-0", "2-0", "3-0"}) add(keys_.events(), id, id);
  EXPECT_THAT(remarks_, IsEmpty());
  EXPECT_THAT(take(store, state), ElementsAre("1-0", "2-0", "3-0"));
  EXPECT_THAT(remarks_, SizeIs(1));
}

/// A reader that is behind does not come to the end, where all can be counted, while a producer trims.
TEST_F(FieldCases, C9_WhatIsTrimmedBeforeAReaderThatIsBehindIsCountedAtOnce) {
  RedisPartitionStore& store = open_watched_store();
  const Commit state{.epoch = acquire(store).epoch};
  for (int i = 0; i < 10; ++i) server_.command({"XADD", keys_.events(), "MAXLEN", "4", "*", "id", "x"});
  const auto reply = run(store.read({.after = state.cursor, .events_max = 2}));
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(reply->more);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("6 events of dun:{0}:events were removed before they were read")));
}

TEST_F(FieldCases, C9_EventsThatWereTrimmedUnreadAreCounted) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  add(keys_.events(), "*", "1");
  EXPECT_THAT(take(store, state), SizeIs(1));
  for (int i = 0; i < 10; ++i) server_.command({"XADD", keys_.events(), "MAXLEN", "3", "*", "id", "x"});
  EXPECT_THAT(take(store, state), SizeIs(3));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("7 events of dun:{0}:events were removed before they were read")));
  EXPECT_THAT(take(store, state), IsEmpty());
  // Nothing is said of it again, by the next owner either; what was read may be trimmed.
  run(store.release());
  RedisPartitionStore& second = open_watched_store();
  const Recovery found = acquire(second);
  state = {.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  add(keys_.events(), "*", "2");
  EXPECT_THAT(take(second, state), SizeIs(1));
  server_.command({"XTRIM", keys_.events(), "MAXLEN", "0"});
  EXPECT_THAT(take(second, state), IsEmpty());
  EXPECT_THAT(remarks_, SizeIs(1));
  const auto status = run(read_partition_status(open_links(), Keyspace(), 0));
  ASSERT_TRUE(status.has_value());
  EXPECT_EQ(status->unread, 0U);
}

TEST_F(FieldCases, C9_TheFirstEventsOfAStreamCountToo) {
  for (int i = 0; i < 5; ++i) server_.command({"XADD", keys_.events(), "MAXLEN", "2", "*", "id", "x"});
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  EXPECT_THAT(take(store, state), SizeIs(2));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("3 events")));
}

TEST_F(FieldCases, C9_AnInstallationThatDidNotCountSoFarBeginsToWithoutAFalseAlarm) {
  for (int i = 0; i < 5; ++i)
    server_.command({"XADD", keys_.events(), "MAXLEN", "2", "7-" + std::to_string(i), "id", "x"});
  server_.command({"HSET", keys_.meta(), "cursor", "7-4", "read", "2"});
  RedisPartitionStore& store = open_watched_store();
  const Recovery found = acquire(store);
  Commit state{.epoch = found.epoch, .cursor = found.cursor, .counters = found.counters};
  EXPECT_THAT(take(store, state), IsEmpty());
  EXPECT_THAT(remarks_, IsEmpty());
  for (int i = 0; i < 4; ++i) server_.command({"XADD", keys_.events(), "MAXLEN", "1", "*", "id", "x"});
  EXPECT_THAT(take(store, state), SizeIs(1));
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("3 events")));
}

TEST_F(FieldCases, S8_AFrontDoorThatWasBegunAnewIsRoutedFromItsStart) {
  Router& router = open_router();
  add("dun:events", "*", "old");
  EXPECT_EQ(run(router.step()).value(), 1U);
  server_.command({"DEL", "dun:events"});
  add("dun:events", "1-0", "payment");
  while (run(router.step()).value() == 0) {
  }
  EXPECT_EQ(run(router.step()).value(), 0U);
  EXPECT_EQ(server_.command({"XLEN", keys_.events()}).number, 2);
  EXPECT_EQ(server_.command({"HGET", Keyspace().router_meta(), "cursor"}), text_value("1-0"));
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("stream.begun_anew"), HasSubstr("dun:events"))));
}

TEST_F(FieldCases, S8_AFrontDoorThatIsPastTheCursorAlreadyIsRoutedFromItsStart) {
  Router& router = open_router();
  for (const char* id : {"1-0", "2-0", "3-0"}) add("dun:events", id, "old");
  EXPECT_EQ(run(router.step()).value(), 3U);
  server_.command({"DEL", "dun:events"});
  for (const char* id : {"1-0", "2-0", "3-0", "4-0"}) add("dun:events", id, "payment");
  EXPECT_EQ(run(router.step()).value(), 4U);
  EXPECT_EQ(run(router.step()).value(), 0U);
  EXPECT_EQ(server_.command({"XLEN", keys_.events()}).number, 7);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("stream.begun_anew")));
}

TEST_F(FieldCases, C9_EventsThatWereTrimmedAtTheFrontDoorAreCounted) {
  Router& router = open_router();
  add("dun:events", "*", "1");
  EXPECT_EQ(run(router.step()).value(), 1U);
  for (int i = 0; i < 10; ++i) server_.command({"XADD", "dun:events", "MAXLEN", "3", "*", "id", "x"});
  EXPECT_EQ(run(router.step()).value(), 3U);
  EXPECT_EQ(run(router.step()).value(), 0U);
  EXPECT_THAT(remarks_, ElementsAre(HasSubstr("stream.unread_lost: 7 events of dun:events")));
  // The next router knows of it.
  run(router.close());
  Router& second = open_router();
  EXPECT_EQ(run(second.step()).value(), 0U);
  server_.command({"DEL", "dun:events"});
  add("dun:events", "*", "5");
  EXPECT_EQ(run(second.step()).value(), 1U);
  EXPECT_THAT(remarks_, SizeIs(2));
}

// ------------------------------------------------------------------------------------------------ a server not ready

TEST_F(FieldCases, S6_ABusyServerIsNotThereYetAndNothingFalseIsSaidOfIt) {
  server_.command({"CONFIG", "SET", "busy-reply-threshold", "1"});
  Link& link = open_link();
  ASSERT_TRUE(run(link.connected()).has_value());
  const auto script = open_link().start({{"EVAL", "while true do end", "0"}});
  auto hello = run(link.connected());
  while (hello) hello = run(link.connected());
  EXPECT_FALSE(hello.error().misconfigured);
  EXPECT_THAT(hello.error().message, AllOf(HasSubstr("cannot answer at present"), HasSubstr("BUSY")));
  const auto report = run(check_server(link));
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().kind, StoreError::Kind::unavailable);
  const auto opened = run(open_installation(open_links(), Keyspace(), {}));
  EXPECT_EQ(opened.error().kind, StoreError::Kind::unavailable);
  server_.command({"SCRIPT", "KILL"});
  // It ends when the script looks next.
  while (!run(check_server(link)).has_value()) {
  }
}

TEST_F(FieldCases, S6_ANewInstallationWaitsForAServerThatCanBeWrittenTo) {
  Links& links = open_links();
  for (const char* stale : {"yes", "no"}) {
    server_.command({"CONFIG", "SET", "replica-serve-stale-data", stale});
    server_.command({"REPLICAOF", "127.0.0.1", "1"});
    const auto opened = run(open_installation(links, Keyspace(), {}));
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind, StoreError::Kind::unavailable) << opened.error().message;
    server_.command({"REPLICAOF", "NO", "ONE"});
  }
  EXPECT_TRUE(run(open_installation(links, Keyspace(), {})).has_value());
}

TEST_F(FieldCases, S7_AFullServerThatHoldsAnInstallationCanBeStartedOn) {
  Links& links = open_links();
  ASSERT_TRUE(run(open_installation(links, Keyspace(), {})).has_value());
  server_.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_TRUE(run(open_installation(links, Keyspace(), {})).has_value());
  EXPECT_EQ(run(open_installation(links, Keyspace("other"), {})).error().kind, StoreError::Kind::unavailable);
}

/// Somebody else may have made the installation again by the time that anybody looks.
TEST_F(FieldCases, S23_AnOwnerWhosePartitionIsEmptyAllAtOnceSaysSo) {
  RedisPartitionStore& store = open_watched_store();
  Commit state{.epoch = acquire(store).epoch};
  acquire(store);
  state.epoch = acquire(store).epoch;
  add(keys_.events(), "*", "1");
  EXPECT_THAT(take(store, state), SizeIs(1));
  acquire(store);
  EXPECT_THAT(remarks_, IsEmpty());
  server_.command({"FLUSHALL"});
  state = {.epoch = acquire(store).epoch};
  EXPECT_THAT(remarks_, ElementsAre(AllOf(HasSubstr("dun:{0}:meta was gone"), HasSubstr("restore a backup"))));
  commit(store, state);
  EXPECT_THAT(journal(), ElementsAre(HasSubstr("store.emptied")));
  acquire(store);
  EXPECT_THAT(remarks_, SizeIs(1));
}

TEST_F(FieldCases, S23_AnInstallationThatIsGoneIsMadeAgain) {
  Links& links = open_links();
  ASSERT_TRUE(run(open_installation(links, Keyspace(), {.partitions = 3})).has_value());
  server_.command({"FLUSHALL"});
  EXPECT_EQ(run(read_installation(links, Keyspace())).error().kind, StoreError::Kind::refused);
  ASSERT_TRUE(run(open_installation(links, Keyspace(), {.partitions = 3})).has_value());
  EXPECT_EQ(run(read_installation(links, Keyspace()))->partitions, 3);
}

}  // namespace
}  // namespace dun::redis
