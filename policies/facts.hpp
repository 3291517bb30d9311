// Notices that follow a single fact at once, whatever the credit position is.
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Tells of the fact behind the event that is being applied, if it states one.
void tell_of_fact(Situation& now);

/// What was paid and taken back is not thanked for any more.
void end_thanks(Situation& now, const CreditEvent& reversal);

}  // namespace dun::policies
