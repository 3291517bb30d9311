#include "policies/gates/gates.hpp"

#include "domain/enum_index.hpp"
#include "policies/gates/quiet_hours.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

// Configuration that never lets a notice go is refused when it is loaded; this only ends the search.
constexpr date::days permitted_within{400};

}  // namespace

std::optional<Instant> expires_at(const Desk& now, const PendingNotice& notice) {
  std::optional<Instant> end;
  const Millis hold = now.policies.expiry.max_hold.at(enum_index(notice.kind));
  if (hold.count() > 0) {
    // A duty does not die of the hours of who has it: their nights and days off do not count.
    std::vector<std::string> rules;
    const bool duty = now.receiver_of(notice.kind).who == Receiver::Who::person;
    end = (duty ? first_permitted(now, notice, notice.wanted_at, rules) : notice.wanted_at) + hold;
  }
  if (notice.announced && (!end || *notice.announced < *end)) end = notice.announced;
  return end;
}

std::string_view expiry_reason(const Desk& now, const PendingNotice& notice) {
  return notice.announced && *notice.announced <= now.now ? "expiry.past" : "expiry.max_hold";
}

Instant first_permitted(const Desk& now, const PendingNotice& notice, Instant from, std::vector<std::string>& rules) {
  const Receiver receiver = now.receiver_of(notice.kind);
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
    if (const auto capped = now.find_cap(notice, at)) {
      at = capped->until;
      note(std::string(capped->rule));
      moved = true;
    }
  }
  return at;
}

}  // namespace dun::policies
