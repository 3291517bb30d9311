// Everything decided or learnt, as a stream: `dun outcomes`.
#pragma once

#include "operations/ports/journal.hpp"

#include <expected>
#include <optional>
#include <set>
#include <string>

namespace dun::operations {

struct OutcomesAsked {
  std::set<OutcomeType> types;  ///< none: all but event.applied, which is the journal's own
  std::string account;          ///< empty: of all accounts
  bool follow = false;          ///< go on with what is added
};

/// Which part of the journal is meant. The error is a sentence about what was asked.
[[nodiscard]] std::expected<JournalQuery, std::string> to_query(const OutcomesAsked& asked);

/// The answer, page by page, in time order (operations/outcome_json.hpp writes them).
class Outcomes {
 public:
  /// The journal is that of the query, and outlives this.
  Outcomes(Journal& journal, bool follow) : journal_(journal), follow_(follow) {}

  /// None: that was all. Followed, it waits for what is added, and there is no end.
  Awaitable<StoreResult<std::optional<JournalPage>>> next();

 private:
  Journal& journal_;
  bool follow_;
  bool at_end_ = false;
};

}  // namespace dun::operations
