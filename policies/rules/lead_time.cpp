#include "policies/rules/lead_time.hpp"

#include "policies/gates/quiet_hours.hpp"

namespace dun::policies::rules {

LeadTime lead_time(const LeadTimeOptions& options, std::span<const QuietWindow> quiet,
                   std::optional<Instant> suspend_at, Instant now, const Zone& zone) {
  if (!suspend_at) return {.due = {}, .rule = "lead_time.no_date"};
  // Shelves open by the second: rounding up would eat into the lead.
  Instant due = date::floor<Seconds>(*suspend_at - options.lead);
  std::string_view rule = "lead_time.lead";
  while (due >= now) {
    const auto night = find_quiet(quiet, due, zone);
    if (!night) return {.due = due, .rule = rule};
    due = date::floor<Seconds>(night->began - options.margin);
    // A margin of nothing would stay at the window's first instant for ever.
    if (options.margin < Seconds(1)) due -= Seconds(1);
    rule = "lead_time.margin";
  }
  return {.due = {}, .rule = "lead_time.late"};
}

}  // namespace dun::policies::rules
