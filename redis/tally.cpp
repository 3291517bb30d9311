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
  if (!look.to_end) {
    // Of those that are not read yet no more can be there than there are entries. A reader that is behind may never
    // come to the end while a producer trims, and is not to be told only then.
    const auto unread = missed_ ? added - *missed_ - before : 0;
    const std::int64_t gone = std::max<std::int64_t>(unread - static_cast<std::int64_t>(look.facts.length), 0);
    if (gone > 0) *missed_ += gone;
    return {.lost = static_cast<std::uint64_t>(gone)};
  }
  // A reader that did not count so far begins to.
  if (!missed_) missed_ = added - all;
  const std::int64_t lost = std::max<std::int64_t>(added - *missed_ - all, 0);
  *missed_ += lost;
  return {.lost = static_cast<std::uint64_t>(lost)};
}

Tally::Finding Tally::replaced(std::uint64_t before) {
  const auto read = static_cast<std::int64_t>(before);
  const std::int64_t unread = missed_ ? std::exchange(added_, 0) - *missed_ - read : 0;
  missed_ = -read;
  return {.begun_anew = true, .lost = static_cast<std::uint64_t>(std::max<std::int64_t>(unread, 0))};
}

}  // namespace dun::redis
