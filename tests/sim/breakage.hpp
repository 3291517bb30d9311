// Promises of the world around the engine, broken on purpose: the store's, the ids', the rules'. The product holds no
// switches for this; what it hands over and what it gets is changed on the way.
#pragma once

#include "scheduler/partition.hpp"
#include "tests/sim/account_model.hpp"
#include "tests/sim/options.hpp"

namespace dun::test {

/// The rules of a process, and what the checker takes to be true of them.
struct RuleBook {
  std::shared_ptr<const scheduler::Rules> rules;
  Nights nights;
};
/// `edition` 0 are the shipped rules; others move the quiet hours.
[[nodiscard]] RuleBook rule_book(int edition, Break broken);
inline constexpr int editions = 3;

void break_reply(Break broken, scheduler::ReadReply& reply);
/// Before it is committed and its claims are handed to dispatch. `process`: whose it is.
void break_batch(Break broken, int process, scheduler::Partition::Batch& batch);
/// What reaches the store of a commit.
void break_commit(Break broken, scheduler::Commit& commit);
void break_answer(Break broken, scheduler::Answer& answer, Instant now);

}  // namespace dun::test
