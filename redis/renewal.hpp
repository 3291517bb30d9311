// Streams that take nothing more, or whose ids have run ahead of the clock: what is wrong with one, and the way back.
#pragma once

#include "redis/link.hpp"
#include "redis/stream.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace dun::redis {

/// Ids up to here are made by clocks, or numbered by producers; what lies beyond was made up. A day of leeway for
/// clocks that differ.
[[nodiscard]] StreamId clock_end();

/// What XINFO STREAM knows; a stream that is not there is one that never had an entry.
struct StreamFacts {
  StreamId last;             ///< of the last entry that was ever added, also when that is gone
  std::uint64_t added = 0;   ///< entries that were ever added
  std::uint64_t length = 0;  ///< entries that are there
  [[nodiscard]] bool exhausted() const { return last == last_possible_id; }
};
[[nodiscard]] Command ask_facts(std::string key);
[[nodiscard]] StoreResult<StreamFacts> take_facts(const Value& reply, std::string_view key);

/// How a stream goes on behind its last entry that a clock made: `writes` removes what lies beyond and lets the next id
/// follow `end`. Entries keep their ids. To be applied in one transaction, with the cursor of whoever reads the stream
/// set back to `end` at most.
struct Renewal {
  Operation writes;
  StreamId end;
  std::vector<StreamEntry> removed;  ///< what lies beyond, in order
};
/// Reads what is needed for it. Nothing is changed.
Awaitable<StoreResult<Renewal>> plan_renewal(Link& link, std::string key);

}  // namespace dun::redis
