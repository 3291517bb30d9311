#include "tests/policies/random_story.hpp"

#include "tests/support/rules.hpp"

#include <algorithm>
#include <array>

namespace dun::test {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

void set(Fields& fields, const std::string& name, std::string value) {
  std::erase_if(fields, [&](const Field& field) { return field.first == name; });
  fields.emplace_back(name, std::move(value));
}

std::string value_of(const Fields& fields, std::string_view name) {
  const auto at = std::ranges::find(fields, name, &Field::first);
  return at == fields.end() ? std::string() : at->second;
}

constexpr std::array<std::string_view, 6> zones = {"Asia/Shanghai",       "America/New_York", "Europe/Berlin",
                                                   "Australia/Lord_Howe", "America/St_Johns", "Mars/Olympus"};
constexpr std::array<std::string_view, 5> states = {"clear", "low", "arrears", "suspension_due", "suspended"};
constexpr std::array<std::string_view, 5> kinds = {"early_reminder", "dunning", "refund", "charge", ""};

}  // namespace

StoryTeller::StoryTeller(Random& random, Instant start, std::size_t accounts)
    : random_(random), now_(start), accounts_(accounts), seq_(accounts) {}

Publication StoryTeller::next() {
  if (random_.percent(60))
    now_ += Millis(random_.between(0, 120'000));
  else if (random_.percent(85))
    now_ += minutes(random_.between(0, 16 * 60)) + seconds(random_.percent(50) ? 0 : random_.between(0, 59));
  else
    now_ += hours(random_.between(12, 6 * 24));
  Fields fields;
  if (!told_.empty() && random_.percent(8)) {
    fields = told_.at(told_.size() - 1 - random_.below(std::min<std::size_t>(told_.size(), 5)));
    if (random_.percent(50)) set(fields, "id", "again" + std::to_string(++count_));
  } else {
    fields = fresh();
    told_.push_back(fields);
  }
  return {.arrival = now_, .fields = std::move(fields)};
}

Fields StoryTeller::fresh() {
  const std::size_t account = random_.below(accounts_);
  Instant time = now_;
  if (random_.percent(15)) time -= minutes(random_.between(0, 300));
  if (random_.percent(3)) time -= date::days(random_.between(1, 12));
  if (random_.percent(3)) time += minutes(random_.between(1, 12));
  Fields fields{{"id", "e" + std::to_string(++count_)},
                {"account", "A" + std::to_string(account)},
                {"time", to_rfc3339(time, hours(random_.between(-5, 9)))}};
  if (random_.percent(10)) fields.emplace_back("seq", std::to_string(seq_.at(account) += random_.between(-1, 3)));
  add_type(fields);
  if (random_.percent(80) && count_ % 7 != 0) set(fields, "msisdn", "+861380013800" + std::to_string(account % 10));
  if (random_.percent(15)) add_profile(fields);
  return fields;
}

void StoryTeller::add_type(Fields& fields) {
  const auto type = [&](const char* name) { fields.emplace_back("type", name); };
  const std::uint64_t dice = random_.below(100);
  if (dice < 35) {
    type("credit.changed");
    add_position(fields);
  } else if (dice < 50) {
    type("payment.received");
    fields.emplace_back("amount", "20");
    if (random_.percent(50)) fields.emplace_back("balance", amount());
  } else if (dice < 58) {
    type("suspension.scheduled");
    if (random_.percent(85)) fields.emplace_back("suspend_at", later(-hours(5), date::days(9)));
  } else if (dice < 62) {
    type("suspension.cancelled");
  } else if (dice < 67) {
    type("service.suspended");
  } else if (dice < 72) {
    type("service.resumed");
  } else if (dice < 77) {
    type("refund.credited");
    fields.emplace_back("amount", "3.50");
  } else if (dice < 81) {
    type("charge.upcoming");
    fields.emplace_back("charge_at", later(hours(1), date::days(4)));
  } else if (dice < 88) {
    type("account.updated");
    add_profile(fields);
  } else if (dice < 91) {
    type("dispute.opened");
    fields.emplace_back("until", later(-hours(3), date::days(12)));
  } else if (dice < 93) {
    type("dispute.closed");
  } else if (dice < 96) {
    type("promise.made");
    if (random_.percent(60)) fields.emplace_back("until", later(hours(1), date::days(6)));
  } else if (dice < 98) {
    type("promise.withdrawn");
  } else {
    type(random_.percent(15) ? "account.closed" : "complaint.filed");
  }
}

void StoryTeller::add_position(Fields& fields) {
  if (random_.percent(65)) fields.emplace_back("state", random_.percent(50) ? "arrears" : random_.pick(states));
  // Who is in arrears does not have money over.
  const bool in_arrears = value_of(fields, "state") == "arrears" || value_of(fields, "state") == "suspension_due";
  if (random_.percent(60) || value_of(fields, "state").empty())
    fields.emplace_back("balance", in_arrears ? "-" + std::to_string(random_.between(1, 300)) : amount());
  if (random_.percent(20)) fields.emplace_back("credit_limit", random_.percent(50) ? "0" : "40");
  if (random_.percent(60)) fields.emplace_back("currency", random_.percent(90) ? "CNY" : "EUR");
  if (random_.percent(20)) fields.emplace_back("suspend_at", later(-hours(2), date::days(8)));
}

void StoryTeller::add_profile(Fields& fields) {
  if (random_.percent(40)) set(fields, "zone", std::string(random_.pick(zones)));
  if (random_.percent(30)) set(fields, "credit_level", std::to_string(random_.percent(50) ? 7 : random_.between(1, 6)));
  if (random_.percent(30))
    set(fields, "opt_in", random_.percent(50) ? "early_reminder,refund,charge" : std::string(random_.pick(kinds)));
  if (random_.percent(15)) set(fields, "opt_out", std::string(random_.pick(kinds)));
  if (random_.percent(10)) set(fields, "manager", random_.percent(70) ? "li.na" : "nobody");
  if (random_.percent(5)) set(fields, "segment", random_.percent(50) ? "test" : "retail");
}

std::string StoryTeller::later(Millis at_least, Millis at_most) {
  return to_rfc3339(date::floor<Seconds>(now_ + Millis(random_.between(at_least.count(), at_most.count()))));
}

std::string StoryTeller::amount() {
  static constexpr std::array<std::string_view, 6> amounts = {"-50", "-12.50", "0", "-0.01", "10", "-120"};
  return std::string(random_.pick(amounts));
}

policies::PolicySet random_policies(Random& random) {
  auto set = policies_with_people();
  if (random.percent(40)) return set;
  if (random.percent(50)) set.exclusions.segments = {"test"};
  if (random.percent(50)) set.people.people["li.na"].quiet = set.quiet_hours.windows;
  if (random.percent(20)) set.people.default_manager.clear();
  if (random.percent(30)) set.quiet_hours.windows.push_back({.name = "noon", .from = hours(12), .until = hours(14)});
  if (random.percent(20)) set.quiet_hours.windows.push_back({.name = "weekend", .days = 0x60, .all_day = true});
  if (random.percent(30)) set.vip.levels = {5, 7};
  if (random.percent(20)) set.caps = {{.per_day = 0, .per_week = 1}};
  if (random.percent(20)) set.caps.clear();
  if (random.percent(30)) set.expiry.max_hold.fill(hours(random.between(1, 40)));
  if (random.percent(20)) set.ladder.steps = {{0}, {1}, {2}, {5}};
  if (random.percent(20)) set.lanes.fill(Lane::normal);
  if (random.percent(20)) set.credit.low_below = *Amount::parse("20");
  return set;
}

}  // namespace dun::test
