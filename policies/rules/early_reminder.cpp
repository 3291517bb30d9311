#include "policies/rules/early_reminder.hpp"

#include "policies/notices/notices.hpp"

namespace dun::policies::rules {
namespace {

void remind_early(Situation& now) {
  Episode& episode = now.record.episode;
  if (now.record.credit.state != CreditState::low) return;
  if (!episode.told.is_news(Hearer::customer, NoticeKind::early_reminder)) return;
  episode.told.tell(Hearer::customer, NoticeKind::early_reminder);
  issue(now, {.kind = NoticeKind::early_reminder,
              .repeat = episode.repeat,
              .cause = episode.cause,
              .event_time = told_time(now.record.credit, NoticeKind::early_reminder, episode.caused_at),
              .episode = episode.key,
              .reasons = {"credit.low"},
              .announced = now.record.credit.exhausts_at});
}

std::string reminder_is_over(const Situation& now, const PendingNotice& notice) {
  const CreditState state = now.record.credit.state;
  return notice.kind != NoticeKind::early_reminder || state == CreditState::low
             ? ""
             : "credit." + std::string(to_text(state));
}

}  // namespace

const Rule early_reminder_rule{.starts = remind_early, .voids = reminder_is_over};

}  // namespace dun::policies::rules
