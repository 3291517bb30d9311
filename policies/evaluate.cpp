#include "policies/evaluate.hpp"

#include "policies/gates.hpp"
#include "policies/ladder.hpp"
#include "policies/lead_time.hpp"
#include "policies/notices.hpp"
#include "policies/settle.hpp"
#include "policies/tasks.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

// A warning that goes exactly at its due instant needs a moment to be answered for before it counts as late.
constexpr Millis lead_grace = std::chrono::minutes(1);

/// The last one of this episode: one of an earlier date may still wait for its receipt.
PendingNotice* pending_warning(AccountRecord& record) {
  const auto at =
      std::ranges::find_if(record.pending.rbegin(), record.pending.rend(), [&](const PendingNotice& notice) {
        return notice.kind == NoticeKind::suspension_warning && notice.episode == record.episode.key;
      });
  return at == record.pending.rend() ? nullptr : &*at;
}

/// A notice of the episode that ended unsent may be decided anew later, under a new id.
void forget_unsent(Episode& episode, const PendingNotice& notice, std::string_view reason) {
  if (notice.episode != episode.key || reason == "lead_time.later_warning") return;
  if (notice.kind == NoticeKind::suspension_warning) {
    // What is in doubt keeps the date that it told; of another one a later warning tells, or has told.
    if (notice.perhaps_sent && notice.announced != episode.warned_of) return;
    episode.warned_of.reset();
    // An earlier one has told that there will be a suspension.
    if (std::ranges::count(notice.reasons, "lead_time.another_date") != 0) return;
  }
  ++episode.repeat;
  episode.told.remove(notice.kind);
  if (notice.kind == NoticeKind::dunning && reason != "ladder.later_step")
    episode.ladder_step = std::min(episode.ladder_step, notice.step - 1);
}

void end_void_notices(Situation& now) {
  std::vector<std::pair<std::uint32_t, std::string>> ended;
  for (const PendingNotice& notice : now.record.pending) {
    if (notice.in_flight || notice.state == NoticeState::unknown) continue;
    if (auto reason = void_by(now, notice); !reason.empty()) ended.emplace_back(notice.ordinal, std::move(reason));
  }
  for (auto& [ordinal, reason] : ended) {
    forget_unsent(now.record.episode, *find_notice(now.record, ordinal), reason);
    end_notice(now, ordinal, OutcomeType::notice_cancelled, std::move(reason));
  }
}

void end_void_task(Situation& now) {
  const AccountRecord& record = now.record;
  if (!record.task) return;
  if (record.closed) return close_task(now, "account.closed");
  if (!owes(record.credit)) close_task(now, credit_reason(record.credit));
}

void run_ladder(Situation& now) {
  Episode& episode = now.record.episode;
  if (!owes(now.record.credit) || !now.hold().empty()) return;
  const auto step = due_step(now.policies.ladder, episode, now.now, *now.zone);
  if (!step) return;
  episode.ladder_step = *step;
  if (now.spared(NoticeKind::dunning)) return tell_manager(now, NoticeKind::dunning, *step);
  issue(now, {.kind = NoticeKind::dunning,
              .step = *step,
              .repeat = episode.repeat,
              .cause = episode.cause,
              .event_time = told_time(now, NoticeKind::dunning, episode.caused_at),
              .episode = episode.key,
              .reasons = {"ladder.step" + std::to_string(*step)}});
}

bool warning_wanted(const AccountRecord& record) {
  const CreditPosition& credit = record.credit;
  if (!owes(credit)) return false;
  return credit.state == CreditState::suspension_due ||
         (credit.state == CreditState::arrears && credit.suspend_at && !stopped(record.service));
}

/// Whether a date of suspension is news to somebody who was told of `known`; a date that is no longer known is none.
bool is_news(const std::optional<Instant>& date, const std::optional<Instant>& known) {
  return date && date != known;
}

void tell_manager_of_suspension(Situation& now) {
  Episode& episode = now.record.episode;
  const auto& date = now.record.credit.suspend_at;
  if (episode.tasked.has(NoticeKind::suspension_warning) && !is_news(date, episode.tasked_of)) return;
  episode.tasked.add(NoticeKind::suspension_warning);
  episode.tasked_of = date;
  tell_manager(now, NoticeKind::suspension_warning, 0);
}

/// The warning that waits is planned anew, for the date as it is now.
void plan_again(Situation& now, PendingNotice& notice, const LeadTime& lead) {
  const Instant wanted = lead.due.value_or(now.now);
  if (wanted == notice.wanted_at) return;
  notice.wanted_at = wanted;
  notice.reasons.emplace_back(lead.rule);
  shelve(now, notice, first_permitted(now, notice, wanted, notice.reasons));
  if (notice.due_at > now.now) now.put_out(OutcomeType::notice_held, notice);
}

void warn_of_suspension(Situation& now) {
  AccountRecord& record = now.record;
  Episode& episode = record.episode;
  if (!warning_wanted(record)) return;
  if (now.spared(NoticeKind::suspension_warning)) return tell_manager_of_suspension(now);
  static const std::vector<QuietWindow> none;
  const QuietHoursOptions& quiet = now.policies.quiet_hours;
  const auto& windows = quiet.kinds.has(NoticeKind::suspension_warning) ? quiet.windows : none;
  const auto& date = record.credit.suspend_at;
  const LeadTime lead = lead_time(now.policies.lead_time, windows, date, now.now, *now.zone);
  const bool told = episode.told.has(NoticeKind::suspension_warning);
  const bool news = !told || is_news(date, episode.warned_of);
  PendingNotice* notice = pending_warning(record);
  if (notice != nullptr && is_untold(*notice)) {
    episode.warned_of = date;
    // One that is only kept from going by the night, or by its turn, stays where it is, unless the date has moved.
    if (news || notice->wanted_at > now.now) plan_again(now, *notice, lead);
    return;
  }
  if (!news) return;
  std::vector<std::string> reasons{std::string(lead.rule)};
  if (told) {
    ++episode.repeat;  // another date is another notice
    reasons.emplace_back("lead_time.another_date");
  }
  episode.told.add(NoticeKind::suspension_warning);
  episode.warned_of = date;
  issue(now, {.kind = NoticeKind::suspension_warning,
              .repeat = episode.repeat,
              .cause = episode.cause,
              .event_time = told_time(now, NoticeKind::suspension_warning, episode.caused_at),
              .episode = episode.key,
              .planned = lead.due,
              .reasons = std::move(reasons),
              .announced = date});
}

void remind_early(Situation& now) {
  Episode& episode = now.record.episode;
  if (now.record.credit.state != CreditState::low || episode.told.has(NoticeKind::early_reminder)) return;
  episode.told.add(NoticeKind::early_reminder);
  issue(now, {.kind = NoticeKind::early_reminder,
              .repeat = episode.repeat,
              .cause = episode.cause,
              .event_time = told_time(now, NoticeKind::early_reminder, episode.caused_at),
              .episode = episode.key,
              .reasons = {"credit.low"},
              .announced = now.record.credit.exhausts_at});
}

/// A hold puts the start of the ladder off to its own end, and there it starts again with its first step (E18). Whether
/// there was one is not to be told from an anchor that lies ahead: a clock that was set back makes that too.
void hold_ladder(Situation& now, bool was_held) {
  Episode& episode = now.record.episode;
  if (!episode.ladder_anchor) return;
  const auto ends = now.hold_ends();
  if (!ends && !was_held) return;
  episode.ladder_anchor = ends.value_or(now.now);
  if (episode.ladder_step > 0) ++episode.repeat;
  episode.ladder_step = 0;
}

/// The ladder runs from the event that brought the arrears. An old debt that is new here has been dunned by nobody we
/// know of: it begins now, with the first step, and not with the last (D22).
void start_ladder(Situation& now, const CreditEvent& event, bool new_here) {
  Episode& episode = now.record.episode;
  episode.ladder_anchor = std::max(std::min(event.time, now.now), now.hold_ends().value_or(Instant()));
  const auto due = due_step(now.policies.ladder, episode, now.now, *now.zone);
  if (new_here && due && *due > episode.ladder_step + 1) episode.ladder_anchor = now.now;
}

/// What was announced has been done: the next suspension is another one.
void forget_warnings(Episode& episode) {
  ++episode.repeat;
  episode.told.remove(NoticeKind::suspension_warning);
  episode.tasked.remove(NoticeKind::suspension_warning);
  episode.warned_of.reset();
  episode.tasked_of.reset();
}

bool moves_holds(EventType type) {
  return type == EventType::dispute_opened || type == EventType::dispute_closed || type == EventType::promise_made ||
         type == EventType::promise_withdrawn;
}

}  // namespace

void follow_episode(Situation& now, const CreditEvent& event, const CreditPosition& before, bool was_held) {
  AccountRecord& record = now.record;
  Episode& episode = record.episode;
  const CreditState state = record.credit.state;
  if (state == CreditState::clear) {
    episode = Episode();
    // Not every billing says that service was resumed; what it says of the next suspension is news.
    if (event.type != EventType::service_suspended && record.service == ServiceState::stopped)
      record.service = ServiceState::unknown;
    return;
  }
  bool moved = state != before.state;
  if (episode.key == 0) {
    episode.key = std::max<std::uint64_t>(event.identity, 1);
    episode.opened_at = event.time;
    moved = true;
  }
  const bool dated = event.suspend_at && owed(state);
  if (moved || dated) {
    episode.cause = event.id;
    episode.caused_at = event.time;
  }
  if (!owes(record.credit)) {
    episode.ladder_anchor.reset();
  } else if (state == CreditState::arrears && !episode.ladder_anchor) {
    start_ladder(now, event, before.as_of == Instant());
  }
  if (moves_holds(event.type)) hold_ladder(now, was_held);
  if (event.type == EventType::service_suspended && state == CreditState::suspended) forget_warnings(episode);
}

void begin_again(Situation& now) {
  Episode& episode = now.record.episode;
  ++episode.repeat;
  episode.told = episode.tasked = KindSet();
  episode.warned_of.reset();
  episode.tasked_of.reset();
  if (!episode.ladder_anchor) return;
  episode.ladder_anchor = std::max(now.now, now.hold_ends().value_or(Instant()));
  episode.ladder_step = 0;
}

namespace {

/// A suspension is planned, and billing has not been told yet that its warning fails.
bool risk_untold(const AccountRecord& record) {
  return warning_wanted(record) && record.credit.suspend_at && record.episode.at_risk_for != record.credit.suspend_at;
}

Outcome& put_out_at_risk(Situation& now, const PendingNotice* notice, std::string_view what) {
  const auto& suspend_at = now.record.credit.suspend_at;
  now.record.episode.at_risk_for = suspend_at;
  Outcome& outcome = notice != nullptr ? now.put_out(OutcomeType::suspension_at_risk, *notice)
                                       : now.put_out(OutcomeType::suspension_at_risk);
  outcome.detail = "suspension planned for " + to_rfc3339(*suspend_at) + "; " + std::string(what);
  return outcome;
}

/// Rule 7.
void watch_lead_time(Situation& now) {
  const AccountRecord& record = now.record;
  if (!risk_untold(record)) return;
  if (*record.credit.suspend_at <= now.now && now.spared(NoticeKind::suspension_warning)) {
    put_out_at_risk(now, nullptr, "that is past").reasons.emplace_back("expiry.past");
    return;
  }
  if (!record.episode.told.has(NoticeKind::suspension_warning)) return;
  const Instant latest = *record.credit.suspend_at - now.policies.lead_time.lead;
  const PendingNotice* notice = pending_warning(now.record);
  if (notice != nullptr && notice->state == NoticeState::unknown) return;  // handed over; its end is looked at then
  if (notice != nullptr) {
    const bool late = notice->due_at > latest || now.now >= latest + lead_grace;
    if (late) put_out_at_risk(now, notice, "the warning goes later than the lead time asks");
  } else if (const auto rule = suppressed_by(now, NoticeKind::suspension_warning); !rule.empty()) {
    put_out_at_risk(now, nullptr, "the customer is not warned").reasons.emplace_back(rule);
  }
}

}  // namespace

void report_unwarned(Situation& now, const PendingNotice& notice) {
  const Episode& episode = now.record.episode;
  if (notice.episode != episode.key || !risk_untold(now.record)) return;
  if (notice.kind == NoticeKind::suspension_warning) {
    put_out_at_risk(now, &notice, "the customer was not warned");
  } else if (to_manager(notice.kind) && episode.tasked_of == now.record.credit.suspend_at) {
    put_out_at_risk(now, &notice, "the account manager was not told");
  }
}

void reconcile(Situation& now) {
  end_unanswered(now);
  end_void_task(now);
  end_void_notices(now);
  if (now.record.closed) return;
  follow_position(now);
  bring_forward(now);
  run_ladder(now);
  end_void_notices(now);  // a later step ends an earlier one that is still held
  warn_of_suspension(now);
  remind_early(now);
  watch_lead_time(now);
}

void arm_timer(Situation& now) {
  AccountRecord& record = now.record;
  std::optional<Instant> wake;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && *at > now.now && (!wake || *at < *wake)) wake = at;
  };
  if (!record.closed && owes(record.credit)) consider(next_step_at(now.policies.ladder, record.episode, *now.zone));
  for (const PendingNotice& notice : record.pending) {
    if (notice.state == NoticeState::unknown && !notice.question) consider(notice.due_at);
    const auto& suspend_at = record.credit.suspend_at;
    if (notice.kind == NoticeKind::suspension_warning && suspend_at && record.episode.at_risk_for != suspend_at)
      consider(*suspend_at - now.policies.lead_time.lead + lead_grace);
  }
  if (wake == record.wake_at) return;
  record.wake_at = wake;
  now.effects.record_changed = true;
  now.effects.wake = wake;
}

}  // namespace dun::policies
