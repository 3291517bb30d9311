// Several processes see one trouble: people are told of it once, and once that it is over.
#include "policies/cases/alert.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;

class AlertCaseTest : public testing::Test {
 protected:
  /// `+ detail` of what is raised, `- detail` of what is cleared.
  std::vector<std::string> lines(const policies::Effects& effects) {
    std::vector<std::string> told;
    for (const Outcome& outcome : effects.outcomes) {
      EXPECT_EQ(outcome.reasons, std::vector<std::string>{"monitor.store"});
      told.push_back((outcome.type == OutcomeType::alert_raised ? "+ " : "- ") + outcome.detail);
    }
    changed_ = effects.record_changed;
    return told;
  }
  std::vector<std::string> report(const std::string& witness, bool seen, std::uint64_t number, Instant now,
                                  const std::string& run = "1") {
    CaseEvent event{.about = alert_case("monitor.store", ""),
                    .time = now,
                    .witness = witness,
                    .run = run,
                    .number = number,
                    .name = "monitor.store",
                    .detail = witness};
    if (seen) event.counts_for = minutes(3);
    return lines(policies::cases::report(record_, event, now));
  }
  std::vector<std::string> wake(Instant now) { return lines(policies::cases::wake(record_, now)); }

  const Instant start_ = at("2026-03-02T10:00:00+08:00");
  dun::AlertCase record_;
  bool changed_ = false;
};

TEST_F(AlertCaseTest, is_told_once_however_many_see_it_and_over_when_the_last_one_says_so) {
  EXPECT_THAT(report("a", true, 1, start_), ElementsAre("+ a"));
  EXPECT_EQ(record_.open_since, start_);
  EXPECT_THAT(report("b", true, 1, start_ + minutes(1)), IsEmpty());
  EXPECT_THAT(report("a", false, 2, start_ + minutes(2)), IsEmpty());
  EXPECT_THAT(report("b", false, 2, start_ + minutes(2)), ElementsAre("- b"));
  EXPECT_EQ(record_.open_since, std::nullopt);
  EXPECT_THAT(report("a", true, 3, start_ + minutes(3)), ElementsAre("+ a"));
}

TEST_F(AlertCaseTest, takes_a_report_once_and_none_that_a_newer_one_overtook) {
  EXPECT_THAT(report("a", true, 1, start_), ElementsAre("+ a"));
  EXPECT_THAT(report("a", false, 3, start_), ElementsAre("- a"));
  EXPECT_THAT(report("a", true, 1, start_), IsEmpty());
  EXPECT_FALSE(changed_);
  EXPECT_THAT(report("a", true, 2, start_), IsEmpty());
  EXPECT_FALSE(changed_);
}

TEST_F(AlertCaseTest, begins_to_count_anew_when_its_witness_does) {
  EXPECT_THAT(report("a", true, 7, start_), ElementsAre("+ a"));
  EXPECT_THAT(report("a", true, 1, start_ + minutes(1), "2"), IsEmpty());
  EXPECT_TRUE(changed_);
  EXPECT_THAT(report("a", false, 2, start_ + minutes(2), "2"), ElementsAre("- a"));
}

TEST_F(AlertCaseTest, does_not_outlive_a_witness_that_is_no_longer_heard_of) {
  EXPECT_THAT(report("a", true, 1, start_), ElementsAre("+ a"));
  EXPECT_EQ(policies::cases::next_wake(record_), start_ + minutes(3));
  EXPECT_THAT(report("a", true, 2, start_ + minutes(2)), IsEmpty());
  EXPECT_THAT(wake(start_ + minutes(4)), IsEmpty());
  EXPECT_THAT(wake(start_ + minutes(5)), ElementsAre("- a, which saw it last, is no longer heard of"));
  EXPECT_THAT(wake(start_ + minutes(6)), IsEmpty());
  EXPECT_FALSE(changed_);
}

TEST_F(AlertCaseTest, stays_while_another_witness_sees_it) {
  EXPECT_THAT(report("a", true, 1, start_), ElementsAre("+ a"));
  EXPECT_THAT(report("b", true, 1, start_ + minutes(2)), IsEmpty());
  EXPECT_THAT(wake(start_ + minutes(3)), IsEmpty());
  EXPECT_THAT(wake(start_ + minutes(5)), ElementsAre("- b, which saw it last, is no longer heard of"));
}

TEST_F(AlertCaseTest, forgets_witnesses_two_days_after_they_were_heard_of) {
  EXPECT_THAT(report("a", true, 1, start_), ElementsAre("+ a"));
  EXPECT_THAT(report("a", false, 2, start_ + minutes(1)), ElementsAre("- a"));
  EXPECT_EQ(policies::cases::next_wake(record_), start_ + minutes(1) + hours(48));
  EXPECT_THAT(wake(start_ + minutes(1) + hours(48)), IsEmpty());
  EXPECT_TRUE(changed_);
  EXPECT_THAT(record_.witnesses, IsEmpty());
  EXPECT_EQ(policies::cases::next_wake(record_), std::nullopt);
}

TEST_F(AlertCaseTest, is_not_raised_by_a_report_that_was_under_way_for_a_day) {
  CaseEvent event{.about = alert_case("x", ""), .time = start_, .witness = "a", .number = 1, .name = "x"};
  event.counts_for = minutes(3);
  const auto taken = policies::cases::report(record_, event, start_ + hours(24));
  EXPECT_THAT(taken.outcomes, IsEmpty());
  EXPECT_FALSE(taken.record_changed);
}

TEST_F(AlertCaseTest, is_told_with_the_time_at_which_it_was_seen_and_none_ahead) {
  CaseEvent event{.about = alert_case("x", ""), .time = start_, .witness = "a", .number = 1, .name = "x"};
  event.counts_for = minutes(3);
  EXPECT_EQ(policies::cases::report(record_, event, start_ + minutes(10)).outcomes.at(0).at, start_);
  EXPECT_EQ(policies::cases::next_wake(record_), start_ + minutes(13)) << "it counts from when it was taken";
  dun::AlertCase other;
  event.time = start_ + hours(1);
  EXPECT_EQ(policies::cases::report(other, event, start_).outcomes.at(0).at, start_);
}

TEST_F(AlertCaseTest, that_nobody_raised_is_not_cleared) {
  EXPECT_THAT(report("a", false, 1, start_), IsEmpty());
}

}  // namespace
}  // namespace dun::test
