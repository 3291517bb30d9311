// How many partitions each of several processes is to own. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dun::scheduler {

/// The share of `self` among the processes of these names, in any order; `self` is one of them whether it is listed or
/// not. Whoever knows the same names comes to the same shares: they add up to `partitions` and differ by at most one,
/// the first names having the larger ones.
[[nodiscard]] int share_of(std::string_view self, std::span<const std::string> members, int partitions);

}  // namespace dun::scheduler
