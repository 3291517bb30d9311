#include "scheduler/timers.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

// After a day of standing still 1,440 minutes have begun: they are read in order, so many at a time, and the next ones
// when what is at hand is no longer late.
constexpr std::size_t minutes_at_once = 60;
constexpr Millis late = std::chrono::minutes(1);

}  // namespace

TimerMinute minute_of(Instant instant) {
  return date::floor<std::chrono::minutes>(instant);
}

void Timers::clear() {
  minutes_.clear();
  at_hand_.clear();
}

void Timers::recover(const std::vector<TimerMinute>& minutes) {
  clear();
  for (const TimerMinute minute : minutes) minutes_[minute];
}

std::vector<TimerMinute> Timers::wanted(Instant now) const {
  std::vector<TimerMinute> wanted;
  if (!at_hand_.empty() && now - at_hand_.begin()->first > late) return wanted;
  for (const auto& [minute, state] : minutes_) {
    if (minute > minute_of(now) || wanted.size() == minutes_at_once) break;
    if (!state.at_hand) wanted.push_back(minute);
  }
  return wanted;
}

void Timers::fetched(TimerMinute minute, const std::vector<TimerEntry>& entries) {
  Minute& state = minutes_[minute];
  if (state.at_hand) return;
  state.at_hand = true;
  state.waiting = entries.size();
  for (const TimerEntry& entry : entries) at_hand_.emplace(entry.at, entry.account);
}

void Timers::add(const TimerEntry& entry) {
  Minute& state = minutes_[minute_of(entry.at)];
  if (!state.at_hand) return;  // read with its minute
  ++state.waiting;
  at_hand_.emplace(entry.at, entry.account);
}

std::vector<TimerEntry> Timers::take_due(Instant now, std::size_t most) {
  std::vector<TimerEntry> due;
  while (due.size() < most && !at_hand_.empty() && at_hand_.begin()->first <= now) {
    auto first = at_hand_.extract(at_hand_.begin());
    --minutes_[minute_of(first.key())].waiting;
    due.push_back({.account = std::move(first.mapped()), .at = first.key()});
  }
  return due;
}

std::vector<TimerMinute> Timers::take_finished(Instant now) {
  std::vector<TimerMinute> finished;
  for (auto minute = minutes_.begin(); minute != minutes_.end() && minute->first < minute_of(now);) {
    if (!minute->second.at_hand || minute->second.waiting > 0) {
      ++minute;
      continue;
    }
    finished.push_back(minute->first);
    minute = minutes_.erase(minute);
  }
  return finished;
}

std::vector<TimerMinute> Timers::minutes() const {
  std::vector<TimerMinute> all;
  for (const auto& [minute, state] : minutes_) all.push_back(minute);
  return all;
}

std::optional<Instant> Timers::next() const {
  std::optional<Instant> next;
  if (!at_hand_.empty()) next = at_hand_.begin()->first;
  for (const auto& [minute, state] : minutes_) {
    if (next && minute >= *next) break;
    if (!state.at_hand) return minute;
  }
  return next;
}

}  // namespace dun::scheduler
