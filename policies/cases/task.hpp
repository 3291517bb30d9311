// The case of an account manager's task: its account writes what the manager must know, the manager is told in their
// hours, and what comes of it is settled as for an account (contract section 6).
#pragma once

#include "domain/case_record.hpp"
#include "policies/effects.hpp"
#include "policies/inputs.hpp"
#include "policies/options.hpp"

#include <optional>
#include <variant>

namespace dun::policies::cases {

/// A receipt that is for none of the account's own notices.
struct ReceiptCame {
  const CreditEvent* receipt = nullptr;
};
/// next_wake() has come.
struct Woken {};

/// What taken_over() found.
struct TakenOver {
  TaskCase record;
};

using TaskInput = std::variant<Letter, ReceiptCame, TakenOver, Woken, TurnCome, Reviewed, Settled, Unrenderable>;

/// Steps `record` in place. Never fails: what cannot be done is an outcome with its reason.
[[nodiscard]] Effects step(TaskCase& record, const TaskInput& input, const PolicySet& policies, Instant now);

/// When it has something to do by time alone.
[[nodiscard]] std::optional<Instant> next_wake(const TaskCase& record);

/// It is worth nothing any more: no task is open, nothing is under way, and no receipt is to be waited for.
[[nodiscard]] bool is_over(const TaskCase& record, Instant now);

/// The task that a version before this one kept in the account's record, with its notices; they leave the record.
[[nodiscard]] TaskCase taken_over(const AccountId& account, AccountRecord& record, const PolicySet& policies);

}  // namespace dun::policies::cases
