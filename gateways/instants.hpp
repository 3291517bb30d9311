// Times as gateways write them. Pure.
#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dun::gateways {

enum class InstantForm : std::uint8_t {
  rfc3339,    ///< 2026-01-31T21:45:00+08:00
  epoch,      ///< seconds since 1970, perhaps with a fraction
  epoch_ms,   ///< milliseconds since 1970
  utc_text,   ///< 2026-01-31 13:45:00, in UTC
  http_date,  ///< any of the three forms of RFC 9110, section 5.6.7
};

/// The names that configuration uses, in the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> instant_form_names();

[[nodiscard]] std::optional<Instant> read_instant(InstantForm form, std::string_view text);

/// How a gateway says until when it is to be left alone. Behind the first two stand the forms of instants, in their
/// order.
enum class AfterForm : std::uint8_t {
  retry_after,   ///< as in that header: seconds, a span such as `30s`, or an HTTP date
  milliseconds,  ///< to wait
  rfc3339,
  epoch,
  epoch_ms,
  utc_text,
  http_date,
};

[[nodiscard]] std::span<const std::string_view> after_form_names();

/// How long to wait: at least a second, whatever the gateway says, for "now" again and again is a loop; at most a day,
/// for more is a mistake of the gateway's. Seconds that would be a date of these days are one, not decades of waiting.
[[nodiscard]] std::optional<Millis> read_after(AfterForm form, std::string_view text, Instant now);

}  // namespace dun::gateways
