// What waits is decided again when policies have changed, or the wall clock was set back (policies::Reviewed).
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using policies::Effects;
using policies::Reviewed;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

policies::PolicySet night(std::chrono::hours from, std::chrono::hours until) {
  auto set = policies_with_people();
  set.hash = "other";
  set.quiet_hours.windows = {{.name = "night", .from = from, .until = until}};
  return set;
}

constexpr std::chrono::hours h(int hours) {
  return std::chrono::hours(hours);
}

/// One account whose notices are held over the night of 2 March.
struct Held {
  explicit Held(const std::vector<std::string>& lines = {"23:00:00 credit.changed state=arrears"}) {
    StepDriver driver;
    for (const std::string& line : lines)
      driver.event("2026-03-02T" + line.substr(0, 8) + "+08:00" + line.substr(8) + " opt_in=refund");
    record = driver.record();
  }
  Effects review(const policies::PolicySet& policies, const std::string& when, Reviewed by = {}) {
    return policies::step(AccountId("A1"), record, by, policies, at(when));
  }
  AccountRecord record;
};

TEST(Review, ANightThatEndsEarlierReleasesEarlier) {
  Held held;
  const Effects effects = held.review(night(h(22), h(6)), "2026-03-03T01:00:00+08:00");
  ASSERT_THAT(effects.shelvings, SizeIs(1));
  EXPECT_EQ(effects.shelvings[0].at, at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(effects.shelvings[0].generation, 2U) << "the entry of seven o'clock is stale";
  EXPECT_TRUE(effects.record_changed);
  ASSERT_THAT(effects.outcomes, SizeIs(1));
  EXPECT_EQ(effects.outcomes[0].type, OutcomeType::notice_held);
  EXPECT_EQ(effects.outcomes[0].due_at, at("2026-03-03T06:00:00+08:00"));
  EXPECT_EQ(effects.outcomes[0].policy, "other");
}

TEST(Review, WhatMayGoNowGoesNow) {
  Held held;
  const Effects effects = held.review(night(h(1), h(2)), "2026-03-03T05:00:00+08:00");
  ASSERT_THAT(effects.shelvings, SizeIs(1));
  EXPECT_EQ(effects.shelvings[0].at, at("2026-03-03T05:00:00+08:00"));
  EXPECT_THAT(effects.outcomes, IsEmpty());
}

TEST(Review, ALongerNightIsForTheTurn) {
  Held held;
  const Effects effects = held.review(night(h(22), h(8)), "2026-03-03T01:00:00+08:00");
  EXPECT_THAT(effects.shelvings, IsEmpty());
  EXPECT_FALSE(effects.record_changed);
}

TEST(Review, ASecondOneChangesNothing) {
  Held held;
  const auto set = night(h(22), h(6));
  std::ignore = held.review(set, "2026-03-03T01:00:00+08:00");
  const Effects effects = held.review(set, "2026-03-03T01:00:01+08:00");
  EXPECT_FALSE(effects.record_changed);
  EXPECT_THAT(effects.shelvings, IsEmpty());
  EXPECT_FALSE(effects.wake);
}

TEST(Review, KeepsTheOrderOfAnAccount) {
  Held held({"23:00:00 credit.changed state=arrears", "23:10:00 refund.credited amount=1"});
  const Effects effects = held.review(night(h(22), h(6)), "2026-03-03T01:00:00+08:00");
  ASSERT_THAT(effects.shelvings, SizeIs(2));
  EXPECT_LT(effects.shelvings[0].ordinal, effects.shelvings[1].ordinal);
}

// What comes in before the review has reached the account must not overtake what the old policies hold.
TEST(Review, AnEventBringsForwardWhatIsOlderFirst) {
  Held held;
  const CreditEvent refund =
      parse_event(story_event("2026-03-03T05:00:00+08:00 refund.credited amount=1", 7), EventBounds()).value();
  const Effects effects = policies::step(AccountId("A1"), held.record, policies::EventArrived{&refund},
                                         night(h(1), h(2)), at("2026-03-03T05:00:00+08:00"));
  ASSERT_THAT(effects.shelvings, SizeIs(2));
  EXPECT_LT(effects.shelvings[0].ordinal, effects.shelvings[1].ordinal);
  EXPECT_LE(effects.shelvings[0].at, effects.shelvings[1].at);
}

TEST(Review, ARepeatKeepsThePauseThatItsGatewayAskedFor) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) {
    return StepDriver::Answer{.result = StepDriver::Result::retry, .after = Seconds(90)};
  });
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  AccountRecord record = driver.record();
  ASSERT_THAT(record.pending, SizeIs(1));
  ASSERT_EQ(due_at(record.pending[0]), at("2026-03-02T10:01:30+08:00"));
  const Effects effects =
      policies::step(AccountId("A1"), record, Reviewed{}, night(h(1), h(2)), at("2026-03-02T10:00:10+08:00"));
  EXPECT_THAT(effects.shelvings, IsEmpty());
}

TEST(Review, ALadderStepThatNowComesEarlierGetsAnEarlierTimer) {
  StepDriver driver;
  driver.event("2026-03-02T10:00:00+08:00 credit.changed state=arrears");
  AccountRecord record = driver.record();
  ASSERT_EQ(record.wake_at, at("2026-03-05T10:00:00+08:00"));
  auto set = policies_with_people();
  set.ladder.steps = {{0}, {1}, {7}};
  const Effects armed = policies::step(AccountId("A1"), record, Reviewed{}, set, at("2026-03-02T11:00:00+08:00"));
  EXPECT_EQ(armed.wake, at("2026-03-03T10:00:00+08:00"));
  EXPECT_TRUE(armed.record_changed);
  record = driver.record();
  const Effects issued = policies::step(AccountId("A1"), record, Reviewed{}, set, at("2026-03-03T11:00:00+08:00"));
  EXPECT_EQ(record.episode.ladder_step, 2) << "it has come due by the new plan";
  EXPECT_THAT(issued.shelvings, SizeIs(1));
}

TEST(Review, AWarningFollowsALongerLeadTime) {
  Held held({"10:00:00 suspension.scheduled suspend_at=2026-03-05T12:00:00+08:00"});
  ASSERT_EQ(due_at(held.record.pending.at(0)), at("2026-03-04T12:00:00+08:00"));
  auto set = policies_with_people();
  set.lead_time.lead = h(36);
  std::ignore = held.review(set, "2026-03-02T11:00:00+08:00");
  EXPECT_EQ(due_at(held.record.pending.at(0)), at("2026-03-03T21:30:00+08:00")) << "the margin before the night";
}

// ------------------------------------------------------------------------------------------- a clock that was set back

TEST(ClockSetBack, WhatWasDecidedInThatTimeDoesNotWaitForItToComeAgain) {
  Held held({"12:00:00 payment.received amount=5"});
  ASSERT_THAT(held.record.pending, IsEmpty()) << "sent at once";
  StepDriver driver;
  driver.gateway([](const policies::Claim&) { return std::nullopt; });
  driver.event("2026-03-02T12:00:00+08:00 payment.received amount=5");
  AccountRecord record = driver.record();
  record.pending.at(0).in_flight = false;  // on its shelf, its turn did not come before the clock was set back
  const auto set = policies_with_people();
  const Effects effects = policies::step(AccountId("A1"), record, Reviewed{}, set, at("2026-03-02T11:00:00+08:00"));
  ASSERT_THAT(effects.shelvings, SizeIs(1));
  EXPECT_LE(effects.shelvings[0].at, at("2026-03-02T11:00:00+08:00"));
  EXPECT_EQ(effects.shelvings[0].decided_at, at("2026-03-02T11:00:00+08:00"));
  const Effects turn = policies::step(AccountId("A1"), record,
                                      policies::TurnCome{effects.shelvings[0].ordinal, effects.shelvings[0].generation},
                                      set, at("2026-03-02T11:00:01+08:00"));
  EXPECT_TRUE(turn.permission);
}

// A turn is of a moment before the batch that moves it up: it must not find it due only later (E25).
TEST(ClockSetBack, WhatWaitsBehindAnotherIsDueSinceThen) {
  StepDriver driver;
  driver.gateway([](const policies::Claim&) { return std::nullopt; });
  driver.event("2026-03-02T12:00:00+08:00 payment.received amount=5")
      .event("2026-03-02T12:00:01+08:00 payment.received amount=6");
  AccountRecord record = driver.record();
  ASSERT_THAT(record.pending, SizeIs(2));
  ASSERT_TRUE(is_parked(record.pending.at(1)));
  const auto set = policies_with_people();
  std::ignore = policies::step(AccountId("A1"), record, Reviewed{}, set, at("2026-03-02T11:00:00+08:00"));
  std::ignore = policies::step(AccountId("A1"), record,
                               policies::Settled{.attempt = {.ordinal = record.pending.at(0).ordinal,
                                                             .claimed_at = at("2026-03-02T12:00:00+08:00")}},
                               set, at("2026-03-02T11:00:02+08:00"));
  ASSERT_THAT(record.pending, SizeIs(1));
  EXPECT_TRUE(is_held(record.pending.at(0)));
  EXPECT_EQ(due_at(record.pending.at(0)), at("2026-03-02T11:00:00+08:00"));
}

TEST(ClockSetBack, QuietHoursHoldByTheClockAsItIsNow) {
  Held held;  // held at 23:00, which it was not yet
  const Effects effects = held.review(policies_with_people(), "2026-03-02T20:00:00+08:00");
  ASSERT_THAT(effects.shelvings, SizeIs(1));
  EXPECT_LE(effects.shelvings[0].at, at("2026-03-02T20:00:00+08:00"));
}

TEST(ClockSetBack, WhatIsPlannedKeepsItsTime) {
  Held held({"10:00:00 suspension.scheduled suspend_at=2026-03-05T12:00:00+08:00"});
  const Effects effects = held.review(policies_with_people(), "2026-03-02T09:00:00+08:00");
  EXPECT_THAT(effects.shelvings, IsEmpty());
  EXPECT_EQ(due_at(held.record.pending.at(0)), at("2026-03-04T12:00:00+08:00"));
}

TEST(ClockSetBack, ATurnOfAMomentBeforeTheDecisionIsNone) {
  Held held({"23:00:00 credit.changed state=arrears"});
  const PendingNotice before = held.record.pending.at(0);
  std::ignore = policies::step(AccountId("A1"), held.record, policies::TurnCome{before.ordinal, before.generation},
                               policies_with_people(), at("2026-03-02T22:59:59+08:00"));
  EXPECT_EQ(held.record.pending.at(0).decided_at, before.decided_at);
}

TEST(ClockSetBack, AnEntryOnAShelfThatWasThePresentIsPutOnTheOneOfItsTime) {
  Held held;
  PendingNotice& notice = held.record.pending.at(0);
  notice.decided_at = notice.wanted_at = at("2026-03-02T09:00:00+08:00");
  notice.state = dun::Held{.due_at = notice.wanted_at};
  const Effects effects = held.review(policies_with_people(), "2026-03-02T10:00:00+08:00",
                                      {notice.ordinal, notice.generation, at("2026-03-02T12:00:00+08:00")});
  ASSERT_THAT(effects.shelvings, SizeIs(1));
  EXPECT_EQ(effects.shelvings[0].at, at("2026-03-02T09:00:00+08:00"));
}

}  // namespace
}  // namespace dun::test
