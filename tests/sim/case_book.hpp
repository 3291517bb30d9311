// What is promised of cases and posts: a post that a commit holds is taken somewhere, what several processes see is
// told once, and once that it is over.
#pragma once

#include "domain/outcome.hpp"
#include "scheduler/ports/post.hpp"
#include "tests/sim/notice_book.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace dun::test {

[[nodiscard]] inline bool is_alert(OutcomeType type) {
  return type == OutcomeType::alert_raised || type == OutcomeType::alert_cleared;
}

/// Of one partition: it goes back with its store.
class CaseBook {
 public:
  void posted(const std::vector<scheduler::Post>& posts);
  /// An alert's outcome. `seen`: how often a process has said so of that alert.
  void take(const Outcome& outcome, const std::map<std::string, int>& seen, Violations& out);
  /// `taken`: ids of the reports that some partition has read. Everything has come to rest, and nobody sees anything.
  void finish(const std::set<std::string>& taken, Violations& out) const;
  [[nodiscard]] bool is_open(const std::string& name) const;

 private:
  std::set<std::string> posted_;
  struct Told {
    int raised = 0, cleared = 0;
  };
  std::map<std::string, Told> told_;  ///< by the alert's name
};

}  // namespace dun::test
