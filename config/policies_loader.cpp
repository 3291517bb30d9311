#include "config/policies_loader.hpp"

#include "config/zone_names.hpp"
#include "domain/enum_index.hpp"
#include "policies/calendar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>

namespace dun::config {
namespace {

using policies::DaySet;
using policies::PolicySet;
using policies::QuietWindow;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> day_names = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::array<std::string_view, 2> balance_meanings = {"credit", "debt"};  // in the order of BalanceMeans
// Levels of credit are small numbers; a larger one is a slip of the hand, and nobody would have it.
constexpr int credit_level_max = 99;
constexpr int day_minutes = 24 * 60;
constexpr int week_minutes = 7 * day_minutes;

/// What goes to people of the operator; customers' rules do not apply to these.
constexpr std::array staff_kinds = {NoticeKind::manager_task, NoticeKind::manager_update, NoticeKind::escalation,
                                    NoticeKind::ops_alert};

bool read_kinds(const Section& section, std::string_view key, KindSet& target) {
  std::vector<NoticeKind> kinds;
  if (!section.read_choices(key, kinds, notice_kind_names())) return false;
  target = KindSet();
  for (const NoticeKind kind : kinds) target.add(kind);
  return true;
}

/// Kinds of a rule that is about customers only; `instead` says what rules the others.
void read_customer_kinds(const Section& section, std::string_view key, KindSet& target, std::string_view instead = {}) {
  KindSet kinds;
  if (!read_kinds(section, key, kinds)) return;
  for (const NoticeKind kind : staff_kinds)
    if (kinds.has(kind))
      section.mistake(key, fmt::format("{}: \"{}\" does not go to customers{}", key, to_text(kind), instead));
  target = kinds;
}

void read_amount(const Section& section, std::string_view key, Amount& target) {
  std::string text;
  if (!section.read_text(key, text)) return;
  const auto amount = Amount::parse(text);
  if (!amount) return section.mistake(key, fmt::format("{}: {}", key, amount.error()));
  if (amount->negative()) return section.mistake(key, fmt::format("{}: expected zero or more, found {}", key, text));
  target = *amount;
}

/// By minute of the week, Monday 00:00 first; one window may reach over its end.
using Week = std::bitset<week_minutes>;

void fill(Week& week, const QuietWindow& window) {
  const int from = window.all_day ? 0 : static_cast<int>(window.from.count());
  int until = window.all_day ? day_minutes : static_cast<int>(window.until.count());
  if (until <= from) until += day_minutes;
  for (int day = 0; day < 7; ++day) {
    if ((window.days >> day & 1) == 0) continue;
    for (int minute = from; minute < until; ++minute)
      week.set(static_cast<std::size_t>((day * day_minutes + minute) % week_minutes));
  }
}

bool is_rule_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 &&
         std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

/// False if it does not mean a window; what is wrong with its name or days does not matter here.
bool read_window_time(const Section& section, QuietWindow& window) {
  section.read_bool("all_day", window.all_day);
  const bool from_read = section.read_wall_time("from", window.from);
  const bool until_read = section.read_wall_time("until", window.until);
  if (window.all_day) {
    if (!section.has("from") && !section.has("until")) return true;
    section.mistake(section.has("from") ? "from" : "until", "an all_day window has neither from nor until");
    return false;
  }
  section.require("from", "the first quiet minute, such as \"22:00\"");
  section.require("until", "the first minute that is not quiet, such as \"07:00\"");
  if (!from_read || !until_read) return false;
  if (window.from != window.until) return true;
  section.mistake("until", "from and until are equal: an empty window; for a whole day write all_day = true");
  return false;
}

bool read_window(const Section& section, WindowNames names, QuietWindow& window) {
  if (section.read_text("name", window.name) && !is_rule_name(window.name))
    section.mistake("name", "name: expected 1 to 32 of the characters a-z 0-9 _; it appears in reasons");
  if (names == WindowNames::required) section.require("name", "reasons name the window, as quiet_hours.NAME");
  read_days(section, "days", window.days);
  return read_window_time(section, window);
}

void read_quiet_hours(const Section& section, policies::QuietHoursOptions& quiet) {
  read_customer_kinds(
      section, "kinds", quiet.kinds,
      "; when somebody on the staff may be messaged stands with that person in people.toml, as `quiet`");
  read_windows(section, "windows", WindowNames::required, quiet.windows);
}

void read_ladder(const Section& section, policies::LadderOptions& ladder) {
  std::vector<int> days;
  if (!section.read_ints("after_days", days, 0, 365)) return;
  if (const auto at = std::ranges::adjacent_find(days, std::greater_equal<>()); at != days.end())
    return section.mistake(
        "after_days",
        fmt::format("after_days: each step comes later than the one before it, found {} after {}", at[1], at[0]));
  ladder.steps.clear();
  for (const int after : days) ladder.steps.push_back({.after_days = after});
}

/// A kind that is spared has a task in its place: there is one for what threatens, and for nothing else.
void read_spared(const Section& section, policies::VipOptions& vip) {
  read_customer_kinds(section, "spared", vip.spared);
  KindSet others = vip.spared;
  others.remove(NoticeKind::dunning);
  others.remove(NoticeKind::suspension_warning);
  for (const std::string_view name : notice_kind_names())
    if (const NoticeKind kind = *notice_kind(name); others.has(kind) && std::ranges::count(staff_kinds, kind) == 0)
      section.mistake("spared", fmt::format("spared: \"{}\" goes to customers of every level; a task can only stand in "
                                            "the place of dunning and suspension_warning",
                                            name));
}

void read_caps(const Section& root, std::vector<policies::CapOptions>& caps) {
  if (!root.has("caps")) return;
  std::vector<policies::CapOptions> read;
  for (const Section& section : root.sections("caps")) {
    policies::CapOptions cap;
    section.require("kind", "the kind of notice that is capped");
    const bool kind_read = section.read_choice("kind", cap.kind, notice_kind_names());
    const bool is_counted = cap.kind == NoticeKind::dunning;
    if (!is_counted)
      section.mistake("kind",
                      fmt::format("kind: only \"dunning\" is counted per account, so only it can be capped, not "
                                  "\"{}\"",
                                  to_text(cap.kind)));
    section.read_int("per_day", cap.per_day, 0, 100);
    section.read_int("per_week", cap.per_week, 0, 700);
    if (cap.per_week > 0 && cap.per_day > cap.per_week)
      section.mistake("per_day", "per_day: more than per_week allows");
    if (!kind_read || !is_counted) continue;
    if (!read.empty()) section.mistake("kind", "kind: \"dunning\" is capped above already");
    read.push_back(cap);
  }
  caps = std::move(read);
}

void read_expiry(const Section& section, policies::ExpiryOptions& expiry) {
  const Section bounds = section.section("max_hold");
  for (const std::string_view name : notice_kind_names())
    bounds.read_span(name, expiry.max_hold.at(enum_index(*notice_kind(name))), Millis(0), hours(24 * 365));
}

/// A notice that quiet hours may hold for longer than it may be held is never sent: surely not what was meant.
void check_expiry(const Section& root, const PolicySet& set) {
  const minutes night = longest_quiet(set.quiet_hours.windows);
  const Section bounds = root.section("expiry").section("max_hold");
  for (const std::string_view name : notice_kind_names()) {
    const NoticeKind kind = *notice_kind(name);
    const Millis bound = set.expiry.max_hold.at(enum_index(kind));
    if (bound.count() > 0 && bound <= night && set.quiet_hours.kinds.has(kind))
      bounds.mistake(name, fmt::format("{}: quiet hours may hold it for {}, longer than it may be held ({})", name,
                                       dun::to_text(Millis(night)), dun::to_text(bound)));
  }
}

void read_lanes(const Section& section, std::array<Lane, notice_kinds>& lanes) {
  for (const std::string_view name : notice_kind_names())
    section.read_choice(name, lanes.at(enum_index(*notice_kind(name))), lane_names());
}

}  // namespace

minutes longest_quiet(const std::vector<QuietWindow>& windows) {
  Week week;
  for (const QuietWindow& window : windows) fill(week, window);
  if (week.all()) return minutes(week_minutes);
  int longest = 0;
  int run = 0;
  // Twice around, so that a run over the end of the week is seen whole.
  for (int minute = 0; minute < 2 * week_minutes; ++minute) {
    run = week.test(static_cast<std::size_t>(minute % week_minutes)) ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return minutes(longest);
}

bool read_days(const Section& section, std::string_view key, DaySet& days) {
  std::vector<int> listed;
  if (!section.read_choices(key, listed, day_names)) return false;
  if (listed.empty()) {
    section.mistake(key, fmt::format("{}: expected at least one day", key));
    return false;
  }
  days = 0;
  for (const int day : listed) days = static_cast<DaySet>(days | 1 << day);
  return true;
}

void read_windows(const Section& section, std::string_view key, WindowNames names, std::vector<QuietWindow>& windows) {
  if (!section.has(key)) return;
  std::vector<QuietWindow> read;
  bool right = true;
  for (const Section& each : section.sections(key)) {
    QuietWindow window;
    right = read_window(each, names, window) && right;
    if (!window.name.empty() && std::ranges::find(read, window.name, &QuietWindow::name) != read.end())
      each.mistake("name", fmt::format("name: there is another window \"{}\"", window.name));
    read.push_back(std::move(window));
  }
  // What the windows make together is looked at only when each of them is a window.
  if (!right) return;
  constexpr minutes free_min{60};
  if (longest_quiet(read) > minutes(week_minutes) - free_min)
    return section.mistake(key, fmt::format("{}: these windows leave less than an hour a week in which to send", key));
  windows = std::move(read);
}

/// `keep = ["credit_limit", "suspend_at"]`: what a stated position may leave out (D28).
void read_kept(const Section& section, policies::KeptFields& keep) {
  enum class Field : std::uint8_t { credit_limit, currency, due_at, suspend_at, exhausts_at };
  constexpr std::array<std::string_view, 5> names = {"credit_limit", "currency", "due_at", "suspend_at", "exhausts_at"};
  std::vector<Field> fields;
  if (!section.read_choices("keep", fields, names)) return;
  const auto has = [&](Field field) { return std::ranges::count(fields, field) != 0; };
  keep = {.credit_limit = has(Field::credit_limit),
          .currency = has(Field::currency),
          .due_at = has(Field::due_at),
          .suspend_at = has(Field::suspend_at),
          .exhausts_at = has(Field::exhausts_at)};
}

void read_policies(const Section& root, PolicySet& set) {
  root.read_text("default_zone", set.default_zone);
  if (policies::find_zone(set.default_zone) == nullptr)
    root.mistake("default_zone", "default_zone: " + unknown_zone(set.default_zone));
  root.read_span("held_after", set.held_after, Millis(0), hours(24));
  const Section credit = root.section("credit");
  read_amount(credit, "low_below", set.credit.low_below);
  credit.read_choice("balance_means", set.credit.balance_means, balance_meanings);
  read_kept(credit, set.credit.keep);
  read_quiet_hours(root.section("quiet_hours"), set.quiet_hours);
  read_ladder(root.section("ladder"), set.ladder);
  const Section lead_time = root.section("lead_time");
  lead_time.read_span("lead", set.lead_time.lead, Millis(0), hours(24 * 60));
  lead_time.read_span("margin", set.lead_time.margin, Millis(0), hours(24));
  if (set.lead_time.lead < set.lead_time.margin)
    lead_time.mistake("lead", fmt::format("lead: {} is shorter than the margin before quiet hours ({}): a warning that "
                                          "goes early because of the night would not be out in time by day",
                                          dun::to_text(set.lead_time.lead), dun::to_text(set.lead_time.margin)));
  const Section vip = root.section("vip");
  vip.read_ints("levels", set.vip.levels, 0, credit_level_max);
  read_spared(vip, set.vip);
  read_caps(root, set.caps);
  const Section consent = root.section("consent");
  read_customer_kinds(consent, "opt_in", set.consent.opt_in);
  read_customer_kinds(consent, "mandatory", set.consent.mandatory);
  read_expiry(root.section("expiry"), set.expiry);
  root.section("holds").read_span("promise_default", set.holds.promise_default, minutes(1), hours(24 * 365));
  root.section("exclusions").read_texts("segments", set.exclusions.segments);
  const Section intake = root.section("intake");
  intake.read_span("future_max", set.intake.future_max, Millis(0), hours(24));
  intake.read_span("past_max", set.intake.past_max, hours(24), date::days(36'600));
  intake.read_span("plausible", set.intake.plausible, hours(24), date::days(36'600));
  intake.read_int("ids_remembered", set.intake.ids_remembered, 1, 64);
  read_lanes(root.section("lanes"), set.lanes);
  check_expiry(root, set);
}

void read_monitors(const Section& section, scheduler::MonitorOptions& monitors) {
  const Millis least = std::chrono::seconds(1), most = hours(24 * 30);
  section.read_span("store_after", monitors.store_after, least, most);
  section.read_int("store_max", monitors.store_max, 0, 1'000'000'000);
  section.read_span("store_within", monitors.store_within, least, most);
  section.read_span("intake_after", monitors.intake_after, least, most);
  section.read_span("gateway_after", monitors.gateway_after, least, most);
  section.read_span("backlog_after", monitors.backlog_after, least, most);
  section.read_int("rejected_max", monitors.rejected_max, 0, 1'000'000'000);
  section.read_span("rejected_within", monitors.rejected_within, least, most);
  section.read_int("superseded_run", monitors.superseded_run, 1, 1'000'000'000);
  section.read_int("duplicate_run", monitors.duplicate_run, 1, 1'000'000'000);
  section.read_int("conflict_max", monitors.conflict_max, 0, 1'000'000'000);
  section.read_int("refused_max", monitors.refused_max, 0, 1'000'000'000);
  section.read_span("sources_within", monitors.sources_within, least, most);
  section.read_int("unanswered_max", monitors.unanswered_max, 0, 1'000'000'000);
  section.read_span("unanswered_within", monitors.unanswered_within, least, most);
}

}  // namespace dun::config
