// Rules for tests: the shipped policies, two managers, and a catalogue of plain texts that show what was filled in.
#pragma once

#include "scheduler/partition.hpp"

#include <memory>

namespace dun::test {

/// `early_reminder 2026-01-31 21:45 owed=12.50` and the like, in English whatever the language asked for.
[[nodiscard]] messages::Catalogue plain_catalogue();

[[nodiscard]] policies::PolicySet policies_with_people();

[[nodiscard]] std::shared_ptr<const scheduler::Rules> rules(policies::PolicySet policies = policies_with_people());

}  // namespace dun::test
