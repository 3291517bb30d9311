// Before any rule: has this event been applied already, and is it older than what is known? (contract section 2; E12,
// E13)
#pragma once

#include "policies/situation.hpp"

namespace dun::policies {

/// Decides how the event is taken and, when it is applied, remembers it in the record, with the profile fields that it
/// carries unless newer ones are known.
///
/// The same source and id is a duplicate while the account remembers it, or a conflict if its content is another; so is
/// the same content under another id, of what states a position or a profile. A lower `seq` than the last applied of
/// its source is superseded. Without `seq`, or beside another source, what states a fact about the account is compared
/// with the last such fact by `time`: the credit position, the profile, and the holds have each a clock of their own,
/// because they may come from different producers. Refunds, charges, complaints and resume orders are single facts and
/// never superseded by time.
[[nodiscard]] Taken take_in(Situation& now, const CreditEvent& event);

/// Whether events of this type say where the account stands with its credit and service; the others carry a profile, a
/// hold, or a fact that stands alone.
[[nodiscard]] bool states_position(EventType type);

}  // namespace dun::policies
