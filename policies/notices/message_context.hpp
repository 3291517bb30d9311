// What a text may mention, as the position is now.
#pragma once

#include "domain/account_record.hpp"
#include "policies/desk.hpp"

#include <string>

namespace dun::policies {

/// What every text tells of its account.
struct ToldOfAccount {
  const CreditPosition& credit;
  ServiceState service = ServiceState::unknown;
  const std::string& brand;
  int credit_level = 0;
};

[[nodiscard]] MessageContext message_context(const Desk& now, const PendingNotice& notice, const Receiver& receiver,
                                             const ToldOfAccount& told);

}  // namespace dun::policies
