// A story told to the simulation: events in, outcomes out as short lines that a test can list.
#pragma once

#include "scheduler/simulation.hpp"
#include "tests/support/rules.hpp"

#include <string>
#include <vector>

namespace dun::test {

[[nodiscard]] Instant at(const std::string& rfc3339);

/// The event of a line `2026-03-02T10:00:00+08:00 credit.changed state=arrears balance=-50`. Defaults: id e`count`,
/// account A1, msisdn, zone Asia/Shanghai, lang en, currency CNY.
[[nodiscard]] Fields story_event(const std::string& line, int count);

/// `sent dunning 1 at 2026-03-02T10:00:00+08:00`, in the zone of Asia/Shanghai: only the types asked for
/// (`sent held cancelled ...` without their prefix), all notice and task types when none is.
[[nodiscard]] std::vector<std::string> told_lines(const std::vector<Outcome>& outcomes,
                                                  const std::vector<std::string>& types);

class Scenario {
 public:
  explicit Scenario(policies::PolicySet policies = policies_with_people());

  /// Published when virtual time reaches its `time`; ids count up (e1, e2, ...).
  Scenario& event(const std::string& line);
  /// The same, arriving at `at`, later than its `time`.
  Scenario& late_event(const std::string& at, const std::string& line);
  Scenario& until(const std::string& time);
  Scenario& run_out();

  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }
  [[nodiscard]] std::vector<std::string> told(const std::vector<std::string>& types = {"sent"}) const;
  /// Outcomes of a full type, `notice.sent`.
  [[nodiscard]] std::vector<Outcome> of(OutcomeType type) const;
  [[nodiscard]] const scheduler::Counters& counters() const { return simulation_.counters(); }

 private:
  std::vector<Outcome> outcomes_;
  scheduler::Simulation simulation_;
  int count_ = 0;
};

}  // namespace dun::test
