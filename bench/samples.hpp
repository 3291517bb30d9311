// What is measured: the rules and texts as shipped, and accounts as a month's end has them.
#pragma once

#include "scheduler/partition.hpp"

#include <memory>
#include <string>

namespace dun::bench {

/// The configuration in config/; ends the program where it cannot be read.
[[nodiscard]] const scheduler::Rules& shipped();

/// Two instants in Shanghai: in the morning a notice goes at once, at night it is held.
[[nodiscard]] Instant morning();
[[nodiscard]] Instant night();

/// An account falls into arrears, as billing says it.
[[nodiscard]] Fields arrears_fields(int account, Instant time);
[[nodiscard]] CreditEvent arrears(int account, Instant time);

/// What its record is like then: one notice waits, held where it is night.
[[nodiscard]] AccountRecord record_in_arrears(int account, Instant time);

/// The two commits by which such an event of each account becomes a message, as the engine makes them: all events in
/// one, all claims in the next.
struct Commits {
  scheduler::Commit events, claims;
};
[[nodiscard]] Commits commits_of_batch(int accounts, Instant time);

}  // namespace dun::bench
