// Who publishes, and how that goes: a producer gone wrong is to be named.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace dun::scheduler {

/// How the events of one source were taken.
struct SourceCounters {
  std::uint64_t applied = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;
  std::uint64_t superseded = 0;
  std::uint64_t refused = 0;  ///< of the applied ones, those with fields that were left out
  friend bool operator==(const SourceCounters&, const SourceCounters&) = default;
};

/// By the event's `source`, which may be empty.
using SourceCounts = std::map<std::string, SourceCounters, std::less<>>;

/// Adds up. Names come from outside: once there are very many, those that are new are counted together.
void add(SourceCounts& sum, const SourceCounts& more);

}  // namespace dun::scheduler
