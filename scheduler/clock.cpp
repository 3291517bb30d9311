#include "scheduler/clock.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace dun::scheduler {

Millis real_time() {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

std::expected<WallClock::Fast, std::string> WallClock::Fast::parse(std::string_view text) {
  const std::size_t first = text.find(',');
  const std::size_t second = text.find(',', first + 1);
  if (first == text.npos || second == text.npos) return std::unexpected("expected VIRTUAL,REAL,SPEED");
  const auto virtual_origin = parse_rfc3339(text.substr(0, first));
  const auto real_origin = parse_rfc3339(text.substr(first + 1, second - first - 1));
  if (!virtual_origin) return std::unexpected(virtual_origin.error());
  if (!real_origin) return std::unexpected(real_origin.error());
  Fast fast{.virtual_origin = *virtual_origin, .real_origin = *real_origin};
  const std::string_view number = text.substr(second + 1);
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), fast.speed);
  if (error != std::errc() || end != number.data() + number.size() || !std::isfinite(fast.speed) || fast.speed <= 0)
    return std::unexpected("expected a speed above 0");
  return fast;
}

std::string WallClock::Fast::to_text() const {
  return to_rfc3339(virtual_origin) + "," + to_rfc3339(real_origin) + "," + fmt::format("{}", speed);
}

Millis WallClock::scaled(std::chrono::nanoseconds real_span) const {
  return Millis(static_cast<std::int64_t>(std::floor(static_cast<double>(real_span.count()) / 1e6 * fast_.speed)));
}

Instant WallClock::now() const {
  const auto machine = std::chrono::system_clock::now();
  if (fast_.speed == 1) return date::floor<Millis>(machine) + (fast_.virtual_origin - fast_.real_origin);
  return fast_.virtual_origin + scaled(machine - fast_.real_origin);
}

Millis WallClock::steady() const {
  return scaled(std::chrono::steady_clock::now().time_since_epoch());
}

Millis WallClock::real(Millis span) const {
  return Millis(static_cast<std::int64_t>(std::ceil(static_cast<double>(span.count()) / fast_.speed)));
}

}  // namespace dun::scheduler
