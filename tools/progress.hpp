// Progress lines for long work.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace dun::tools {

/// A line on standard error: on a terminal rewritten in place a few times a second, elsewhere a new one now and then.
class ProgressLine {
 public:
  explicit ProgressLine(std::chrono::seconds elsewhere);
  /// Whether it is time for the next one, which it is at once until `wait` or `show` was called.
  [[nodiscard]] bool due() const { return std::chrono::steady_clock::now() >= next_; }
  void wait();
  void show(std::string_view text);
  /// Makes place for what is printed next.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::duration every_;
  std::chrono::steady_clock::time_point next_;
};

/// Counts, and shows how many and how fast: elsewhere than on a terminal every ten seconds.
class Progress {
 public:
  /// `simulated 120000 events, 85000/s`
  Progress(std::string verb, std::string unit);
  void add(std::uint64_t count);
  /// Shows `text` behind the count from now on.
  void note(std::string text) { note_ = std::move(text); }
  void finish() { line_.clear(); }
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  void show();
  std::string verb_, unit_, note_;
  std::uint64_t count_ = 0;
  ProgressLine line_;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace dun::tools
