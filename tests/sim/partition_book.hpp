// What the checker knows of a partition as the store has it. Internal to the checker.
#pragma once

#include "tests/sim/billing.hpp"
#include "tests/sim/checker.hpp"

#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace dun::test {

/// The notices of an account or of a case; none where the store does not know it.
[[nodiscard]] const dun::NoticeBook* book_of(const scheduler::MemoryPartition& state, const Subject& subject);
/// Every subject that has notices.
using Books = std::vector<std::pair<Subject, const dun::NoticeBook*>>;
[[nodiscard]] Books books_of(const scheduler::MemoryPartition& state);
/// As the commit leaves them.
[[nodiscard]] Books books_of(const scheduler::Commit& commit);
/// Whom a notice is about.
[[nodiscard]] std::string account_name(const Subject& subject);

/// What is known of a partition as the store has it.
struct Checker::PartitionBook {
  explicit PartitionBook(bool doubts_end) : receipts(doubts_end) {}

  struct Entry {
    scheduler::StreamId id;
    Fields fields;
    std::string wrong;
    int number = 0;
    [[nodiscard]] bool is(std::string_view type) const { return wrong.empty() && value_of(fields, "type") == type; }
    /// Nothing is said of it when it is read.
    [[nodiscard]] bool silent() const { return is("source.heartbeat") || is("dun.receipt") || is("dun.case"); }
  };
  using Shelved = std::tuple<scheduler::ShelfKey, std::string, std::uint32_t, std::uint32_t>;
  static Shelved shelved(const scheduler::ShelfKey& key, const scheduler::ShelfEntry& entry) {
    return {key, entry.subject.str(), entry.ordinal, entry.generation};
  }

  int owner = -1;
  /// Of an owner.
  struct Barrier {
    int to_read = 0;    ///< entries
    int set_backs = 0;  ///< of its clock by then
  };
  std::map<int, Barrier> barriers;                         ///< the last of each owner
  std::map<NoticeId, scheduler::InFlight> claimed;         ///< as the store has it
  std::map<std::string, std::set<std::string>> under_way;  ///< by subject, of the present owner
  std::deque<Entry> unread;
  int added = 0;
  std::map<std::pair<std::string, Instant>, int> number_of;  ///< of an event, in the order of the stream
  std::map<std::string, AccountModel> accounts;
  NoticeBook notices;
  ReceiptBook receipts;
  CaseBook cases;
  std::map<std::string, Facts> facts;  ///< by account
  struct Told {
    std::string notice;
    Instant at{};
    bool perhaps = false;
  };
  std::map<std::string, std::vector<Told>> dunned;             ///< by account
  std::set<std::pair<std::string, Instant>> warned;            ///< suspensions of accounts that somebody was told of
  std::set<std::string> begun;                                 ///< accounts of which a first step was decided
  std::set<std::pair<std::string, std::uint32_t>> left_shelf;  ///< notices that were claimed, by subject and ordinal
  std::set<std::pair<std::string, std::uint32_t>> turn_came;   ///< those that wait, or waited, behind another one
  std::map<Shelved, int> arrived;
  int arrivals = 0;
  std::map<std::string, Instant> held_until;         ///< what each notice was last held for
  std::map<NoticeId, scheduler::InFlight> returned;  ///< not taken by a paused gateway: where it must be again
};

}  // namespace dun::test
