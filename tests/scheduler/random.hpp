// Random choices for property tests: one seed makes the same choices on every machine.
#pragma once

#include "domain/time.hpp"

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

namespace dun::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  /// 0 to bound - 1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::size_t index(std::size_t size) { return static_cast<std::size_t>(below(size)); }
  /// Both ends are possible.
  int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::uint64_t>(high - low + 1))); }
  Millis millis(int low, int high) { return Millis(between(low, high)); }
  bool chance(int in_a_hundred) { return below(100) < static_cast<std::uint64_t>(in_a_hundred); }

 private:
  std::mt19937_64 engine_;
};

/// Seeds 1 to `count`. DUN_SEED=n runs that one alone, DUN_SEEDS=n as many as wanted.
inline std::vector<std::uint64_t> seeds(std::uint64_t count) {
  if (const char* one = std::getenv("DUN_SEED")) return {std::stoull(one)};
  if (const char* many = std::getenv("DUN_SEEDS")) count = std::stoull(many);
  std::vector<std::uint64_t> all(count);
  for (std::uint64_t i = 0; i < count; ++i) all[i] = i + 1;
  return all;
}

}  // namespace dun::test
