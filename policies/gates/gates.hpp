// The gates every notice passes, when it is decided and again when its turn comes: until when is it worth sending, and
// what is the first instant at which it may go. Whether it may go at all is for its desk to say.
#pragma once

#include "policies/desk.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::policies {

/// From this instant on it is worth nothing any more (E9): it waited too long, or what it announces is past. None: no
/// bound.
[[nodiscard]] std::optional<Instant> expires_at(const Desk& now, const PendingNotice& notice);
[[nodiscard]] std::string_view expiry_reason(const Desk& now, const PendingNotice& notice);

/// The first instant at or after `from` that quiet hours and caps permit; the rules that moved it are appended.
[[nodiscard]] Instant first_permitted(const Desk& now, const PendingNotice& notice, Instant from,
                                      std::vector<std::string>& rules);

}  // namespace dun::policies
