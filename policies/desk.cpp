#include "policies/desk.hpp"

namespace dun::policies {

Outcome& Desk::put_out(OutcomeType type) {
  Outcome& outcome = effects.outcomes.emplace_back();
  outcome.at = now;
  outcome.type = type;
  outcome.account = account;
  outcome.cause = cause;
  outcome.policy = policies.hash;
  return outcome;
}

Outcome& Desk::put_out(OutcomeType type, const PendingNotice& notice) {
  Outcome& outcome = put_out(type);
  outcome.notice = notice_id(account, notice);
  outcome.kind = notice.kind;
  outcome.step = notice.step;
  outcome.channel = to_text(Channel::sms);
  // What comes due beside an event is not of that event; what an event ends is.
  if (cause.empty() || type != OutcomeType::notice_cancelled) outcome.cause = notice.cause;
  outcome.event_time = notice.event_time;
  outcome.decided_at = notice.decided_at;
  outcome.due_at = due_at(notice);
  outcome.reasons = notice.reasons;
  outcome.client_ref = outcome.notice.str();
  return outcome;
}

NoticeId notice_id(const AccountId& account, const PendingNotice& notice) {
  IdBuilder builder;
  builder.add(account.str()).add(static_cast<std::int64_t>(notice.episode));
  builder.add(to_text(notice.kind)).add(notice.step).add(notice.repeat);
  return NoticeId(account.str() + id_mark + base32(builder.hash()));
}

}  // namespace dun::policies
