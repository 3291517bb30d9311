#include "policies/receiver.hpp"

#include "base/assert.hpp"

namespace dun::policies {

Receiver customer(const Profile& profile, const Zone& zone, const QuietHoursOptions& quiet_hours, NoticeKind kind) {
  Receiver receiver{.address = profile.msisdn, .lang = profile.lang, .zone = &zone};
  if (quiet_hours.kinds.has(kind)) receiver.quiet = quiet_hours.windows;
  return receiver;
}

Receiver manager(const PolicySet& policies, const std::string& person) {
  Receiver receiver{.who = Receiver::Who::person, .zone = &default_zone(policies)};
  const Person* found = find_person(policies, person);
  if (found == nullptr) return receiver;
  receiver.name = found->name;
  receiver.address = found->phone;
  receiver.lang = found->lang;
  receiver.quiet = found->quiet;
  if (const Zone* zone = find_zone(found->zone)) receiver.zone = zone;
  return receiver;
}

const Zone& default_zone(const PolicySet& policies) {
  const Zone* zone = find_zone(policies.default_zone);
  if (zone == nullptr) zone = find_zone("Etc/UTC");
  DUN_ASSERT(zone != nullptr);
  return *zone;
}

}  // namespace dun::policies
