#include "policies/reconcile.hpp"

#include "policies/rules/rules.hpp"
#include "policies/rules/voids.hpp"

namespace dun::policies {

void reconcile(Situation& now) {
  for (const rules::Rule* rule : rules::all())
    if (rule->ends != nullptr) rule->ends(now);
  rules::end_void(now, rules::void_by);
  if (now.record.closed) return;
  for (const rules::Rule* rule : rules::all())
    if (rule->starts != nullptr) rule->starts(now);
}

void arm_timer(Situation& now) {
  AccountRecord& record = now.record;
  std::optional<Instant> wake;
  for (const rules::Rule* rule : rules::all()) {
    const auto at = rule->next != nullptr ? rule->next(now) : std::nullopt;
    if (at && *at > now.now && (!wake || *at < *wake)) wake = at;
  }
  if (wake == record.wake_at) return;
  record.wake_at = wake;
  now.effects.record_changed = true;
  now.effects.wake = wake;
}

}  // namespace dun::policies
