// What the wall clocks of a zone show, worked out a second time and in another way than policies/calendar and
// policies/gates/quiet_hours do it: from the list of the zone's offsets alone, without ever asking what instant a wall
// time means. Property tests hold the policies to it.
#pragma once

#include "policies/calendar.hpp"
#include "policies/options.hpp"

#include <vector>

namespace dun::test {

/// Stretches of one offset, in order and without holes, that cover a range of time.
class WallClock {
 public:
  WallClock(const date::time_zone& zone, Instant from, Instant until);

  [[nodiscard]] date::local_time<Millis> shows(Instant instant) const;
  /// When the clock shows `wall` for the first and for the last time; where it jumps over it, the jump.
  [[nodiscard]] Instant first_showing(date::local_time<Millis> wall) const;
  [[nodiscard]] Instant last_showing(date::local_time<Millis> wall) const;

 private:
  struct Stretch {
    Instant begin, end;
    Millis ahead;
  };
  std::vector<Stretch> stretches_;
};

struct Span {
  Instant began, ends;
  friend bool operator==(const Span&, const Span&) = default;
};

/// All quiet that begins or ends near [from, until], windows that overlap or touch made one; in order.
/// A window lasts from the first showing of its start to the last showing of its end.
[[nodiscard]] std::vector<Span> all_quiet(const std::vector<policies::QuietWindow>& windows, const WallClock& clock,
                                          Instant from, Instant until);

/// What somebody reads off the wall: whether the time shown lies in a window. Quiet at least.
[[nodiscard]] bool reads_as_quiet(const std::vector<policies::QuietWindow>& windows, date::local_time<Millis> wall);

/// When offsets change, from the beginning of `first` to the end of `last`.
[[nodiscard]] std::vector<Instant> transitions(const date::time_zone& zone, date::year first, date::year last);

}  // namespace dun::test
