#include "policies/situation.hpp"

#include "policies/gates/caps.hpp"
#include "policies/notices/at_risk.hpp"
#include "policies/notices/message_context.hpp"
#include "policies/notices/notices.hpp"
#include "policies/receiver.hpp"
#include "policies/rules/rules.hpp"

#include <algorithm>

namespace dun::policies {

Situation::Situation(const AccountId& account_, AccountRecord& record_, const PolicySet& policies_, Instant now_)
    : Desk(account_, record_, policies_, now_), record(record_) {
  find_account_zone();
}

void Situation::find_account_zone() {
  const std::string& name = record.profile.zone;
  zone = name.empty() ? nullptr : find_zone(name);
  if (zone != nullptr) return;
  effects.zone_unknown |= !name.empty();
  zone = &default_zone(policies);
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

void Situation::write(std::variant<cases::TellManager, cases::CloseTask, cases::Remark> what) {
  effects.letters.push_back(
      {.facts = facts_of(record), .cause = cause, .what = std::move(what), .outcomes_before = effects.outcomes.size()});
}

Receiver Situation::receiver_of(NoticeKind kind) const {
  return customer(record.profile, *zone, policies.quiet_hours, kind);
}

std::string_view Situation::suppressed_by(NoticeKind kind) const {
  const Profile& profile = record.profile;
  if (record.closed) return "account.closed";
  if (excluded()) return "exclusions.segment";
  if (profile.opt_out.has(kind) && !policies.consent.mandatory.has(kind)) return "consent.opt_out";
  if (policies.consent.opt_in.has(kind) && !profile.opt_in.has(kind)) return "consent.no_opt_in";
  return {};
}

std::optional<Capped> Situation::find_cap(const PendingNotice& notice, Instant at) const {
  // What counts is all that may have been told, but for its own attempt in doubt, which it repeats.
  std::vector<Instant> told = record.dunned;
  if (const auto own = std::ranges::find(told, notice.tried.last_at); notice.tried.perhaps_taken && own != told.end())
    told.erase(own);
  for (const CapOptions& cap : policies.caps) {
    if (cap.kind != notice.kind) continue;
    if (const auto capped = policies::find_cap(cap, told, at, *zone)) return capped;
  }
  return std::nullopt;
}

std::string Situation::void_by(const PendingNotice& notice) const {
  return rules::void_by(*this, notice);
}

MessageContext Situation::message_context(const PendingNotice& notice, const Receiver& receiver) const {
  return policies::message_context(*this, notice, receiver,
                                   {.credit = record.credit,
                                    .service = record.service,
                                    .brand = record.profile.brand,
                                    .credit_level = record.profile.credit_level});
}

void Situation::follow_position() {
  effects.record_changed |=
      policies::follow_position(record, record.credit, record.episode.key, record.episode.caused_at);
}

void Situation::count_told(NoticeKind kind, Instant at) {
  std::vector<Instant>& dunned = record.dunned;
  if (kind != NoticeKind::dunning || std::ranges::count(dunned, at) > 0) return;
  const LocalDay oldest = local_day(at, *zone) - date::days(cap_week_days);
  std::erase_if(dunned, [&](Instant instant) { return local_day(instant, *zone) < oldest; });
  dunned.insert(std::ranges::upper_bound(dunned, at), at);
}

void Situation::uncount(const PendingNotice& notice) {
  const auto counted = std::ranges::find(record.dunned, notice.tried.last_at);
  if (notice.kind == NoticeKind::dunning && counted != record.dunned.end()) record.dunned.erase(counted);
}

void Situation::ended_untold(const PendingNotice& notice) {
  report_unwarned(*this, notice);
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

}  // namespace dun::policies
