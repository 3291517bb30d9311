#include "scheduler/seal.hpp"

#include "base/crypto/mac.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

const NoticeId notice("a+b@c.d~0123456789abcdef");

TEST(FieldCases, C6_TheSameNoticeHasTheSameReferenceAndAnotherKeyAnother) {
  const Seal seal("one key");
  const std::string reference = seal.reference(notice);
  EXPECT_THAT(reference, testing::MatchesRegex("a\\+b@c\\.d~0123456789abcdef~[0-9a-hjkmnp-tv-z]{10}"));
  EXPECT_EQ(Seal("one key").reference(notice), reference);
  EXPECT_NE(Seal("one kez").reference(notice), reference);
  EXPECT_NE(Seal().reference(notice), reference);
  EXPECT_NE(seal.reference(NoticeId("a+b@c.d~0123456789abcdeg")).substr(25), reference.substr(25));
  // Written down so that no version changes it: what gateways have must stay known.
  EXPECT_EQ(Seal().reference(NoticeId("A1~0123456789abcdef")), "A1~0123456789abcdef~kr58vt5evf");
}

TEST(FieldCases, C6_AReferenceIsReadBackOrItIsSaidWhyNot) {
  const Seal seal("one key");
  const std::string right = seal.reference(notice);
  const auto named = seal.read(right);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->account, AccountId("a+b@c.d"));
  EXPECT_EQ(named->notice, notice);
  EXPECT_TRUE(named->sealed);
  const auto before = seal.read(notice.str());
  ASSERT_TRUE(before);
  EXPECT_EQ(before->notice, notice);
  EXPECT_FALSE(before->sealed);
  for (const std::string& wrong :
       {right + "x", right.substr(0, right.size() - 1), right + "~", notice.str() + "~", notice.str() + "~~",
        Seal("another").reference(notice), notice.str() + "~AAAAAAAAAA", "x" + right}) {
    const auto read = seal.read(wrong);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error(), Seal::Foreign::wrong_tag) << wrong;
  }
  for (const std::string_view foreign :
       {"", "abc", "~1", "~", "a~", "a b~1", "账户~1", "550e8400-e29b-41d4", "a\n~1"}) {
    const auto read = seal.read(foreign);
    ASSERT_FALSE(read) << foreign;
    EXPECT_EQ(read.error(), Seal::Foreign::not_ours) << foreign;
  }
}

TEST(FieldCases, C6_AnInternalEventIsOpenedOnlyWithItsSignature) {
  const Seal seal("one key");
  Fields event{{"id", "r1"}, {"type", "dun.receipt"}, {"account", "A1"}, {"status", "delivered"}};
  const Fields inner = event;
  EXPECT_TRUE(Seal::is_internal(event));
  EXPECT_FALSE(seal.open(event));
  seal.sign(event);
  EXPECT_EQ(seal.open(event), inner);
  EXPECT_FALSE(Seal().open(event)) << "another key";
  for (std::size_t i = 0; i < event.size(); ++i) {
    for (const bool name : {false, true}) {
      Fields changed = event;
      (name ? changed[i].first : changed[i].second) += "x";
      EXPECT_FALSE(seal.open(changed)) << i;
    }
    Fields shorter = event;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(seal.open(shorter)) << i;
    Fields longer = event;
    longer.insert(longer.begin() + static_cast<std::ptrdiff_t>(i), {"x", "y"});
    EXPECT_FALSE(seal.open(longer)) << i;
  }
  // Bytes that move from one field to the next make another event.
  Fields moved = event;
  moved[0] = {"i", "dr1"};
  EXPECT_FALSE(seal.open(moved));
  Fields behind = event;
  behind.emplace_back("x", "y");
  EXPECT_FALSE(seal.open(behind));
  EXPECT_FALSE(seal.open({}));
}

TEST(FieldCases, C6_WhateverSaysThatItIsInternalMustProveIt) {
  EXPECT_FALSE(Seal::is_internal({{"type", "payment.received"}}));
  EXPECT_FALSE(Seal::is_internal({{"id", "dun.receipt"}}));
  EXPECT_FALSE(Seal::is_internal({}));
  EXPECT_TRUE(Seal::is_internal({{"type", "dun.anything"}}));
  EXPECT_TRUE(Seal::is_internal({{"type", ""}, {"type", "dun.receipt"}}));
  EXPECT_TRUE(Seal::is_internal({{"type", "dun.receipt"}, {"type", "payment.received"}}));
}

TEST(Seal, IsMadeOfWhatTheStandardsSay) {
  // RFC 4231, test case 2.
  const Mac mac("Jefe");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(mac.of({"what do ya want ", "for nothing?"}).substr(0, 4), "\x5b\xdc\xc1\x46");
  EXPECT_EQ(random_hex(32).size(), 64U);
  EXPECT_NE(random_hex(32), random_hex(32));
  EXPECT_TRUE(equal_secrets("", ""));
  EXPECT_TRUE(equal_secrets("ab", "ab"));
  EXPECT_FALSE(equal_secrets("ab", "ac"));
  EXPECT_FALSE(equal_secrets("ab", "abc"));
}

}  // namespace
}  // namespace dun::scheduler
