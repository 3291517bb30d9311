// The story of one account in words: was this customer told, when, why, or why not.
#pragma once

#include "domain/account_record.hpp"
#include "domain/case_record.hpp"
#include "domain/outcome.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dun::operations {

struct Story {
  AccountId account;
  std::optional<AccountRecord> record;   ///< as it is now
  std::optional<TaskCase> task;          ///< the case of its account manager's task, while there is one
  std::vector<Outcome> outcomes;         ///< all that is kept about it, in time order
  std::string default_zone = "Etc/UTC";  ///< for an account without a zone that is known
  Instant now{};
};

/// One screen of text, in the account's local time: who it is, the answer in a sentence, what happened, what is to
/// come.
[[nodiscard]] std::string explain(const Story& story);

/// A rule id in words, `quiet_hours.night` as "quiet hours (night)"; an unknown one as it is.
[[nodiscard]] std::string rule_in_words(const std::string& rule);

}  // namespace dun::operations
