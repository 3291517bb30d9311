#include "scheduler/monitors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace dun::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr Instant start{Seconds(1'700'000'000)};

/// `+ monitor.gateway sms`
std::string to_line(const AlertChange& change) {
  return (change.raised ? "+ " : "- ") + change.alert.name +
         (change.alert.subject.empty() ? "" : " " + change.alert.subject);
}

class MonitorsTest : public testing::Test {
 protected:
  std::vector<AlertChange> observe_whole(Millis at) {
    seen_.real = at;
    return monitors_.observe(seen_, start + at, at);
  }
  std::vector<std::string> observe(Millis at) {
    std::vector<std::string> lines;
    for (const AlertChange& change : observe_whole(at)) lines.push_back(to_line(change));
    return lines;
  }

  Monitors monitors_{{.store_after = 30s,
                      .store_max = 4,
                      .store_within = 10min,
                      .intake_after = 2min,
                      .gateway_after = 1min,
                      .backlog_after = 20min,
                      .rejected_max = 100,
                      .rejected_within = 10min,
                      .unanswered_max = 10,
                      .unanswered_within = 10min}};
  Observations seen_{.partitions = {{.number = 0, .owned = true}, {.number = 1, .owned = true}},
                     .lanes = {{.lane = Lane::normal, .gateway = "sms"}},
                     .gateways = {{.name = "sms", .state = "breaker open"}}};
};

TEST_F(MonitorsTest, nothing_wrong_is_nothing_said) {
  for (int second = 0; second < 10'000; second += 100) EXPECT_THAT(observe(Seconds(second)), IsEmpty());
  EXPECT_THAT(monitors_.active(), IsEmpty());
}

TEST_F(MonitorsTest, a_partition_is_told_of_when_it_is_stuck_for_the_time_and_when_all_work_again) {
  seen_.partitions[1] = {.number = 1, .stuck_for = 29'999ms, .trouble = "Redis is full"};
  EXPECT_THAT(observe(1s), IsEmpty());
  seen_.partitions[1].stuck_for = 30s;
  const auto raised = observe_whole(2s);
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(to_line(raised[0]), "+ monitor.store");
  EXPECT_EQ(raised[0].alert.since, start + 2s);
  EXPECT_EQ(raised[0].alert.detail, "for 30s nothing could be read or written in partition 1: Redis is full");
  EXPECT_THAT(monitors_.active(), ElementsAre(raised[0].alert));

  // Others that follow it add nothing, and it is over only when none is left.
  seen_.partitions[0] = {.number = 0, .stuck_for = 40s, .trouble = "Redis is full"};
  EXPECT_THAT(observe(3s), IsEmpty());
  seen_.partitions[1] = {.number = 1, .owned = true};
  EXPECT_THAT(observe(4s), IsEmpty());
  seen_.partitions[0] = {.number = 0, .owned = true};
  const auto cleared = observe_whole(5s);
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_EQ(to_line(cleared[0]), "- monitor.store");
  EXPECT_EQ(cleared[0].alert.since, start + 2s);
  EXPECT_THAT(monitors_.active(), IsEmpty());
  EXPECT_THAT(observe(6s), IsEmpty());
}

// At the brink of maxmemory Redis takes a commit now and then: no row of refusals is long.
TEST_F(MonitorsTest, a_store_that_refuses_again_and_again_is_told_of_though_it_takes_something_in_between) {
  Observations::PartitionState& partition = seen_.partitions[1];
  partition.stumbled_over = "Redis is full";
  for (int minute = 0; minute < 66; ++minute) {  // never more than four within ten minutes
    partition.stumbles += minute % 11 < 4 ? 1 : 0;
    EXPECT_THAT(observe(Seconds(60 * minute)), IsEmpty()) << minute;
  }
  seen_.partitions[0].stumbles = 4;  // another one's are not added to it
  EXPECT_THAT(observe(3960s), IsEmpty());
  partition.stumbles += 4;
  EXPECT_THAT(observe(4500s), IsEmpty());
  ++partition.stumbles;
  const auto raised = observe_whole(4501s);
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(to_line(raised[0]), "+ monitor.store");
  EXPECT_EQ(raised[0].alert.detail,
            "more than 4 times within 10m something could not be read or written in partition 1, and then could again: "
            "Redis is full");

  // A longer one in between tells nothing new, and its end is not the end of it all.
  partition.stuck_for = 40s;
  partition.trouble = "Redis is full";
  EXPECT_THAT(observe(4540s), IsEmpty());
  partition.stuck_for = 0s;
  EXPECT_THAT(observe(4541s), IsEmpty());
  EXPECT_THAT(observe(5000s), IsEmpty());
  EXPECT_THAT(observe(5200s), ElementsAre("- monitor.store"));
  EXPECT_THAT(observe(9000s), IsEmpty());
}

// The one is of the machine's time, the other of the service's, which may run faster.
TEST_F(MonitorsTest, refusals_are_counted_in_real_time) {
  for (int second = 0; second < 5; ++second) {
    ++seen_.partitions[0].stumbles;
    seen_.real = Seconds(second);
    const auto changes = monitors_.observe(seen_, start + Seconds(3600 * second), Seconds(3600 * second));
    EXPECT_EQ(changes.size(), second < 4 ? 0U : 1U) << second;
  }
}

TEST_F(MonitorsTest, events_that_stay_unread_are_told_of) {
  struct Row {
    bool owned;
    Millis unread_for;
    std::vector<std::string> told;
  };
  const std::vector<Row> rows = {
      {.owned = true, .unread_for = 119s, .told = {}},
      {.owned = false, .unread_for = 500s, .told = {}},  // somebody else's
      {.owned = true, .unread_for = 120s, .told = {"+ monitor.intake"}},
      {.owned = true, .unread_for = 180s, .told = {}},
      {.owned = true, .unread_for = 0s, .told = {"- monitor.intake"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    seen_.partitions[1] = {.number = 1, .owned = rows[i].owned, .unread_for = rows[i].unread_for};
    EXPECT_EQ(observe(Seconds(i)), rows[i].told) << i;
  }
}

TEST_F(MonitorsTest, a_gateway_that_takes_nothing_is_told_of_while_something_waits) {
  struct Row {
    Millis at;
    bool waits;
    std::uint64_t taken;
    std::vector<std::string> told;
  };
  const std::vector<Row> rows = {
      {.at = 0s, .waits = false, .taken = 7, .told = {}},
      {.at = 300s, .waits = false, .taken = 7, .told = {}},  // nothing to send is no trouble
      {.at = 301s, .waits = true, .taken = 7, .told = {}},   // ... and does not count afterwards
      {.at = 320s, .waits = true, .taken = 7, .told = {}},
      {.at = 321s, .waits = false, .taken = 7, .told = {}},  // handed back, and on its way to its shelf
      {.at = 322s, .waits = true, .taken = 7, .told = {}},
      {.at = 360s, .waits = true, .taken = 7, .told = {}},
      {.at = 361s, .waits = true, .taken = 7, .told = {"+ monitor.gateway sms"}},
      {.at = 400s, .waits = true, .taken = 7, .told = {}},
      {.at = 500s, .waits = false, .taken = 7, .told = {}},  // what was cancelled meanwhile proves nothing
      {.at = 600s, .waits = true, .taken = 7, .told = {}},
      {.at = 601s, .waits = true, .taken = 8, .told = {"- monitor.gateway sms"}},
      {.at = 660s, .waits = true, .taken = 8, .told = {}},
      {.at = 661s, .waits = true, .taken = 8, .told = {"+ monitor.gateway sms"}},
      {.at = 662s, .waits = false, .taken = 9, .told = {"- monitor.gateway sms"}},
      {.at = 700s, .waits = true, .taken = 9, .told = {}},
      {.at = 730s, .waits = false, .taken = 9, .told = {}},  // it was refused, which is an answer too
      {.at = 899s, .waits = true, .taken = 9, .told = {}},
  };
  for (const Row& row : rows) {
    seen_.gateways[0].waits = row.waits;
    seen_.gateways[0].accepted = row.taken;
    EXPECT_EQ(observe(row.at), row.told) << row.at.count();
  }
  const auto raised = observe_whole(959s);
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(raised[0].alert.gateway, "sms");
  EXPECT_THAT(raised[0].alert.detail, AllOf(HasSubstr("nothing for 1m"), HasSubstr("breaker open")));
}

TEST_F(MonitorsTest, a_lane_behind_its_time_is_told_of_and_has_to_catch_up_by_half) {
  struct Row {
    std::optional<Millis> age;
    bool complete;
    std::vector<std::string> told;
  };
  const std::vector<Row> rows = {
      {.age = std::nullopt, .complete = true, .told = {}},
      {.age = 1199s, .complete = true, .told = {}},
      {.age = 1200s, .complete = true, .told = {"+ monitor.backlog normal"}},
      {.age = 600s, .complete = true, .told = {}},
      {.age = std::nullopt, .complete = false, .told = {}},  // what is not seen may still be there
      {.age = 599s, .complete = true, .told = {"- monitor.backlog normal"}},
      {.age = 1500s, .complete = false, .told = {"+ monitor.backlog normal"}},
      {.age = std::nullopt, .complete = true, .told = {"- monitor.backlog normal"}},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Millis at = Seconds(i);
    seen_.lanes[0].oldest_due = rows[i].age ? std::optional(start + at - *rows[i].age) : std::nullopt;
    seen_.complete = rows[i].complete;
    EXPECT_EQ(observe(at), rows[i].told) << i;
  }
}

TEST_F(MonitorsTest, a_flood_of_malformed_events_is_told_of_and_ends_with_its_time) {
  struct Row {
    Millis at;
    std::uint64_t rejected;
    std::vector<std::string> told;
  };
  const std::vector<Row> rows = {
      {.at = 0s, .rejected = 60, .told = {}},  // what came before the first look counts
      {.at = 60s, .rejected = 100, .told = {}},
      {.at = 120s, .rejected = 101, .told = {"+ monitor.rejected"}},
      {.at = 300s, .rejected = 4000, .told = {}},
      {.at = 899s, .rejected = 4050, .told = {}},  // 3,949 within ten minutes still
      {.at = 920s, .rejected = 4050, .told = {"- monitor.rejected"}},
  };
  for (const Row& row : rows) {
    seen_.partitions[0].rejected = row.rejected;
    EXPECT_EQ(observe(row.at), row.told) << row.at.count();
  }
}

TEST_F(MonitorsTest, what_is_counted_anew_is_not_counted_twice_over) {
  EXPECT_THAT(observe(0s), IsEmpty());
  seen_.partitions[0].owned = false;
  EXPECT_THAT(observe(1s), IsEmpty());
  seen_.partitions[0] = {.number = 0, .owned = true, .rejected = 50};
  EXPECT_THAT(observe(2s), IsEmpty());
  // A commit that was lost takes its count back, and so does acquiring the partition again.
  seen_.partitions[0].rejected = 0;
  EXPECT_THAT(observe(3s), IsEmpty());
  seen_.partitions[0].rejected = 50;
  EXPECT_THAT(observe(4s), IsEmpty());
  seen_.partitions[0].rejected = 51;
  EXPECT_THAT(observe(5s), ElementsAre("+ monitor.rejected"));
}

TEST(FieldCases, C6_AFloodOfForgedReceiptsIsToldOfByPath) {
  Monitors monitors{MonitorOptions{}};
  Observations seen{.receipts = {{.gateway = "sms", .path = "/receipts/sms"}, {.gateway = "other", .path = "/other"}}};
  const auto observe = [&](Millis at) { return monitors.observe(seen, start + at, at); };
  EXPECT_THAT(observe(0s), IsEmpty());
  for (auto& receipts : seen.receipts) receipts.forged = 100;
  EXPECT_THAT(observe(10s), IsEmpty());
  seen.receipts[0].forged = 250;
  const auto raised = observe(20s);
  ASSERT_EQ(raised.size(), 1U);
  EXPECT_EQ(to_line(raised[0]), "+ monitor.forged sms");
  EXPECT_THAT(raised[0].alert.detail, AllOf(HasSubstr("250 receipts at /receipts/sms"), HasSubstr("sources, token")));
  EXPECT_THAT(observe(30s), IsEmpty()) << "said once";
  const auto cleared = observe(650s);
  ASSERT_EQ(cleared.size(), 1U);
  EXPECT_EQ(to_line(cleared[0]), "- monitor.forged sms");
}

TEST_F(MonitorsTest, requests_without_an_answer_are_counted_by_gateway) {
  seen_.gateways.push_back({.name = "other"});
  EXPECT_THAT(observe(0s), IsEmpty());
  for (auto& gateway : seen_.gateways) gateway.unknown = 10;
  EXPECT_THAT(observe(10s), IsEmpty());
  seen_.gateways[1].unknown = 11;
  EXPECT_THAT(observe(20s), ElementsAre("+ monitor.unanswered other"));
  EXPECT_THAT(observe(640s), ElementsAre("- monitor.unanswered other"));
}

TEST_F(MonitorsTest, new_bounds_hold_from_the_next_look_on) {
  seen_.partitions[0] = {.number = 0, .stuck_for = 10s, .trouble = "away"};
  EXPECT_THAT(observe(0s), IsEmpty());
  monitors_.set_options({.store_after = 10s});
  EXPECT_THAT(observe(1s), ElementsAre("+ monitor.store"));
  monitors_.set_options({.store_after = 60s});
  EXPECT_THAT(observe(2s), ElementsAre("- monitor.store"));
}

/// Monitors that watch sources, with bounds that a test can reach.
struct SourceWatching {
  std::vector<std::string> observe(Millis at) {
    std::vector<std::string> lines;
    for (const AlertChange& change : monitors_.observe(seen_, start + at, at)) {
      lines.push_back(to_line(change));
      detail_ = change.alert.detail;
    }
    return lines;
  }

  Monitors monitors_{
      {.superseded_run = 50, .duplicate_run = 100, .conflict_max = 10, .refused_max = 20, .sources_within = 10min}};
  Observations seen_;
  std::string detail_;
};

TEST(FieldCases, D19_ARunOfSupersededEventsIsToldOfWithItsSource) {
  SourceWatching watch;
  SourceCounters& billing = watch.seen_.sources["billing"];
  watch.seen_.sources["payments"].applied = 10'000;
  billing = {.applied = 500, .superseded = 50};
  EXPECT_THAT(watch.observe(0s), IsEmpty()) << "a source in which now and then something is late";
  billing.superseded += 50;
  EXPECT_THAT(watch.observe(1s), IsEmpty());
  billing.superseded += 1;
  EXPECT_THAT(watch.observe(2s), ElementsAre("+ monitor.superseded billing"));
  EXPECT_THAT(watch.detail_, AllOf(HasSubstr("source billing"), HasSubstr("51"), HasSubstr("seq")));
  // New accounts are applied all the same, and hide nothing; hours go by.
  for (int hour = 1; hour < 20; ++hour) {
    billing.superseded += 20;
    billing.applied += 1;
    EXPECT_THAT(watch.observe(std::chrono::hours(hour)), IsEmpty());
  }
  // However long the run was, it is over soon after it has ended.
  billing.applied += 75;
  EXPECT_THAT(watch.observe(std::chrono::hours(21)), IsEmpty());
  billing.applied += 2;
  EXPECT_THAT(watch.observe(std::chrono::hours(22)), ElementsAre("- monitor.superseded billing"));
}

TEST(FieldCases, D19_ASlowProducerIsFoundToo) {
  SourceWatching watch;
  // One event an hour and nothing right between: no window of time would show it.
  for (int hour = 0; hour <= 50; ++hour) {
    watch.seen_.sources[""].superseded = static_cast<std::uint64_t>(hour);
    EXPECT_THAT(watch.observe(std::chrono::hours(hour)), IsEmpty());
  }
  watch.seen_.sources[""].superseded = 51;
  EXPECT_THAT(watch.observe(std::chrono::hours(51)), ElementsAre("+ monitor.superseded (none)"));
  EXPECT_THAT(watch.detail_, HasSubstr("events without a source"));
}

TEST(FieldCases, D19_ARunOfDuplicatesIsToldOfWithItsSource) {
  SourceWatching watch;
  watch.seen_.sources["a"] = {.applied = 5000, .duplicate = 4000};
  EXPECT_THAT(watch.observe(0s), IsEmpty()) << "each published twice is at least once, as promised";
  watch.seen_.sources["a"].duplicate += 100;
  watch.seen_.sources["b"].duplicate += 101;
  EXPECT_THAT(watch.observe(1s), ElementsAre("+ monitor.duplicate b"));
  watch.seen_.sources["b"].applied += 51;
  EXPECT_THAT(watch.observe(2s), ElementsAre("- monitor.duplicate b"));
}

TEST(FieldCases, D9_ConflictsAreToldOfWithTheirSource) {
  SourceWatching watch;
  watch.seen_.sources["a"] = {.applied = 5000, .conflict = 10};
  EXPECT_THAT(watch.observe(0s), IsEmpty());
  watch.seen_.sources["a"].conflict += 1;
  EXPECT_THAT(watch.observe(60s), ElementsAre("+ monitor.conflict a"));
  EXPECT_THAT(watch.observe(11min), ElementsAre("- monitor.conflict a"));
}

TEST(FieldCases, S20_FieldsLeftOutAreToldOfWithTheirSource) {
  SourceWatching watch;
  watch.seen_.sources["a"] = {.applied = 5000, .refused = 20};
  EXPECT_THAT(watch.observe(0s), IsEmpty());
  watch.seen_.sources["a"].refused += 1;
  EXPECT_THAT(watch.observe(60s), ElementsAre("+ monitor.refused a"));
  EXPECT_THAT(watch.detail_, HasSubstr("left out"));
  EXPECT_THAT(watch.observe(11min), ElementsAre("- monitor.refused a"));
}

TEST(FieldCases, D24_EveryTextThatBecameTooLongIsToldOnceUntilThereAreOthers) {
  Monitors monitors{MonitorOptions{}};
  Observations seen{.texts = "a"};
  std::vector<std::string> told;
  const auto look = [&](Millis at) {
    for (const AlertChange& change : monitors.observe(seen, start + at, at)) told.push_back(to_line(change));
  };
  look(1s);
  EXPECT_THAT(told, IsEmpty());
  seen.long_texts = {{"dunning 3 in en", 1}};
  look(2s);
  seen.long_texts = {{"dunning 3 in en", 7}, {"charge in fr", 1}};
  look(3s);
  seen.long_texts = {};  // the partition went to another process
  look(4s);
  seen.long_texts = {{"dunning 3 in en", 20}};
  look(5s);
  EXPECT_THAT(told, ElementsAre("+ monitor.long_text dunning 3 in en", "+ monitor.long_text charge in fr"));
  told.clear();
  seen = {.texts = "b"};
  look(6s);
  EXPECT_THAT(told, ElementsAre("- monitor.long_text charge in fr", "- monitor.long_text dunning 3 in en"));
  told.clear();
  seen.long_texts = {{"dunning 3 in en", 1}};
  look(7s);
  EXPECT_THAT(told, ElementsAre("+ monitor.long_text dunning 3 in en"));
}

TEST(FieldCases, S19_AnAlertSaysWhyTheGatewayTakesNothing) {
  const std::string reason = "tls: certificate has expired";
  Monitors monitors({.gateway_after = 2min, .unanswered_max = 10, .unanswered_within = 10min});
  Observations seen{.gateways = {{.name = "sms", .waits = true, .state = "of 9 requests 9 down; " + reason}}};
  EXPECT_THAT(monitors.observe(seen, start, 0s), IsEmpty());
  seen.gateways[0].unknown = 11;
  const auto unanswered = monitors.observe(seen, start + 1s, 1s);
  ASSERT_EQ(unanswered.size(), 1U);
  EXPECT_THAT(unanswered[0].alert.detail,
              AllOf(HasSubstr("11 requests without a usable answer within 10m; "), HasSubstr(reason)));
  const auto standstill = monitors.observe(seen, start + 3min, 3min);
  ASSERT_EQ(standstill.size(), 1U);
  EXPECT_EQ(to_line(standstill[0]), "+ monitor.gateway sms");
  EXPECT_THAT(standstill[0].alert.detail, HasSubstr(reason));
}

}  // namespace
}  // namespace dun::scheduler
