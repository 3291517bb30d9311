// What a process says of itself, written and read.
#include "operations/process_status.hpp"

#include <gmock/gmock.h>

namespace dun::operations {
namespace {

using testing::HasSubstr;
using testing::Not;

ProcessStatus everything() {
  return {.owner = "host:1",
          .roles = {"engine", "console"},
          .stopping = true,
          .share = 8,
          .owned = 7,
          .policy = "w6yeypx9",
          .zones = ZoneData::Version{.name = "2025b", .written = *parse_rfc3339("2025-08-24T19:55:23Z")},
          .now = *parse_rfc3339("2026-01-31T13:45:00.125Z"),
          .gateways = {{.name = "sms",
                        .open = 1,
                        .window = 8,
                        .ready = 2,
                        .breaker = "trying",
                        .begun = 17,
                        .accepted = 12,
                        .refused = 3,
                        .throttled = 1,
                        .down = 2,
                        .unknown = 4,
                        .segments = 40,
                        .refusal = "no credit",
                        .refused_for = Millis(61'234),
                        .paused_for = Millis(4321),
                        .rate = 12.3},
                       {.name = "mail", .breaker = "closed"}},
          .partitions =
              {{.number = 3, .owned = true, .held = 9, .in_flight = 1, .batches = 77},
               {.number = 4, .reviewed = 5, .review_of = 50, .review_minutes = 7, .trouble = "the lease is held"}},
          .receipts = {{.gateway = "sms", .taken = 1, .forged = 2, .foreign = 3, .refused = 4, .delayed = 5}},
          .alerts = {{.name = "monitor.store",
                      .subject = {},
                      .gateway = {},
                      .detail = "cannot write",
                      .since = *parse_rfc3339("2026-01-31T13:00:00Z")}}};
}

TEST(ProcessStatus, IsReadAsItWasWritten) {
  EXPECT_EQ(read_process_status(to_json_text(everything())), everything());
}

TEST(ProcessStatus, IsWrittenInTheFormThatOtherVersionsRead) {
  EXPECT_EQ(
      to_json_text(everything()),
      R"({"owner":"host:1","roles":["engine","console"],"stopping":true,"share":8,"owned":7,"policy":"w6yeypx9",)"
      R"("now":"2026-01-31T13:45:00.125Z","zones":"2025b","zones_written":"2025-08-24T19:55:23.000Z","gateways":[)"
      R"({"name":"sms","open":1,"window":8,"ready":2,"breaker":"trying","begun":17,"taken":12,"refused":3,)"
      R"("throttled":1,"down":2,"without_answer":4,"segments":40,"refusal":"no credit","refusal_ms":61234,)"
      R"("paused_ms":4321,"rate":12.3},)"
      R"({"name":"mail","open":0,"window":0,"ready":0,"breaker":"closed","begun":0,"taken":0,"refused":0,)"
      R"("throttled":0,"down":0,"without_answer":0,"segments":0}],"partitions":[)"
      R"({"partition":3,"owned":true,"held":9,"in_flight":1,"batches":77},)"
      R"({"partition":4,"owned":false,"held":0,"in_flight":0,"batches":0,)"
      R"("review":{"reviewed":5,"of":50,"timer_minutes":7},"trouble":"the lease is held"}],)"
      R"("receipts":[{"gateway":"sms","taken":1,"forged":2,"foreign":3,"refused":4,"delayed":5}],)"
      R"("alerts":[{"alert":"monitor.store","since":"2026-01-31T13:00:00.000Z","detail":"cannot write"}]})");
}

TEST(ProcessStatus, ARateIsSaidToATenth) {
  EXPECT_THAT(to_json_text({.gateways = {{.rate = 12.3456}}}), HasSubstr(R"("rate":12.3})"));
  EXPECT_THAT(to_json_text({.gateways = {{}}}), Not(HasSubstr("rate")));
}

TEST(ProcessStatus, WhatAnotherVersionDoesNotSayIsLeftOpen) {
  const auto status = read_process_status(R"({"owner":"old","newer":{"x":[1.5]},"gateways":[{"name":"a"},7]})");
  ASSERT_TRUE(status);
  EXPECT_EQ(status->owner, "old");
  EXPECT_EQ(status->policy, "?");
  EXPECT_FALSE(status->now);
  EXPECT_FALSE(status->zones);
  ASSERT_EQ(status->gateways.size(), 1U);
  EXPECT_EQ(status->gateways[0], (ProcessStatus::Gateway{.name = "a", .breaker = "?"}));
}

TEST(ProcessStatus, AForeignHandCannotStopTheReader) {
  for (const char* text : {"", "no json", "7", "[]", "null"}) EXPECT_FALSE(read_process_status(text)) << text;
  for (const char* text :
       {R"({"owner":7,"roles":{},"stopping":"yes","share":"x","now":"soon","gateways":{},"partitions":[[]]})",
        R"({"roles":[7],"gateways":[{"name":1,"begun":"x","rate":"fast"}],"partitions":[{"review":7}],"alerts":[{}]})"})
    EXPECT_TRUE(read_process_status(text)) << text;
}

}  // namespace
}  // namespace dun::operations
