#include "scheduler/share.hpp"

#include <set>

namespace dun::scheduler {

int share_of(std::string_view self, std::span<const std::string> members, int partitions) {
  std::set<std::string_view> names(members.begin(), members.end());
  names.insert(self);
  const auto count = static_cast<int>(names.size());
  const auto place = static_cast<int>(std::distance(names.begin(), names.find(self)));
  return partitions / count + (place < partitions % count ? 1 : 0);
}

}  // namespace dun::scheduler
