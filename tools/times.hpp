// The one form in which people are told a time: local, to the second, the zone named beside it or above. Machines are
// told RFC 3339 in UTC.
#pragma once

#include "domain/time.hpp"

#include <string>
#include <string_view>

namespace dun::tools {

class LocalTimes {
 public:
  /// A zone that the tz database does not know means UTC.
  explicit LocalTimes(std::string_view zone);

  [[nodiscard]] const std::string& zone() const { return zone_; }
  /// `2026-02-01 07:00:05`, for texts that name the zone once.
  [[nodiscard]] std::string text(Instant instant) const;
  /// `2026-02-01 07:00:05 Asia/Shanghai`, for a time that stands alone.
  [[nodiscard]] std::string named(Instant instant) const { return text(instant) + " " + zone_; }
  /// Of an instant that a machine wrote down; a text that is none stays as it is.
  [[nodiscard]] std::string text_of(const std::string& rfc3339) const;

 private:
  std::string zone_;
};

/// The zone that the policies of a configuration take where none is given; the shipped one if it cannot be read.
[[nodiscard]] std::string default_zone(const std::string& config_directory);

}  // namespace dun::tools
