// What an account writes to the case of its task, and what comes back. Both stand in one partition: a letter is taken
// in with the commit it follows from.
#pragma once

#include "domain/case_record.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace dun::policies::cases {

/// The manager is told in the customer's place. The account numbers its tasks and what it has told of them.
struct TellManager {
  std::uint32_t task = 0;    ///< the first letter of a task opens it
  std::uint32_t notice = 0;  ///< ordinal of the notice to the manager
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  std::vector<std::string> reasons;
};
/// Its cause is gone.
struct CloseTask {
  std::string reason;
};
/// The facts alone.
struct Remark {};

struct Letter {
  AccountFacts facts;
  EventId cause;  ///< the event behind it; empty at timers
  std::variant<TellManager, CloseTask, Remark> what;
  std::size_t outcomes_before = 0;  ///< of the account's step, so many came about before it was written
};

}  // namespace dun::policies::cases
