// The dunning ladder: which step has come due (contract section 6; E16, E17).
#pragma once

#include "policies/calendar.hpp"
#include "policies/rules/rule.hpp"

#include <optional>

namespace dun::policies::rules {

/// When `step` (1 is the first) is planned: so many calendar days after the anchor, at the same local time.
[[nodiscard]] Instant planned_at(const LadderOptions& ladder, int step, Instant anchor, const Zone& zone);

/// The step to issue now: the highest that has come due and is above what was issued. Nothing if there is none.
[[nodiscard]] std::optional<int> due_step(const LadderOptions& ladder, const Episode& episode, Instant now,
                                          const Zone& zone);

/// When the next step comes due; nothing when the ladder does not run or has reached its top.
[[nodiscard]] std::optional<Instant> next_step_at(const LadderOptions& ladder, const Episode& episode,
                                                  const Zone& zone);

extern const Rule ladder_rule;

}  // namespace dun::policies::rules
