// What is in flight, out, answered and back on its shelf, whatever becomes of commits.
#include "scheduler/claims.hpp"

#include <gmock/gmock.h>

namespace dun::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr ShelfKey shelf{.lane = Lane::normal, .at = ShelfSecond(Seconds(1000))};
const Instant now{Seconds(2000)};

ShelfEntry entry(const std::string& account, std::uint32_t ordinal = 1, std::uint32_t generation = 1) {
  return {.subject = AccountId(account), .ordinal = ordinal, .generation = generation};
}

InFlight request(const std::string& account, std::uint32_t ordinal = 1, Instant claimed_at = now) {
  return {.subject = AccountId(account),
          .ordinal = ordinal,
          .notice = NoticeId(account + "/" + std::to_string(ordinal)),
          .shelf = shelf,
          .claimed_at = claimed_at};
}

Answer accepted(const InFlight& request) {
  return {.request = request, .verdict = policies::Settled{.verdict = policies::Accepted{}}};
}

/// What a claim of which nobody knows anything any more is answered with.
Answer lost(const InFlight& request) {
  return {.request = request, .verdict = policies::Settled{.verdict = policies::InDoubt{}}};
}

bool is_returned(const Answer& answer) {
  return std::holds_alternative<Returned>(answer.verdict);
}

bool is_accepted(const Answer& answer) {
  const auto* settled = std::get_if<policies::Settled>(&answer.verdict);
  return settled != nullptr && std::holds_alternative<policies::Accepted>(settled->verdict);
}

std::optional<std::uint32_t> in_flight(const Claims& claims, const std::string& account) {
  const auto* flying = claims.in_flight(AccountId(account));
  return flying == nullptr ? std::nullopt : std::optional(flying->ordinal);
}

std::vector<std::string> accounts(const std::vector<Answer>& answers) {
  std::vector<std::string> all;
  for (const Answer& answer : answers) all.push_back(answer.request.subject.str());
  return all;
}

/// The claims and the in-flight entries of the store beside them.
struct ClaimsTest : testing::Test {
  Claims claims;
  std::vector<InFlight> stored;

  InFlight claim(const InFlight& request, std::uint32_t generation = 1) {
    claims.claimed(shelf, entry(request.subject.str(), request.ordinal, generation), request.gateway);
    return request;
  }
  /// A batch that claims this and is in the store.
  InFlight sent(const InFlight& request) {
    claims.committed({}, {claim(request)}, {});
    stored.push_back(request);
    return request;
  }
  void settle(const InFlight& request) {
    claims.settled(request);
    claims.committed({request.notice}, {}, {});
    std::erase(stored, request);
  }
  void recover(bool nobody_between = true) { claims.recovered(stored, nobody_between, lost); }
};

TEST_F(ClaimsTest, AClaimIsInFlightUntilItsAnswerIsTakenIn) {
  EXPECT_EQ(in_flight(claims, "a"), std::nullopt);
  const InFlight out = sent(request("a", 7));
  EXPECT_EQ(in_flight(claims, "a"), 7U);
  EXPECT_EQ(claims.in_flight(), 1U);
  claims.answered(accepted(out));
  EXPECT_EQ(claims.in_flight(), 1U);
  claims.settled(out);
  EXPECT_EQ(in_flight(claims, "a"), std::nullopt);
  EXPECT_FALSE(claims.idle()) << "its answer is not known to be in the store";
  claims.committed({out.notice}, {}, {});
  EXPECT_TRUE(claims.idle());
}

TEST_F(ClaimsTest, AnAnswerToAnotherNoticeOfTheAccountEndsNothing) {
  sent(request("a", 2));
  claims.settled(request("a", 1));
  EXPECT_EQ(in_flight(claims, "a"), 2U);
}

TEST_F(ClaimsTest, OnlyWhatIsOutIsAnsweredAndOnce) {
  claim(request("a"));
  claims.answered(accepted(request("a")));
  EXPECT_THAT(claims.answers(), IsEmpty()) << "the batch that claims it is not in the store";
  const InFlight out = sent(request("b"));
  claims.answered(accepted(request("b", 1, now + Millis(1))));
  EXPECT_THAT(claims.answers(), IsEmpty()) << "that is another claim of the same notice";
  claims.answered(accepted(out));
  claims.answered(accepted(out));
  EXPECT_THAT(accounts(claims.answers()), ElementsAre("b"));
}

TEST_F(ClaimsTest, ABatchEndsTheAnswersThatItTookInAndNoOther) {
  const InFlight first = sent(request("a")), second = sent(request("b"));
  claims.answered(accepted(first));
  claims.answered(accepted(second));
  claims.committed({first.notice}, {}, {});
  EXPECT_THAT(accounts(claims.answers()), ElementsAre("b"));
}

// ------------------------------------------------------------------------------------------------------ commits in
// doubt

TEST_F(ClaimsTest, WhatWasDroppedAndIsInTheStoreComesBackUnsent) {
  stored = {claim(request("a"))};
  claims.dropped(stored);
  recover();
  ASSERT_THAT(claims.answers(), SizeIs(1));
  EXPECT_TRUE(is_returned(claims.answers()[0]));
  EXPECT_EQ(in_flight(claims, "a"), 1U);
}

TEST_F(ClaimsTest, WhatWasDroppedAndIsNotInTheStoreWasNeverClaimed) {
  claims.dropped({claim(request("a"))});
  recover();
  EXPECT_TRUE(claims.idle());
}

TEST_F(ClaimsTest, AClaimOfAnotherOwnerIsNotTakenForOneThatWasDropped) {
  stored = {claim(request("a"))};
  claims.dropped(stored);
  recover(false);
  ASSERT_THAT(claims.answers(), SizeIs(1));
  EXPECT_FALSE(is_returned(claims.answers()[0])) << "that owner may have sent it";
}

TEST_F(ClaimsTest, WhatWasDroppedIsKnownForOneRecovery) {
  claims.dropped({claim(request("a"))});
  recover();
  stored = {request("a")};
  recover();
  ASSERT_THAT(claims.answers(), SizeIs(1));
  EXPECT_FALSE(is_returned(claims.answers()[0]));
}

// --------------------------------------------------------------------------------------------------------------
// recovery

TEST_F(ClaimsTest, WhatIsStillOutAwaitsItsOwnAnswer) {
  const InFlight out = sent(request("a"));
  recover();
  EXPECT_THAT(claims.answers(), IsEmpty());
  claims.answered(accepted(out));
  EXPECT_THAT(claims.answers(), SizeIs(1));
}

TEST_F(ClaimsTest, WhatWasAnsweredBeforeIsNotAnsweredTwice) {
  const InFlight out = sent(request("a"));
  claims.answered(accepted(out));
  claims.settled(out);
  recover();
  ASSERT_THAT(claims.answers(), SizeIs(1));
  EXPECT_TRUE(is_accepted(claims.answers()[0]));
  EXPECT_EQ(in_flight(claims, "a"), 1U) << "until that answer is committed";
}

TEST_F(ClaimsTest, AnAnswerThatIsInTheStoreIsNotCommittedAgain) {
  const InFlight out = sent(request("a"));
  claims.answered(accepted(out));
  stored.clear();  // the commit whose answer was lost
  recover();
  EXPECT_TRUE(claims.idle());
}

TEST_F(ClaimsTest, WhatAnotherOwnerResolvedIsNotAnswered) {
  const InFlight out = sent(request("a"));
  stored.clear();
  recover(false);
  claims.answered(accepted(out));
  EXPECT_TRUE(claims.idle());
}

TEST_F(ClaimsTest, WhatNobodyKnowsOfIsAnsweredInTheOrderOfTheStoreAndQuestionsAreAskedAgain) {
  InFlight question = request("b");
  question.errand = Question{.number = 1};
  stored = {request("a"), question, request("c")};
  recover(false);
  ASSERT_THAT(accounts(claims.answers()), ElementsAre("a", "b", "c"));
  EXPECT_FALSE(is_returned(claims.answers()[0]));
  EXPECT_TRUE(is_returned(claims.answers()[1]));
  EXPECT_FALSE(is_returned(claims.answers()[2]));
}

// -------------------------------------------------------------------------------------------------- back on their
// shelves

struct ReturnedTest : ClaimsTest {
  void put_back(const InFlight& request, std::uint32_t generation = 1) {
    claims.returned(shelf, entry(request.subject.str(), request.ordinal, generation), claims.settled(request));
  }
  [[nodiscard]] std::optional<ClaimOrder> order(const std::string& account, std::uint32_t generation = 1) const {
    return claims.order_of_returned(shelf, entry(account, 1, generation));
  }
};

TEST_F(ReturnedTest, WhatComesBackHasTheOrderOfItsClaim) {
  const InFlight first = sent(request("a")), second = sent(request("b"));
  put_back(second);
  put_back(first);
  ASSERT_TRUE(order("a") && order("b"));
  EXPECT_LT(*order("a"), *order("b"));
  EXPECT_EQ(order("a", 2), std::nullopt) << "decided again, it is another entry";
  EXPECT_EQ(order("c"), std::nullopt);
}

TEST_F(ReturnedTest, WhatComesBackAgainKeepsTheOrderOfItsFirstClaim) {
  const InFlight first = sent(request("a"));
  const auto before = claims.settled(first);
  claims.returned(shelf, entry("a"), before);
  sent(request("b"));
  put_back(sent(first));
  EXPECT_EQ(order("a"), before);
}

TEST_F(ReturnedTest, WhatLeftItsShelfHasNoOrderOnceTheBatchIsInTheStore) {
  put_back(sent(request("a")));
  const std::vector<Shelves::Place> taken{{.shelf = shelf, .entry = entry("a")}};
  claim(request("a"));
  EXPECT_NE(order("a"), std::nullopt);
  claims.dropped({request("a")});
  EXPECT_NE(order("a"), std::nullopt) << "it may stand there still";
  claims.committed({}, {}, taken);
  EXPECT_EQ(order("a"), std::nullopt);
}

TEST_F(ReturnedTest, OrderHoldsOverARecoveryAsLongAsNobodyElseHadThePartition) {
  const InFlight first = sent(request("a"));
  put_back(first, 3);
  const auto before = order("a", 3);
  recover();
  EXPECT_EQ(order("a", 3), before);
  // The batch that claimed it again is in the store, and nobody said so.
  put_back(sent(request("b")));
  stored = {first};
  recover();
  EXPECT_EQ(claims.settled(first), before);
  recover(false);
  EXPECT_EQ(order("a", 3), std::nullopt);
}

}  // namespace
}  // namespace dun::scheduler
