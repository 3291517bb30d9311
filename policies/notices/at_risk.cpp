#include "policies/notices/at_risk.hpp"

namespace dun::policies {

bool warning_wanted(const AccountRecord& record) {
  const CreditPosition& credit = record.credit;
  if (!owes(credit)) return false;
  return credit.state == CreditState::suspension_due ||
         (credit.state == CreditState::arrears && credit.suspend_at && !stopped(record.service));
}

bool risk_untold(const AccountRecord& record) {
  return warning_wanted(record) && record.credit.suspend_at &&
         record.episode.told.is_news(Hearer::billing, NoticeKind::suspension_warning, record.credit.suspend_at);
}

Outcome& put_out_at_risk(Situation& now, const PendingNotice* notice, std::string_view what) {
  const auto& suspend_at = now.record.credit.suspend_at;
  now.record.episode.told.tell(Hearer::billing, NoticeKind::suspension_warning, suspend_at);
  Outcome& outcome = notice != nullptr ? now.put_out(OutcomeType::suspension_at_risk, *notice)
                                       : now.put_out(OutcomeType::suspension_at_risk);
  outcome.detail = "suspension planned for " + to_rfc3339(*suspend_at) + "; " + std::string(what);
  return outcome;
}

void report_unwarned(Situation& now, const PendingNotice& notice) {
  const Episode& episode = now.record.episode;
  if (notice.episode != episode.key || !risk_untold(now.record)) return;
  if (notice.kind == NoticeKind::suspension_warning) {
    put_out_at_risk(now, &notice, "the customer was not warned");
  } else if (to_manager(notice.kind) &&
             !episode.told.is_news(Hearer::manager, NoticeKind::suspension_warning, now.record.credit.suspend_at)) {
    put_out_at_risk(now, &notice, "the account manager was not told");
  }
}

}  // namespace dun::policies
