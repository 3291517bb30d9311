// What is news to whom.
#include "domain/told_facts.hpp"

#include <gmock/gmock.h>

namespace dun {
namespace {

using enum Hearer;
using enum NoticeKind;
using testing::ElementsAre;
using testing::IsEmpty;

const Instant monday{Seconds(1'772'400'000)};
const Instant friday = monday + date::days(4);

TEST(ToldFacts, WhatWasToldIsNoNewsToWhoeverWasTold) {
  ToldFacts told;
  EXPECT_TRUE(told.is_news(customer, early_reminder));
  told.tell(customer, early_reminder);
  EXPECT_FALSE(told.is_news(customer, early_reminder));
  EXPECT_TRUE(told.is_news(manager, early_reminder));
  EXPECT_TRUE(told.is_news(customer, suspension_warning));
}

TEST(ToldFacts, AnotherDateIsNewsAndNoDateIsNone) {
  ToldFacts told;
  EXPECT_TRUE(told.is_news(customer, suspension_warning, monday));
  told.tell(customer, suspension_warning, monday);
  EXPECT_FALSE(told.is_news(customer, suspension_warning, monday));
  EXPECT_TRUE(told.is_news(customer, suspension_warning, friday));
  EXPECT_FALSE(told.is_news(customer, suspension_warning)) << "it is no longer known when";
  told.tell(customer, suspension_warning, friday);
  EXPECT_TRUE(told.is_news(customer, suspension_warning, monday)) << "the last that was told counts";
  EXPECT_EQ(told.date(customer, suspension_warning), friday);
  told.tell(customer, suspension_warning);
  EXPECT_TRUE(told.is_news(customer, suspension_warning, friday)) << "no date was told";
}

TEST(ToldFacts, AForgottenDateIsNewsAgainAndThatItWillBeIsNot) {
  ToldFacts told;
  told.forget_date(customer, suspension_warning);
  EXPECT_TRUE(told.is_news(customer, suspension_warning)) << "nothing was told";
  told.tell(customer, suspension_warning, monday);
  told.forget_date(customer, suspension_warning);
  EXPECT_FALSE(told.is_news(customer, suspension_warning));
  EXPECT_TRUE(told.is_news(customer, suspension_warning, monday));
  EXPECT_EQ(told.date(customer, suspension_warning), std::nullopt);
}

TEST(ToldFacts, OneHearerForgetsAndTheOthersDoNot) {
  ToldFacts told;
  told.tell(billing, suspension_warning, friday);
  told.tell(customer, suspension_warning, monday);
  told.tell(customer, early_reminder);
  told.tell(manager, suspension_warning, monday);
  told.forget(customer, suspension_warning);
  EXPECT_THAT(told.all(), ElementsAre(ToldFact{.to = customer, .kind = early_reminder, .of = {}},
                                      ToldFact{.to = manager, .kind = suspension_warning, .of = monday},
                                      ToldFact{.to = billing, .kind = suspension_warning, .of = friday}));
  told.forget(customer);
  told.forget(manager);
  EXPECT_THAT(told.all(), ElementsAre(ToldFact{.to = billing, .kind = suspension_warning, .of = friday}));
  told.forget(billing);
  EXPECT_THAT(told.all(), IsEmpty());
}

TEST(ToldFacts, TheOrderOfTellingMakesNoDifference) {
  ToldFacts one, other;
  one.tell(manager, suspension_warning, monday);
  one.tell(customer, suspended);
  one.tell(customer, early_reminder);
  other.tell(customer, early_reminder);
  other.tell(customer, suspended);
  other.tell(manager, suspension_warning, monday);
  EXPECT_EQ(one, other);
}

}  // namespace
}  // namespace dun
