#include "policies/rules/managers.hpp"

namespace dun::policies::rules {
namespace {

void close_task(Situation& now, std::string reason) {
  now.record.task.reset();
  now.write(cases::CloseTask{std::move(reason)});
}

void end_void_task(Situation& now) {
  const AccountRecord& record = now.record;
  if (!record.task) return;
  if (record.closed) return close_task(now, "account.closed");
  if (!owes(record.credit)) return close_task(now, credit_reason(record.credit));
  now.write(cases::Remark());
}

}  // namespace

void tell_manager(Situation& now, NoticeKind kind, int step) {
  AccountRecord& record = now.record;
  if (!record.task) {
    record.task = HandedOver{.task = ++record.ordinals, .at = now.now, .cause = record.episode.cause};
  } else if (record.task->in_place_of == kind && kind != NoticeKind::suspension_warning) {
    return;  // a suspension is told of only where its date is news, and then again
  }
  record.task->in_place_of = kind;
  std::vector<std::string> reasons{now.vip_reason()};
  if (step > 0) reasons.push_back("ladder.step" + std::to_string(step));
  now.write(cases::TellManager{.task = record.task->task,
                               .notice = ++record.ordinals,
                               .kind = kind,
                               .step = step,
                               .reasons = std::move(reasons)});
}

const Rule managers_rule{.ends = end_void_task};

}  // namespace dun::policies::rules
