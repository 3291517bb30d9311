// Every key of policies.toml and people.toml changes what is told to whom, or when: a row each.
#include "config/people_loader.hpp"
#include "config/policies_loader.hpp"
#include "scheduler/monitors.hpp"
#include "tests/config/every_key.hpp"
#include "tests/policies/step_driver.hpp"
#include "tests/support/scenario.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include <algorithm>

namespace dun::test {
namespace {

using policies::Claim;
using policies::PolicySet;
using std::chrono::minutes;
using Lines = std::vector<std::string>;

struct Read {
  PolicySet set = policies::shipped_policies();
  scheduler::MonitorOptions monitors;
  config::Mistakes mistakes;
};

Read read_policies(const std::string& text) {
  Read read;
  const config::Document document(text, "policies.toml", read.mistakes);
  config::read_policies(document.root(), read.set);
  config::read_monitors(document.root().section("monitors"), read.monitors);
  document.finish();
  return read;
}

config::Mistakes read_people(const std::string& text, PolicySet& set) {
  config::Mistakes mistakes;
  const config::Document document(text, "people.toml", mistakes);
  config::read_people(document.root(), set.default_zone, set.people);
  document.finish();
  return mistakes;
}

using Told = std::function<Lines(const Read&)>;

Lines tell_under(const std::string& policies, const std::string& people, const Told& story) {
  Read read = read_policies(policies);
  std::ranges::move(read_people(people, read.set), std::back_inserter(read.mistakes));
  for (const config::Mistake& mistake : read.mistakes) ADD_FAILURE() << to_text(mistake);
  return story(read);
}

/// A story under a policies.toml, which must be right, and the shipped people.
Story under(const Told& story) {
  return [story](const std::string& policies) { return tell_under(policies, shipped_file("people.toml"), story); };
}

/// A story under a people.toml and the shipped policies.
Story with_people(const Told& story) {
  return [story](const std::string& people) { return tell_under(shipped_file("policies.toml"), people, story); };
}

/// `notice.sent dunning 2 at 03-05T10:00:00 to +8613800138000 for quiet_hours.night: the text`
Lines lines_of(const std::vector<Outcome>& outcomes) {
  Lines lines;
  for (const Outcome& outcome : outcomes)
    lines.push_back(fmt::format("{} {}{} {} at {} to {} for {}: {}", to_text(outcome.type), outcome.event_type,
                                outcome.kind ? to_text(*outcome.kind) : "", outcome.step,
                                to_rfc3339(outcome.at, std::chrono::hours(8)).substr(5, 14), outcome.to,
                                fmt::join(outcome.reasons, " "), outcome.text));
  return lines;
}

struct Arrival {
  std::string line;
  std::string at = {};  ///< where that is not the event's own time
};

/// What is told in a story that the ideal gateway of a simulation takes part in.
Story tell(std::vector<Arrival> events) {
  return under([events = std::move(events)](const Read& read) {
    Scenario scenario(read.set);
    for (const Arrival& event : events)
      event.at.empty() ? scenario.event(event.line) : scenario.late_event(event.at, event.line);
    return lines_of(scenario.run_out().outcomes());
  });
}

Story tell(std::vector<std::string> lines) {
  std::vector<Arrival> events;
  for (std::string& line : lines) events.push_back({std::move(line)});
  return tell(std::move(events));
}

struct RuleRow {
  KeyRow row;
  Story story;
};

/// A key with the value behind it.
KeyRow row(const std::string& key, const std::string& value, const std::string& said) {
  return {key, {{key, value}}, said};
}

// ------------------------------------------------------------------------------------------------------ by kind

/// Events that lead to a notice of the kind.
std::vector<std::string> events_for(NoticeKind kind) {
  const auto day = [](int number, const std::string& rest) { return march(number) + " " + rest; };
  const std::string vip = "credit.changed state=arrears balance=-50 credit_level=7 manager=li.na";
  switch (kind) {
    case NoticeKind::early_reminder:
      return {day(2, "credit.changed state=low balance=5 opt_in=early_reminder")};
    case NoticeKind::dunning:
      return {day(2, "credit.changed state=arrears balance=-50")};
    case NoticeKind::suspension_warning:
      return {day(2, "suspension.scheduled suspend_at=" + march(5))};
    case NoticeKind::suspended:
      return {day(2, "service.suspended")};
    case NoticeKind::resumed:
      return {day(2, "service.suspended"), day(3, "service.resumed")};
    case NoticeKind::payment_received:
      return {day(2, "payment.received amount=5")};
    case NoticeKind::refund:
      return {day(2, "refund.credited amount=5 opt_in=refund")};
    case NoticeKind::charge:
      return {day(2, "charge.upcoming amount=5 opt_in=charge charge_at=" + march(9))};
    case NoticeKind::manager_task:
      return {day(2, vip)};
    case NoticeKind::manager_update:
      return {day(2, vip), day(4, "suspension.scheduled suspend_at=" + march(20))};
    default:
      return {};
  }
}

/// A gateway that wants each message twice, the second time twenty hours later.
Story on_second_attempt(NoticeKind kind) {
  return under([kind](const Read& read) {
    StepDriver driver(read.set);
    Lines lines;
    driver.gateway([&](const Claim& claim) -> StepDriver::Answer {
      lines.push_back(fmt::format("claimed {} in lane {}", to_text(claim.message.kind), to_text(claim.lane)));
      if (claim.attempt > 1 || claim.message.kind != kind) return {};
      return {.result = StepDriver::Result::retry, .after = std::chrono::hours(20)};
    });
    for (const std::string& line : events_for(kind)) driver.event(line);
    driver.run_out(date::days(4));
    std::ranges::move(lines_of(driver.outcomes()), std::back_inserter(lines));
    return lines;
  });
}

std::vector<RuleRow> kind_rows() {
  std::vector<RuleRow> rows;
  for (const std::string_view name : notice_kind_names()) {
    const NoticeKind kind = *notice_kind(name);
    if (events_for(kind).empty()) continue;
    const Story story = on_second_attempt(kind);
    rows.push_back(
        {row(fmt::format("lanes.{}", name), "\"bulk\"", fmt::format("claimed {} in lane bulk", name)), story});
    rows.push_back(
        {row(fmt::format("expiry.max_hold.{}", name), "\"10h\"", fmt::format("notice.expired {}", name)), story});
  }
  return rows;
}

// -------------------------------------------------------------------------------------------------------- rules

const std::string night = "2026-03-02T22:30:00+08:00";
const std::string arrears = " credit.changed state=arrears balance=-50";

std::vector<RuleRow> window_rows() {
  const std::string window = "quiet_hours.windows[].";
  const Story at_night = tell({night + arrears});
  return {
      {row("quiet_hours.kinds", "[]", "notice.sent dunning 1 at 03-02T22:30"), at_night},
      {row(window + "name", "\"dark\"", "quiet_hours.dark"), at_night},
      {row(window + "from", "\"22:31\"", "notice.sent dunning 1 at 03-02T22:30"), at_night},
      {row(window + "until", "\"08:00\"", "notice.sent dunning 1 at 03-03T08:00"), at_night},
      {row(window + "days", "[\"sun\"]", "notice.sent dunning 1 at 03-02T22:30"), at_night},
      {{window + "all_day",
        {{window + "all_day", "true"}, {window + "from", ""}, {window + "until", ""}},
        "notice.sent dunning 1 at 03-03T00:00",
        {{window + "days", "[\"mon\"]"}}},
       at_night},
  };
}

std::vector<RuleRow> rule_rows() {
  const auto at = [](int day, const std::string& rest) { return march(day) + " " + rest; };
  const Story ladder = tell({march(2) + arrears});
  const Story by_night = tell({at(2, "suspension.scheduled suspend_at=2026-03-06T02:00:00+08:00")});
  const Story vip = tell({march(2) + arrears + " credit_level=7"});
  const Story again = tell({march(2) + arrears, march(2, "11:00:00") + " credit.changed state=clear balance=0",
                            march(2, "12:00:00") + arrears});
  const Story refund = tell({at(2, "refund.credited amount=5")});
  const Story opted_out = tell({march(2) + arrears + " opt_out=dunning"});
  return {
      {row("default_zone", "\"Europe/Berlin\"", "notice.sent dunning 1 at 03-02T22:30"),
       tell({night + arrears + " zone=Nowhere/City"})},
      {row("held_after", "\"12h\"", "!(held)"), tell({night + arrears})},
      {row("credit.low_below", "\"100\"", "notice.sent early_reminder"),
       tell({at(2, "credit.changed balance=50 opt_in=early_reminder")})},
      {row("credit.balance_means", "\"debt\"", "notice.sent dunning"), tell({at(2, "credit.changed balance=50")})},
      {row("credit.keep", "[\"credit_limit\"]", "owed CNY 20.00"),
       tell({at(2, "credit.changed state=arrears balance=-150 credit_limit=100"),
             at(3, "credit.changed state=arrears balance=-120")})},
      {row("ladder.after_days", "[0, 2, 7]", "notice.sent dunning 2 at 03-04T10:00"), ladder},
      {row("lead_time.lead", "\"48h\"", "notice.sent suspension_warning 0 at 03-03T21:30"), by_night},
      {row("lead_time.margin", "\"2h\"", "notice.sent suspension_warning 0 at 03-04T20:00"), by_night},
      {row("vip.levels", "[3]", "notice.sent dunning 1"), vip},
      {row("vip.spared", "[]", "notice.sent dunning 1"), vip},
      {row("caps[].per_day", "2", "notice.sent dunning 1 at 03-02T12:00"), again},
      {row("caps[].per_week", "1", "notice.sent dunning 2 at 03-09T"), ladder},
      {row("consent.opt_in", "[]", "notice.sent refund"), refund},
      {row("consent.mandatory", "[\"dunning\"]", "notice.sent dunning 1"), opted_out},
      {row("holds.promise_default", "\"30h\"", "notice.sent dunning 1 at 03-03T17:00"),
       tell({march(2) + arrears, march(2, "11:00:00") + " promise.made"})},
      {row("exclusions.segments", "[\"internal\"]", "notice.suppressed dunning 1"),
       tell({march(2) + arrears + " segment=internal"})},
      {row("intake.future_max", "\"1h\"", "!event.rejected"),
       tell(std::vector<Arrival>{{march(2) + arrears, march(2, "09:30:00")}})},
      {row("intake.past_max", "\"24h\"", "event.rejected"), tell(std::vector<Arrival>{{march(2) + arrears, march(5)}})},
      {row("intake.plausible", "\"48h\"", "event.rejected"), by_night},
      {row("intake.ids_remembered", "1", "!event.conflict"),
       tell({at(2, "payment.received amount=1 id=x"), at(3, "payment.received amount=2 id=y"),
             at(4, "payment.received amount=1 id=x")})},
  };
}

// ----------------------------------------------------------------------------------------------------- monitors

/// Trouble that each stays within the shipped bounds, for half an hour.
Lines alerts_of(const scheduler::MonitorOptions& options) {
  scheduler::Monitors monitors(options);
  Lines lines;
  for (int second = 0; second <= 1800; second += 10) {
    const std::uint64_t spells = second < 1200 ? 1 : 2;  // the second one twenty minutes behind the first
    const Instant now = at(march(2)) + Seconds(second);
    const scheduler::Observations seen{
        .partitions = {{.stuck_for = Seconds(20), .stumbles = 6 * spells},
                       {.number = 1, .owned = true, .unread_for = Seconds(90), .rejected = 600 * spells}},
        .lanes = {{.lane = Lane::normal, .gateway = "sim", .oldest_due = now - minutes(20)}},
        .gateways = {{.name = "sim",
                      .waits = second % 100 != 0,
                      .accepted = spells + static_cast<unsigned>(second) / 100,
                      .unknown = 60 * spells}},
        .sources = {{"s", {.duplicate = 600, .conflict = 6 * spells, .superseded = 30, .refused = 600 * spells}}},
        .real = Seconds(second)};
    for (const auto& change : monitors.observe(seen, now, Seconds(second)))
      lines.push_back(fmt::format("{} {} at {}", change.raised ? "raised" : "cleared", change.alert.name, second));
  }
  lines.emplace_back("half an hour passed");
  return lines;
}

std::vector<RuleRow> monitor_rows() {
  const Story trouble = under([](const Read& read) { return alerts_of(read.monitors); });
  std::vector<RuleRow> rows;
  for (KeyRow each : {row("monitors.store_after", "\"10s\"", "raised monitor.store"),
                      row("monitors.store_max", "5", "raised monitor.store"),
                      row("monitors.store_within", "\"1h\"", "raised monitor.store"),
                      row("monitors.intake_after", "\"1m\"", "raised monitor.intake"),
                      row("monitors.gateway_after", "\"50s\"", "raised monitor.gateway"),
                      row("monitors.backlog_after", "\"15m\"", "raised monitor.backlog"),
                      row("monitors.rejected_max", "500", "raised monitor.rejected"),
                      row("monitors.rejected_within", "\"1h\"", "raised monitor.rejected"),
                      row("monitors.superseded_run", "20", "raised monitor.superseded"),
                      row("monitors.duplicate_run", "500", "raised monitor.duplicate"),
                      row("monitors.conflict_max", "5", "raised monitor.conflict"),
                      row("monitors.refused_max", "500", "raised monitor.refused"),
                      row("monitors.sources_within", "\"1h\"", "raised monitor.conflict"),
                      row("monitors.unanswered_max", "50", "raised monitor.unanswered"),
                      row("monitors.unanswered_within", "\"1h\"", "raised monitor.unanswered")})
    rows.push_back({std::move(each), trouble});
  return rows;
}

// ------------------------------------------------------------------------------------------------------- people

/// A task for the manager of an account that fell into arrears at ten in the evening: when, to whom, in which words.
Story task_for(const std::string& manager) {
  return with_people([manager](const Read& read) {
    StepDriver driver(read.set);
    Lines lines;
    driver.gateway([&](const Claim& claim) {
      lines.push_back(fmt::format("{} to {} at {} in {} on the clock of {}, dear {}", to_text(claim.message.kind),
                                  claim.to, to_rfc3339(driver.now(), std::chrono::hours(8)).substr(5, 14),
                                  claim.message.lang, claim.message.zone, claim.message.manager_name));
      return StepDriver::Answer();
    });
    driver.event("2026-03-02T22:00:00+08:00" + arrears + " credit_level=7 manager=" + manager).run_out(date::days(2));
    std::ranges::move(lines_of(driver.outcomes()), std::back_inserter(lines));
    return lines;
  });
}

std::vector<RuleRow> people_rows() {
  const std::string anna = "person[4].";
  const auto quiet = [&](const std::string& key, const std::string& window, const std::string& said,
                         const std::string& other) {
    return KeyRow{key, {{anna + "quiet", "[" + window + "]"}}, said, {{anna + "quiet", "[" + other + "]"}}};
  };
  const std::string window = "person[].quiet[].";
  // 22:00 in Shanghai is 15:00 in Berlin; it is a Monday.
  const Story story = task_for("anna.schmidt");
  std::vector<RuleRow> rows{{row("default_manager", "\"zhao.min\"", "to +8613900000009"), task_for("nobody")}};
  for (KeyRow each : std::initializer_list<KeyRow>{
           {"person[].id", {{anna + "id", "\"anna\""}}, "to +8613900000000"},
           {"person[].name", {{anna + "name", "\"Dr. Schmidt\""}}, "dear Dr. Schmidt"},
           {"person[].phone", {{anna + "phone", "\"+4915550000002\""}}, "to +4915550000002"},
           {"person[].zone", {{anna + "zone", "\"Asia/Shanghai\""}}, "on the clock of Asia/Shanghai"},
           {"person[].zone", {{anna + "zone", ""}}, "at 03-03T07:30:00"},
           {"person[].lang", {{anna + "lang", "\"zh-CN\""}}, "in zh-CN"},
           quiet(window + "from", "{ from = \"15:00\", until = \"16:00\" }", "at 03-02T23:00:00",
                 "{ from = \"15:30\", until = \"16:00\" }"),
           quiet(window + "until", "{ from = \"15:00\", until = \"17:00\" }", "at 03-03T00:00:00",
                 "{ from = \"15:00\", until = \"16:00\" }"),
           quiet(window + "days", "{ from = \"15:00\", until = \"16:00\", days = [\"tue\"] }",
                 "sent manager_task 0 at 03-02T22:00:00", "{ from = \"15:00\", until = \"16:00\" }"),
           quiet(window + "all_day", "{ all_day = true, days = [\"mon\"] }", "at 03-03T07:00:00",
                 "{ from = \"15:00\", until = \"16:00\", days = [\"mon\"] }"),
           quiet(window + "name", "{ name = \"nap\", from = \"15:00\", until = \"16:00\" }", "quiet_hours.nap",
                 "{ from = \"15:00\", until = \"16:00\" }")})
    rows.push_back({std::move(each), story});
  return rows;
}

// ---------------------------------------------------------------------------------------------------------- all

struct Unused {
  std::string key;
  std::string_view why;
};

/// Keys that are read, checked and described, and change nothing yet.
std::vector<Unused> used_by_what_comes_next() {
  return {
      {"person[].deputy", "nobody stands in for anybody before tasks are acknowledged"},
      {"person[].supervisor", "nothing is escalated before tasks are acknowledged"},
      {"person[].work_from", "whether a task was worked on in time is told by working hours"},
      {"person[].work_until", "the same"},
      {"person[].work_days", "the same"},
      {"lanes.escalation", "nothing is escalated yet"},
      {"expiry.max_hold.escalation", "the same"},
      {"lanes.ops_alert", "alerts are outcomes and lines of the log; nobody is messaged"},
      {"expiry.max_hold.ops_alert", "the same"},
  };
}

/// What only one value can be said of.
constexpr std::string_view only_dunning = "caps[].kind";

std::vector<RuleRow> policy_rows() {
  std::vector<RuleRow> rows;
  for (auto part : {kind_rows(), window_rows(), rule_rows(), monitor_rows()})
    std::ranges::move(part, std::back_inserter(rows));
  return rows;
}

TEST(EveryKey, OfPoliciesChangesWhatIsTold) {
  for (const auto& [row, story] : policy_rows()) expect_effect(row, shipped_file("policies.toml"), story);
}

TEST(EveryKey, OfPeopleChangesWhatIsTold) {
  for (const auto& [row, story] : people_rows()) expect_effect(row, shipped_file("people.toml"), story);
}

TEST(EveryKey, OfPoliciesAndPeopleIsShown) {
  std::set<std::string> known = known_keys([](const std::string& text) { return read_policies(text).mistakes; });
  known.merge(known_keys([](const std::string& text) {
    PolicySet set;
    return read_people(text, set);
  }));
  std::set<std::string> shown{std::string(only_dunning)};
  EXPECT_TRUE(has_test("PoliciesLoader.names_the_place_of_each_mistake", "only \\\"dunning\\\" is counted"));
  for (const Unused& unused : used_by_what_comes_next()) shown.insert(unused.key);
  for (const auto& rows : {policy_rows(), people_rows()})
    for (const auto& each : rows) shown.insert(each.row.key);
  expect_all_shown(known, shown);
}

}  // namespace
}  // namespace dun::test
