#include "policies/rules/suspension_warning.hpp"

#include "policies/gates/gates.hpp"
#include "policies/notices/at_risk.hpp"
#include "policies/notices/notices.hpp"
#include "policies/rules/lead_time.hpp"
#include "policies/rules/managers.hpp"

#include <algorithm>

namespace dun::policies::rules {
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

void tell_manager_of_suspension(Situation& now) {
  ToldFacts& told = now.record.episode.told;
  const auto& date = now.record.credit.suspend_at;
  if (!told.is_news(Hearer::manager, NoticeKind::suspension_warning, date)) return;
  told.tell(Hearer::manager, NoticeKind::suspension_warning, date);
  tell_manager(now, NoticeKind::suspension_warning, 0);
}

/// The warning that waits is planned anew, for the date as it is now.
void plan_again(Situation& now, PendingNotice& notice, const LeadTime& lead) {
  const Instant wanted = lead.due.value_or(now.now);
  if (wanted == notice.wanted_at) return;
  notice.wanted_at = wanted;
  notice.reasons.emplace_back(lead.rule);
  shelve(now, notice, first_permitted(now, notice, wanted, notice.reasons));
  if (due_at(notice) > now.now) now.put_out(OutcomeType::notice_held, notice);
}

void warn_of_suspension(Situation& now) {
  AccountRecord& record = now.record;
  Episode& episode = record.episode;
  if (!warning_wanted(record)) return;
  if (now.spared(NoticeKind::suspension_warning)) return tell_manager_of_suspension(now);
  const Receiver customer = now.receiver_of(NoticeKind::suspension_warning);
  const auto& date = record.credit.suspend_at;
  const LeadTime lead = lead_time(now.policies.lead_time, customer.quiet, date, now.now, *customer.zone);
  const bool first = episode.told.is_news(Hearer::customer, NoticeKind::suspension_warning);
  const bool news = episode.told.is_news(Hearer::customer, NoticeKind::suspension_warning, date);
  PendingNotice* notice = pending_warning(record);
  if (notice != nullptr && is_untold(*notice)) {
    episode.told.tell(Hearer::customer, NoticeKind::suspension_warning, date);
    // One that is only kept from going by the night, or by its turn, stays where it is, unless the date has moved.
    if (news || notice->wanted_at > now.now) plan_again(now, *notice, lead);
    return;
  }
  if (!news) return;
  std::vector<std::string> reasons{std::string(lead.rule)};
  if (!first) {
    ++episode.repeat;  // another date is another notice
    reasons.emplace_back("lead_time.another_date");
  }
  episode.told.tell(Hearer::customer, NoticeKind::suspension_warning, date);
  issue(now, {.kind = NoticeKind::suspension_warning,
              .repeat = episode.repeat,
              .cause = episode.cause,
              .event_time = told_time(now.record.credit, NoticeKind::suspension_warning, episode.caused_at),
              .episode = episode.key,
              .planned = lead.due,
              .reasons = std::move(reasons),
              .announced = date});
}

/// Told where the warning goes later than the lead time asks, or not at all.
void watch_lead_time(Situation& now) {
  const AccountRecord& record = now.record;
  if (!risk_untold(record)) return;
  if (*record.credit.suspend_at <= now.now && now.spared(NoticeKind::suspension_warning)) {
    put_out_at_risk(now, nullptr, "that is past").reasons.emplace_back("expiry.past");
    return;
  }
  if (record.episode.told.is_news(Hearer::customer, NoticeKind::suspension_warning)) return;
  const Instant latest = *record.credit.suspend_at - now.policies.lead_time.lead;
  const PendingNotice* notice = pending_warning(now.record);
  if (notice != nullptr && is_in_doubt(*notice)) return;  // handed over; its end is looked at then
  if (notice != nullptr) {
    const bool late = due_at(*notice) > latest || now.now >= latest + lead_grace;
    if (late) put_out_at_risk(now, notice, "the warning goes later than the lead time asks");
  } else if (const auto rule = now.suppressed_by(NoticeKind::suspension_warning); !rule.empty()) {
    put_out_at_risk(now, nullptr, "the customer is not warned").reasons.emplace_back(rule);
  }
}

std::string warning_is_over(const Situation& now, const PendingNotice& notice) {
  if (notice.kind != NoticeKind::suspension_warning) return {};
  const AccountRecord& record = now.record;
  const CreditPosition& credit = record.credit;
  if (credit.state == CreditState::suspended || stopped(record.service)) return "lead_time.suspended";
  if (!owes(credit)) return credit_reason(credit);
  if (record.episode.key != notice.episode) return "episode.ended";
  if (credit.state != CreditState::suspension_due && !credit.suspend_at) return "lead_time.suspension_cancelled";
  if (now.spared(notice.kind)) return now.vip_reason();
  // A gateway that has the text of the old date would take that of the new one for a repeat.
  if (notice.tried.perhaps_taken && notice.announced != credit.suspend_at) return "lead_time.another_date";
  if (!credit.suspend_at && std::ranges::count(notice.reasons, "lead_time.another_date") != 0)
    return "lead_time.no_date";
  const bool later = std::ranges::any_of(record.pending, [&](const PendingNotice& other) {
    return other.kind == notice.kind && other.episode == notice.episode && other.ordinal > notice.ordinal;
  });
  return later ? "lead_time.later_warning" : "";
}

/// When a warning that has not gone by then counts as late.
std::optional<Instant> late_at(const Situation& now) {
  const auto& suspend_at = now.record.credit.suspend_at;
  if (!suspend_at || !now.record.episode.told.is_news(Hearer::billing, NoticeKind::suspension_warning, suspend_at))
    return std::nullopt;
  const bool waits = std::ranges::count(now.record.pending, NoticeKind::suspension_warning, &PendingNotice::kind) > 0;
  return waits ? std::optional(*suspend_at - now.policies.lead_time.lead + lead_grace) : std::nullopt;
}

}  // namespace

const Rule suspension_warning_rule{.starts = warn_of_suspension, .voids = warning_is_over};
const Rule suspension_at_risk_rule{.starts = watch_lead_time, .next = late_at};

}  // namespace dun::policies::rules
