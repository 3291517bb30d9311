// Which partitions this process has, wants and leaves, among several processes that share them (scheduler/share.hpp
// says how many are whose). A machine without I/O: the engine's loops perform what it says.
//
// Guarantee: never more are held or tried for than the share, but for those that it has just become smaller than; they
// are surplus until they have been handed over.
#pragma once

#include <cstddef>
#include <vector>

namespace dun::scheduler {

class Ownership {
 public:
  /// The share is all of them until another one is told.
  explicit Ownership(int partitions) : seats_(static_cast<std::size_t>(partitions)), share_(partitions) {}

  /// At most so many are to be had here. Returns the partitions that became surplus or are so no longer.
  [[nodiscard]] std::vector<int> set_share(int partitions);
  [[nodiscard]] int share() const { return share_; }

  /// Whether a further one may be tried for now.
  [[nodiscard]] bool has_room() const;
  /// Whether it is neither ours nor tried for already.
  [[nodiscard]] bool is_free(int partition) const;
  void try_for(int partition) { seat(partition).trying = true; }
  [[nodiscard]] bool trying_for(int partition) const { return seat(partition).trying; }
  /// Some attempt is under way, whose end may make room.
  [[nodiscard]] bool tries() const;

  /// The attempt at it succeeded. Returns what set_share() returns.
  [[nodiscard]] std::vector<int> acquired(int partition);
  void not_acquired(int partition) { seat(partition) = {}; }
  /// Its lease was lost, or given back.
  void lost(int partition) { seat(partition) = {}; }

  [[nodiscard]] bool owns(int partition) const { return seat(partition).owned; }
  /// Owned, and more than our share: to be handed over in order.
  [[nodiscard]] bool is_surplus(int partition) const { return seat(partition).surplus; }
  [[nodiscard]] int owned() const;
  [[nodiscard]] int partitions() const { return static_cast<int>(seats_.size()); }

 private:
  struct Seat {
    bool owned = false, trying = false, surplus = false;
  };
  [[nodiscard]] Seat& seat(int partition) { return seats_.at(static_cast<std::size_t>(partition)); }
  [[nodiscard]] const Seat& seat(int partition) const { return seats_.at(static_cast<std::size_t>(partition)); }
  [[nodiscard]] std::vector<int> rebalance();

  std::vector<Seat> seats_;
  int share_;
};

}  // namespace dun::scheduler
