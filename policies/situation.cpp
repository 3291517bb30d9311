#include "policies/situation.hpp"

#include "base/assert.hpp"

#include <algorithm>

namespace dun::policies {

Situation::Situation(const AccountId& account_, AccountRecord& record_, const PolicySet& policies_, Instant now_)
    : account(account_), record(record_), policies(policies_), now(now_) {
  find_account_zone();
}

void Situation::find_account_zone() {
  const std::string& name = record.profile.zone;
  zone = name.empty() ? nullptr : find_zone(name);
  if (zone == nullptr) {
    effects.zone_unknown |= !name.empty();
    zone = find_zone(policies.default_zone);
    if (zone == nullptr) zone = find_zone("Etc/UTC");
    DUN_ASSERT(zone != nullptr);
  }
}

bool Situation::vip() const {
  return std::ranges::count(policies.vip.levels, record.profile.credit_level) != 0;
}

bool Situation::excluded() const {
  return std::ranges::count(policies.exclusions.segments, record.profile.segment) != 0;
}

bool Situation::spared(NoticeKind kind) const {
  return vip() && policies.vip.spared.has(kind) && !excluded();
}

std::string Situation::vip_reason() const {
  return "vip.level" + std::to_string(record.profile.credit_level);
}

std::string_view Situation::hold() const {
  if (record.dispute_until && *record.dispute_until > now) return "hold.dispute";
  if (record.promise_until && *record.promise_until > now) return "hold.promise";
  return {};
}

std::optional<Instant> Situation::hold_ends() const {
  const auto ends = std::max(record.dispute_until, record.promise_until);  // an empty optional is less than any value
  return ends && *ends > now ? ends : std::nullopt;
}

Outcome& Situation::put_out(OutcomeType type) {
  Outcome& outcome = effects.outcomes.emplace_back();
  outcome.at = now;
  outcome.type = type;
  outcome.account = account;
  outcome.cause = cause;
  outcome.policy = policies.hash;
  return outcome;
}

Outcome& Situation::put_out(OutcomeType type, const PendingNotice& notice) {
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

bool owed(CreditState state) {
  return state >= CreditState::arrears;
}

bool owes(const CreditPosition& credit) {
  if (!owed(credit.state)) return false;
  return !credit.balance || truncated_to_unit(*credit.balance, credit.currency).negative();
}

std::string credit_reason(const CreditPosition& credit) {
  // Billing may still call it arrears where the balance says that nothing is owed.
  return "credit." + std::string(owed(credit.state) ? "nothing_owed" : to_text(credit.state));
}

bool stopped(ServiceState service) {
  return service == ServiceState::stopped || service == ServiceState::stopped_otherwise;
}

bool to_manager(NoticeKind kind) {
  return kind == NoticeKind::manager_task || kind == NoticeKind::manager_update || kind == NoticeKind::escalation;
}

NoticeId notice_id(const AccountId& account, const PendingNotice& notice) {
  IdBuilder builder;
  builder.add(account.str()).add(static_cast<std::int64_t>(notice.episode));
  builder.add(to_text(notice.kind)).add(notice.step).add(notice.repeat);
  return NoticeId(account.str() + id_mark + base32(builder.hash()));
}

TaskId task_id(const AccountId& account, const Task& task) {
  IdBuilder builder;
  builder.add(account.str()).add(static_cast<std::int64_t>(task.episode)).add("task").add(task.ordinal);
  return TaskId(account.str() + id_mark + "t" + base32(builder.hash()));
}

}  // namespace dun::policies
