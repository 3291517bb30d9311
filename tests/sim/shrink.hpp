// A failure cut down to what it needs: from a seed to a story that a person can read.
#pragma once

#include "tests/sim/world.hpp"

namespace dun::test {

struct Failure {
  SimOptions options;
  Violations violations;
  std::vector<std::string> narration;
};

/// What broke a promise in the run of these options; nothing if none was broken.
[[nodiscard]] std::optional<Failure> try_run(const SimOptions& options, Story* sum = nullptr);

/// Switches faults off one kind at a time, then leaves out parts of the story, ever smaller ones, as long as the same
/// promise stays broken; at most `runs` runs.
[[nodiscard]] Failure shrink(const Failure& failure, int runs = 600);

/// The promise that a violation is about: what stands before its colon.
[[nodiscard]] std::string promise_of(const std::string& violation);

}  // namespace dun::test
