// Alerts as cases: several processes see the same trouble, and people are told of it once, and once that it is over.
#pragma once

#include "domain/case_event.hpp"
#include "domain/case_record.hpp"
#include "policies/effects.hpp"

#include <optional>

namespace dun::policies::cases {

/// A witness reports. What is not newer than what it has said before, or was under way for a day, changes nothing.
[[nodiscard]] Effects report(AlertCase& record, const CaseEvent& event, Instant now);

/// The word of witnesses that are no longer heard of has run out.
[[nodiscard]] Effects wake(AlertCase& record, Instant now);

/// When wake() has something to do.
[[nodiscard]] std::optional<Instant> next_wake(const AlertCase& record);

}  // namespace dun::policies::cases
