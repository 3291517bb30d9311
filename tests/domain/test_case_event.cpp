#include "domain/case_event.hpp"

#include <gmock/gmock.h>

namespace dun {
namespace {

CaseEvent seen() {
  CaseEvent event{.about = alert_case("monitor.gateway", "sms"),
                  .time = parse_rfc3339("2026-03-02T10:00:00Z").value(),
                  .witness = "dun-1",
                  .run = "17",
                  .number = 3,
                  .counts_for = std::chrono::minutes(3),
                  .name = "monitor.gateway",
                  .subject = "sms",
                  .gateway = "sms",
                  .detail = "it took nothing for 2m"};
  event.id = case_event_id(event);
  return event;
}

TEST(CaseEvent, ComesBackFromTheStreamAsItWas) {
  EXPECT_EQ(seen().id.str(), "dun-1/17/3");
  EXPECT_EQ(seen().about.str(), "alert/monitor.gateway/sms");
  EXPECT_TRUE(is_case_event(to_fields(seen())));
  EXPECT_EQ(parse_case_event(to_fields(seen())).value(), seen());
  CaseEvent over = seen();
  over.counts_for.reset();
  over.subject = over.gateway = over.detail = "";
  over.about = alert_case(over.name, over.subject);
  EXPECT_EQ(parse_case_event(to_fields(over)).value(), over);
}

TEST(CaseEvent, IsRefusedForTheFieldThatIsWrong) {
  const auto wrong = [](const std::string& name, std::string value) {
    Fields fields = to_fields(seen());
    for (auto& [field, held] : fields)
      if (field == name) held = std::move(value);
    const auto parsed = parse_case_event(fields);
    return parsed ? std::string() : parsed.error().field;
  };
  EXPECT_EQ(wrong("time", "yesterday"), "time");
  EXPECT_EQ(wrong("number", "-1"), "number");
  EXPECT_EQ(wrong("number", "3x"), "number");
  EXPECT_EQ(wrong("counts_for_ms", "18446744073709551615"), "counts_for_ms");
  EXPECT_EQ(wrong("case", "alert/monitor.gateway/other"), "case");
  EXPECT_EQ(wrong("subject", "other"), "case");
  EXPECT_EQ(wrong("witness", ""), "witness");
}

}  // namespace
}  // namespace dun
