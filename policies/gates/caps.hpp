// Frequency caps: how often one account may be told the same kind (E29).
#pragma once

#include "policies/calendar.hpp"
#include "policies/options.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace dun::policies {

/// A cap that forbids `at`, and the first instant of the day on which it no longer does.
struct Capped {
  Instant until{};
  std::string_view rule;  ///< `caps.day` or `caps.week`
};

/// A cap by the week looks at this many consecutive calendar days, the present one included.
inline constexpr int cap_week_days = 7;

/// `handed_over`: when earlier notices of the kind went to a gateway, oldest first.
[[nodiscard]] std::optional<Capped> find_cap(const CapOptions& cap, std::span<const Instant> handed_over, Instant at,
                                             const Zone& zone);

}  // namespace dun::policies
