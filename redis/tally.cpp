#include "redis/tally.hpp"

#include <algorithm>
#include <utility>

namespace dun::redis {

Tally::Finding Tally::look(const Look& look) {
  const auto added = static_cast<std::int64_t>(look.facts.added);
  const auto before = static_cast<std::int64_t>(look.before);
  const std::int64_t all = before + static_cast<std::int64_t>(look.now);
  const std::int64_t added_before = std::exchange(added_, added);
  const bool below = look.facts.last < look.cursor;
  if (below || (missed_ && added < *missed_ + before)) {
    Finding finding{.begun_anew = true};
    if (missed_) finding.lost = static_cast<std::uint64_t>(std::max<std::int64_t>(added_before - *missed_ - before, 0));
    // Of a stream whose ids go on, some may have been read before anybody noticed: those are not missed.
    missed_ = !below && look.to_end ? added - all : -before;
    return finding;
  }
  const bool from_the_beginning = look.before == 0 && look.cursor == StreamId();
  if (!missed_ && from_the_beginning) missed_ = 0;
  if (!look.to_end) return {};
  // A reader that did not count so far begins to.
  if (!missed_) missed_ = added - all;
  const std::int64_t lost = std::max<std::int64_t>(added - *missed_ - all, 0);
  *missed_ += lost;
  return {.lost = static_cast<std::uint64_t>(lost)};
}

}  // namespace dun::redis
