// The rules of one time zone, read from a TZif file (RFC 9636) to its end: the listed transitions, and the POSIX rule
// in the footer for all time behind them. The date library reads the list alone, which ends in 2037, or today where the
// file is "slim"; the parser of POSIX rules beside it (date/ptz.h) refuses the negative times of day that real files
// have.
#pragma once

#include "domain/time.hpp"

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun {

using LocalMillis = std::chrono::time_point<date::local_t, Millis>;

/// A day and wall time of every year: `M3.2.0/2`, `J60`, `59/24`.
struct YearlyRule {
  enum class Form : std::uint8_t { month_week_day, julian_without_leap_day, day_of_year };
  Form form = Form::month_week_day;
  unsigned month = 0, week = 0, weekday = 0;  ///< week 5 is the last one
  unsigned day = 0;                           ///< 1 to 365 without, 0 to 365 with the leap day
  Seconds time = std::chrono::hours(2);       ///< before or after midnight of that day, by days even

  [[nodiscard]] date::local_seconds in(date::year year) const;
};

/// `EST5EDT,M3.2.0,M11.1.0`: offsets are ahead of UTC here, against the text's sign.
struct PosixRule {
  Seconds standard{0};
  struct Summer {
    Seconds offset{0};  ///< less than standard in Dublin, whose summer time is the standard
    YearlyRule begins, ends;
  };
  std::optional<Summer> summer;
};

/// What is wrong with the text, if it is not such a rule.
[[nodiscard]] std::expected<PosixRule, std::string> parse_posix_rule(std::string_view text);

class ZoneRules {
 public:
  /// From the bytes of a TZif file; the error says what is wrong with it.
  [[nodiscard]] static std::expected<ZoneRules, std::string> parse(std::string_view file);

  /// Half-open; neighbours may have the same offset.
  struct Stretch {
    date::sys_seconds begin, end;
    Seconds offset{0};  ///< ahead of UTC
  };
  [[nodiscard]] Stretch at(Instant instant) const;

  /// The first and the last instant at which a clock shows `local`. Where it jumps over it, both are the jump.
  struct Readings {
    Instant earliest, latest;
  };
  [[nodiscard]] Readings readings(LocalMillis local) const;

 private:
  struct Transition {
    date::sys_seconds at;
    Seconds offset{0};  ///< from then on
  };

  [[nodiscard]] Stretch behind_the_list(date::sys_seconds at) const;

  Seconds first_{0};                ///< before all transitions
  std::vector<Transition> listed_;  ///< in order
  std::optional<PosixRule> rule_;   ///< from the last listed one on; without one, that one stays
};

}  // namespace dun
