#include "policies/receiver.hpp"

namespace dun::policies {

Receiver receiver_of(const Situation& now, NoticeKind kind) {
  const Profile& profile = now.record.profile;
  Receiver receiver{.lang = profile.lang, .zone = now.zone};
  if (!to_manager(kind)) {
    const QuietHoursOptions& quiet = now.policies.quiet_hours;
    receiver.address = profile.msisdn;
    if (quiet.kinds.has(kind)) receiver.quiet = quiet.windows;
    return receiver;
  }
  receiver.who = Receiver::Who::person;
  const Person* person = now.record.task ? find_person(now.policies, now.record.task->manager) : nullptr;
  if (person == nullptr) return receiver;
  receiver.name = person->name;
  receiver.address = person->phone;
  receiver.lang = person->lang;
  receiver.quiet = person->quiet;
  if (const Zone* zone = find_zone(person->zone)) receiver.zone = zone;
  return receiver;
}

}  // namespace dun::policies
