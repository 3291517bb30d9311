#include "tests/sim/shrink.hpp"

#include <algorithm>
#include <numeric>

namespace dun::test {
namespace {

void add(Story& sum, const Story& story) {
  for (int Story::* count : {&Story::events,
                             &Story::claims,
                             &Story::commits_lost_before,
                             &Story::commits_lost_after,
                             &Story::crashes,
                             &Story::crashes_at_request,
                             &Story::sleeps,
                             &Story::leases_lost,
                             &Story::failovers,
                             &Story::fenced,
                             &Story::handed_over,
                             &Story::asked,
                             &Story::taken_back,
                             &Story::returned,
                             &Story::recovered_in_flight,
                             &Story::clock_steps,
                             &Story::reloads,
                             &Story::receipts,
                             &Story::held,
                             &Story::unknown,
                             &Story::denied,
                             &Story::reports,
                             &Story::posts_lost_before,
                             &Story::posts_lost_after})
    sum.*count += story.*count;
  sum.account_days += story.account_days;
}

class Shrinker {
 public:
  Shrinker(const Failure& failure, int runs)
      : best_(failure), promise_(promise_of(failure.violations.front())), runs_(runs) {}

  Failure shrink() {
    for (bool smaller = true; smaller && runs_ > 0;) {
      smaller = switch_faults_off();
      smaller = leave_events_out() || smaller;
    }
    best_.options.narrated = true;
    return try_run(best_.options).value_or(best_);
  }

 private:
  bool take_if_broken(const SimOptions& options) {
    if (runs_-- <= 0) return false;
    const auto failure = try_run(options);
    if (!failure || promise_of(failure->violations.front()) != promise_) return false;
    best_ = *failure;
    return true;
  }

  bool switch_faults_off() {
    bool smaller = false;
    for (std::size_t i = 0; i < fault_names.size(); ++i) {
      SimOptions options = best_.options;
      options.faults = options.faults.without(static_cast<Fault>(i));
      if (options.faults != best_.options.faults) smaller = take_if_broken(options) || smaller;
    }
    return smaller;
  }

  /// Halves, quarters and so on down to single events.
  bool leave_events_out() {
    if (!best_.options.keep) {
      best_.options.keep.emplace(static_cast<std::size_t>(best_.options.events));
      std::iota(best_.options.keep->begin(), best_.options.keep->end(), 0);
    }
    bool smaller = false;
    for (std::size_t size = std::max<std::size_t>(best_.options.keep->size() / 2, 1);; size /= 2) {
      for (std::size_t from = 0; from < best_.options.keep->size();) {
        SimOptions options = best_.options;
        const auto first = options.keep->begin() + static_cast<std::ptrdiff_t>(from);
        options.keep->erase(first, first + static_cast<std::ptrdiff_t>(std::min(size, options.keep->size() - from)));
        if (take_if_broken(options))
          smaller = true;
        else
          from += size;
      }
      if (size <= 1) return smaller;
    }
  }

  Failure best_;
  std::string promise_;
  int runs_;
};

}  // namespace

std::string promise_of(const std::string& violation) {
  return violation.substr(0, violation.find(':'));
}

std::optional<Failure> try_run(const SimOptions& options, Story* sum) {
  World world(options);
  const Violations& violations = world.run();
  if (sum != nullptr) add(*sum, world.story());
  if (violations.empty()) return std::nullopt;
  return Failure{.options = options, .violations = violations, .narration = world.narration()};
}

Failure shrink(const Failure& failure, int runs) {
  return Shrinker(failure, runs).shrink();
}

}  // namespace dun::test
