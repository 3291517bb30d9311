// Outcomes asked for and read to their end, or beyond it.
#include "operations/outcomes.hpp"

#include "tests/support/run_async.hpp"

#include <gmock/gmock.h>

#include <deque>

namespace dun::operations {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Pages that a test has put here, and how often somebody waited for more.
class SaidJournal final : public Journal {
 public:
  Awaitable<StoreResult<JournalPage>> next() override {
    if (pages.empty()) co_return std::unexpected(scheduler::StoreError{.message = "gone"});
    JournalPage page = std::move(pages.front());
    pages.pop_front();
    co_return page;
  }
  Awaitable<StoreResult<void>> wait(Millis /*limit*/) override {
    ++waits;
    if (pages.empty()) co_return std::unexpected(scheduler::StoreError{.message = "gone while waiting"});
    co_return StoreResult<void>();
  }

  std::deque<JournalPage> pages;
  int waits = 0;
};

JournalPage page(OutcomeType type, bool at_end) {
  return {.outcomes = {{.type = type}}, .problems = {}, .at_end = at_end};
}

class OutcomesTest : public testing::Test {
 protected:
  StoreResult<std::optional<JournalPage>> next(Outcomes& outcomes) { return test::run(context_, outcomes.next()); }

  boost::asio::io_context context_;
  SaidJournal journal_;
};

TEST(OutcomesAsked, TypesAndAccountAreThePartOfTheJournal) {
  EXPECT_THAT(to_query({}).value().types, IsEmpty());
  EXPECT_FALSE(to_query({}).value().account);
  EXPECT_FALSE(to_query({}).value().everything) << "what was applied is no outcome to others";
  const auto query = to_query({.types = {OutcomeType::event_applied}, .account = "A1"}).value();
  EXPECT_THAT(query.types, ElementsAre(OutcomeType::event_applied)) << "unless it is asked for by name";
  EXPECT_EQ(query.account, AccountId("A1"));
}

TEST(OutcomesAsked, WhatIsNoAccountIsSaid) {
  EXPECT_EQ(to_query({.account = "no no"}).error(), "no no is not an account");
}

TEST_F(OutcomesTest, EndWhereTheJournalEnds) {
  journal_.pages = {page(OutcomeType::notice_held, false), page(OutcomeType::notice_sent, true)};
  Outcomes outcomes(journal_, false);
  EXPECT_EQ(next(outcomes).value()->outcomes.front().type, OutcomeType::notice_held);
  EXPECT_EQ(next(outcomes).value()->outcomes.front().type, OutcomeType::notice_sent);
  EXPECT_EQ(next(outcomes).value(), std::nullopt);
  EXPECT_EQ(next(outcomes).value(), std::nullopt);
  EXPECT_EQ(journal_.waits, 0);
}

TEST_F(OutcomesTest, FollowedTheyGoOnWithWhatIsAdded) {
  journal_.pages = {page(OutcomeType::notice_held, true), page(OutcomeType::notice_sent, true)};
  Outcomes outcomes(journal_, true);
  EXPECT_TRUE(next(outcomes).value());
  EXPECT_EQ(journal_.waits, 0) << "what is there comes first";
  EXPECT_EQ(next(outcomes).value()->outcomes.front().type, OutcomeType::notice_sent);
  EXPECT_EQ(journal_.waits, 1);
}

TEST_F(OutcomesTest, AJournalThatCannotBeReadIsTheAnswer) {
  Outcomes outcomes(journal_, true);
  EXPECT_EQ(next(outcomes).error().message, "gone");
  journal_.pages = {page(OutcomeType::notice_sent, true)};
  EXPECT_TRUE(next(outcomes).value());
  EXPECT_EQ(next(outcomes).error().message, "gone while waiting");
}

}  // namespace
}  // namespace dun::operations
