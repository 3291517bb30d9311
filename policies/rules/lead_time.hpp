// Early notice before suspension (contract section 6: at least 24 hours, never at night).
#pragma once

#include "policies/calendar.hpp"
#include "policies/options.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace dun::policies::rules {

/// When a suspension warning is to go, and by which rule.
struct LeadTime {
  std::optional<Instant> due;  ///< none: it is too late or no date is known; at the first permitted instant
  std::string_view rule;       ///< `lead_time.lead`, `lead_time.margin`, `lead_time.late`, `lead_time.no_date`
};

/// Due at `suspend_at` minus the lead, to the whole second; if that is quiet, the margin before the quiet began.
[[nodiscard]] LeadTime lead_time(const LeadTimeOptions& options, std::span<const QuietWindow> quiet,
                                 std::optional<Instant> suspend_at, Instant now, const Zone& zone);

}  // namespace dun::policies::rules
