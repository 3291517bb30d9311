// Alerts over what an engine would show: what is told of them, to which case, and how often.
#include "operations/alerts.hpp"

#include <gmock/gmock.h>

namespace dun::operations {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// As of a machine: a span of it takes as long in the real world.
class HandClock final : public scheduler::Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  [[nodiscard]] Millis steady() const override { return now_.time_since_epoch(); }
  [[nodiscard]] Millis real(Millis span) const override { return span; }
  void pass(Millis span) { now_ += span; }

 private:
  Instant now_ = *parse_rfc3339("2026-01-31T13:45:00Z");
};

class AlertsTest : public testing::Test {
 protected:
  /// The store of partition 3 has been away for so long.
  void stuck(Millis span) {
    seen_.partitions = {{.number = 3, .owned = true, .stuck_for = span, .trouble = "no answer"}};
  }

  scheduler::Observations seen_;
  std::vector<CaseEvent> told_;
  HandClock clock_;
  Alerts alerts_{
      {.observe = [this] { return seen_; }, .report = [this](const CaseEvent& event) { told_.push_back(event); }},
      clock_,
      "host:1",
      {.store_after = 30s}};
};

TEST_F(AlertsTest, NothingIsToldWhileAllIsWell) {
  stuck(29s);
  alerts_.look();
  EXPECT_THAT(told_, IsEmpty());
  EXPECT_THAT(alerts_.active(), IsEmpty());
}

TEST_F(AlertsTest, TroubleIsReportedToItsCaseByWhoSeesIt) {
  stuck(31s);
  alerts_.look();
  ASSERT_THAT(told_, SizeIs(1));
  const CaseEvent& event = told_[0];
  EXPECT_EQ(event.about, alert_case("monitor.store", ""));
  EXPECT_EQ(event.witness, "host:1");
  EXPECT_EQ(event.time, clock_.now());
  EXPECT_TRUE(event.counts_for);
  EXPECT_EQ(event.id, case_event_id(event));
  EXPECT_THAT(event.detail, testing::EndsWith(" (host:1)"));
  ASSERT_THAT(alerts_.active(), SizeIs(1));
  EXPECT_THAT(to_line(alerts_.active()[0]), testing::StartsWith("monitor.store since 2026-01-31T13:45:00.000Z: "));
}

TEST_F(AlertsTest, WhatLastsIsReportedAgainOnceAMinute) {
  stuck(31s);
  alerts_.look();
  for (int second = 0; second < 59; ++second) {
    clock_.pass(1s);
    alerts_.look();
  }
  EXPECT_THAT(told_, SizeIs(1));
  clock_.pass(1s);
  alerts_.look();
  ASSERT_THAT(told_, SizeIs(2));
  EXPECT_EQ(told_[1].about, told_[0].about);
  EXPECT_NE(told_[1].id, told_[0].id) << "another report, not a repeat of the first";
  EXPECT_GT(told_[1].counts_for, 1min) << "the next one may be late";
}

TEST_F(AlertsTest, TheEndOfTroubleIsReportedOnce) {
  stuck(31s);
  alerts_.look();
  stuck(0s);
  alerts_.look();
  alerts_.look();
  ASSERT_THAT(told_, SizeIs(2));
  EXPECT_FALSE(told_[1].counts_for);
  EXPECT_THAT(alerts_.active(), IsEmpty());
}

TEST_F(AlertsTest, AProcessThatStopsTakesBackWhatItSaw) {
  stuck(31s);
  alerts_.look();
  alerts_.end();
  ASSERT_THAT(told_, SizeIs(2));
  EXPECT_FALSE(told_[1].counts_for);
  EXPECT_EQ(told_[1].detail, "the process that saw it has stopped (host:1)");
}

}  // namespace
}  // namespace dun::operations
