#include "domain/outcome.hpp"

#include <gmock/gmock.h>

namespace dun {
namespace {

using testing::ElementsAre;
using testing::Pair;

std::vector<std::string> names(const Fields& fields) {
  std::vector<std::string> list;
  for (const auto& [name, value] : fields) list.push_back(name);
  return list;
}

TEST(OutcomeFields, WhatIsNotApplicableIsAbsent) {
  EXPECT_THAT(to_fields({.at = Instant(Millis(1)), .type = OutcomeType::notice_held}),
              ElementsAre(Pair("at", "1970-01-01T00:00:00.001Z"), Pair("type", "notice.held")));
}

TEST(OutcomeFields, ComeInTheOrderOfTheContract) {
  const Instant instant = *parse_rfc3339("2026-03-02T10:00:00+08:00");
  const Outcome full{.at = instant,
                     .type = OutcomeType::notice_sent,
                     .account = AccountId("A1"),
                     .notice = NoticeId("A1~n"),
                     .task = TaskId("A1~t"),
                     .kind = NoticeKind::dunning,
                     .step = 2,
                     .channel = "sms",
                     .touchpoint = "sms.brand.billing",
                     .cause = EventId("e1"),
                     .event_time = instant,
                     .decided_at = instant,
                     .due_at = instant,
                     .sent_at = instant,
                     .to = "+8613800138000",
                     .text = "text",
                     .parts = 1,
                     .encoding = Encoding::ucs2,
                     .gateway = "g",
                     .attempt = 3,
                     .client_ref = "A1~n",
                     .gateway_id = "42",
                     .reasons = {"quiet_hours.night", "vip.level7"},
                     .policy = "abc",
                     .manager = "li.na",
                     .detail = "in words",
                     .field = "time",
                     .event_type = "credit.changed"};
  const Fields fields = to_fields(full);
  EXPECT_THAT(
      names(fields),
      ElementsAre("at", "type", "account", "notice", "task", "kind", "step", "channel", "touchpoint", "cause",
                  "event_type", "event_time", "decided_at", "due_at", "sent_at", "to", "text", "parts", "encoding",
                  "gateway", "attempt", "client_ref", "gateway_id", "manager", "field", "detail", "reasons", "policy"));
  const auto value = [&](std::string_view name) {
    for (const auto& field : fields)
      if (field.first == name) return field.second;
    return std::string("absent");
  };
  EXPECT_EQ(value("at"), "2026-03-02T02:00:00.000Z");
  EXPECT_EQ(value("type"), "notice.sent");
  EXPECT_EQ(value("kind"), "dunning");
  EXPECT_EQ(value("step"), "2");
  EXPECT_EQ(value("encoding"), "ucs2");
  EXPECT_EQ(value("reasons"), "quiet_hours.night,vip.level7");
}

TEST(OutcomeFields, NumbersAreTheThreeCounts) {
  for (const char* number : {"step", "parts", "attempt"}) EXPECT_TRUE(is_number_field(number)) << number;
  for (const char* text : {"at", "notice", "gateway_id", "account", "to", "", "steps"})
    EXPECT_FALSE(is_number_field(text)) << text;
}

}  // namespace
}  // namespace dun
