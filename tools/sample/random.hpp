// Chance that is the same on every machine: the standard's generators are, its distributions are not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dun::sample {

/// SplitMix64 (Steele, Lea, Flood, 2014). Streams of different keys are unrelated.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t key) : state_(mix(seed + 1) ^ mix(key + 0x5851f42d4c957f2d)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15); }
  /// 0 to bound - 1.
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }
  /// Both ends included.
  std::int64_t between(std::int64_t from, std::int64_t to) { return from + below(to - from + 1); }
  bool chance(int per_mille) { return below(1000) < per_mille; }
  /// Between both ends, and near the middle more often than not.
  std::int64_t around(std::int64_t from, std::int64_t to) {
    return (between(from, to) + between(from, to) + between(from, to)) / 3;
  }
  template <typename Row, std::size_t Size>
  const Row& pick(const std::array<Row, Size>& rows) {
    return rows[static_cast<std::size_t>(below(static_cast<std::int64_t>(Size)))];
  }
  /// A row by its `weight`, in parts of the sum of all.
  template <typename Row, std::size_t Size>
  const Row& pick_weighted(const std::array<Row, Size>& rows) {
    std::int64_t sum = 0;
    for (const Row& row : rows) sum += row.weight;
    std::int64_t left = below(sum);
    for (const Row& row : rows) {
      if (left < row.weight) return row;
      left -= row.weight;
    }
    return rows.back();
  }

 private:
  static std::uint64_t mix(std::uint64_t value) {
    value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
    value = (value ^ value >> 27) * 0x94d049bb133111eb;
    return value ^ value >> 31;
  }
  std::uint64_t state_;
};

}  // namespace dun::sample
