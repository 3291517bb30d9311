// Promises of the world around the engine, broken on purpose: the store's, the ids', the rules'. The product holds no
// switches for this; what it hands over and what it gets is changed on the way.
#pragma once

#include "scheduler/partition.hpp"
#include "tests/sim/account_model.hpp"
#include "tests/sim/options.hpp"

#include <map>

namespace dun::test {

/// The rules of a process, and what the checker takes to be true of them.
struct RuleBook {
  std::shared_ptr<const scheduler::Rules> rules;
  Nights nights;
};
/// `edition` 0 are the shipped rules; others move the quiet hours.
[[nodiscard]] RuleBook rule_book(int edition, Break broken);
inline constexpr int editions = 3;

/// Changes what passes between the engine and the world around it, as the switch says.
class Saboteur {
 public:
  explicit Saboteur(Break broken) : broken_(broken) {}

  /// What the engine reads.
  void reply(scheduler::ReadReply& reply);
  void records(int process, const std::vector<AccountId>& accounts,
               std::vector<std::optional<AccountRecord>>& records) const;
  /// Before it is committed and its claims are handed to dispatch. `process`: whose it is.
  void batch(int process, scheduler::Partition::Batch& batch);
  /// What reaches the store of a commit.
  void commit(scheduler::Commit& commit) const;
  void answer(scheduler::Answer& answer, Instant now) const;

 private:
  void event(Fields& fields);
  void record(AccountRecord& record) const;

  Break broken_;
  std::map<std::string, Fields> stated_;                     ///< by account: the last position in full
  std::map<std::string, Instant> newest_;                    ///< by account: of the times it was told
  std::map<std::string, std::string> days_;                  ///< by account: the first day of a suspension
  std::map<std::string, bool> late_;                         ///< payments, and whether they came late the first time
  std::map<std::string, std::string> paid_;                  ///< content of payments, and the id it came under first
  std::map<std::pair<int, AccountId>, AccountRecord> kept_;  ///< as a process left an account last
};

}  // namespace dun::test
