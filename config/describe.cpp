#include "config/describe.hpp"

#include "domain/enum_index.hpp"

#include <fmt/format.h>

#include <array>

namespace dun::config {
namespace {

using policies::Person;
using policies::PolicySet;

/// `a`, `a and b`, `a, b and c`
std::string enumerate(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text.empty() ? "nothing" : text;
}

template <typename Wanted>
std::vector<std::string> kinds_where(Wanted wanted) {
  std::vector<std::string> names;
  for (const std::string_view name : notice_kind_names())
    if (wanted(*notice_kind(name))) names.emplace_back(name);
  return names;
}

std::string enumerate(KindSet kinds) {
  return enumerate(kinds_where([&](NoticeKind kind) { return kinds.has(kind); }));
}

std::string wall_time(std::chrono::minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

std::string describe_days(policies::DaySet days) {
  static constexpr std::array<std::string_view, 7> names = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  if (days == policies::every_day) return "every day";
  std::vector<std::string> listed;
  for (std::size_t day = 0; day < names.size(); ++day)
    if ((days >> day & 1) != 0) listed.emplace_back(names.at(day));
  return "on " + enumerate(listed);
}

std::string describe_windows(const std::vector<policies::QuietWindow>& windows) {
  std::vector<std::string> texts;
  for (const policies::QuietWindow& window : windows) texts.push_back(describe(window));
  return enumerate(texts);
}

std::string quiet_hours(const PolicySet& set) {
  const policies::QuietHoursOptions& quiet = set.quiet_hours;
  if (quiet.windows.empty() || quiet.kinds.empty()) return "There are no quiet hours: every notice goes at any hour.";
  const auto others = kinds_where([&](NoticeKind kind) { return !quiet.kinds.has(kind); });
  return fmt::format(
      "Quiet hours are {}, on the wall clock of the account's zone ({} where it has none): then none of {} is sent. "
      "The "
      "first minute of a window is quiet, its end is not. At any hour go {}.",
      describe_windows(quiet.windows), set.default_zone, enumerate(quiet.kinds), enumerate(others));
}

std::string ladder(const PolicySet& set) {
  std::vector<std::string> steps;
  for (std::size_t i = 0; i < set.ladder.steps.size(); ++i) {
    const int days = set.ladder.steps[i].after_days;
    const std::string when = days == 0 ? "at once" : fmt::format("after {} calendar day{}", days, days == 1 ? "" : "s");
    steps.push_back(fmt::format("step {} {}", i + 1, when));
  }
  if (steps.empty()) return "There is no dunning ladder: falling into arrears sends nothing.";
  return fmt::format(
      "An account that falls into arrears is sent dunning {}, at the same local time, each only if it is still owed; "
      "of "
      "several that have come due unsent, only the latest.",
      enumerate(steps));
}

std::string cap(const policies::CapOptions& cap) {
  std::vector<std::string> bounds;
  if (cap.per_day > 0) bounds.push_back(fmt::format("{} a calendar day", cap.per_day));
  if (cap.per_week > 0) bounds.push_back(fmt::format("{} in any seven calendar days", cap.per_week));
  if (bounds.empty()) return fmt::format("There is no cap on {}.", to_text(cap.kind));
  return fmt::format("One account is sent at most {} of {}.", enumerate(bounds), to_text(cap.kind));
}

std::string vip(const PolicySet& set) {
  if (set.vip.levels.empty() || set.vip.spared.empty()) return "No credit level is treated apart.";
  std::vector<std::string> levels;
  for (const int level : set.vip.levels) levels.push_back(std::to_string(level));
  const std::string fallback =
      set.people.default_manager.empty() ? "nobody" : fmt::format("\"{}\"", set.people.default_manager);
  return fmt::format(
      "Customers of credit level {} get none of {}: a task is opened for their account manager instead ({} where none "
      "is "
      "known), who gets a manager_task message.",
      enumerate(levels), enumerate(set.vip.spared), fallback);
}

std::string expiry(const PolicySet& set) {
  std::vector<std::string> bounds;
  for (const std::string_view name : notice_kind_names()) {
    const Millis bound = set.expiry.max_hold.at(enum_index(*notice_kind(name)));
    bounds.push_back(fmt::format("{} {}", name, bound.count() == 0 ? "for ever" : dun::to_text(bound)));
  }
  return fmt::format("A notice waits no longer than this and is then void: {}.", enumerate(bounds));
}

std::string lanes(const PolicySet& set) {
  std::vector<std::string> texts;
  for (const Lane lane : all_lanes) {
    const auto kinds = kinds_where([&](NoticeKind kind) { return set.lanes.at(enum_index(kind)) == lane; });
    if (!kinds.empty()) texts.push_back(fmt::format("{}: {}", to_text(lane), enumerate(kinds)));
  }
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : "; ") + text;
  return fmt::format("Lanes, each first in, first out. {}.", joined);
}

std::string person(const Person& person) {
  std::string text = fmt::format("{} ({}) works {} to {} {}, {}", person.name, person.id, wall_time(person.work_from),
                                 wall_time(person.work_until), describe_days(person.work_days), person.zone);
  if (!person.quiet.empty()) text += fmt::format("; is not messaged {}", describe_windows(person.quiet));
  if (!person.deputy.empty()) text += fmt::format("; deputy {}", person.deputy);
  if (!person.supervisor.empty()) text += fmt::format("; supervisor {}", person.supervisor);
  return text + ".";
}

}  // namespace

std::string describe(const policies::QuietWindow& window) {
  const std::string days = describe_days(window.days);
  if (window.all_day) return fmt::format("all day {}", days);
  return fmt::format("from {} to {} {}", wall_time(window.from), wall_time(window.until), days);
}

std::string describe(const scheduler::MonitorOptions& monitors) {
  return fmt::format(
      "An alert is raised when Redis cannot be read or written for {} or, for moments, more than {} times within {}, "
      "events are unread for {}, a gateway takes nothing "
      "for {} although something waits, a due notice waits for {}, more than {} malformed events come within {}, of "
      "one "
      "source {} more events are superseded than applied or {} more repeated, more than {} are in conflict or {} with "
      "fields left out within {}, or more than {} requests to a gateway have no usable answer within {}.",
      dun::to_text(monitors.store_after), monitors.store_max, dun::to_text(monitors.store_within),
      dun::to_text(monitors.intake_after), dun::to_text(monitors.gateway_after), dun::to_text(monitors.backlog_after),
      monitors.rejected_max, dun::to_text(monitors.rejected_within), monitors.superseded_run, monitors.duplicate_run,
      monitors.conflict_max, monitors.refused_max, dun::to_text(monitors.sources_within), monitors.unanswered_max,
      dun::to_text(monitors.unanswered_within));
}

namespace {

std::string kept(const policies::KeptFields& keep) {
  std::string names;
  const auto add = [&](bool is_kept, std::string_view name) {
    if (is_kept) names += (names.empty() ? ", but for " : " ") + std::string(name);
  };
  add(keep.credit_limit, "credit_limit");
  add(keep.currency, "currency");
  add(keep.due_at, "due_at");
  add(keep.suspend_at, "suspend_at");
  add(keep.exhausts_at, "exhausts_at");
  return names;
}

}  // namespace

std::vector<std::string> describe(const PolicySet& set) {
  std::vector<std::string> sentences;
  const auto say = [&](std::string sentence) { sentences.push_back(std::move(sentence)); };
  say(fmt::format(
      "Where billing names no state: balance plus credit limit below zero is arrears{}, else clear.",
      set.credit.low_below == Amount() ? "" : fmt::format(", below {} is low", set.credit.low_below.to_text())));
  say(set.credit.balance_means == BalanceMeans::credit
          ? "A balance above zero is what the customer has."
          : "A balance above zero is what the customer owes; it is turned when an event is read.");
  say("A position that names its state states all of it: what it leaves out is unknown" + kept(set.credit.keep) + ".");
  say(quiet_hours(set));
  say(fmt::format("A text says that it was held when it waited longer than {}.", dun::to_text(set.held_after)));
  say(ladder(set));
  for (const policies::CapOptions& each : set.caps) say(cap(each));
  say(fmt::format(
      "A suspension warning is out at least {} before the suspension; if that instant is quiet, {} before the "
      "quiet hours begin; if it is too late for that, at the first permitted instant.",
      dun::to_text(set.lead_time.lead), dun::to_text(set.lead_time.margin)));
  say(vip(set));
  if (!set.consent.opt_in.empty())
    say(fmt::format("Only accounts that opted in are sent {}.", enumerate(set.consent.opt_in)));
  say(set.consent.mandatory.empty()
          ? "An opt-out stops any kind of notice."
          : fmt::format("An opt-out stops any kind of notice but {}.", enumerate(set.consent.mandatory)));
  say(expiry(set));
  say(fmt::format("A dispute holds the ladder until its end; a promise to pay until its own, or for {}.",
                  dun::to_text(set.holds.promise_default)));
  say(set.exclusions.segments.empty()
          ? "No segment is excluded."
          : fmt::format("Accounts of segment {} are told nothing.", enumerate(set.exclusions.segments)));
  say(fmt::format(
      "An event may be {} ahead of our clock and {} behind it, and what it announces within {} of it; an account "
      "remembers its last {} event ids against repeats.",
      dun::to_text(set.intake.future_max), dun::to_text(set.intake.past_max), dun::to_text(set.intake.plausible),
      set.intake.ids_remembered));
  say(lanes(set));
  for (const auto& [id, each] : set.people.people) say(person(each));
  return sentences;
}

}  // namespace dun::config
