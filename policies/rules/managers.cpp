#include "policies/rules/managers.hpp"

#include "policies/notices/notices.hpp"

namespace dun::policies::rules {
namespace {

NewNotice to_manager_notice(const Situation& now, NoticeKind kind, int step, std::vector<std::string> reasons) {
  const Episode& episode = now.record.episode;
  // A task has one message that opens it, and updates that tell different things.
  const std::uint32_t repeat = kind == NoticeKind::manager_task ? now.record.task->ordinal : now.record.ordinals + 1;
  return {.kind = kind,
          .step = step,
          .repeat = static_cast<int>(repeat),
          .cause = episode.cause,
          .event_time = told_time(now, kind, episode.caused_at),
          .episode = episode.key,
          .task = now.record.task->ordinal,
          .reasons = std::move(reasons)};
}

Outcome& put_out_task(Situation& now, OutcomeType type, std::vector<std::string> reasons) {
  const Task& task = *now.record.task;
  Outcome& outcome = now.put_out(type);
  outcome.task = task_id(now.account, task);
  outcome.kind = task.in_place_of;
  outcome.manager = task.manager;
  if (now.cause.empty() || type != OutcomeType::task_closed) outcome.cause = task.cause;
  outcome.reasons = std::move(reasons);
  return outcome;
}

void close_task(Situation& now, std::string reason) {
  put_out_task(now, OutcomeType::task_closed, {std::move(reason)});
  now.record.task.reset();
}

void end_void_task(Situation& now) {
  const AccountRecord& record = now.record;
  if (!record.task) return;
  if (record.closed) return close_task(now, "account.closed");
  if (!owes(record.credit)) close_task(now, credit_reason(record.credit));
}

std::string task_closed(const Situation& now, const PendingNotice& notice) {
  if (!to_manager(notice.kind)) return {};
  const auto& task = now.record.task;
  return task && task->ordinal == notice.task ? "" : "task.closed";
}

}  // namespace

void tell_manager(Situation& now, NoticeKind kind, int step) {
  AccountRecord& record = now.record;
  std::vector<std::string> reasons{now.vip_reason()};
  if (step > 0) reasons.push_back("ladder.step" + std::to_string(step));
  if (record.task) {
    // A suspension is told of only where its date is news.
    if (record.task->in_place_of == kind && kind != NoticeKind::suspension_warning) return;
    record.task->in_place_of = kind;
    issue(now, to_manager_notice(now, NoticeKind::manager_update, step, std::move(reasons)));
    return;
  }
  const Person* person = find_person(now.policies, record.profile.manager);
  record.task = Task{.ordinal = ++record.ordinals,
                     .in_place_of = kind,
                     .manager = person != nullptr ? person->id : std::string(),
                     .opened_at = now.now,
                     .episode = record.episode.key,
                     .cause = record.episode.cause};
  if (person == nullptr) reasons.emplace_back("people.no_manager");
  put_out_task(now, OutcomeType::task_opened, reasons);
  issue(now, to_manager_notice(now, NoticeKind::manager_task, 0, std::move(reasons)));
}

const Rule managers_rule{.ends = end_void_task, .voids = task_closed};

}  // namespace dun::policies::rules
