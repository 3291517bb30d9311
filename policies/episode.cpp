#include "policies/episode.hpp"

#include "policies/intake.hpp"
#include "policies/rules/ladder.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// A hold puts the start of the ladder off to its own end, and there it starts again with its first step (E18). Whether
/// there was one is not to be told from an anchor that lies ahead: a clock that was set back makes that too.
void hold_ladder(Situation& now, bool was_held) {
  Episode& episode = now.record.episode;
  if (!episode.ladder_anchor) return;
  const auto ends = now.hold_ends();
  if (!ends && !was_held) return;
  episode.ladder_anchor = ends.value_or(now.now);
  if (episode.ladder_step > 0) ++episode.repeat;
  episode.ladder_step = 0;
}

/// The ladder runs from the event that brought the arrears. An old debt that is new here has been dunned by nobody we
/// know of: it begins now, with the first step, and not with the last (D22).
void start_ladder(Situation& now, const CreditEvent& event, bool new_here) {
  Episode& episode = now.record.episode;
  episode.ladder_anchor = std::max(std::min(event.time, now.now), now.hold_ends().value_or(Instant()));
  const auto due = rules::due_step(now.policies.ladder, episode, now.now, *now.zone);
  if (new_here && due && *due > episode.ladder_step + 1) episode.ladder_anchor = now.now;
}

/// What was announced has been done: the next suspension is another one.
void forget_warnings(Episode& episode) {
  ++episode.repeat;
  episode.told.forget(Hearer::customer, NoticeKind::suspension_warning);
  episode.told.forget(Hearer::manager, NoticeKind::suspension_warning);
}

bool moves_holds(EventType type) {
  return type == EventType::dispute_opened || type == EventType::dispute_closed || type == EventType::promise_made ||
         type == EventType::promise_withdrawn;
}

}  // namespace

void follow_episode(Situation& now, const CreditEvent& event, const CreditPosition& before, bool was_held) {
  AccountRecord& record = now.record;
  Episode& episode = record.episode;
  const CreditState state = record.credit.state;
  if (state == CreditState::clear) {
    episode = Episode();
    // Not every billing says that service was resumed; a position without debt says it too, and what comes of the next
    // suspension is news. A charge or a new address says nothing of the kind.
    if (states_position(event.type) && event.type != EventType::service_suspended &&
        record.service == ServiceState::stopped)
      record.service = ServiceState::unknown;
    return;
  }
  bool moved = state != before.state;
  if (episode.key == 0) {
    episode.key = std::max<std::uint64_t>(event.identity, 1);
    episode.opened_at = event.time;
    moved = true;
  }
  const bool dated = event.suspend_at && owed(state);
  if (moved || dated) {
    episode.cause = event.id;
    episode.caused_at = event.time;
  }
  if (!owes(record.credit)) {
    episode.ladder_anchor.reset();
  } else if (state == CreditState::arrears && !episode.ladder_anchor) {
    start_ladder(now, event, before.as_of == Instant());
  }
  if (moves_holds(event.type)) hold_ladder(now, was_held);
  if (event.type == EventType::service_suspended && state == CreditState::suspended) forget_warnings(episode);
}

void begin_again(Situation& now) {
  Episode& episode = now.record.episode;
  ++episode.repeat;
  episode.told.forget(Hearer::customer);
  episode.told.forget(Hearer::manager);
  if (!episode.ladder_anchor) return;
  episode.ladder_anchor = std::max(now.now, now.hold_ends().value_or(Instant()));
  episode.ladder_step = 0;
}

}  // namespace dun::policies
