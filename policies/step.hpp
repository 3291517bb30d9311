// The one entrance to the rules: a record, an input, the policy set and an instant in; the record's next value and
// what follows from it out. Pure: the live engine, `dun simulate`, `dun diff` and the tests run this same code.
#pragma once

#include "domain/account_record.hpp"
#include "policies/effects.hpp"
#include "policies/inputs.hpp"
#include "policies/options.hpp"

namespace dun::policies {

/// Steps `record` in place. Never fails: what cannot be done is an outcome with its reason.
[[nodiscard]] Effects step(const AccountId& account, AccountRecord& record, const Input& input,
                           const PolicySet& policies, Instant now);

}  // namespace dun::policies
