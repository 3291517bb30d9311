// Each promise of the checker is shown to be one that can be broken: small histories written by hand, right and wrong.
#include "tests/scheduler/crash/checker.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

constexpr int owner = 1;

/// One partition, one owner, and as little of an engine as a history needs.
struct History {
  explicit History(bool duplicates_removed = true)
      : checker({.partitions = 1, .duplicates_removed = duplicates_removed}),
        state(std::make_shared<MemoryPartition>()) {
    checker.owner_changed(0, owner);
  }

  void publish(const std::string& id, const std::string& account, Published what = Published::payment) {
    checker.published(0, what, id, account);
    state->last_id = {.ms = 0, .seq = state->last_id.seq + 1};
  }
  void look(bool front_door_empty = true) { checker.looked(0, owner, state->last_id, front_door_empty); }
  void apply(const std::string& id) {
    ++state->counters.read;
    ++state->counters.applied;
    state->journal.push_back({.type = OutcomeType::event_applied, .cause = EventId(id)});
  }
  static InFlight request(const std::string& id, const std::string& account,
                          NoticeKind kind = NoticeKind::payment_received) {
    return {.account = AccountId(account), .notice = NoticeId("n" + id), .kind = kind, .gateway = "g"};
  }
  void claim(const InFlight& request, int by = owner, std::optional<StreamId> cursor = {}) {
    Commit commit{.cursor = cursor.value_or(state->last_id)};
    commit.claims = {request};
    state->in_flight[request.notice] = request;
    checker.committed(0, by, commit);
    checker.stored(0, *state);
  }
  void settle(const InFlight& request, OutcomeType type = OutcomeType::notice_sent) {
    Commit commit{.cursor = state->last_id};
    commit.settled = {request.notice};
    state->in_flight.erase(request.notice);
    state->journal.push_back(
        {.type = type, .notice = request.notice, .cause = EventId(request.notice.str().substr(1))});
    checker.committed(0, owner, commit);
    checker.stored(0, *state);
  }
  static SendRequest sent(const InFlight& request) {
    return {.gateway = "g", .notice = request.notice, .client_ref = request.notice.str()};
  }
  void begin(const InFlight& request) { checker.began(0, owner, sent(request)); }
  void end(const InFlight& request) { checker.ended(0, owner, sent(request)); }
  void take(const InFlight& request) { taken.push_back(sent(request)); }
  /// The whole way of a notice.
  void tell(const InFlight& request) {
    look();
    claim(request);
    begin(request);
    take(request);
    end(request);
    settle(request);
  }
  const std::vector<std::string>& finish() {
    checker.finished({state}, taken);
    return checker.violations();
  }

  Checker checker;
  std::shared_ptr<MemoryPartition> state;
  std::vector<SendRequest> taken;
};

TEST(Checker, FindsNothingWrongWithARightHistory) {
  History history;
  history.publish("e1", "a");
  history.publish("e2", "a");
  history.apply("e1");
  history.apply("e2");
  history.tell(History::request("e1", "a"));
  history.tell(History::request("e2", "a"));
  EXPECT_THAT(history.finish(), IsEmpty());
}

TEST(Checker, FindsAnEventThatWasLostOrAppliedTwice) {
  for (const int times : {0, 2}) {
    History history;
    history.publish("e1", "a");
    for (int i = 0; i < times; ++i) history.apply("e1");
    history.tell(History::request("e1", "a"));
    EXPECT_THAT(history.finish(), Contains(StartsWith("once: event e1 applied"))) << times;
  }
}

TEST(Checker, FindsANoticeThatWasNeverSent) {
  History history;
  history.publish("e1", "a");
  history.apply("e1");
  EXPECT_THAT(history.finish(), Contains(StartsWith("owed: e1")));
}

TEST(Checker, FindsANoticeThatWasTakenTwice) {
  History history;
  history.publish("e1", "a");
  history.apply("e1");
  history.tell(History::request("e1", "a"));
  history.take(History::request("e1", "a"));
  EXPECT_THAT(history.finish(), Contains(StartsWith("once: ne1 taken 2 times")));
}

TEST(Checker, FindsANoticeThatIsCalledSentAndWasNot) {
  History history;
  history.publish("e1", "a");
  history.apply("e1");
  history.tell(History::request("e1", "a"));
  history.taken.clear();
  EXPECT_THAT(history.finish(), Contains(StartsWith("told:")));
}

TEST(Checker, FindsAnUnknownThatShouldHaveBeenRepeated) {
  for (const bool duplicates_removed : {false, true}) {
    History history(duplicates_removed);
    const auto request = History::request("e1", "a");
    history.publish("e1", "a");
    history.apply("e1");
    history.look();
    history.claim(request);
    history.settle(request, OutcomeType::notice_unknown);
    if (duplicates_removed)
      EXPECT_THAT(history.finish(), Contains(StartsWith("owed: e1")));
    else
      EXPECT_THAT(history.finish(), IsEmpty());
  }
}

TEST(Checker, FindsOneAccountToldInTheWrongOrder) {
  History history;
  history.publish("e1", "a");
  history.publish("e2", "a");
  history.apply("e1");
  history.apply("e2");
  history.tell(History::request("e2", "a"));
  history.tell(History::request("e1", "a"));
  EXPECT_THAT(history.finish(), Contains(StartsWith("order: e1")));
}

TEST(Checker, FindsTwoInFlightForOneAccount) {
  History history;
  history.look();
  history.claim(History::request("e1", "a"));
  history.claim(History::request("e2", "a"));
  EXPECT_THAT(history.checker.violations(), Contains(StartsWith("in flight: ne2 claimed beside ne1")));
  history.begin(History::request("e1", "a"));
  history.begin(History::request("e2", "a"));
  EXPECT_THAT(history.checker.violations(), Contains(StartsWith("in flight: ne2 left")));
}

TEST(Checker, FindsARequestThatLeftBeforeItsClaimWasInTheStore) {
  History history;
  history.begin(History::request("e1", "a"));
  EXPECT_THAT(history.checker.violations(), Contains(StartsWith("claim:")));
}

TEST(Checker, FindsAClaimOverSomethingUnread) {
  History unread;
  unread.publish("e1", "a");
  unread.look();
  unread.claim(History::request("e1", "a"), owner, StreamId{});
  EXPECT_THAT(unread.checker.violations(), Contains(StartsWith("barrier:")));
  History at_the_door;
  at_the_door.look(false);
  at_the_door.claim(History::request("e1", "a"));
  EXPECT_THAT(at_the_door.checker.violations(), Contains(StartsWith("barrier:")));
  History after;
  after.look();
  after.publish("e1", "a");
  after.claim(History::request("e0", "a"), owner, StreamId{});
  EXPECT_THAT(after.checker.violations(), IsEmpty()) << "what came after the look may be unread";
}

TEST(Checker, FindsADebtThatWasToldOfAfterItsPayment) {
  for (const bool paid_before_the_look : {false, true}) {
    History history;
    history.publish("e1", "a", Published::debt);
    if (!paid_before_the_look) history.look();
    history.publish("e2", "a");
    if (paid_before_the_look) history.look();
    history.claim(History::request("e1", "a", NoticeKind::dunning));
    EXPECT_EQ(history.checker.violations().size(), paid_before_the_look ? 1U : 0U);
  }
}

TEST(Checker, FindsACommitOfAFormerOwner) {
  History history;
  history.look();
  history.checker.looked(0, owner + 1, {}, true);
  history.claim(History::request("e1", "a"), owner + 1);
  EXPECT_THAT(history.checker.violations(), Contains(StartsWith("fence:")));
}

TEST(Checker, FindsAShelfOutOfOrder) {
  for (const bool right : {true, false}) {
    History history;
    history.publish("e1", "a");
    history.publish("e2", "b");
    for (const auto& [account, cause] : {std::pair{"a", "e1"}, std::pair{"b", "e2"}}) {
      PendingNotice notice{.ordinal = 1, .generation = 1, .cause = EventId(cause)};
      history.state->records[AccountId(account)].pending = {notice};
    }
    const ShelfEntry a{.account = AccountId("a"), .ordinal = 1, .generation = 1};
    const ShelfEntry b{.account = AccountId("b"), .ordinal = 1, .generation = 1};
    history.state->shelves[{}] = right ? std::deque{a, b} : std::deque{b, a};
    history.checker.stored(0, *history.state);
    EXPECT_EQ(history.checker.violations().size(), right ? 0U : 1U);
  }
}

TEST(Checker, FindsWhatNeverCameToRest) {
  History history;
  history.publish("e1", "a");
  history.apply("e1");
  history.tell(History::request("e1", "a"));
  history.state->records[AccountId("a")].pending.push_back({});
  EXPECT_THAT(history.finish(), Contains(StartsWith("rest:")));
}

TEST(Checker, FindsARepeatThatWasNotFoundOutAndAMalformedEntryThatWasDropped) {
  History history;
  history.publish("e1", "a");
  history.publish("e1", "a", Published::repeat);
  history.publish("bad", "a", Published::malformed);
  history.apply("e1");
  history.state->counters.read = 3;
  history.state->counters.duplicate = 1;
  history.state->counters.rejected = 1;
  history.tell(History::request("e1", "a"));
  EXPECT_THAT(history.finish(),
              testing::UnorderedElementsAre(StartsWith("once: repeats of e1"), StartsWith("rejected:")));
}

}  // namespace
}  // namespace dun::test
