#include "policies/gates/caps.hpp"

namespace dun::policies {

std::optional<Capped> find_cap(const CapOptions& cap, std::span<const Instant> handed_over, Instant at,
                               const Zone& zone) {
  const LocalDay today = local_day(at, zone);
  const LocalDay week = today - date::days(cap_week_days - 1);
  int in_day = 0;
  int in_week = 0;
  std::optional<LocalDay> oldest;
  for (const Instant instant : handed_over) {
    const LocalDay day = local_day(instant, zone);
    if (day < week || day > today) continue;
    if (!oldest || day < *oldest) oldest = day;
    ++in_week;
    if (day == today) ++in_day;
  }
  if (cap.per_week > 0 && in_week >= cap.per_week)
    return Capped{.until = start_of_day(*oldest + date::days(cap_week_days), zone), .rule = "caps.week"};
  if (cap.per_day > 0 && in_day >= cap.per_day)
    return Capped{.until = start_of_day(today + date::days(1), zone), .rule = "caps.day"};
  return std::nullopt;
}

}  // namespace dun::policies
