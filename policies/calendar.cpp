#include "policies/calendar.hpp"

#include "domain/zones.hpp"

namespace dun::policies {

const Zone* find_zone(std::string_view name) {
  return zone_data().find(name);
}

LocalTime to_local(Instant instant, const Zone& zone) {
  return LocalTime((instant + zone_data().offset(zone, instant)).time_since_epoch());
}

LocalDay local_day(Instant instant, const Zone& zone) {
  return date::floor<date::days>(to_local(instant, zone));
}

Instant to_instant(LocalTime local, const Zone& zone, Reading reading) {
  const ZoneRules::Readings readings = zone_data().readings(zone, local);
  return reading == Reading::latest ? readings.latest : readings.earliest;
}

Instant add_calendar_days(Instant instant, int days, const Zone& zone) {
  if (days == 0) return instant;  // which of two showings it is, is known
  return to_instant(to_local(instant, zone) + date::days(days), zone, Reading::earliest);
}

Instant start_of_day(LocalDay day, const Zone& zone) {
  return to_instant(LocalTime(day), zone, Reading::latest);
}

}  // namespace dun::policies
