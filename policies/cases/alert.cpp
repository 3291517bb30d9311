#include "policies/cases/alert.hpp"

#include <algorithm>

namespace dun::policies::cases {
namespace {

// A report that was under way for longer says nothing of the present; and a witness is remembered so much longer that
// it can still be told that what comes of its is a repeat, also where its clock is ahead.
constexpr date::days too_old{1};
constexpr date::days remembered{2};

void tell(Effects& effects, const AlertCase& record, OutcomeType type, std::string detail, Instant at) {
  effects.outcomes.push_back(
      {.at = at, .type = type, .gateway = record.gateway, .reasons = {record.name}, .detail = std::move(detail)});
}

bool is_seen(const AlertCase& record) {
  return std::ranges::any_of(record.witnesses, [](const Witness& witness) { return witness.until.has_value(); });
}

/// False: it is a repeat, was overtaken by a newer one, or is old.
bool take(AlertCase& record, const CaseEvent& event, Instant now) {
  if (now - event.time >= too_old) return false;
  auto witness = std::ranges::find(record.witnesses, event.witness, &Witness::who);
  if (witness == record.witnesses.end())
    witness = record.witnesses.insert(record.witnesses.end(), Witness{.who = event.witness});
  else if (witness->run == event.run && event.number <= witness->number)
    return false;
  *witness = {.who = event.witness, .run = event.run, .number = event.number, .until = {}, .heard_at = now};
  if (event.counts_for) witness->until = now + *event.counts_for;
  return true;
}

}  // namespace

Effects report(AlertCase& record, const CaseEvent& event, Instant now) {
  Effects effects;
  if (!take(record, event, now)) return effects;
  effects.record_changed = true;
  record.name = event.name;
  record.subject = event.subject;
  record.gateway = event.gateway;
  // A report may have waited for a store that was away: what is told has the time at which it was seen.
  const Instant at = std::min(event.time, now);
  if (is_seen(record) && !record.open_since) {
    record.open_since = at;
    tell(effects, record, OutcomeType::alert_raised, event.detail, at);
  } else if (!is_seen(record) && record.open_since) {
    record.open_since.reset();
    tell(effects, record, OutcomeType::alert_cleared, event.detail, at);
  }
  return effects;
}

Effects wake(AlertCase& record, Instant now) {
  Effects effects;
  std::string silent;
  for (Witness& witness : record.witnesses) {
    if (!witness.until || *witness.until > now) continue;
    witness.until.reset();
    silent = witness.who;
    effects.record_changed = true;
  }
  const auto gone = std::erase_if(
      record.witnesses, [&](const Witness& witness) { return !witness.until && now - witness.heard_at >= remembered; });
  effects.record_changed |= gone > 0;
  if (silent.empty() || is_seen(record) || !record.open_since) return effects;
  record.open_since.reset();
  tell(effects, record, OutcomeType::alert_cleared, silent + ", which saw it last, is no longer heard of", now);
  return effects;
}

std::optional<Instant> next_wake(const AlertCase& record) {
  std::optional<Instant> first;
  for (const Witness& witness : record.witnesses) {
    const Instant at = witness.until.value_or(witness.heard_at + remembered);
    first = std::min(first.value_or(at), at);
  }
  return first;
}

}  // namespace dun::policies::cases
