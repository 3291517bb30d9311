// A progress line for long work: on a terminal rewritten in place, elsewhere a line now and then.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace dun::tools {

/// Writes to standard error, at most a few times a second on a terminal and every ten seconds elsewhere.
class Progress {
 public:
  /// `simulated 120000 events, 85000/s`
  Progress(std::string verb, std::string unit);
  void add(std::uint64_t count);
  /// Shows `text` behind the count from now on.
  void note(std::string text) { note_ = std::move(text); }
  void finish();
  [[nodiscard]] std::uint64_t count() const { return count_; }

 private:
  void show(std::chrono::steady_clock::time_point now);
  std::string verb_, unit_, note_;
  std::uint64_t count_ = 0;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point begun_, next_;
};

}  // namespace dun::tools
