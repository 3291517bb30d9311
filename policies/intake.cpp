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

std::uint64_t source_of(const CreditEvent& event) {
  return event.source.empty() ? 0 : hash48(event.source);
}

std::optional<std::int64_t> last_seq(const AccountRecord& record, const CreditEvent& event) {
  const auto at = std::ranges::find(record.seqs, source_of(event), &SourceSeq::source);
  return at == record.seqs.end() ? std::nullopt : std::optional(at->seq);
}

void remember_seq(AccountRecord& record, const CreditEvent& event) {
  const std::int64_t seq = std::max(*event.seq, last_seq(record, event).value_or(*event.seq));
  std::erase_if(record.seqs, [&](const SourceSeq& known) { return known.source == source_of(event); });
  record.seqs.push_back({.source = source_of(event), .seq = seq});
  if (record.seqs.size() > source_seqs_max) record.seqs.erase(record.seqs.begin());
}

/// Whether the event and what was applied before it both say where they stand in the same numbering; then time says
/// nothing. Each source counts for itself (D19).
bool in_sequence(const AccountRecord& record, const CreditEvent& event) {
  if (!event.seq || !last_seq(record, event)) return false;
  return !states_position(event.type) || record.last_source == source_of(event);
}

bool superseded(const AccountRecord& record, const CreditEvent& event) {
  if (event.seq && *event.seq < last_seq(record, event).value_or(*event.seq)) return true;
  if (in_sequence(record, event)) return false;
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

/// The same content under another id states the same position or profile once more (D18). Two payments of one amount
/// are two.
bool repeats_by_content(EventType type) {
  return type == EventType::credit_changed || type == EventType::suspension_scheduled ||
         type == EventType::suspension_cancelled || type == EventType::account_updated;
}

// What is remembered of an event is a pair: its identity, its content.
constexpr std::size_t pair = 2;

std::optional<Taken> known_already(const AccountRecord& record, const CreditEvent& event) {
  for (std::size_t i = 0; i + 1 < record.seen.size(); i += pair) {
    if (record.seen[i] == event.identity)
      return record.seen[i + 1] == event.content_hash ? Taken::duplicate : Taken::conflict;
  }
  for (std::size_t i = 1; i < record.seen.size() && repeats_by_content(event.type); i += pair)
    if (record.seen[i] == event.content_hash) return Taken::duplicate;
  return std::nullopt;
}

void remember(AccountRecord& record, const CreditEvent& event, int ids_remembered) {
  std::vector<std::uint64_t>& seen = record.seen;
  seen.push_back(event.identity);
  seen.push_back(event.content_hash);
  const auto most = pair * static_cast<std::size_t>(std::clamp(ids_remembered, 1, 64));
  if (seen.size() > most) seen.erase(seen.begin(), seen.end() - static_cast<std::ptrdiff_t>(most));
}

void take_profile(Situation& now, const CreditEvent& event) {
  ProfilePatch patch = event.profile;
  AccountRecord& record = now.record;
  Profile& profile = record.profile;
  // One that cannot be read is left as it was, like any other field (S20); the name is kept as the tz database has it.
  const Zone* zone = patch.zone ? find_zone(*patch.zone) : nullptr;
  now.effects.zone_unknown |= patch.zone && zone == nullptr;
  patch.zone = zone != nullptr ? std::optional(zone->name()) : std::nullopt;
  // What says nothing that can be read makes nothing older than itself.
  if (carries_profile(patch)) record.profile_time = std::max(record.profile_time, std::optional(event.time));
  const auto take = [](auto& target, const auto& given) {
    if (given) target = *given;
  };
  take(profile.msisdn, patch.msisdn);
  take(profile.zone, patch.zone);
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
  const int ids_remembered = now.policies.intake.ids_remembered;
  if (const auto known = known_already(record, event)) return *known;
  if (superseded(record, event)) {
    // It is told as a fact of its own, and once.
    if (event.type == EventType::payment_received) remember(record, event, ids_remembered);
    return Taken::superseded;
  }
  remember(record, event, ids_remembered);
  if (carries_profile(event.profile) && (in_sequence(record, event) || event.time >= record.profile_time))
    take_profile(now, event);
  const Aspect what = aspect(event.type);
  if (what == Aspect::position) {
    record.last_time = std::max(record.last_time, event.time);
    record.last_source = event.seq ? source_of(event) : 0;
  }
  if (what == Aspect::hold) record.hold_time = std::max(record.hold_time, std::optional(event.time));
  if (event.seq) remember_seq(record, event);
  return Taken::applied;
}

bool states_position(EventType type) {
  return aspect(type) == Aspect::position;
}

}  // namespace dun::policies
