#include "scheduler/review.hpp"

#include "scheduler/shelves.hpp"
#include "scheduler/timers.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

// Lists of timers asked for at a time: most are short, and how long they are is not known.
constexpr std::size_t minutes_at_a_time = 16;

bool is_open(TimerMinute minute, Instant now) {
  return minute <= minute_of(now);
}

}  // namespace

void Review::begin(const std::vector<Recovery::Shelf>& shelves, const std::vector<TimerMinute>& minutes) {
  shelves_.assign(shelves.begin(), shelves.end());
  minutes_.assign(minutes.begin(), minutes.end());
  skip_ = reviewed_ = of_ = 0;
  for (const Recovery::Shelf& shelf : shelves_) of_ += shelf.entries;
}

void Review::end() {
  begin({}, {});
}

void Review::ask(ReadRequest& request, std::size_t most) const {
  std::size_t wanted = 0;
  bool first = true;
  for (const Recovery::Shelf& shelf : shelves_) {
    const std::size_t skip = std::exchange(first, false) ? skip_ : 0;
    if (is_open(shelf.key, request.now)) continue;
    const std::size_t count = std::min<std::size_t>(most - wanted, shelf.entries - skip);
    request.shelves.push_back({.key = shelf.key, .skip = skip, .count = count});
    wanted += count;
    if (wanted == most) return;
  }
  if (wanted > 0) return;
  first = shelves_.empty();
  std::size_t lists = 0;
  for (const TimerMinute minute : minutes_) {
    const std::size_t skip = std::exchange(first, false) ? skip_ : 0;
    if (is_open(minute, request.now)) continue;
    request.timers.push_back(
        {.minute = minute, .skip = skip, .count = std::max<std::size_t>(most / minutes_at_a_time, 1)});
    if (++lists == minutes_at_a_time) return;
  }
}

std::vector<Review::Found> Review::take(const ReadRequest& asked, const ReadReply& reply) {
  drop_open(asked.now);
  std::vector<Found> found;
  for (std::size_t i = 0; i < asked.shelves.size(); ++i) {
    const ReadRequest::Shelf& part = asked.shelves[i];
    if (shelves_.empty() || shelves_.front().key != part.key || skip_ != part.skip) continue;
    for (const ShelfEntry& entry : reply.shelves.at(i))
      found.push_back({entry.subject, {entry.ordinal, entry.generation, part.key.at}});
    skip_ += part.count;
    reviewed_ += part.count;
    if (skip_ < shelves_.front().entries) continue;
    shelves_.pop_front();
    skip_ = 0;
  }
  for (std::size_t i = 0; i < asked.timers.size() && shelves_.empty(); ++i) {
    const ReadRequest::Minute& part = asked.timers[i];
    if (minutes_.empty() || minutes_.front() != part.minute || skip_ != part.skip) continue;
    for (const TimerEntry& entry : reply.timers.at(i)) found.push_back({entry.account, {}});
    skip_ += part.count;
    if (reply.timers.at(i).size() == part.count) break;  // there may be more
    minutes_.pop_front();
    skip_ = 0;
  }
  return found;
}

/// What has come due is decided again at its turn.
void Review::drop_open(Instant now) {
  const bool in_shelves = !shelves_.empty();
  while (!shelves_.empty() && is_open(shelves_.front().key, now)) {
    of_ -= shelves_.front().entries - std::exchange(skip_, 0);
    shelves_.pop_front();
  }
  while (!minutes_.empty() && is_open(minutes_.front(), now)) {
    if (!in_shelves) skip_ = 0;
    minutes_.pop_front();
  }
}

ReviewProgress Review::progress() const {
  if (!active()) return {};
  return {.reviewed = reviewed_, .of = of_, .minutes = minutes_.size()};
}

}  // namespace dun::scheduler
