// The gates every notice passes, when it is decided and again when its turn comes: may it go at all, until when is it
// worth sending, and what is the first instant at which it may go.
#pragma once

#include "policies/situation.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace dun::policies {

/// Why a notice must never go to this account (consent, exclusion): a rule id, or nothing.
[[nodiscard]] std::string_view suppressed_by(const Situation& now, NoticeKind kind);

/// From this instant on it is worth nothing any more (E9): it waited too long, or what it announces is past. None: no
/// bound.
[[nodiscard]] std::optional<Instant> expires_at(const Situation& now, const PendingNotice& notice);
[[nodiscard]] std::string_view expiry_reason(const Situation& now, const PendingNotice& notice);

/// The first instant at or after `from` that quiet hours and caps permit; the rules that moved it are appended.
[[nodiscard]] Instant first_permitted(const Situation& now, const PendingNotice& notice, Instant from,
                                      std::vector<std::string>& rules);

}  // namespace dun::policies
