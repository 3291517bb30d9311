// What a notice has to say, gathered from the record at the moment it is claimed.
#pragma once

#include "domain/receiver.hpp"
#include "policies/situation.hpp"

namespace dun::policies {

[[nodiscard]] MessageContext message_context(const Situation& now, const PendingNotice& notice,
                                             const Receiver& receiver);

}  // namespace dun::policies
