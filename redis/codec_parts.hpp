// What both codec files need: instants relative to a base, and checks that collect the first thing that is wrong.
#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dun::redis {

/// Milliseconds between two instants. Unsigned arithmetic: foreign bytes must not overflow anything.
inline std::int64_t difference(Instant instant, std::int64_t base_ms) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(instant.time_since_epoch().count()) -
                                   static_cast<std::uint64_t>(base_ms));
}
inline std::optional<std::int64_t> difference(const std::optional<Instant>& instant, std::int64_t base_ms) {
  if (!instant) return std::nullopt;
  return difference(*instant, base_ms);
}
inline Instant instant_at(std::int64_t difference, std::int64_t base_ms) {
  return Instant(
      Millis(static_cast<std::int64_t>(static_cast<std::uint64_t>(difference) + static_cast<std::uint64_t>(base_ms))));
}

/// Turns stored numbers back into values; remembers the first field whose number cannot be.
class Checker {
 public:
  explicit Checker(std::int64_t base_ms) : base_ms_(base_ms) {}

  Instant instant(std::string_view field, std::int64_t difference) { return instant(field, difference, base_ms_); }
  Instant instant(std::string_view field, std::int64_t difference, std::int64_t base_ms) {
    const Instant instant = instant_at(difference, base_ms);
    // The years that RFC 3339 can write; calendar arithmetic is safe in them.
    constexpr Instant first = date::sys_days(date::year(0) / 1 / 1);
    constexpr Instant end = date::sys_days(date::year(10'000) / 1 / 1);
    if (instant < first || instant >= end) fail(field);
    return instant;
  }
  template <typename Enum>
  Enum choice(std::string_view field, std::uint32_t number, Enum last) {
    if (number > static_cast<std::uint32_t>(last)) fail(field);
    return static_cast<Enum>(number);
  }
  std::uint16_t bits(std::string_view field, std::uint32_t number, unsigned count) {
    if (number >> count != 0) fail(field);
    return static_cast<std::uint16_t>(number);
  }
  void fail(std::string_view field) {
    if (problem_.empty()) problem_ = std::string(field) + " has a value that Dun does not write";
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::int64_t base_ms_;
  std::string problem_;
};

}  // namespace dun::redis
