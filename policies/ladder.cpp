#include "policies/ladder.hpp"

namespace dun::policies {

Instant planned_at(const LadderOptions& ladder, int step, Instant anchor, const Zone& zone) {
  return add_calendar_days(anchor, ladder.steps.at(static_cast<std::size_t>(step - 1)).after_days, zone);
}

std::optional<int> due_step(const LadderOptions& ladder, const Episode& episode, Instant now, const Zone& zone) {
  if (!episode.ladder_anchor) return std::nullopt;
  for (int step = static_cast<int>(ladder.steps.size()); step > episode.ladder_step; --step)
    if (planned_at(ladder, step, *episode.ladder_anchor, zone) <= now) return step;
  return std::nullopt;
}

std::optional<Instant> next_step_at(const LadderOptions& ladder, const Episode& episode, const Zone& zone) {
  if (!episode.ladder_anchor || episode.ladder_step >= static_cast<int>(ladder.steps.size())) return std::nullopt;
  return planned_at(ladder, episode.ladder_step + 1, *episode.ladder_anchor, zone);
}

}  // namespace dun::policies
