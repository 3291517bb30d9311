// Whom a notice is for: worked out in one place.
#include "policies/receiver.hpp"

#include "policies/situation.hpp"
#include "tests/support/rules.hpp"
#include "tests/support/scenario.hpp"

#include <gmock/gmock.h>

namespace dun::test {
namespace {

class ReceiverTest : public testing::Test {
 protected:
  [[nodiscard]] Receiver of(NoticeKind kind) {
    return policies::Situation(account, record, policies, at("2026-03-02T10:00:00+08:00")).receiver_of(kind);
  }

  policies::PolicySet policies = policies_with_people();
  AccountId account{"a"};
  AccountRecord record{.profile = {.msisdn = "+8613800138000", .zone = "Asia/Tokyo", .lang = "en"}};
};

TEST_F(ReceiverTest, ACustomerIsReachedByTheProfile) {
  const Receiver customer = of(NoticeKind::dunning);
  EXPECT_EQ(customer.who, Receiver::Who::customer);
  EXPECT_EQ(customer.address, "+8613800138000");
  EXPECT_EQ(customer.lang, "en");
  EXPECT_EQ(customer.zone->name(), "Asia/Tokyo");
  EXPECT_EQ(customer.name, "");
  EXPECT_EQ(customer.quiet.size(), 1U);
  EXPECT_TRUE(of(NoticeKind::payment_received).quiet.empty()) << "it goes at any hour";
}

TEST_F(ReceiverTest, ATaskIsTheDutyOfAPersonWithHoursOfTheirOwn) {
  policies.people.people.at("li.na").zone = "Europe/Berlin";
  policies.people.people.at("li.na").quiet = {{.name = ""}, {.name = "sunday", .days = 0x40, .all_day = true}};
  const policies::Person& li = policies.people.people.at("li.na");
  const Receiver person = policies::manager(policies, "li.na");
  EXPECT_EQ(person.who, Receiver::Who::person);
  EXPECT_EQ(person.name, li.name);
  EXPECT_EQ(person.address, li.phone);
  EXPECT_EQ(person.lang, li.lang);
  EXPECT_EQ(person.zone->name(), "Europe/Berlin");
  EXPECT_EQ(person.quiet.size(), 2U);
}

TEST_F(ReceiverTest, ATaskOfNobodyReachesNobody) {
  policies.people = {};
  const Receiver nobody = policies::manager(policies, "");
  EXPECT_EQ(nobody.who, Receiver::Who::person);
  EXPECT_EQ(nobody.address, "") << "not the customer's, whom it does not concern";
  EXPECT_EQ(nobody.zone->name(), "Asia/Shanghai");
  EXPECT_TRUE(nobody.quiet.empty());
}

}  // namespace
}  // namespace dun::test
