// Zone files made for a test.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace dun::test {

struct TzifTransition {
  std::int64_t at;
  std::int32_t offset;
};

/// A TZif file of version 2, as `zic -b slim` writes it: an empty first block, the list, the rule.
inline std::string tzif(std::int32_t first, const std::vector<TzifTransition>& list, const std::string& rule) {
  std::string bytes;
  const auto put = [&](std::int64_t value, unsigned size) {
    for (unsigned left = size; left > 0; --left) bytes += static_cast<char>(value >> (8 * (left - 1)) & 0xff);
  };
  const auto header = [&](std::size_t times, std::size_t types, std::size_t letters) {
    bytes += "TZif2" + std::string(15, '\0');
    for (const std::size_t count : {std::size_t{0}, std::size_t{0}, std::size_t{0}, times, types, letters})
      put(static_cast<std::int64_t>(count), 4);
  };
  header(0, 1, 1);
  bytes += std::string(7, '\0');
  header(list.size(), list.size() + 1, 4);
  for (const TzifTransition& each : list) put(each.at, 8);
  for (std::size_t i = 0; i < list.size(); ++i) put(static_cast<std::int64_t>(i + 1), 1);
  const auto type = [&](std::int32_t offset) {
    put(offset, 4);
    put(0, 2);
  };
  type(first);
  for (const TzifTransition& each : list) type(each.offset);
  return bytes + std::string("LMT\0", 4) + '\n' + rule + '\n';
}

}  // namespace dun::test
