// The clocks of running programs.
#pragma once

#include "scheduler/ports/clock.hpp"

#include <expected>
#include <optional>
#include <string_view>

namespace dun::scheduler {

/// Of the machine, since some fixed point: leases and the waits of the event loop are in it, however fast a clock is.
[[nodiscard]] Millis real_time();

/// The machine's clock, or one that runs faster than it from a given pair of instants on: a day in a minute for the
/// sample. The pair makes the fast clock the same in every process and after a restart.
class WallClock final : public Clock {
 public:
  /// What a fast clock is made from: it showed `virtual_origin` when the machine showed `real_origin`.
  struct Fast {
    Instant virtual_origin{};
    Instant real_origin{};
    double speed = 1;
    /// `VIRTUAL,REAL,SPEED`, both instants in RFC 3339: the value of `--clock`.
    [[nodiscard]] static std::expected<Fast, std::string> parse(std::string_view text);
    [[nodiscard]] std::string to_text() const;
  };

  WallClock() = default;
  explicit WallClock(Fast fast) : fast_(fast) {}

  [[nodiscard]] Instant now() const override;
  [[nodiscard]] Millis steady() const override;
  [[nodiscard]] Millis real(Millis span) const override;

 private:
  [[nodiscard]] Millis scaled(std::chrono::nanoseconds real_span) const;
  Fast fast_;
};

}  // namespace dun::scheduler
