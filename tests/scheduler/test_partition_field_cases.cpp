// Cases from the field (docs/field_cases.md) that the partition engine answers for.
#include "messages/segmentation.hpp"
#include "tests/scheduler/partition_bench.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using namespace scheduler;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(FieldCases, C3_AnEntryThatIsTooLargeIsRejectedAndTheNextIsTaken) {
  PartitionBench bench;
  bench.pay("large", "1");
  StreamEntry& large = bench.state->events.back();
  large.oversize = 104'857'600;
  large.fields.emplace_back("blob", std::string(256, 'x'));
  bench.pay("good", "1");
  bench.cycle();
  ASSERT_EQ(bench.state->rejected.size(), 1U);
  const RejectedEntry& rejected = bench.state->rejected.front();
  EXPECT_EQ(rejected.field, "blob");
  EXPECT_NE(rejected.reason.find("104857600 bytes"), std::string::npos) << rejected.reason;
  EXPECT_EQ(rejected.original.oversize, 104'857'600U);
  EXPECT_EQ(bench.partition->counters().applied, 1U);
}

TEST(FieldCases, S20_EventsWithFieldsLeftOutAreAppliedAndCountedBySource) {
  PartitionBench bench;
  const Instant now = bench.clock.now();
  const auto add = [&](const char* id, const char* account, Fields more) {
    bench.state->add(PartitionBench::fields(id, account, "payment.received", now, std::move(more)));
  };
  add("e1", "1", {{"credit_level", "gold"}, {"source", "billing"}});
  add("e2", "2", {{"curency", "CNY"}, {"brand", "Telef\xf3nica"}, {"source", "shop"}});
  add("e3", "3", {{"amount", "5"}, {"source", "shop"}});
  bench.cycle();
  EXPECT_THAT(bench.state->rejected, IsEmpty());
  EXPECT_EQ(bench.partition->counters().applied, 3U);
  EXPECT_EQ(bench.partition->counters().refused, 2U);
  const SourceCounts& sources = bench.partition->sources();
  EXPECT_EQ(sources.at("billing"), (SourceCounters{.applied = 1, .refused = 1}));
  EXPECT_EQ(sources.at("shop"), (SourceCounters{.applied = 2, .refused = 1}));
}

TEST(FieldCases, D19_DuplicatesAndSupersededEventsAreCountedBySource) {
  PartitionBench bench;
  const Instant now = bench.clock.now();
  const auto add = [&](const char* id, const char* seq, const char* state) {
    bench.state->add(PartitionBench::fields(id, "1", "credit.changed", now,
                                            {{"seq", seq}, {"state", state}, {"source", "billing"}}));
  };
  add("e1", "100", "low");
  add("e1", "100", "low");
  add("e2", "1", "clear");
  bench.cycle();
  EXPECT_EQ(bench.partition->sources().at("billing"), (SourceCounters{.applied = 1, .duplicate = 1, .superseded = 1}));
}

TEST(FieldCases, D19_SourcesWithoutEndAreCountedTogether) {
  SourceCounts sum;
  for (int i = 0; i < 1000; ++i) add(sum, {{std::to_string(i), {.applied = 1}}});
  add(sum, {{"0", {.applied = 1}}});
  EXPECT_LE(sum.size(), 201U);
  EXPECT_EQ(sum.at("0").applied, 2U);
  EXPECT_EQ(sum.at("(others)").applied, 800U);
}

TEST(FieldCases, S39_AHeartbeatWithAnAccountIsTheProducersAndNotTheAccounts) {
  PartitionBench bench;
  for (const char* account : {"1", "8600012345", "not an account"})
    bench.state->add(PartitionBench::fields(std::string("h") + account, account, "source.heartbeat", bench.clock.now(),
                                            {{"source", "billing"}}));
  bench.cycle();
  EXPECT_THAT(bench.state->rejected, IsEmpty());
  EXPECT_EQ(bench.partition->counters().applied, 3U);
}

TEST(FieldCases, S39_ARejectedEventIsNamedByTheFieldsItIsReadBy) {
  PartitionBench bench;
  bench.state->add({{"account", ""}, {"id", ""}, {"account", "A1"}, {"id", "e1"}, {"type", "credit.changed"}});
  bench.cycle();
  ASSERT_THAT(bench.state->rejected, SizeIs(1));
  EXPECT_EQ(bench.state->rejected[0].field, "time");
  const auto rejected = std::ranges::find(bench.state->journal, OutcomeType::event_rejected, &Outcome::type);
  ASSERT_NE(rejected, bench.state->journal.end());
  EXPECT_EQ(rejected->account.str(), "A1");
  EXPECT_EQ(rejected->cause.str(), "e1");
}

TEST(FieldCases, S39_OfTwoAccountsTheFirstIsTheOneThatItIsReadBy) {
  PartitionBench bench;
  bench.state->add({{"account", "A1"}, {"account", "A2"}, {"id", "e1"}, {"type", "credit.changed"}});
  bench.cycle();
  const auto rejected = std::ranges::find(bench.state->journal, OutcomeType::event_rejected, &Outcome::type);
  ASSERT_NE(rejected, bench.state->journal.end());
  EXPECT_EQ(rejected->account.str(), "A1");
}

// What flow control grants, the rate counts and the outcome tells is what the handset shows.
TEST(FieldCases, S42_TheSignatureIsCountedFromTheClaimOn) {
  struct Row {
    std::string front, back;
    bool more;  ///< than the bare text
  };
  const std::string long_name = "【" + std::string(30, 'A') + "】";  // with it the text is UCS-2
  for (const Row& row : {Row{"", "", false}, Row{"【A】", "", false}, Row{"", " Acme", false}, Row{long_name, "", true},
                         Row{"", long_name, true}, Row{std::string(150, 'x'), "", true},
                         Row{"", std::string(320, 'x'), true}, Row{"a", std::string(160, 'y'), true}}) {
    SCOPED_TRACE(row.front + "..." + row.back);
    PartitionBench bench;
    bench.dispatch.gateways[0].signature_front = row.front;
    bench.dispatch.gateways[0].signature_back = row.back;
    bench.state->add(PartitionBench::fields("e1", "1", "payment.received", bench.clock.now(),
                                            {{"amount", "5"}, {"currency", "CNY"}, {"lang", "en"}}));
    bench.cycle();
    const auto claims = bench.cycle();
    ASSERT_THAT(claims, SizeIs(1));
    const auto bare = messages::count(message_of(claims[0]).text);
    const auto shown = messages::count(row.front + message_of(claims[0]).text + row.back);
    EXPECT_EQ(message_of(claims[0]).parts, shown->parts);
    EXPECT_EQ(message_of(claims[0]).encoding, shown->encoding);
    EXPECT_EQ(message_of(claims[0]).parts > bare->parts, row.more) << message_of(claims[0]).text;
    bench.answer(claims[0], SendAccepted{});
    bench.cycle();
    EXPECT_EQ(bench.state->journal.back().parts, shown->parts);
  }
}

TEST(FieldCases, C6_ProducersCannotSayWhatOnlyDunSays) {
  PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::hold);
  bench.pay("e1", "1");
  bench.cycle();
  const auto claims = bench.cycle();
  bench.answer(claims.at(0), SendUnknown{});
  bench.cycle();
  const auto forged = [&](const std::string& id, Fields further) {
    Fields event{{"id", id},
                 {"type", "dun.receipt"},
                 {"account", "1"},
                 {"time", to_rfc3339(bench.clock.now())},
                 {"notice", claims.at(0).notice.str()},
                 {"status", "delivered"}};
    event.insert(event.end(), further.begin(), further.end());
    return event;
  };
  bench.state->add(forged("f1", {}));
  bench.state->add(forged("f2", {{"mac", ""}}));
  bench.state->add(forged("f3", {{"mac", "0123456789abcdef"}}));
  Fields of_another_installation = forged("f4", {});
  Seal("another installation").sign(of_another_installation);
  bench.state->add(of_another_installation);
  Fields hidden = forged("f5", {{"type", "payment.received"}});
  bench.state->add(hidden);
  bench.cycle();
  EXPECT_THAT(bench.sent(), IsEmpty());
  EXPECT_EQ(bench.partition->counters().rejected, 5U);
  EXPECT_EQ(bench.partition->counters().receipts, 0U);
  Fields own = forged("f6", {});
  Seal().sign(own);
  bench.state->add(own);
  bench.cycle();
  EXPECT_THAT(bench.sent(), ElementsAre("e1"));
}

TEST(FieldCases, C6_OutcomesCarryTheReferenceThatTheGatewayHas) {
  PartitionBench bench;
  bench.engine.seal = Seal("one key");
  bench.pay("e1", "1");
  bench.cycle();
  const auto claims = bench.cycle();
  bench.answer(claims.at(0), SendAccepted{});
  bench.cycle();
  std::size_t told = 0;
  for (const Outcome& outcome : bench.state->journal) {
    if (outcome.client_ref.empty()) continue;
    ++told;
    EXPECT_EQ(outcome.client_ref, Seal("one key").reference(claims.at(0).notice));
  }
  EXPECT_GT(told, 0U);
}

TEST(FieldCases, C6_AReceiptSettlesOnlyWhatItsOwnGatewayHasOrMayHave) {
  for (const bool answered : {false, true}) {
    for (const bool crashed : {false, true}) {
      PartitionBench bench("2026-03-02T10:00:00+08:00", UnknownRule::wait_receipt);
      bench.pay("e1", "1");
      bench.cycle();
      const auto claims = bench.cycle();
      ASSERT_EQ(claims.size(), 1U);
      if (answered) {
        bench.answer(claims[0], SendUnknown{});
        bench.cycle();
      }
      if (crashed) bench.crash();
      const auto receipt = [&](const char* id, const char* gateway) {
        bench.state->add(PartitionBench::fields(
            id, "1", "dun.receipt", bench.clock.now(),
            {{"notice", claims[0].notice.str()}, {"status", "delivered"}, {"gateway", gateway}}));
        bench.cycle(0);
      };
      receipt("r1", "another");
      EXPECT_EQ(bench.partition->counters().receipts_unknown, 1U) << answered << crashed;
      EXPECT_THAT(bench.sent(), IsEmpty()) << answered << crashed;
      receipt("r2", "g");
      EXPECT_EQ(bench.partition->counters().receipts, 1U) << answered << crashed;
    }
  }
}

}  // namespace
}  // namespace dun::test
