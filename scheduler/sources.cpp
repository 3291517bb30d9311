#include "scheduler/sources.hpp"

namespace dun::scheduler {

void add(SourceCounts& sum, const SourceCounts& more) {
  constexpr std::size_t most = 200;
  for (const auto& [name, counters] : more) {
    const bool room = sum.size() < most || sum.contains(name);
    SourceCounters& total = sum[room ? name : "(others)"];
    total.applied += counters.applied;
    total.duplicate += counters.duplicate;
    total.conflict += counters.conflict;
    total.superseded += counters.superseded;
    total.refused += counters.refused;
  }
}

}  // namespace dun::scheduler
