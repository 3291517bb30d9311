#include "tools/times.hpp"

#include "config/load.hpp"
#include "policies/calendar.hpp"

namespace dun::tools {

LocalTimes::LocalTimes(std::string_view zone) : zone_(policies::find_zone(zone) != nullptr ? zone : "Etc/UTC") {}

std::string LocalTimes::text(Instant instant) const {
  const policies::Zone* zone = policies::find_zone(zone_);
  if (zone == nullptr) return to_rfc3339(instant);  // not even UTC is there
  return date::format("%F %T", date::floor<Seconds>(policies::to_local(instant, *zone)));
}

std::string LocalTimes::text_of(const std::string& rfc3339) const {
  const auto instant = parse_rfc3339(rfc3339);
  return instant ? text(*instant) : rfc3339;
}

std::string default_zone(const std::string& config_directory) {
  const auto loaded = config::load(config_directory, {.secrets_required = false});
  return loaded ? loaded->policies.default_zone : policies::PolicySet().default_zone;
}

}  // namespace dun::tools
