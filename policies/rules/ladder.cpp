#include "policies/rules/ladder.hpp"

#include "policies/notices/notices.hpp"
#include "policies/rules/managers.hpp"
#include "policies/rules/voids.hpp"

namespace dun::policies::rules {

Instant planned_at(const LadderOptions& ladder, int step, Instant anchor, const Zone& zone) {
  return add_calendar_days(anchor, ladder.steps.at(static_cast<std::size_t>(step - 1)).after_days, zone);
}

std::optional<int> due_step(const LadderOptions& ladder, const Episode& episode, Instant now, const Zone& zone) {
  if (!episode.ladder_anchor) return std::nullopt;
  for (int step = static_cast<int>(ladder.steps.size()); step > episode.ladder_step; --step)
    if (planned_at(ladder, step, *episode.ladder_anchor, zone) <= now) return step;
  return std::nullopt;
}

std::optional<Instant> next_step_at(const LadderOptions& ladder, const Episode& episode, const Zone& zone) {
  if (!episode.ladder_anchor || episode.ladder_step >= static_cast<int>(ladder.steps.size())) return std::nullopt;
  return planned_at(ladder, episode.ladder_step + 1, *episode.ladder_anchor, zone);
}

namespace {

std::string step_is_over(const Situation& now, const PendingNotice& notice) {
  if (notice.kind != NoticeKind::dunning) return {};
  const AccountRecord& record = now.record;
  if (!owes(record.credit)) return credit_reason(record.credit);
  if (record.episode.key != notice.episode) return "episode.ended";
  if (const auto hold = now.hold(); !hold.empty()) return std::string(hold);
  if (now.spared(notice.kind)) return now.vip_reason();
  if (record.episode.ladder_step > notice.step) return "ladder.later_step";
  return {};
}

void issue_due_step(Situation& now) {
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
              .event_time = told_time(now.record.credit, NoticeKind::dunning, episode.caused_at),
              .episode = episode.key,
              .reasons = {"ladder.step" + std::to_string(*step)}});
  end_void(now, step_is_over);  // an earlier step that is still held
}

std::optional<Instant> next_step(const Situation& now) {
  if (now.record.closed || !owes(now.record.credit)) return std::nullopt;
  return next_step_at(now.policies.ladder, now.record.episode, *now.zone);
}

}  // namespace

const Rule ladder_rule{.starts = issue_due_step, .voids = step_is_over, .next = next_step};

}  // namespace dun::policies::rules
