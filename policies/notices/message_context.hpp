// What a notice has to say, gathered from the record at the moment it is claimed.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

[[nodiscard]] MessageContext message_context(const Situation& now, const PendingNotice& notice);

/// The number it goes to: the customer's, or the account manager's. Empty if none is known (E20).
[[nodiscard]] std::string receiver(const Situation& now, const PendingNotice& notice);

}  // namespace dun::policies
