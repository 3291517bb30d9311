#include "scheduler/ownership.hpp"

#include <algorithm>
#include <utility>

namespace dun::scheduler {

std::vector<int> Ownership::set_share(int partitions) {
  share_ = partitions;
  return rebalance();
}

bool Ownership::has_room() const {
  return std::ranges::count_if(seats_, [](const Seat& seat) { return seat.owned || seat.trying; }) < share_;
}

bool Ownership::is_free(int partition) const {
  return !seat(partition).owned && !seat(partition).trying;
}

bool Ownership::tries() const {
  return std::ranges::any_of(seats_, &Seat::trying);
}

std::vector<int> Ownership::acquired(int partition) {
  seat(partition) = {.owned = true};
  return rebalance();
}

int Ownership::owned() const {
  return static_cast<int>(std::ranges::count_if(seats_, &Seat::owned));
}

/// The first that are owned stay, whatever their state, so that shares that are told again move nothing.
std::vector<int> Ownership::rebalance() {
  std::vector<int> changed;
  int kept = 0;
  for (int partition = 0; partition < partitions(); ++partition) {
    if (!owns(partition)) continue;
    const bool surplus = kept == share_;
    if (!surplus) ++kept;
    if (std::exchange(seat(partition).surplus, surplus) != surplus) changed.push_back(partition);
  }
  return changed;
}

}  // namespace dun::scheduler
