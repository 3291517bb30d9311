#include "policies/gates.hpp"

#include "policies/caps.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

const std::vector<QuietWindow> no_windows;

// Configuration that never lets a notice go is refused when it is loaded; this only ends the search.
constexpr date::days permitted_within{400};

/// What counts towards a cap on this notice: all that may have been told, but for its own attempt in doubt, which it
/// repeats.
std::vector<Instant> told_before(const AccountRecord& record, const PendingNotice& notice) {
  std::vector<Instant> told = record.dunned;
  if (const auto own = std::ranges::find(told, notice.attempted_at); notice.perhaps_sent && own != told.end())
    told.erase(own);
  return told;
}

/// Why a dunning notice of the ladder no longer holds.
std::string ladder_void(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  if (!owes(record.credit)) return credit_reason(record.credit);
  if (record.episode.key != notice.episode) return "episode.ended";
  if (const auto hold = now.hold(); !hold.empty()) return std::string(hold);
  if (now.spared(notice.kind)) return now.vip_reason();
  if (record.episode.ladder_step > notice.step) return "ladder.later_step";
  return {};
}

std::string warning_void(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  const CreditPosition& credit = record.credit;
  if (credit.state == CreditState::suspended || stopped(record.service)) return "lead_time.suspended";
  if (!owes(credit)) return credit_reason(credit);
  if (record.episode.key != notice.episode) return "episode.ended";
  if (credit.state != CreditState::suspension_due && !credit.suspend_at) return "lead_time.suspension_cancelled";
  if (now.spared(notice.kind)) return now.vip_reason();
  // A gateway that has the text of the old date would take that of the new one for a repeat.
  if (notice.perhaps_sent && notice.announced != credit.suspend_at) return "lead_time.another_date";
  if (!credit.suspend_at && std::ranges::count(notice.reasons, "lead_time.another_date") != 0)
    return "lead_time.no_date";
  const bool later = std::ranges::any_of(record.pending, [&](const PendingNotice& other) {
    return other.kind == notice.kind && other.episode == notice.episode && other.ordinal > notice.ordinal;
  });
  return later ? "lead_time.later_warning" : "";
}

/// Who has paid is not told that the service was stopped because they had not.
std::string suspended_void(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  if (record.service == ServiceState::running) return "service.resumed";
  const bool for_debt = notice.reason == SuspensionReason::debt;
  return for_debt && !owes(record.credit) ? credit_reason(record.credit) : "";
}

}  // namespace

std::string_view suppressed_by(const Situation& now, NoticeKind kind) {
  const Profile& profile = now.record.profile;
  if (now.record.closed) return "account.closed";
  if (to_manager(kind)) return {};
  if (now.excluded()) return "exclusions.segment";
  if (profile.opt_out.has(kind) && !now.policies.consent.mandatory.has(kind)) return "consent.opt_out";
  if (now.policies.consent.opt_in.has(kind) && !profile.opt_in.has(kind)) return "consent.no_opt_in";
  return {};
}

std::string void_by(const Situation& now, const PendingNotice& notice) {
  const AccountRecord& record = now.record;
  if (record.closed) return "account.closed";
  switch (notice.kind) {
    case NoticeKind::dunning:
      return ladder_void(now, notice);
    case NoticeKind::suspension_warning:
      return warning_void(now, notice);
    case NoticeKind::early_reminder:
      return record.credit.state == CreditState::low ? "" : "credit." + std::string(to_text(record.credit.state));
    case NoticeKind::suspended:
      return suspended_void(now, notice);
    case NoticeKind::resumed:
      return stopped(record.service) ? "service.suspended" : "";
    case NoticeKind::manager_task:
    case NoticeKind::manager_update:
    case NoticeKind::escalation:
      return record.task && record.task->ordinal == notice.task ? "" : "task.closed";
    default:
      return {};
  }
}

std::optional<Instant> expires_at(const Situation& now, const PendingNotice& notice) {
  std::optional<Instant> end;
  const Millis hold = now.policies.expiry.max_hold.at(static_cast<std::size_t>(notice.kind));
  if (hold.count() > 0) {
    // A duty does not die of the hours of who has it: their nights and days off do not count.
    std::vector<std::string> rules;
    const bool duty = to_manager(notice.kind);
    end = (duty ? first_permitted(now, notice, notice.wanted_at, rules) : notice.wanted_at) + hold;
  }
  if (notice.announced && (!end || *notice.announced < *end)) end = notice.announced;
  return end;
}

std::string_view expiry_reason(const Situation& now, const PendingNotice& notice) {
  return notice.announced && *notice.announced <= now.now ? "expiry.past" : "expiry.max_hold";
}

std::string credit_reason(const CreditPosition& credit) {
  // Billing may still call it arrears where the balance says that nothing is owed.
  return "credit." + std::string(owed(credit.state) ? "nothing_owed" : to_text(credit.state));
}

bool to_manager(NoticeKind kind) {
  return kind == NoticeKind::manager_task || kind == NoticeKind::manager_update || kind == NoticeKind::escalation;
}

const Person* find_person(const PolicySet& policies, const std::string& id) {
  const auto& people = policies.people.people;
  auto at = people.find(id);
  if (at == people.end()) at = people.find(policies.people.default_manager);
  return at == people.end() ? nullptr : &at->second;
}

QuietFor quiet_for(const Situation& now, const PendingNotice& notice) {
  if (to_manager(notice.kind)) {
    const Person* person = now.record.task ? find_person(now.policies, now.record.task->manager) : nullptr;
    const Zone* zone = person != nullptr ? find_zone(person->zone) : nullptr;
    return {.windows = person != nullptr ? &person->quiet : &no_windows, .zone = zone != nullptr ? zone : now.zone};
  }
  const QuietHoursOptions& quiet = now.policies.quiet_hours;
  return {.windows = quiet.kinds.has(notice.kind) ? &quiet.windows : &no_windows, .zone = now.zone};
}

Instant first_permitted(const Situation& now, const PendingNotice& notice, Instant from,
                        std::vector<std::string>& rules) {
  const QuietFor quiet = quiet_for(now, notice);
  const auto note = [&](std::string rule) {
    if (std::ranges::count(rules, rule) == 0) rules.push_back(std::move(rule));
  };
  Instant at = from;
  for (bool moved = true; moved && at - from < permitted_within;) {
    moved = false;
    if (auto night = find_quiet(*quiet.windows, at, *quiet.zone)) {
      at = night->ends;
      // Windows of a person need no name.
      note(night->rule == "quiet_hours." ? "people.quiet_hours" : std::move(night->rule));
      moved = true;
    }
    for (const CapOptions& cap : now.policies.caps) {
      if (cap.kind != notice.kind) continue;
      if (const auto capped = find_cap(cap, told_before(now.record, notice), at, *now.zone)) {
        at = capped->until;
        note(std::string(capped->rule));
        moved = true;
      }
    }
  }
  return at;
}

}  // namespace dun::policies
