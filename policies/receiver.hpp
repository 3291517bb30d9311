// Who gets a notice: the customer, by the account's profile, or the person whose task it is, by people.toml.
#pragma once

#include "domain/receiver.hpp"
#include "policies/situation.hpp"

namespace dun::policies {

/// As of now. A person that nobody is configured for has no address, and the account's language and zone.
[[nodiscard]] Receiver receiver_of(const Situation& now, NoticeKind kind);

}  // namespace dun::policies
