// A mistake in the configuration: where it stands and what was expected there.
#pragma once

#include <compare>
#include <string>
#include <vector>

namespace dun::config {

/// Where something stands in a file; lines and columns count from 1, columns in characters.
struct Location {
  int line = 1;
  int column = 1;
  friend auto operator<=>(const Location&, const Location&) = default;
};

struct Mistake {
  std::string file;  ///< as the operator named it
  int line = 1;
  int column = 1;
  std::string message;  ///< what is wrong, and what was expected
  friend auto operator<=>(const Mistake&, const Mistake&) = default;
};

/// All mistakes are collected and shown at once: an operator corrects a file in one go.
using Mistakes = std::vector<Mistake>;

/// `FILE:LINE:COL: error: MESSAGE` (contract section 5).
[[nodiscard]] std::string to_text(const Mistake& mistake);

}  // namespace dun::config
