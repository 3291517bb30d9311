// Each promise of the checker is shown to be one that can be broken: small histories written by hand, right and wrong.
#include "tests/sim/history.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::Contains;
using testing::IsEmpty;
using testing::StartsWith;

TEST(Checker, FindsNothingWrongWithARightHistory) {
  History history;
  history.take(history.pay("a"));
  history.tell(history.notice("1", "a"));
  history.take(history.owe("b"));
  history.tell(history.notice("2", "b", NoticeKind::dunning));
  EXPECT_THAT(history.finish(), IsEmpty());
}

TEST(Checker, FindsAnEventThatWasSkippedOrAppliedTwice) {
  History skipped;
  skipped.pay("a");
  skipped.put(skipped.commit());
  EXPECT_THAT(skipped.wrong(), Contains(StartsWith("once: the cursor passed e1")));
  History twice;
  twice.take(twice.pay("a"));
  twice.take("e1");
  EXPECT_THAT(twice.wrong(), Contains(StartsWith("once: e1 was judged")));
}

TEST(Checker, FindsARepeatThatWasApplied) {
  for (const auto type : {OutcomeType::event_applied, OutcomeType::event_duplicate}) {
    History history;
    history.take(history.owe("a"));
    history.take(history.owe("a"), type);  // the same content under another id
    EXPECT_EQ(history.wrong().size(), type == OutcomeType::event_applied ? 1U : 0U);
  }
}

TEST(Checker, FindsAnOldEventThatWasNotSuperseded) {
  History history;
  history.take(history.pay("a"));
  history.take(history.publish("a", "09:00:00+08:00 credit.changed state=arrears"));
  EXPECT_THAT(history.wrong(), Contains("once: event.applied e2, and it is event.superseded"));
}

TEST(Checker, FindsAMalformedEntryThatWasTakenOrRefusedForTheWrongReason) {
  for (const std::string field : {"amount", "time"}) {
    History history;
    history.publish("a", "10:00:00+08:00 payment.received amount=much", "amount");
    history.take("e1", OutcomeType::event_rejected, field);
    EXPECT_EQ(history.wrong().size(), field == "amount" ? 0U : 1U);
    EXPECT_THAT(history.finish(), Contains("rejected: not every malformed entry is kept"));
  }
}

TEST(Checker, FindsANoticeThatWasNeverDecidedOrNeverEnded) {
  History never;
  never.take(never.pay("a"));
  EXPECT_THAT(never.finish(), Contains("owed: a was never told payment_received for e1"));
  History held;
  held.take(held.pay("a"));
  Commit commit = held.commit();
  commit.journal = {History::outcome(OutcomeType::notice_sent, held.notice("1", "a"))};
  commit.journal.front().type = OutcomeType::suspension_at_risk;  // names it, and is no end
  held.put(commit);
  EXPECT_THAT(held.finish(), Contains("owed: a~1 never ended"));
}

TEST(Checker, FindsALadderThatStoppedBeforeItsNextStep) {
  History history;
  history.take(history.owe("a"));
  history.tell(history.notice("1", "a", NoticeKind::dunning));
  history.publish("a", "10:00:00+08:00 refund.credited amount=1");
  Commit later = history.commit();
  later.at += date::days(4);
  later.journal = {{.type = OutcomeType::event_applied, .cause = EventId("e2")}};
  history.put(later);
  EXPECT_THAT(history.wrong(), Contains("owed: a still has no step 2 for e1"));
}

TEST(Checker, FindsANoticeThatWasTakenTwiceOrIsCalledSentAndWasNot) {
  for (const std::size_t times : {0U, 1U, 2U}) {
    History history;
    history.take(history.pay("a"));
    const InFlight notice = history.notice("1", "a");
    history.tell(notice);
    history.taken.assign(times, History::sent(notice));
    EXPECT_EQ(history.finish().size(), times == 1 ? 0U : 1U);
    if (times != 1) EXPECT_THAT(history.wrong(), Contains(StartsWith("told: a~1")));
  }
}

TEST(Checker, FindsWhatAGatewayHasAndIsCalledUnsent) {
  History history;
  history.take(history.pay("a"));
  const InFlight notice = history.notice("1", "a");
  history.look();
  history.claim(notice);
  history.begin(notice);
  history.taken = {History::sent(notice)};
  history.answer(notice, SendUnknown{});
  history.end(notice, OutcomeType::notice_cancelled);
  EXPECT_THAT(history.finish(), Contains("told: a gateway has a~1, and it is called unsent"));
}

TEST(Checker, FindsAnUnknownWithoutACause) {
  for (const bool lost : {false, true}) {
    History history;
    history.take(history.pay("a"));
    const InFlight notice = history.notice("1", "a");
    history.look();
    history.claim(notice);
    if (lost) history.checker.owner_changed(0, owner + 1), history.checker.owner_changed(0, owner);
    history.end(notice, OutcomeType::notice_unknown);
    EXPECT_EQ(history.wrong().size(), lost ? 0U : 1U);
  }
}

TEST(Checker, FindsTwoEndsOfOneNotice) {
  History history;
  history.take(history.pay("a"));
  const InFlight notice = history.notice("1", "a");
  history.tell(notice);
  history.end(notice);
  EXPECT_THAT(history.wrong(), Contains("ends: a~1 ended more than once"));
}

TEST(Checker, FindsTwoIdsForOneNoticeAndOneIdForTwo) {
  History again;
  again.take(again.pay("a"));
  again.tell(again.notice("1", "a"));
  again.tell(again.notice("2", "a"));
  EXPECT_THAT(again.wrong(), Contains("identity: a~2 says what a~1 says"));
  History replayed;
  replayed.look();
  InFlight notice = replayed.notice("1", "a");
  replayed.claim(notice);
  replayed.end(notice);
  replayed.state->records[AccountId(notice.subject.str())].pending.push_back({.ordinal = notice.ordinal,
                                                                              .kind = notice.kind,
                                                                              .state = Held{.due_at = Instant::max()},
                                                                              .episode = notice.ordinal});
  notice.notice = NoticeId("a~2");
  replayed.claim(notice);
  EXPECT_THAT(replayed.wrong(), Contains(StartsWith("identity: two ids for a")));
}

TEST(Checker, FindsAnOlderNoticeOfTheAccountThatWasPassedOver) {
  for (const bool due : {false, true}) {
    History history;
    history.look();
    history.notice("1", "a");
    if (due) history.state->records[AccountId("a")].pending.front().state = Held{};
    history.claim(history.notice("2", "a"));
    EXPECT_EQ(history.wrong().size(), due ? 1U : 0U);
  }
}

TEST(Checker, FindsAReturnedNoticeThatLostItsPlace) {
  for (const bool kept : {true, false}) {
    History history;
    history.look();
    InFlight notice = history.notice("1", "a");
    history.claim(notice);
    history.begin(notice);
    history.answer(notice, SendThrottled{});
    Commit back = history.commit();
    back.settled = {notice.notice};
    history.put(back);
    if (!kept) notice.shelf.at += Seconds(1);
    history.claim(notice);
    EXPECT_EQ(history.wrong().size(), kept ? 0U : 1U);
  }
}

TEST(Checker, FindsAClaimThatOvertakesWhatStandsBeforeIt) {
  for (const bool right : {true, false}) {
    History history;
    history.look();
    const InFlight a = history.notice("1", "a");
    const InFlight b = history.notice("2", "b");
    const auto entry = [](const InFlight& notice) {
      return ShelfEntry{.subject = notice.subject, .ordinal = notice.ordinal, .generation = 1};
    };
    Commit shelved = history.commit();
    shelved.shelves = {{.key = {}, .append = {entry(a), entry(b)}}};
    history.state->shelves[{}] = {entry(a), entry(b)};
    history.put(shelved);
    history.state->shelves[{}] = {entry(right ? b : a)};
    history.claim(right ? a : b);
    EXPECT_EQ(history.wrong().size(), right ? 0U : 1U);
  }
}

TEST(Checker, FindsWhatIsClaimedOrLeavesAtNight) {
  for (const auto& [when, quiet] :
       {std::pair{"21:59:59.999", false}, {"22:00:00", true}, {"06:59:59.999", true}, {"07:00:00", false}}) {
    History claimed;
    claimed.take(claimed.owe("a"));
    claimed.look();
    claimed.claim(claimed.notice("1", "a", NoticeKind::dunning, when));
    EXPECT_EQ(claimed.wrong().size(), quiet ? 1U : 0U) << when;
  }
  History late;
  late.take(late.owe("a"));
  late.look();
  const InFlight notice = late.notice("1", "a", NoticeKind::dunning, "21:59:59");
  late.claim(notice);
  late.begin(notice, "22:00:00");
  EXPECT_THAT(late.wrong(), Contains(StartsWith("quiet: a~1 left")));
}

TEST(Checker, FindsWhatIsHeldLongerThanTheNight) {
  for (const auto& [until, wrong] : {std::pair{"06:59:00", true}, {"07:00:00", false}, {"07:01:00", true}}) {
    History history;
    history.take(history.owe("a"));
    Commit commit = history.commit();
    commit.journal = {History::outcome(OutcomeType::notice_held, history.notice("1", "a", NoticeKind::dunning))};
    commit.journal.front().at = at("2026-03-02T23:00:00+08:00");
    commit.journal.front().due_at = at("2026-03-03T" + std::string(until) + "+08:00");
    history.put(commit);
    EXPECT_EQ(!history.wrong().empty(), wrong) << until;
  }
}

TEST(Checker, LeavesAloneWhatWaitsLongerThanTheNightAlready) {
  History history;
  history.take(history.owe("a"));
  const InFlight notice = history.notice("1", "a", NoticeKind::dunning);
  // A question of the morning is asked again at 07:03; then a clock is set back into the night.
  for (const std::string when : {"2026-03-03T07:00:30+08:00", "2026-03-03T06:58:00+08:00"}) {
    Commit commit = history.commit();
    commit.journal = {History::outcome(OutcomeType::notice_held, notice)};
    commit.journal.front().at = at(when);
    commit.journal.front().due_at = at("2026-03-03T07:03:00+08:00");
    history.put(commit);
  }
  EXPECT_THAT(history.wrong(), IsEmpty());
}

/// An event at noon, in CNY.
Fields stated(std::string type, Fields more) {
  Fields fields{{"id", "e"}, {"type", std::move(type)}, {"time", "2026-03-02T12:00:00Z"}, {"currency", "CNY"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

TEST(PositionModel, LearnsFromAPaymentBelowTheLimitThatSomethingIsOwedAndNotThatNothingIs) {
  // Suspended and resumed without a word of money: in arrears or not is open.
  PositionModel model;
  const auto take = [&](std::string type, Fields more) { model.take(stated(std::move(type), std::move(more))); };
  take("credit.changed", {{"state", "suspended"}});
  take("service.resumed", {});
  EXPECT_EQ(model.owing(), Owing::perhaps);
  take("payment.received", {{"amount", "20"}, {"balance", "-300"}});
  EXPECT_EQ(model.owing(), Owing::perhaps);
  take("payment.received", {{"amount", "300"}, {"balance", "0"}});
  EXPECT_EQ(model.owing(), Owing::no);
}

TEST(PositionModel, DoesNotLearnFromABalanceWhetherASuspensionStands) {
  // Cancelled without a known balance, then stopped: for a debt or not is open, and a debt told later does not close
  // it.
  PositionModel model;
  const auto take = [&](std::string type, Fields more) { model.take(stated(std::move(type), std::move(more))); };
  take("credit.changed", {{"state", "low"}});
  take("suspension.scheduled", {});
  take("suspension.cancelled", {});
  take("service.suspended", {});
  take("credit.changed", {{"balance", "-300"}});
  EXPECT_FALSE(model.suspended());
  EXPECT_EQ(model.owing(), Owing::perhaps);
  take("credit.changed", {{"state", "suspended"}, {"balance", "-300"}});
  EXPECT_TRUE(model.suspended());
}

TEST(Checker, FindsADebtThatIsClaimedAfterItsPayment) {
  for (const bool paid : {false, true}) {
    History history;
    history.take(history.owe("a"));
    if (paid) history.take(history.publish("a", "11:00:00+08:00 payment.received amount=20"));
    history.look();
    history.claim(history.notice("1", "a", NoticeKind::dunning));
    EXPECT_EQ(history.wrong().size(), paid ? 1U : 0U);
  }
}

TEST(Checker, FindsASecondDunningOfADay) {
  History history;
  history.take(history.owe("a"));
  history.tell(history.notice("1", "a", NoticeKind::dunning));
  history.claim(history.notice("2", "a", NoticeKind::dunning));
  EXPECT_THAT(history.wrong(), Contains("cap: a~2 is the second dunning of a day"));
}

TEST(Checker, FindsTwoInFlightForOneAccount) {
  History history;
  const InFlight first = history.notice("1", "a");
  const InFlight second = history.notice("2", "a");
  history.look();
  history.claim(first);
  history.claim(second);
  EXPECT_THAT(history.wrong(), Contains("in flight: a~2 claimed beside a~1"));
  history.begin(first);
  history.begin(second);
  EXPECT_THAT(history.wrong(), Contains(StartsWith("in flight: a~2 left")));
}

TEST(Checker, FindsARequestThatLeftBeforeItsClaimWasInTheStore) {
  History history;
  history.begin(history.notice("1", "a"));
  EXPECT_THAT(history.wrong(), Contains(StartsWith("claim:")));
}

TEST(Checker, FindsAClaimOverSomethingUnread) {
  History unread;
  unread.pay("a");
  unread.look();
  Commit commit = unread.commit();
  commit.cursor = {};
  commit.claims = {unread.notice("1", "a")};
  unread.put(commit);
  EXPECT_THAT(unread.wrong(), Contains(StartsWith("barrier:")));
  History at_the_door;
  at_the_door.look(false);
  at_the_door.claim(at_the_door.notice("1", "a"));
  EXPECT_THAT(at_the_door.wrong(), Contains(StartsWith("barrier:")));
}

TEST(Checker, FindsACommitOfAFormerOwner) {
  History history;
  history.put(history.commit(), owner + 1);
  EXPECT_THAT(history.wrong(), Contains(StartsWith("fence:")));
}

TEST(Checker, FindsMoreThanTheGatewayAllows) {
  for (const auto& [options, wrong] : {std::pair{Checker::Options{.rate = 1, .burst = 2}, true},
                                       {Checker::Options{.burst = 9, .open_max = 2}, true},
                                       {Checker::Options{.rate = 1, .burst = 3, .open_max = 3}, false}}) {
    History history(options);
    history.look();
    for (const std::string account : {"a", "b", "c"}) {
      const InFlight notice = history.notice("1", account);
      history.claim(notice);
      history.begin(notice);
    }
    EXPECT_EQ(history.wrong().size(), wrong ? 1U : 0U);
  }
}

TEST(Checker, FindsWhatNeverCameToRest) {
  History history;
  history.take(history.pay("a"));
  history.tell(history.notice("1", "a"));
  history.notice("2", "a");
  EXPECT_THAT(history.finish(), Contains(StartsWith("rest:")));
}

TEST(Checker, GoesBackWithTheStoreAndStillKnowsTheIds) {
  History history;
  history.take(history.pay("a"));
  const auto past = history.checker.remember(0);
  const MemoryPartition state = *history.state;
  const InFlight notice = history.notice("1", "a");
  history.tell(notice);
  *history.state = state;
  history.checker.went_back(0, *past);
  history.checker.owner_changed(0, owner);
  --history.ordinals;
  InFlight replayed = history.notice("1", "a");
  history.look();
  history.claim(replayed);
  history.answer(replayed, SendAccepted{});
  history.end(replayed);
  EXPECT_THAT(history.finish(), IsEmpty());
}

}  // namespace
}  // namespace dun::test
