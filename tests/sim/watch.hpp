// What processes see with eyes of their own and report to cases: troubles that come and go, seen by one or by both, by
// a process that dies of it or lives on.
#pragma once

#include "domain/case_event.hpp"
#include "tests/domain/random.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace dun::test {

/// Decides who sees what. Its dice are its own: what billing tells and what fails stays as the seed has it.
class Watch {
 public:
  explicit Watch(std::uint64_t seed) : dice_(seed ^ 0x9e3779b97f4a7c15U) {}

  /// A process that can report now.
  struct Reporter {
    std::string name;
    Instant now{};  ///< by its clock
    std::function<void(const CaseEvent&)> report;
  };
  /// `calm`: nothing new is seen any more, and what is seen is soon over.
  void turn(const std::vector<Reporter>& reporters, Instant now, bool calm);

  /// When a report is due.
  [[nodiscard]] std::optional<Instant> next() const;
  [[nodiscard]] bool at_rest() const { return troubles_.empty(); }
  /// How often an alert was said to be seen, by its name.
  [[nodiscard]] const std::map<std::string, int>& seen() const { return seen_; }
  [[nodiscard]] int reports() const { return reports_; }

 private:
  struct Trouble {
    std::string name, witness;
    Instant ends{}, say_at{};
  };
  void begin(const Reporter& reporter, Instant now);
  void report(const Reporter& reporter, const std::string& name, bool seen);

  Random dice_;
  std::vector<Trouble> troubles_;
  std::map<std::string, int> seen_;
  std::map<std::string, std::uint64_t> numbers_;  ///< of the last report, by process
  int reports_ = 0;
};

}  // namespace dun::test
