#include "policies/calendar.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// By the letters of ASCII, which are all that zone names have.
bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

const Zone* find_zone(std::string_view name) {
  // The database lists this link too, but what it means is the machine's business and differs from host to host.
  if (name == "localtime") return nullptr;
  const auto& zones = date::get_tzdb().zones;
  const auto at =
      std::ranges::lower_bound(zones, name, {}, [](const Zone& zone) -> std::string_view { return zone.name(); });
  if (at != zones.end() && at->name() == name) return &*at;
  // Rare: who stores a name stores it as the database has it.
  const auto same = [&](const Zone& zone) { return equal_without_case(zone.name(), name); };
  const auto other = std::ranges::find_if(zones, same);
  return other != zones.end() && other->name() != "localtime" ? &*other : nullptr;
}

LocalTime to_local(Instant instant, const Zone& zone) {
  return zone.to_local(instant);
}

LocalDay local_day(Instant instant, const Zone& zone) {
  return date::floor<date::days>(to_local(instant, zone));
}

Instant to_instant(LocalTime local, const Zone& zone, Reading reading) {
  const date::local_info info = zone.get_info(local);
  if (info.result == date::local_info::nonexistent) return info.first.end;
  const bool second = info.result == date::local_info::ambiguous && reading == Reading::latest;
  return Instant(local.time_since_epoch() - (second ? info.second : info.first).offset);
}

Instant add_calendar_days(Instant instant, int days, const Zone& zone) {
  if (days == 0) return instant;  // which of two showings it is, is known
  return to_instant(to_local(instant, zone) + date::days(days), zone, Reading::earliest);
}

Instant start_of_day(LocalDay day, const Zone& zone) {
  return to_instant(LocalTime(day), zone, Reading::latest);
}

}  // namespace dun::policies
