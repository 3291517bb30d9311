// Who sends next: the merge across partitions, lanes, pauses, and what happens to a partition's share when it goes.
#include "scheduler/dispatcher.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::SizeIs;

constexpr auto normal = static_cast<std::size_t>(Lane::normal);

Instant decided(int at) {
  return Instant(Millis(at));
}

/// Flow control that is out of the way: full at once, no slow start.
FlowOptions open_flow() {
  return {.rate = 1e6, .burst = 1e6, .in_flight_max = 64, .in_flight_min = 64, .ramp = Millis(0)};
}

DispatchOptions one_gateway(FlowOptions flow) {
  return {.gateways = {{.name = "g", .flow = flow}}, .routes = Routes({"g", "g", "g"})};
}

InFlight claim(Lane lane, int at, int parts = 1) {
  return {.subject = AccountId("a" + std::to_string(at)),
          .notice = NoticeId("n" + std::to_string(at)),
          .shelf = {.lane = lane},
          .decided_at = decided(at),
          .gateway = "g",
          .errand = Submission{.parts = parts}};
}

std::vector<Instant> turns(std::initializer_list<int> list) {
  std::vector<Instant> all;
  for (const int at : list) all.push_back(decided(at));
  return all;
}

std::vector<int> started(const Dispatcher::Actions& actions) {
  std::vector<int> all;
  for (const auto& start : actions.starts)
    all.push_back(static_cast<int>(start.request.decided_at.time_since_epoch().count()));
  return all;
}

struct Desk {
  explicit Desk(DispatchOptions with) : options(std::move(with)), dispatcher(options, Millis(0)) {}
  DispatchOptions options;
  Dispatcher dispatcher;

  Dispatcher::Actions pump(int now) { return dispatcher.pump(Millis(now)); }
  void claim_all(int partition, Lane lane, std::initializer_list<int> list) {
    std::vector<InFlight> claims;
    for (const int at : list) claims.push_back(claim(lane, at));
    dispatcher.submit(partition, std::move(claims));
  }
};

TEST(Dispatcher, GrantsTheOldestHeadsAcrossPartitions) {
  auto flow = open_flow();
  flow.in_flight_max = flow.in_flight_min = 3;
  Desk desk(one_gateway(flow));
  desk.dispatcher.offer(0, Lane::normal, turns({10, 40}));
  desk.dispatcher.offer(1, Lane::normal, turns({20, 30}));
  EXPECT_THAT(desk.pump(1000).granted, ElementsAre(0, 1));
  EXPECT_EQ(desk.dispatcher.take_grants(0)[normal], 1U);
  EXPECT_EQ(desk.dispatcher.take_grants(1)[normal], 2U);
  EXPECT_FALSE(desk.dispatcher.has_grants(0));
}

TEST(Dispatcher, WaitsForAPartitionThatIsStillCommittingAnOlderNotice) {
  Desk desk(one_gateway(open_flow()));
  desk.dispatcher.offer(0, Lane::normal, turns({10}));
  desk.dispatcher.offer(1, Lane::normal, turns({20}));
  (void)desk.pump(1000);
  (void)desk.dispatcher.take_grants(0);
  (void)desk.dispatcher.take_grants(1);
  desk.claim_all(1, Lane::normal, {20});
  EXPECT_THAT(started(desk.pump(1000)), IsEmpty());
  desk.claim_all(0, Lane::normal, {10});
  EXPECT_THAT(started(desk.pump(1000)), ElementsAre(10, 20));
}

TEST(Dispatcher, WaitsForAGrantThatIsNotTakenYet) {
  Desk desk(one_gateway(open_flow()));
  desk.dispatcher.offer(0, Lane::normal, turns({10}));
  desk.dispatcher.offer(1, Lane::normal, turns({20}));
  (void)desk.pump(1000);
  (void)desk.dispatcher.take_grants(1);
  desk.claim_all(1, Lane::normal, {20});
  EXPECT_THAT(started(desk.pump(1000)), IsEmpty());
}

TEST(Dispatcher, DoesNotWaitForAPartitionThatIsGone) {
  Desk desk(one_gateway(open_flow()));
  for (const bool taken : {false, true}) {
    desk.dispatcher.offer(0, Lane::normal, turns({10}));
    desk.dispatcher.offer(1, Lane::normal, turns({20}));
    (void)desk.pump(1000);
    if (taken) (void)desk.dispatcher.take_grants(0);
    (void)desk.dispatcher.take_grants(1);
    desk.claim_all(1, Lane::normal, {20});
    (void)desk.dispatcher.withdraw(0);
    EXPECT_THAT(started(desk.pump(1000)), ElementsAre(20)) << (taken ? "taken" : "not taken");
    EXPECT_FALSE(desk.dispatcher.has_grants(0));
  }
}

TEST(Dispatcher, HandsBackWhatAPartitionThatIsGoneHadClaimedAndNotBegun) {
  auto flow = open_flow();
  flow.rate = 1;
  flow.burst = 1;
  Desk desk(one_gateway(flow));
  desk.dispatcher.offer(0, Lane::normal, turns({10}));
  (void)desk.pump(0);
  (void)desk.dispatcher.take_grants(0);
  desk.claim_all(0, Lane::normal, {10});
  EXPECT_THAT(started(desk.pump(0)), IsEmpty());  // no token yet
  const auto unbegun = desk.dispatcher.withdraw(0);
  ASSERT_THAT(unbegun, SizeIs(1));
  EXPECT_EQ(unbegun.front().decided_at, decided(10));
  EXPECT_THAT(started(desk.pump(100'000)), IsEmpty());
}

TEST(Dispatcher, LetsGrantsGoThatFoundNobodyToSendTo) {
  Desk desk(one_gateway(open_flow()));
  desk.dispatcher.offer(0, Lane::normal, turns({10}));
  desk.dispatcher.offer(1, Lane::normal, turns({20}));
  (void)desk.pump(1000);
  (void)desk.dispatcher.take_grants(0);
  (void)desk.dispatcher.take_grants(1);
  desk.claim_all(1, Lane::normal, {20});
  desk.claim_all(0, Lane::normal, {});
  EXPECT_THAT(started(desk.pump(1000)), ElementsAre(20));
  EXPECT_THAT(desk.dispatcher.status(Millis(1000)).front().open, 1);
}

TEST(Dispatcher, AnOfferLeavesOutTheTurnsThatGrantsAreFor) {
  auto flow = open_flow();
  flow.in_flight_max = flow.in_flight_min = 2;
  Desk desk(one_gateway(flow));
  desk.dispatcher.offer(0, Lane::normal, turns({10, 20, 30}));
  (void)desk.pump(1000);
  desk.dispatcher.offer(0, Lane::normal, turns({10, 20, 30}));  // looked at again before the grants were taken
  (void)desk.pump(1000);
  EXPECT_EQ(desk.dispatcher.take_grants(0)[normal], 2U);
}

TEST(Dispatcher, SharesAGatewayAmongItsLanesByWeight) {
  auto flow = open_flow();
  flow.in_flight_max = flow.in_flight_min = 26;
  Desk desk(one_gateway(flow));
  for (const Lane lane : all_lanes) desk.dispatcher.offer(0, lane, std::vector<Instant>(100, decided(1)));
  (void)desk.pump(1000);
  EXPECT_THAT(desk.dispatcher.take_grants(0), ElementsAre(16, 8, 2));
}

TEST(Dispatcher, GivesALaneThatIsAloneEverything) {
  auto flow = open_flow();
  flow.in_flight_max = flow.in_flight_min = 26;
  Desk desk(one_gateway(flow));
  desk.dispatcher.offer(0, Lane::bulk, std::vector<Instant>(100, decided(1)));
  (void)desk.pump(1000);
  EXPECT_THAT(desk.dispatcher.take_grants(0), ElementsAre(0, 0, 26));
}

TEST(Dispatcher, ReturnsWhatIsReadyWhenItsGatewayPauses) {
  auto flow = open_flow();
  flow.rate = 1;
  flow.burst = 1;
  DispatchOptions options = one_gateway(flow);
  options.gateways.push_back({.name = "other", .flow = open_flow()});
  options.routes = Routes({"other", "g", "g"});
  Desk desk(options);
  (void)desk.pump(2000);
  desk.dispatcher.offer(0, Lane::normal, turns({10, 20}));
  (void)desk.pump(2000);
  (void)desk.dispatcher.take_grants(0);
  desk.claim_all(0, Lane::normal, {10, 20});
  const auto first = desk.pump(2000);
  EXPECT_THAT(started(first), ElementsAre(10));
  desk.dispatcher.finished(first.starts[0].request, SendThrottled{.detail = "", .after = Millis(500)}, Millis(1),
                           Millis(2001));
  const auto paused = desk.pump(2001);
  ASSERT_THAT(paused.returned, SizeIs(1));
  EXPECT_EQ(paused.returned.front().request.decided_at, decided(20));
  EXPECT_THAT(paused.granted, IsEmpty());

  desk.dispatcher.offer(0, Lane::urgent, turns({30}));
  desk.dispatcher.offer(0, Lane::normal, turns({10, 20}));
  (void)desk.pump(2002);
  EXPECT_THAT(desk.dispatcher.take_grants(0), ElementsAre(1, 0, 0)) << "the other gateway is not paused";
  EXPECT_EQ(desk.dispatcher.next_pump(Millis(2002)), Millis(2501));
  (void)desk.pump(2501);
  EXPECT_GT(desk.dispatcher.take_grants(0)[normal], 0U);
}

TEST(Dispatcher, GrantsNothingWhileItDrainsButBeginsWhatIsClaimed) {
  Desk desk(one_gateway(open_flow()));
  desk.dispatcher.offer(0, Lane::normal, turns({10}));
  (void)desk.pump(1000);
  (void)desk.dispatcher.take_grants(0);
  desk.dispatcher.drain();
  desk.claim_all(0, Lane::normal, {10});
  desk.dispatcher.offer(0, Lane::normal, turns({20}));
  const auto actions = desk.pump(1000);
  EXPECT_THAT(started(actions), ElementsAre(10));
  EXPECT_THAT(actions.granted, IsEmpty());
}

TEST(Dispatcher, TriesAGatewayThatWasDownWithOneRequest) {
  auto flow = open_flow();
  flow.breaker_failures = 1;
  flow.breaker_pause = Millis(1000);
  Desk desk(one_gateway(flow));
  const auto offer = [&] { desk.dispatcher.offer(0, Lane::normal, turns({10, 20, 30})); };
  const auto claim_granted = [&](std::initializer_list<int> list) {
    (void)desk.dispatcher.take_grants(0);
    desk.claim_all(0, Lane::normal, list);
  };
  offer();
  (void)desk.pump(1000);
  claim_granted({10});
  const auto first = desk.pump(1000);
  desk.dispatcher.finished(first.starts.at(0).request, SendGatewayDown{}, Millis(1), Millis(1000));
  offer();
  EXPECT_THAT(desk.pump(1999).granted, IsEmpty());
  EXPECT_THAT(desk.pump(2000).granted, ElementsAre(0));
  EXPECT_EQ(desk.dispatcher.take_grants(0)[normal], 1U);
  desk.claim_all(0, Lane::normal, {10});
  offer();
  const auto probe = desk.pump(2000);
  EXPECT_THAT(started(probe), ElementsAre(10));
  EXPECT_THAT(probe.granted, IsEmpty());
  desk.claim_all(0, Lane::normal, {20});
  EXPECT_THAT(desk.pump(2000).returned, SizeIs(1)) << "nothing waits in doubt behind the trial";
  desk.dispatcher.finished(probe.starts.at(0).request, SendAccepted{}, Millis(1), Millis(2001));
  (void)desk.pump(2001);
  EXPECT_EQ(desk.dispatcher.take_grants(0)[normal], 3U);
}

/// What begins from `from` to `until` if so many notices wait all the time.
int begun(Desk& desk, int from, int until, std::size_t waiting) {
  int count = 0;
  for (int now = from; now <= until; now += 10) {
    desk.dispatcher.offer(0, Lane::normal, std::vector<Instant>(now < until ? waiting : 0, decided(1)));
    const auto actions = desk.pump(now);
    for (const auto& start : actions.starts)
      desk.dispatcher.finished(start.request, SendAccepted{}, Millis(5), Millis(now));
    count += static_cast<int>(actions.starts.size());
    const auto grants = desk.dispatcher.take_grants(0);
    std::vector<InFlight> claims(grants[normal], claim(Lane::normal, 1));
    desk.dispatcher.submit(0, std::move(claims));
  }
  return count;
}

// E37: the night's shelf opens on a gateway that has been looked at all night long, and used now and then.
TEST(Dispatcher, StartsSlowlyAfterTheNight) {
  const FlowOptions flow{.rate = 100, .burst = 50, .ramp = Seconds(30), .ramp_after = std::chrono::minutes(10)};
  for (const std::size_t at_night : {0U, 1U}) {
    SCOPED_TRACE(at_night == 0 ? "silent" : "a notice every twenty seconds");
    Desk desk(one_gateway(flow));
    begun(desk, 0, 60'000, 256);
    EXPECT_GT(begun(desk, 60'000, 61'000, 256), 90) << "warm";
    for (int now = 61'000; now < 3'600'000; now += 1000) {
      (void)desk.pump(now);
      if (at_night > 0 && now % 20'000 == 0) begun(desk, now, now + 20, at_night);
    }
    EXPECT_THAT(begun(desk, 3'600'000, 3'601'000, 256), AllOf(Ge(5), Le(30)));
    begun(desk, 3'601'000, 3'632'000, 256);
    EXPECT_GT(begun(desk, 3'632'000, 3'633'000, 256), 90) << "warm again";
  }
}

// E38: a long message waits for its tokens; short ones of other lanes must not take them from it for ever.
TEST(Dispatcher, LongMessagesAreNotStarvedByShortOnesOfAnotherLane) {
  FlowOptions flow{.rate = 100, .burst = 20, .ramp = Millis(0)};
  for (const Lane long_lane : {Lane::urgent, Lane::bulk}) {
    const Lane short_lane = long_lane == Lane::urgent ? Lane::bulk : Lane::urgent;
    Desk desk(one_gateway(flow));
    bool begun = false;
    bool offered = true;
    for (int now = 0; now < 20'000; now += 10) {
      desk.dispatcher.offer(0, short_lane, std::vector<Instant>(64, decided(2)));
      desk.dispatcher.offer(0, long_lane, offered ? turns({1}) : turns({}));
      const auto actions = desk.pump(now);
      for (const auto& start : actions.starts) {
        begun |= segments_of(start.request.errand) == 8;
        desk.dispatcher.finished(start.request, SendAccepted{}, Millis(5), Millis(now));
      }
      const auto grants = desk.dispatcher.take_grants(0);
      std::vector<InFlight> claims(grants[static_cast<std::size_t>(short_lane)], claim(short_lane, 2));
      if (grants[static_cast<std::size_t>(long_lane)] > 0) {
        claims.push_back(claim(long_lane, 1, 8));
        offered = false;
      }
      desk.dispatcher.submit(0, std::move(claims));
    }
    EXPECT_TRUE(begun) << "long messages in the " << to_text(long_lane) << " lane";
  }
}

// What is claimed and not begun is in doubt after a kill, for nothing.
TEST(FieldCases, NoMoreIsClaimedThanThereAreFreeConnections) {
  for (const int connections : {1, 3, 16}) {
    DispatchOptions options = one_gateway(open_flow());
    options.gateways[0].connections = connections;
    Desk desk(options);
    const auto grant = [&](int now) {
      desk.dispatcher.offer(0, Lane::normal, std::vector<Instant>(200, decided(1)));
      (void)desk.pump(now);
      return static_cast<int>(desk.dispatcher.take_grants(0)[normal]);
    };
    ASSERT_EQ(grant(1000), connections);
    std::vector<InFlight> claims;
    for (int i = 0; i < connections; ++i) claims.push_back(claim(Lane::normal, i));
    desk.dispatcher.submit(0, claims);
    desk.dispatcher.offer(0, Lane::normal, {});
    const auto begun = desk.pump(1000).starts;
    ASSERT_THAT(begun, SizeIs(connections));
    EXPECT_EQ(grant(1001), 0);
    EXPECT_EQ(grant(60'000), 0) << "however long they hang";
    desk.dispatcher.finished(begun.at(0).request, SendAccepted{}, Millis(5), Millis(60'000));
    EXPECT_EQ(grant(60'001), 1);
    EXPECT_EQ(grant(60'001), 0);
  }
}

TEST(FieldCases, C11_WhatSaysNothingAboutTheGatewayNeitherStopsNorHealsIt) {
  auto flow = open_flow();
  flow.breaker_failures = 2;
  Desk desk(one_gateway(flow));
  int number = 0;
  const auto end_one = [&](const SendResult& result, int now) {
    desk.claim_all(0, Lane::normal, {++number});
    const auto begun = desk.pump(now).starts;
    ASSERT_THAT(begun, SizeIs(1));
    desk.dispatcher.finished(begun[0].request, result, Millis(1), Millis(now));
  };
  const auto breaker = [&] { return desk.dispatcher.status(Millis(1000)).front().breaker; };
  for (int i = 0; i < 9; ++i) end_one(SendUnknown{.telling = false}, 1000);
  EXPECT_EQ(breaker(), flow::Breaker::State::closed);
  end_one(SendUnknown{}, 1000);
  end_one(SendRetry{.telling = false}, 1000);
  end_one(SendUnknown{.telling = false}, 1000);
  end_one(SendUnknown{}, 1000);
  EXPECT_EQ(breaker(), flow::Breaker::State::open) << "two failures, and nothing good between them";
  end_one(SendRetry{.telling = false}, 2000);
  EXPECT_NE(breaker(), flow::Breaker::State::closed);
  end_one(SendRetry{}, 3000);
  EXPECT_EQ(breaker(), flow::Breaker::State::closed) << "it answered";
}

TEST(FieldCases, S19_WhatAGatewayLastSaidIsKept) {
  Desk desk(one_gateway(open_flow()));
  desk.dispatcher.offer(0, Lane::normal, turns({1, 2, 3, 4, 5, 6}));
  (void)desk.pump(1000);
  (void)desk.dispatcher.take_grants(0);
  desk.claim_all(0, Lane::normal, {1, 2, 3, 4, 5, 6});
  const auto starts = desk.pump(1001).starts;
  ASSERT_THAT(starts, SizeIs(6));
  const auto said = [&](std::size_t i, SendResult result) {
    desk.dispatcher.finished(starts[i].request, result, Millis(1), Millis(1100 + static_cast<int>(i)));
    const auto status = desk.dispatcher.status(Millis(1200)).front();
    return status.refusal + " at " + (status.refused_at ? std::to_string(status.refused_at->count()) : "-");
  };
  EXPECT_EQ(said(0, SendAccepted{}), " at -");
  EXPECT_EQ(said(1, SendGatewayDown{"HTTP 401: {\"error\":\"invalid api key\"}"}),
            "HTTP 401: {\"error\":\"invalid api key\"} at 1101");
  EXPECT_EQ(said(2, SendRejected{"no such number"}), "no such number at 1102");
  EXPECT_EQ(said(3, SendRetry{}), "no such number at 1102") << "it was called off, and nobody said anything";
  EXPECT_EQ(said(4, SendAccepted{}), "no such number at 1102");
  EXPECT_EQ(said(5, SendUnknown{"no answer in 10s"}), "no answer in 10s at 1105");
}

}  // namespace
}  // namespace dun::scheduler
