// Everything decided or learnt, as it is kept.
#pragma once

#include "domain/ids.hpp"
#include "domain/outcome.hpp"
#include "domain/time.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/store_error.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dun::operations {

using scheduler::Awaitable;
using scheduler::StoreResult;

struct JournalQuery {
  std::optional<AccountId> account;
  std::set<OutcomeType> types;  ///< empty: all but event.applied, which is not an outcome to others
  bool everything = false;      ///< event.applied too, for `dun explain`
  std::size_t page = 256;       ///< journal entries read from a partition at a time
};

struct JournalPage {
  std::vector<Outcome> outcomes;
  std::vector<std::string> problems;  ///< entries that could not be read, with key and id; they are skipped
  bool at_end = false;                ///< nothing is left at present
};

/// What a query finds, from the beginning on: of all partitions, merged by `at`; within a partition the order is that
/// of the commits. What is added meanwhile comes too, so that it can be followed.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual Awaitable<StoreResult<JournalPage>> next() = 0;
  /// Returns when something may have been added behind what next() has read, or when the limit has passed.
  virtual Awaitable<StoreResult<void>> wait(Millis limit) = 0;
};

}  // namespace dun::operations
