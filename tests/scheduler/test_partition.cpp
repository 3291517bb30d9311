// The partition engine step by step: the barrier, claims and what becomes of them, crashes between any two steps.
#include "messages/segmentation.hpp"
#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(Partition, ClaimsInTheOrderOfArrivalAsManyAsGranted) {
  PartitionBench bench;
  for (int i = 1; i <= 5; ++i) bench.pay("e" + std::to_string(i), std::to_string(i));
  EXPECT_THAT(bench.cycle(2), IsEmpty()) << "turns come in the batch after";
  EXPECT_THAT(accounts(bench.cycle(2)), ElementsAre("1", "2"));
  EXPECT_THAT(accounts(bench.cycle(9)), ElementsAre("3", "4", "5"));
  EXPECT_EQ(bench.partition->in_flight(), 5U);
}

TEST(Partition, AnAccountHasOneNoticeInFlightAndTheNextGoesWhenItHasEnded) {
  PartitionBench bench;
  bench.pay("e1", "1");
  bench.cycle(0);
  bench.clock.set(bench.clock.now() + Seconds(1));
  bench.pay("e2", "1");
  bench.cycle(0);
  const auto first = bench.cycle();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_THAT(bench.cycle(), IsEmpty());
  bench.answer(first.front(), SendAccepted{});
  EXPECT_THAT(bench.cycle(), IsEmpty());
  const auto second = bench.cycle();
  ASSERT_THAT(second, SizeIs(1));
  bench.answer(second.front(), SendAccepted{});
  bench.cycle();
  EXPECT_THAT(bench.sent(), ElementsAre("e1", "e2"));
  EXPECT_TRUE(bench.partition->idle());
}

/// Samples fit one segment, and a brand with a long name does not.
messages::Catalogue short_texts(const std::string& end) {
  messages::CatalogueOptions options{.default_lang = "en", .parts_max = 1};
  messages::LanguageSource english{.lang = "en", .file = "short"};
  english.texts.push_back({.kind = "held", .pattern = "", .file = "short"});
  for (const std::string_view kind : notice_kind_names())
    english.texts.push_back(
        {.kind = std::string(kind),
         .pattern = "{brand, select, none {} other {{brand}{brand}{brand}}} {account} {event_time, date, "
                    "::MMMdHmm}{owed, select, none {} other { {owed, number, sign}}}{amount, select, "
                    "none {} other { {amount, number, sign}}}{balance, select, none {} other { "
                    "{balance, number, sign}}}" +
                    end,
         .file = "short"});
  options.languages.push_back(std::move(english));
  return messages::Catalogue::compile(options).value();
}

TEST(FieldCases, D24_ATextThatAValueMakesTooLongIsSentAndCounted) {
  PartitionBench bench;
  bench.partition->set_rules(
      std::make_shared<const Rules>(Rules{.policies = policies_with_people(), .catalogue = short_texts("")}));
  bench.state->add(PartitionBench::fields("e1", "1", "payment.received", bench.clock.now(), {{"amount", "5"}}));
  bench.state->add(PartitionBench::fields("e2", "2", "payment.received", bench.clock.now(),
                                          {{"amount", "5"}, {"brand", std::string(60, 'b')}}));
  bench.state->add(PartitionBench::fields("e3", "3", "payment.received", bench.clock.now(),
                                          {{"amount", "5"}, {"brand", "Telef\u00f4nica do Norte e do Sul e do mar"}}));
  bench.cycle();
  std::map<std::string, int> parts;
  for (const InFlight& claim : bench.cycle()) parts[claim.subject.str()] = message_of(claim).parts;
  EXPECT_THAT(parts, ElementsAre(std::pair("1", 1), std::pair("2", 2), std::pair("3", 2)));
  EXPECT_THAT(bench.partition->long_texts(), ElementsAre(std::pair("payment_received in en", 2U)));
  const std::string before = bench.partition->texts_version();
  bench.partition->set_rules(
      std::make_shared<const Rules>(Rules{.policies = policies_with_people(), .catalogue = short_texts(".")}));
  EXPECT_NE(bench.partition->texts_version(), before);
  EXPECT_THAT(bench.partition->long_texts(), IsEmpty()) << "other texts begin anew";
}

// ---------------------------------------------------------------------------------------------------- ingest barrier

TEST(IngestBarrier, NoTurnComesWhileTheStreamIsUnread) {
  PartitionBench bench;
  bench.pay("e0", "1");
  bench.cycle();
  for (std::size_t i = 0; i < bench.engine.batch_max + 1; ++i)
    bench.pay("f" + std::to_string(i), std::to_string(2 + i));
  EXPECT_THAT(bench.cycle(1), IsEmpty());
  EXPECT_TRUE(bench.partition->has_work(bench.clock.now()));
  EXPECT_THAT(accounts(bench.cycle(1)), ElementsAre("1"));
}

TEST(IngestBarrier, NoTurnComesWhileTheFrontDoorIsNotRouted) {
  PartitionBench bench;
  bench.pay("e0", "1");
  bench.cycle();
  ++bench.state->front_door;
  EXPECT_THAT(bench.cycle(), IsEmpty());
  bench.state->front_door_routed = bench.state->front_door;
  EXPECT_THAT(bench.cycle(), SizeIs(1));
}

// Else dispatch would go on granting to a partition that can use no grant, and others would wait for it.
TEST(IngestBarrier, NoTurnIsOfferedWhileItIsOutOfReach) {
  PartitionBench bench;
  const auto offered = [&] { return bench.partition->turns(Lane::normal, bench.clock.now(), 10).size(); };
  bench.pay("e0", "1");
  bench.cycle();
  EXPECT_EQ(offered(), 1U);
  ++bench.state->front_door;
  bench.cycle();
  EXPECT_EQ(offered(), 1U);  // a producer that never pauses is not a reason yet
  bench.partition->fell_behind();
  EXPECT_EQ(offered(), 0U);
  EXPECT_FALSE(bench.partition->caught_up());
  bench.state->front_door_routed = bench.state->front_door;
  bench.cycle(0);
  EXPECT_EQ(offered(), 1U);
  bench.recover();
  EXPECT_EQ(offered(), 0U);
}

// A wall clock that was set back: what cannot be claimed yet is not offered either, or dispatch would grant in vain.
TEST(IngestBarrier, NothingIsOfferedThatWasDecidedAfterThePresent) {
  PartitionBench bench;
  bench.pay("e0", "1");
  bench.cycle();
  const Instant now = bench.clock.now();
  EXPECT_THAT(bench.partition->turns(Lane::normal, now, 10), SizeIs(1));
  EXPECT_THAT(bench.partition->turns(Lane::normal, now - Millis(1), 10), IsEmpty());
}

// A payment that is booked at 06:59:59.999 may come into the stream after it was read and before the reply is here.
TEST(IngestBarrier, AShelfThatOpensAfterTheLookWaitsForTheNext) {
  PartitionBench bench("2026-03-02T23:00:00+08:00");
  bench.state->add(PartitionBench::fields("e1", "1", "credit.changed", bench.clock.now(), {{"state", "arrears"}}));
  bench.cycle();
  bench.clock.set(at("2026-03-03T06:59:59.999+08:00"));
  const Instant asked = bench.clock.now();
  const auto request = bench.partition->look(asked);
  auto reply = bench.store.read_now(request);
  bench.state->add(PartitionBench::fields("e2", "1", "payment.received", asked));
  bench.clock.set(at("2026-03-03T07:00:00+08:00"));
  auto inputs = bench.partition->gather(request, *std::move(reply), {9, 9, 9}, asked);
  EXPECT_THAT(inputs.turns, IsEmpty());
}

// A process that was suspended between its clock and its reply reads events of what it takes for the future.
TEST(Intake, AnEventIsInTheFutureByWhenItWasRead) {
  PartitionBench bench("2026-03-02T10:00:00+08:00");
  const Instant asked = bench.clock.now();
  const Instant later = asked + rules()->policies.intake.future_max + std::chrono::minutes(1);
  bench.state->add(PartitionBench::fields("e1", "1", "payment.received", later));
  for (const bool told : {false, true}) {
    const auto request = bench.partition->look(asked);
    auto reply = bench.store.read_now(request);
    const auto inputs = told ? bench.partition->gather(request, *std::move(reply), {}, asked, later)
                             : bench.partition->gather(request, *std::move(reply), {}, asked);
    EXPECT_EQ(inputs.events.at(0).parsed.has_value(), told);
    bench.recover();
  }
}

// ------------------------------------------------------------------------------------------------ pauses and retries

TEST(PausedGateway, HandsBackItsClaimsToTheHeadOfTheirShelfTheOldestFirst) {
  PartitionBench bench;
  for (int i = 1; i <= 6; ++i) {
    bench.pay("e" + std::to_string(i), std::to_string(i));
    bench.cycle(0);
    bench.clock.set(bench.clock.now() + Millis(1));
  }
  const auto claims = bench.cycle(5);
  ASSERT_THAT(accounts(claims), ElementsAre("1", "2", "3", "4", "5"));
  // The answers come in any order, and not all in time for one batch.
  bench.answer(claims[1], SendThrottled{});
  bench.answer(claims[0], SendThrottled{});
  EXPECT_THAT(bench.cycle(0), IsEmpty());
  bench.answer(claims[3], SendThrottled{});
  bench.cycle(0);
  bench.answer(claims[4], SendGatewayDown{});
  bench.answer(claims[2], SendThrottled{});
  bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST(PausedGateway, KeepsTheOrderOfWhatWasDecidedInOneInstant) {
  PartitionBench bench;
  std::vector<std::string> all;
  for (int i = 1; i <= 60; ++i) {
    bench.pay("e" + std::to_string(i), std::to_string(i));
    all.push_back(std::to_string(i));
  }
  bench.cycle();
  for (const auto& claim : bench.cycle(40)) bench.answer(claim, SendThrottled{});
  bench.cycle(0);
  EXPECT_EQ(accounts(bench.cycle()), all);
}

// The oldest goes first again, also when it alone was tried again in between.
TEST(PausedGateway, HandsBackASecondTimeWhatItHandedBackBefore) {
  PartitionBench bench;
  bench.pay("e1", "1");
  bench.pay("e2", "2");
  bench.cycle(0);
  for (const auto& claim : bench.cycle(2)) bench.answer(claim, SendThrottled{});
  bench.cycle(0);
  const auto tried = bench.cycle(1);
  ASSERT_THAT(accounts(tried), ElementsAre("1"));
  bench.answer(tried.front(), SendThrottled{});
  bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1", "2"));
}

// What was put back before a commit that is in doubt is known by the order of its claims behind it too.
TEST(PausedGateway, KeepsTheOrderOverACommitInDoubt) {
  for (const bool applied : {false, true}) {
    PartitionBench bench;
    bench.pay("e1", "1");
    bench.pay("e2", "2");
    bench.pay("e3", "3");
    bench.cycle(0);
    const auto claims = bench.cycle();
    bench.answer(claims.at(1), SendThrottled{});
    bench.cycle(0);
    bench.answer(claims.at(2), SendThrottled{});
    const auto lost = bench.decide(0);
    if (applied) ASSERT_TRUE(bench.store.commit_now(lost.commit).has_value());
    bench.partition->dropped(lost);
    bench.recover();
    bench.cycle(0);
    bench.answer(claims.at(0), SendThrottled{});
    bench.cycle(0);
    EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1", "2", "3"));
  }
}

TEST(PausedGateway, ReturnedNoticesAndNewOnesOfTheSameSecondStayWhatTheyAre) {
  PartitionBench bench;
  bench.pay("e1", "1");
  bench.cycle(0);
  const auto claims = bench.cycle();
  bench.answer(claims.at(0), SendThrottled{});
  bench.pay("e2", "2");
  bench.cycle(0);  // one back to the head and one to the tail of the same shelf, in the same commit
  bench.recover();
  bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1", "2"));
}

TEST(Retry, KeepsItsPlaceBeforeWhatIsNewerForItsAccountAndHoldsUpNobodyElse) {
  PartitionBench bench;
  bench.pay("e1", "1");
  bench.cycle(0);
  const auto first = bench.cycle();
  bench.answer(first.at(0), SendRetry{.detail = "busy", .after = Seconds(30)});
  bench.cycle();
  bench.clock.set(bench.clock.now() + Seconds(1));
  bench.pay("e2", "1");
  bench.pay("e3", "2");
  bench.cycle(0);
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("2")) << "e2 is behind e1";
  bench.clock.set(bench.clock.now() + Seconds(31));
  bench.cycle(0);
  const auto again = bench.cycle();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].notice, first[0].notice);
  EXPECT_EQ(again[0].attempt, 2);
  bench.answer(again[0], SendAccepted{});
  bench.cycle();
  EXPECT_THAT(accounts(bench.cycle()), ElementsAre("1"));
}

// -------------------------------------------------------------------------------------------------- crashes, owners

TEST(Crash, AfterTheClaimIsResolvedAsUnknownAndRepeatedUnderTheSameReference) {
  PartitionBench bench;
  bench.pay("e1", "1");
  bench.cycle();
  const auto claim = bench.cycle();
  bench.crash();
  EXPECT_EQ(bench.partition->in_flight(), 1U);
  bench.cycle();
  bench.clock.set(bench.clock.now() + Seconds(6));
  bench.cycle(0);
  const auto again = bench.cycle();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].notice, claim.at(0).notice);
  EXPECT_EQ(again[0].attempt, 2);
}

TEST(Crash, AfterTheClaimIsNotRepeatedAtAGatewayThatDoesNotRemoveDuplicates) {
  PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::wait_receipt);
  bench.pay("e1", "1");
  bench.cycle();
  ASSERT_THAT(bench.cycle(), SizeIs(1));
  bench.crash();
  for (int minute = 0; minute < 180; ++minute) {
    ASSERT_THAT(bench.cycle(), IsEmpty());
    bench.clock.set(bench.clock.now() + std::chrono::minutes(1));
  }
  EXPECT_EQ(bench.state->journal.back().type, OutcomeType::notice_unknown);
  EXPECT_TRUE(bench.state->records.at(AccountId("1")).pending.empty());
}

TEST(CommitInDoubt, AClaimThatReachedTheStoreAndNoGatewayIsNotAnUnknown) {
  for (const bool reached : {false, true}) {
    PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::wait_receipt);
    bench.pay("e1", "1");
    bench.cycle();
    auto batch = bench.decide(9);
    ASSERT_THAT(batch.claims, SizeIs(1));
    if (reached) ASSERT_TRUE(bench.store.commit_now(batch.commit).has_value());
    bench.partition->dropped(batch);
    bench.recover();
    bench.cycle(0);
    const auto again = bench.cycle();
    ASSERT_THAT(again, SizeIs(1)) << (reached ? "reached" : "not reached");
    EXPECT_EQ(again[0].attempt, 1);
  }
}

TEST(CommitInDoubt, AnAnswerIsTakenInOnceWhetherItReachedTheStoreOrNot) {
  for (const bool reached : {false, true}) {
    PartitionBench bench;
    bench.pay("e1", "1");
    bench.cycle();
    const auto claims = bench.cycle();
    bench.answer(claims.at(0), SendAccepted{});
    auto batch = bench.decide(9);
    if (reached) ASSERT_TRUE(bench.store.commit_now(batch.commit).has_value());
    bench.partition->dropped(batch);
    bench.recover();
    bench.cycle();
    EXPECT_THAT(bench.sent(), ElementsAre("e1"));
    EXPECT_EQ(bench.partition->counters().sent, 1U);
    EXPECT_TRUE(bench.partition->idle());
  }
}

/// Another process takes the partition over and does with the first claim what the test says.
struct TakenOver : testing::Test {
  PartitionBench bench;
  MemoryStore other_store{bench.state, "other", bench.clock, date::days(1000)};
  Partition other{0, bench.engine, bench.dispatch, rules()};

  void take_over() {
    bench.clock.set(bench.clock.now() + Seconds(11));
    bench.state->lease_until = bench.clock.now();
    other.recover(*other_store.acquire_now(), bench.clock.now());
  }
  std::vector<InFlight> other_cycles() {
    const auto request = other.look(bench.clock.now());
    auto inputs = other.gather(request, *other_store.read_now(request), {9, 9, 9}, bench.clock.now());
    auto records = other_store.load_now(inputs.accounts);
    auto batch = other.decide(std::move(inputs), *std::move(records), bench.clock.now());
    EXPECT_TRUE(other_store.commit_now(batch.commit).has_value());
    other.committed(batch);
    return batch.claims;
  }
  void give_back() {
    other_store.release_now();
    bench.recover();
  }
  [[nodiscard]] std::size_t stored_in_flight() const { return bench.state->in_flight.size(); }
};

// Two clocks differ by what lies between two claims of one notice: the first never left, the second did.
TEST_F(TakenOver, AClaimThatNeverLeftIsNotTakenForTheOneThatDid) {
  bench.pay("e1", "1");
  bench.cycle(0);
  bench.set_back = -Seconds(11);
  const auto lost = bench.decide(9);
  take_over();
  const auto left = other_cycles();
  ASSERT_THAT(left, SizeIs(1));
  ASSERT_EQ(left, lost.claims);
  bench.partition->dropped(lost);
  bench.set_back = Millis(0);
  give_back();
  bench.cycle(0);
  EXPECT_EQ(bench.state->journal.back().type, OutcomeType::notice_unknown);
}

TEST_F(TakenOver, ACommitOfTheFirstOwnerFails) {
  bench.pay("e1", "1");
  auto batch = bench.decide(9);
  take_over();
  const auto committed = bench.store.commit_now(batch.commit);
  ASSERT_FALSE(committed.has_value());
  EXPECT_EQ(committed.error().kind, StoreError::Kind::fenced);
}

TEST_F(TakenOver, ALateAnswerToAClaimThatTheOtherOwnerSettledChangesNothing) {
  bench.pay("e1", "1");
  bench.pay("e2", "2");
  bench.cycle();
  const auto claims = bench.cycle(1);
  take_over();
  for (int i = 0; i < 3; ++i) {
    for (const InFlight& claim : other_cycles()) other.answered(judge(claim, SendAccepted{}, bench.dispatch, {}));
    bench.clock.set(bench.clock.now() + Seconds(6));  // the first is unknown to it, and goes again after five
  }
  ASSERT_THAT(bench.sent(), testing::UnorderedElementsAre("e1", "e2"));
  bench.pay("e3", "1");
  give_back();
  bench.cycle();
  ASSERT_THAT(bench.cycle(), SizeIs(1));
  bench.answer(claims.at(0), SendRetry{});
  bench.cycle();
  EXPECT_EQ(bench.partition->in_flight(), 1U) << "e3 is still under way";
  EXPECT_EQ(stored_in_flight(), 1U);
  EXPECT_THAT(bench.sent(), SizeIs(2));
}

TEST_F(TakenOver, ALateAnswerIsNotTakenForThatOfTheOtherOwnersAttempt) {
  bench.pay("e1", "1");
  bench.cycle();
  const auto first = bench.cycle();
  take_over();
  other_cycles();
  bench.clock.set(bench.clock.now() + Seconds(6));
  ASSERT_THAT(other_cycles(), SizeIs(1));
  give_back();  // and the other owner is gone without an answer to its attempt
  bench.answer(first.at(0), SendThrottled{});
  bench.cycle();
  const PendingNotice& notice = bench.state->records.at(AccountId("1")).pending.at(0);
  EXPECT_EQ(notice.tried.attempts, 2) << "the second attempt ended as unknown";
}

TEST_F(TakenOver, AClaimInDoubtIsNotTakenForThatOfTheOtherOwner) {
  bench.pay("e1", "1");
  bench.cycle();
  auto batch = bench.decide(9);
  bench.partition->dropped(batch);
  take_over();
  ASSERT_THAT(other_cycles(), SizeIs(1));  // handed to the gateway
  give_back();
  bench.cycle();
  EXPECT_EQ(bench.state->records.at(AccountId("1")).pending.at(0).tried.attempts, 1) << "resolved as unknown";
}

// ------------------------------------------------------------------------------------------------------------- intake

TEST(Intake, RefusesWhatIsMalformedOrNotForThisPartitionAndGoesOn) {
  PartitionBench bench;
  bench.engine.partitions = 16;
  const auto account_of = [](int partition) {
    for (int i = 0;; ++i)
      if (partition_of(std::to_string(i), 16) == partition) return std::to_string(i);
  };
  bench.state->add({{"id", "bad"}, {"type", "credit.changed"}, {"account", "7"}});
  bench.pay("e1", account_of(3));
  bench.state->add(
      {{"id", "h"}, {"type", "source.heartbeat"}, {"source", "billing"}, {"time", to_rfc3339(bench.clock.now())}});
  bench.pay("e2", account_of(0));
  bench.cycle();
  ASSERT_THAT(bench.state->rejected, SizeIs(2));
  EXPECT_EQ(bench.state->rejected[0].field, "time");
  EXPECT_EQ(bench.state->rejected[0].original.fields[0].second, "bad");
  EXPECT_EQ(bench.state->rejected[1].field, "account");
  const Counters& counters = bench.partition->counters();
  EXPECT_EQ(counters.read, 4U);
  EXPECT_EQ(counters.rejected, 2U);
  EXPECT_EQ(counters.applied, 2U);
  EXPECT_EQ(bench.state->counters, counters);
}

TEST(Counters, CountANoticeAsSentWhenItsReceiptIsTheAnswer) {
  PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::wait_receipt);
  bench.pay("e1", "1");
  bench.cycle();
  const auto claims = bench.cycle();
  bench.answer(claims.at(0), SendUnknown{});
  bench.cycle();
  EXPECT_EQ(bench.partition->counters().sent, 0U);
  bench.state->add(PartitionBench::fields("r1", "1", "dun.receipt", bench.clock.now(),
                                          {{"notice", claims.at(0).notice.str()}, {"status", "delivered"}}));
  bench.cycle();
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
  EXPECT_EQ(bench.partition->counters().sent, 1U);
  EXPECT_EQ(bench.partition->counters().receipts, 1U);
}

}  // namespace
}  // namespace dun::test
