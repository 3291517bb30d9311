// What a partition's owner knows of its account timers: the minutes there are, and all entries of those that have
// begun.
#pragma once

#include "scheduler/ports/timer.hpp"

#include <map>
#include <optional>
#include <vector>

namespace dun::scheduler {

[[nodiscard]] TimerMinute minute_of(Instant instant);

class Timers {
 public:
  void clear();
  void recover(const std::vector<TimerMinute>& minutes);

  /// The first minutes that have begun and are not at hand yet, at most an hour of them; none while what is at hand is
  /// late.
  [[nodiscard]] std::vector<TimerMinute> wanted(Instant now) const;
  void fetched(TimerMinute minute, const std::vector<TimerEntry>& entries);

  /// Arms a timer; it is the caller's to store it too.
  void add(const TimerEntry& entry);
  /// Removes and returns what is due, in order of time, at most so many.
  [[nodiscard]] std::vector<TimerEntry> take_due(Instant now, std::size_t most);
  /// Minutes that are over and have fired to the last; they are forgotten here and are the caller's to drop.
  [[nodiscard]] std::vector<TimerMinute> take_finished(Instant now);

  /// All that there are.
  [[nodiscard]] std::vector<TimerMinute> minutes() const;
  /// When there is next something to do, as far as is known: an entry at hand or the beginning of a minute.
  [[nodiscard]] std::optional<Instant> next() const;

 private:
  struct Minute {
    bool at_hand = false;
    std::size_t waiting = 0;  ///< entries at hand that have not fired
  };
  std::map<TimerMinute, Minute> minutes_;
  std::multimap<Instant, AccountId> at_hand_;
};

}  // namespace dun::scheduler
