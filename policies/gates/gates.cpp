#include "policies/gates/gates.hpp"

#include "domain/enum_index.hpp"
#include "policies/gates/caps.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "policies/receiver.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

// Configuration that never lets a notice go is refused when it is loaded; this only ends the search.
constexpr date::days permitted_within{400};

/// What counts towards a cap on this notice: all that may have been told, but for its own attempt in doubt, which it
/// repeats.
std::vector<Instant> told_before(const AccountRecord& record, const PendingNotice& notice) {
  std::vector<Instant> told = record.dunned;
  if (const auto own = std::ranges::find(told, notice.attempted_at); notice.perhaps_taken && own != told.end())
    told.erase(own);
  return told;
}

}  // namespace

std::string_view suppressed_by(const Situation& now, NoticeKind kind) {
  const Profile& profile = now.record.profile;
  if (now.record.closed) return "account.closed";
  if (receiver_of(now, kind).who == Receiver::Who::person) return {};
  if (now.excluded()) return "exclusions.segment";
  if (profile.opt_out.has(kind) && !now.policies.consent.mandatory.has(kind)) return "consent.opt_out";
  if (now.policies.consent.opt_in.has(kind) && !profile.opt_in.has(kind)) return "consent.no_opt_in";
  return {};
}

std::optional<Instant> expires_at(const Situation& now, const PendingNotice& notice) {
  std::optional<Instant> end;
  const Millis hold = now.policies.expiry.max_hold.at(enum_index(notice.kind));
  if (hold.count() > 0) {
    // A duty does not die of the hours of who has it: their nights and days off do not count.
    std::vector<std::string> rules;
    const bool duty = receiver_of(now, notice.kind).who == Receiver::Who::person;
    end = (duty ? first_permitted(now, notice, notice.wanted_at, rules) : notice.wanted_at) + hold;
  }
  if (notice.announced && (!end || *notice.announced < *end)) end = notice.announced;
  return end;
}

std::string_view expiry_reason(const Situation& now, const PendingNotice& notice) {
  return notice.announced && *notice.announced <= now.now ? "expiry.past" : "expiry.max_hold";
}

Instant first_permitted(const Situation& now, const PendingNotice& notice, Instant from,
                        std::vector<std::string>& rules) {
  const Receiver receiver = receiver_of(now, notice.kind);
  const auto note = [&](std::string rule) {
    if (std::ranges::count(rules, rule) == 0) rules.push_back(std::move(rule));
  };
  Instant at = from;
  for (bool moved = true; moved && at - from < permitted_within;) {
    moved = false;
    if (auto night = find_quiet(receiver.quiet, at, *receiver.zone)) {
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
