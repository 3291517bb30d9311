// Randomness for property tests: the same seed gives the same run on every machine. DUN_SEED in the environment
// overrides the default, so that a failure can be repeated and a long search can start elsewhere.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>

namespace dun::test {

/// The seed of this run; a property test puts it into what it prints on failure.
inline std::uint64_t run_seed() {
  const char* given = std::getenv("DUN_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20260302;
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// 0 to `count` - 1. Not std::uniform_int_distribution, which differs between libraries.
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  std::int64_t between(std::int64_t first, std::int64_t last) {
    const auto from = static_cast<std::uint64_t>(first);
    return static_cast<std::int64_t>(from + below(static_cast<std::uint64_t>(last) - from + 1));
  }
  bool percent(unsigned chance) { return below(100) < chance; }
  template <typename List>
  const auto& pick(const List& list) {
    return list[below(std::size(list))];
  }
  std::string bytes(std::size_t size_max) {
    std::string text(below(size_max + 1), '\0');
    for (char& c : text) c = static_cast<char>(below(256));
    return text;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace dun::test
