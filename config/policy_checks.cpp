#include "config/policy_checks.hpp"

#include "config/policies_loader.hpp"
#include "domain/enum_index.hpp"
#include "policies/calendar.hpp"
#include "policies/gates/caps.hpp"
#include "policies/gates/quiet_hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace dun::config {
namespace {

using policies::PolicySet;
using policies::QuietWindow;
using std::chrono::hours;
using std::chrono::minutes;

constexpr std::array manager_kinds = {NoticeKind::manager_task, NoticeKind::manager_update, NoticeKind::escalation};

Millis max_hold(const PolicySet& set, NoticeKind kind) {
  return set.expiry.max_hold.at(enum_index(kind));
}

/// Instants of a week at which the answer can change: the hours, and the edges of windows with the minute before.
std::vector<Instant> beginnings(const std::vector<QuietWindow>& windows, Instant monday) {
  std::set<minutes> of_day;
  for (int hour = 0; hour < 24; ++hour) of_day.insert(hours(hour));
  for (const QuietWindow& window : windows)
    for (const minutes edge : {window.from, window.until}) {
      of_day.insert(edge);
      if (edge > minutes(0)) of_day.insert(edge - minutes(1));
    }
  std::vector<Instant> instants;
  for (int day = 0; day < 7; ++day)
    for (const minutes minute : of_day) instants.push_back(monday + date::days(day) + minute);
  return instants;
}

/// One account's ladder, step by step, as the engine would let it go in a zone without clock changes.
class Ladder {
 public:
  Ladder(const PolicySet& set, const policies::Zone& zone) : set_(set), zone_(zone) {}

  /// Calls `ended(step, why it was not sent or empty)` for every step.
  template <typename Ended>
  void run(Instant arrears, Ended ended) {
    const Millis hold = max_hold(set_, NoticeKind::dunning);
    const auto& steps = set_.ladder.steps;
    std::vector<Instant> sent;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      const Instant wanted = arrears + date::days(steps[i].after_days);
      std::string rule;
      const Instant at = first_permitted(wanted, sent, rule);
      if (hold.count() > 0 && at - wanted >= hold) {
        ended(i, fmt::format("{} would hold it for {}, longer than it may be held (expiry.max_hold, {})", rule,
                             dun::to_text(Millis(at - wanted)), dun::to_text(hold)));
      } else if (i + 1 < steps.size() && at >= arrears + date::days(steps[i + 1].after_days)) {
        ended(i, fmt::format("{} would hold it until step {} takes its place", rule, i + 2));
      } else {
        sent.push_back(at);
        ended(i, std::string());
      }
    }
  }

 private:
  Instant first_permitted(Instant from, const std::vector<Instant>& sent, std::string& rule) const {
    static const std::vector<QuietWindow> none;
    const auto& windows = set_.quiet_hours.kinds.has(NoticeKind::dunning) ? set_.quiet_hours.windows : none;
    Instant at = from;
    for (bool moved = true; moved && at - from < date::days(400);) {
      moved = false;
      const auto move = [&](Instant to, std::string_view by) {
        at = to;
        if (rule.find(by) == std::string::npos) rule += (rule.empty() ? "" : ", ") + std::string(by);
        moved = true;
      };
      if (const auto quiet = policies::find_quiet(windows, at, zone_)) move(quiet->ends, quiet->rule);
      for (const policies::CapOptions& cap : set_.caps)
        if (const auto capped = policies::find_cap(cap, sent, at, zone_)) move(capped->until, capped->rule);
    }
    return at;
  }

  const PolicySet& set_;
  const policies::Zone& zone_;
};

void check_people_hours(const Section& people, const PolicySet& set) {
  for (const Section& section : people.sections("person")) {
    std::string id;
    if (section.form("id") != Form::text || !section.read_text("id", id)) continue;  // said where people are read
    const auto person = set.people.people.find(id);
    if (person == set.people.people.end()) continue;
    const minutes quiet = longest_quiet(person->second.quiet);
    for (const NoticeKind kind : manager_kinds) {
      const Millis bound = max_hold(set, kind);
      if (bound.count() == 0 || bound > quiet) continue;
      section.mistake("quiet",
                      fmt::format("quiet: may hold a {} for {}, longer than it may be held (expiry.max_hold in "
                                  "policies.toml, {}): it would never arrive; shorten one or lengthen the other",
                                  to_text(kind), dun::to_text(Millis(quiet)), dun::to_text(bound)));
      break;  // the others have the same cause
    }
  }
}

void check_somebody_is_told(const Section& people, const PolicySet& set) {
  if (set.vip.levels.empty() || set.vip.spared.empty() || !set.people.default_manager.empty()) return;
  people.mistake(
      "default_manager",
      fmt::format("default_manager: without it the tasks of credit level {} (policies.toml, vip.levels) reach "
                  "nobody where an account names no manager who is listed here; name who takes them, or "
                  "write levels = [] there",
                  fmt::join(set.vip.levels, ", ")));
}

}  // namespace

std::vector<NeverSent> find_never_sent(const PolicySet& set) {
  const policies::Zone* zone = policies::find_zone("Etc/UTC");
  if (zone == nullptr) return {};
  std::vector<bool> sent(set.ladder.steps.size());
  std::vector<std::string> why(set.ladder.steps.size());
  const Instant monday = date::sys_days(date::year(2026) / 3 / 2);
  for (const Instant beginning : beginnings(set.quiet_hours.windows, monday))
    Ladder(set, *zone).run(beginning, [&](std::size_t step, std::string reason) {
      if (reason.empty())
        sent[step] = true;
      else if (why[step].empty())
        why[step] = std::move(reason);
    });
  std::vector<NeverSent> found;
  for (std::size_t step = 0; step < sent.size(); ++step)
    if (!sent[step]) found.push_back({.step = static_cast<int>(step) + 1, .why = why[step]});
  return found;
}

void check_together(const Section& policies, const Section& people, const PolicySet& set) {
  for (const NeverSent& never : find_never_sent(set))
    policies.section("ladder").mistake("after_days",
                                       fmt::format("after_days: step {} can never be sent: {}", never.step, never.why));
  if (!people) return;  // why has been said
  check_people_hours(people, set);
  check_somebody_is_told(people, set);
}

}  // namespace dun::config
