#include "base/text/nearest.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace dun {
namespace {

/// Edits between two words: letters changed, inserted, dropped, or swapped with a neighbour.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, previous, current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) current[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::move(previous);
    previous = current;
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before[j - 2] + 1);
    }
  }
  return current[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t word_max = 64;  // what is longer is no slip of the finger
  std::string_view best;
  std::size_t best_distance = word_max;
  if (word.size() > word_max) return best;
  for (const std::string_view candidate : known) {
    const std::size_t edits = distance(word, candidate);
    if (edits * 2 <= candidate.size() && edits < best_distance) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

std::string hint(std::string_view word, std::span<const std::string_view> known) {
  if (known.empty()) return {};
  const std::string_view near = nearest(word, known);
  if (!near.empty()) return fmt::format("; did you mean \"{}\"?", near);
  return fmt::format("; expected one of: {}", fmt::join(known, ", "));
}

}  // namespace dun
