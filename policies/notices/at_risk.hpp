// Billing is told when a suspension is nearer than its warning.
#pragma once

#include "policies/situation.hpp"

#include <string_view>

namespace dun::policies {

/// A suspension is planned or due of which somebody who owes is to be warned.
[[nodiscard]] bool warning_wanted(const AccountRecord& record);

/// A suspension is planned, and billing has not been told yet that its warning fails.
[[nodiscard]] bool risk_untold(const AccountRecord& record);

/// Puts out `suspension.at_risk` for the planned suspension; `notice`: its warning, if there is one.
Outcome& put_out_at_risk(Situation& now, const PendingNotice* notice, std::string_view what);

/// The same for a warning that ends unsent while the suspension stands.
void report_unwarned(Situation& now, const PendingNotice& notice);

}  // namespace dun::policies
