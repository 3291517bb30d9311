#include "policies/intake.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

enum class Aspect : std::uint8_t { position, profile, hold, single };

Aspect aspect(EventType type) {
  switch (type) {
    case EventType::account_updated:
      return Aspect::profile;
    case EventType::dispute_opened:
    case EventType::dispute_closed:
    case EventType::promise_made:
    case EventType::promise_withdrawn:
      return Aspect::hold;
    case EventType::resume_ordered:
    case EventType::refund_credited:
    case EventType::charge_upcoming:
    case EventType::complaint_filed:
    case EventType::source_heartbeat:
    case EventType::receipt:
      return Aspect::single;
    default:
      return Aspect::position;
  }
}

bool carries_profile(const ProfilePatch& patch) {
  return patch.msisdn || patch.zone || patch.lang || patch.brand || patch.segment || patch.manager || patch.email ||
         patch.channels || patch.credit_level || patch.opt_in || patch.opt_out;
}

/// Whether the event and what was applied before it both say where they stand; then time says nothing.
bool in_sequence(const AccountRecord& record, const CreditEvent& event) {
  return event.seq && record.last_seq;
}

bool superseded(const AccountRecord& record, const CreditEvent& event) {
  if (in_sequence(record, event)) return *event.seq < *record.last_seq;
  switch (aspect(event.type)) {
    case Aspect::position:
      return event.time < record.last_time;
    case Aspect::profile:
      return event.time < record.profile_time;
    case Aspect::hold:
      return event.time < record.hold_time;
    case Aspect::single:
      return false;
  }
  return false;
}

void remember(std::vector<std::uint64_t>& seen, std::uint64_t hash, int ids_remembered) {
  seen.push_back(hash);
  const auto most = static_cast<std::size_t>(2 * std::clamp(ids_remembered, 1, 64));
  if (seen.size() > most) seen.erase(seen.begin(), seen.end() - static_cast<std::ptrdiff_t>(most));
}

void take_profile(Situation& now, const CreditEvent& event) {
  const ProfilePatch& patch = event.profile;
  AccountRecord& record = now.record;
  record.profile_time = std::max(record.profile_time, event.time);
  Profile& profile = record.profile;
  const auto take = [](auto& target, const auto& given) {
    if (given) target = *given;
  };
  take(profile.msisdn, patch.msisdn);
  // One that cannot be read is left as it was, like any other field (S20); the name is kept as the tz database has it.
  if (patch.zone) {
    const Zone* zone = find_zone(*patch.zone);
    now.effects.zone_unknown |= zone == nullptr;
    if (zone != nullptr) profile.zone = zone->name();
  }
  take(profile.lang, patch.lang);
  take(profile.brand, patch.brand);
  take(profile.segment, patch.segment);
  take(profile.manager, patch.manager);
  take(profile.email, patch.email);
  take(profile.channels, patch.channels);
  take(profile.credit_level, patch.credit_level);
  take(profile.opt_in, patch.opt_in);
  take(profile.opt_out, patch.opt_out);
  now.find_account_zone();
}

}  // namespace

Taken take_in(Situation& now, const CreditEvent& event) {
  AccountRecord& record = now.record;
  const std::uint64_t id_hash = hash48(event.id.str());
  if (std::ranges::count(record.seen, id_hash) != 0 || std::ranges::count(record.seen, event.content_hash) != 0)
    return Taken::duplicate;
  if (superseded(record, event)) return Taken::superseded;
  remember(record.seen, id_hash, now.policies.intake.ids_remembered);
  remember(record.seen, event.content_hash, now.policies.intake.ids_remembered);
  if (carries_profile(event.profile) && (in_sequence(record, event) || event.time >= record.profile_time))
    take_profile(now, event);
  if (event.seq) record.last_seq = std::max(record.last_seq.value_or(*event.seq), *event.seq);
  const Aspect what = aspect(event.type);
  if (what == Aspect::position) record.last_time = std::max(record.last_time, event.time);
  if (what == Aspect::hold) record.hold_time = std::max(record.hold_time, event.time);
  return Taken::applied;
}

}  // namespace dun::policies
