// The state of an installation, put together from what a view of it says.
#include "operations/status.hpp"

#include "tests/support/run_async.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace dun::operations {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;
using testing::SizeIs;

const Instant now = *parse_rfc3339("2026-01-31T13:45:00Z");
const scheduler::ShelfSecond night = std::chrono::floor<Seconds>(now);

/// An installation that says what a test has put here; `failing` is asked in vain.
class SaidView final : public StatusView {
 public:
  [[nodiscard]] int partitions() const override { return static_cast<int>(said.size()); }
  Awaitable<StoreResult<FrontDoorStatus>> front_door() override {
    if (failing == "door") co_return std::unexpected(scheduler::StoreError{.message = "no door"});
    co_return door;
  }
  Awaitable<StoreResult<PartitionStatus>> partition(int number) override {
    if (failing == "partition") co_return std::unexpected(scheduler::StoreError{.message = "no partition"});
    co_return said.at(static_cast<std::size_t>(number));
  }
  Awaitable<StoreResult<std::vector<std::string>>> processes() override {
    if (failing == "processes") co_return std::unexpected(scheduler::StoreError{.message = "no processes"});
    co_return running;
  }

  FrontDoorStatus door{.lease = {.owner = "a", .epoch = 4}, .length = 12, .oldest_unrouted = {}, .hold_until = {}};
  std::vector<PartitionStatus> said = {{.partition = 0,
                                        .lease = {.owner = "a", .epoch = 3},
                                        .unread = 5,
                                        .counters = {.applied = 10, .duplicate = 1, .sent = 7},
                                        .shelves = {{.key = {.lane = Lane::normal, .at = night}, .entries = 2},
                                                    {.key = {.lane = Lane::bulk, .at = night}, .entries = 3},
                                                    {.key = {.lane = Lane::bulk, .at = night + 60s}, .entries = 4}},
                                        .in_flight = 1,
                                        .unreadable = 1},
                                       {.partition = 1,
                                        .counters = {.applied = 20, .conflict = 2, .sent = 1},
                                        .shelves = {{.key = {.lane = Lane::urgent, .at = night}, .entries = 1}},
                                        .hold_until = now + 1500ms}};
  std::vector<std::string> running = {R"({"owner":"a","owned":1,"newer":true})", "no json"};
  std::string failing;
};

Status read(SaidView view) {
  boost::asio::io_context context;
  return test::run(context, read_status(view, now)).value();
}

TEST(Status, SaysOfEachPartitionWhatItHolds) {
  const Status status = read({});
  ASSERT_THAT(status.partitions, SizeIs(2));
  EXPECT_EQ(status.partitions[0].owner, "a");
  EXPECT_EQ(status.partitions[0].held, 9U);
  EXPECT_EQ(status.partitions[1].owner, "");
  EXPECT_EQ(status.partitions[1].held, 1U);
  EXPECT_THAT(status.held_by_release, ElementsAre(Pair(night, 6U), Pair(night + 60s, 4U))) << "whichever their lanes";
}

TEST(Status, TotalsAreOfAllPartitions) {
  const Status::Totals totals = read({}).totals();
  EXPECT_EQ(totals.counters, (scheduler::Counters{.applied = 30, .duplicate = 1, .conflict = 2, .sent = 8}));
  EXPECT_EQ(totals.unread, 5U);
  EXPECT_EQ(totals.in_flight, 1U);
  EXPECT_EQ(totals.unreadable, 1U);
}

TEST(Status, HowLongClaimsWaitIsTheLongestOfAll) {
  SaidView view;
  EXPECT_EQ(read(view).totals().waits, 1500ms) << "of a partition";
  view.door.hold_until = now + 2s;
  EXPECT_EQ(read(view).totals().waits, 2s) << "of the front door";
  view.door.hold_until = view.said[1].hold_until = now - 2s;
  EXPECT_EQ(read(view).totals().waits, 0s) << "that is over";
}

TEST(Status, AProcessOfAnotherVersionIsPassedOnAsItSaidSo) {
  const Status status = read({});
  ASSERT_THAT(status.processes, SizeIs(1)) << "what is no JSON is no process";
  EXPECT_EQ(status.processes[0].status.owner, "a");
  const auto json = nlohmann::json::parse(to_json_text(status));
  EXPECT_EQ(json["processes"].dump(), R"([{"newer":true,"owned":1,"owner":"a"}])");
}

TEST(Status, AsJson) {
  Status status = read({});
  status.partitions.resize(1);
  status.processes.clear();
  EXPECT_EQ(to_json_text(status),
            R"({"front_door":{"length":12,"router":"a","waits_ms":0,"unrouted":false},"partitions":[{"partition":0,)"
            R"("owner":"a","epoch":3,"unread":5,"held":9,"in_flight":1,"waits_ms":0,"applied":10,"duplicate":1,)"
            R"("conflict":0,"superseded":0,"rejected":0,"sent":7,"receipts":0,"receipts_unknown":0,"reports":0,)"
            R"("refused":0,"zone_unknown":0,"unreadable":1}],"held_by_release":[)"
            R"({"at":"2026-01-31T13:45:00.000Z","notices":6},{"at":"2026-01-31T13:46:00.000Z","notices":4}],)"
            R"("processes":[]})");
}

TEST(Status, WhatCannotBeReadIsTheAnswer) {
  for (const char* what : {"door", "partition", "processes"}) {
    SaidView view;
    view.failing = what;
    boost::asio::io_context context;
    const auto status = test::run(context, read_status(view, now));
    ASSERT_FALSE(status) << what;
    EXPECT_EQ(status.error().message, std::string("no ") + what);
  }
}

}  // namespace
}  // namespace dun::operations
