#pragma once

#include <cstdint>

namespace dun::scheduler {

/// What a partition has counted since it was made; kept with the cursor, so it is exact.
struct Counters {
  std::uint64_t read = 0;  ///< stream entries read
  std::uint64_t applied = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;  ///< other content under an identity that is known (D9)
  std::uint64_t superseded = 0;
  std::uint64_t rejected = 0;
  std::uint64_t refused = 0;       ///< applied, but for fields that could not be read or have no such name (S20)
  std::uint64_t zone_unknown = 0;  ///< events whose zone the tz database does not know (E3)
  std::uint64_t receipts = 0;      ///< receipts that matched a notice
  std::uint64_t receipts_unknown = 0;
  std::uint64_t reports = 0;  ///< about cases
  std::uint64_t sent = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

}  // namespace dun::scheduler
