#include "policies/rules/account.hpp"

#include "policies/notices/notices.hpp"

namespace dun::policies::rules {
namespace {

/// Who has paid is not told that the service was stopped because they had not.
std::string suspended_void(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  if (record.service == ServiceState::running) return "service.resumed";
  const bool for_debt = notice.fact.reason == SuspensionReason::debt;
  return for_debt && !owes(record.credit) ? credit_reason(record.credit) : "";
}

std::string fact_is_over(const Situation& now, const PendingNotice& notice) {
  if (now.record.closed) return "account.closed";
  if (notice.kind == NoticeKind::suspended) return suspended_void(now, notice);
  if (notice.kind == NoticeKind::resumed && stopped(now.record.service)) return "service.suspended";
  return {};
}

void follow(Situation& now) {
  now.follow_position();
  bring_forward(now);
}

}  // namespace

const Rule account_rule{.starts = follow, .voids = fact_is_over};

}  // namespace dun::policies::rules
