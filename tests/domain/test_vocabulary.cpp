// The words that the contract fixes, spelt out here a second time: renaming one must fail a test.
#include "domain/vocabulary.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace dun {
namespace {

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> list(1);
  for (const char c : text) {
    if (c == ' ')
      list.emplace_back();
    else
      list.back() += c;
  }
  return list;
}

template <typename Find>
void expect_words(std::string_view contract, Find find, std::span<const std::string_view> names) {
  const auto list = words(contract);
  EXPECT_THAT(std::vector<std::string>(names.begin(), names.end()), testing::ElementsAreArray(list));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto value = find(list[i]);
    ASSERT_TRUE(value) << list[i];
    EXPECT_EQ(static_cast<std::size_t>(*value), i) << list[i];
    EXPECT_EQ(to_text(*value), list[i]);
  }
  for (const std::string_view junk : {"", " ", "x", "Clear", "clear ", "notice", "notice.", ".", "credit.changed2"})
    EXPECT_FALSE(find(junk)) << junk;
}

TEST(Vocabulary, OfEventTypes) {
  expect_words(
      "credit.changed payment.received payment.reversed suspension.scheduled suspension.cancelled service.suspended "
      "resume.ordered "
      "service.resumed refund.credited charge.upcoming account.updated account.closed account.reopened dispute.opened "
      "dispute.closed "
      "promise.made promise.withdrawn complaint.filed source.heartbeat dun.receipt",
      event_type, event_type_names());
}

TEST(Vocabulary, OfCreditStates) {
  expect_words("clear low arrears suspension_due suspended", credit_state, credit_state_names());
}

TEST(Vocabulary, OfNoticeKinds) {
  expect_words(
      "early_reminder dunning suspension_warning suspended resumed payment_received refund charge manager_task "
      "manager_update escalation ops_alert",
      notice_kind, notice_kind_names());
}

TEST(Vocabulary, OfLanes) {
  expect_words("urgent normal bulk", lane, lane_names());
}

TEST(Vocabulary, OfOutcomes) {
  expect_words(
      "notice.held notice.sent notice.delivered notice.failed notice.cancelled notice.suppressed notice.expired "
      "notice.unknown notice.unreachable task.opened task.acknowledged task.completed task.escalated task.closed "
      "suspension.cleared suspension.at_risk event.rejected event.duplicate event.superseded alert.raised "
      "alert.cleared event.applied event.conflict",
      outcome_type, outcome_type_names());
}

TEST(Vocabulary, OfReceiptsAndEncodings) {
  for (const auto status : {ReceiptStatus::delivered, ReceiptStatus::failed, ReceiptStatus::pending})
    EXPECT_EQ(receipt_status(to_text(status)), status);
  EXPECT_EQ(to_text(Encoding::gsm7), "gsm7");
  EXPECT_EQ(to_text(Encoding::ucs2), "ucs2");
}

TEST(KindSet, HoldsEachKindByItself) {
  for (std::size_t i = 0; i < notice_kinds; ++i) {
    KindSet set;
    EXPECT_TRUE(set.empty());
    set.add(static_cast<NoticeKind>(i));
    for (std::size_t j = 0; j < notice_kinds; ++j) EXPECT_EQ(set.has(static_cast<NoticeKind>(j)), i == j);
    EXPECT_EQ(KindSet(set.bits()), set);
    set.remove(static_cast<NoticeKind>(i));
    EXPECT_TRUE(set.empty());
  }
}

}  // namespace
}  // namespace dun
