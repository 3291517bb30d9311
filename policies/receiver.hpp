// Whom a notice is for, and how they are reached: worked out here and nowhere else.
#pragma once

#include "domain/account_record.hpp"
#include "domain/receiver.hpp"
#include "policies/calendar.hpp"
#include "policies/options.hpp"

#include <string>

namespace dun::policies {

/// The customer, as their profile has them; `zone`: the account's.
[[nodiscard]] Receiver customer(const Profile& profile, const Zone& zone, const QuietHoursOptions& quiet_hours,
                                NoticeKind kind);

/// The person of people.toml who has a task; without an address where nobody has it.
[[nodiscard]] Receiver manager(const PolicySet& policies, const std::string& person);

/// The configured zone, which is never null: of whoever has none that the tz database knows (E3).
[[nodiscard]] const Zone& default_zone(const PolicySet& policies);

}  // namespace dun::policies
