// What must be true of a run, checked from outside: from what was published, what the gateway saw, and what the store
// was given and holds. It shares no code with the engine and its rules; what the rules demand, account_model.* says.
#pragma once

#include "scheduler/ports/send_request.hpp"
#include "scheduler/ports/send_result.hpp"
#include "scheduler/sim/memory_store.hpp"
#include "tests/sim/case_book.hpp"
#include "tests/sim/notice_book.hpp"
#include "tests/sim/receipt_book.hpp"
#include "tests/sim/text_checks.hpp"
#include "tests/support/claims.hpp"

#include <string>
#include <vector>

namespace dun::test {

/// Collects what happens and says what was wrong. A broken promise is a line of text that begins with the promise, so
/// that a test can ask for it: once, owed, told, ends, identity, unknown, order, quiet, void, cap, barrier, fence,
/// claim, in flight, limits, rejected, rest, late; of what is said, accused, amount, currency, time, past, threat,
/// date, thanks, stage, warned, reopened; of receipts, again, receipt.
class Checker {
 public:
  struct Options {
    int partitions = 1;
    /// The gateway is asked about what is unknown until it says: nothing may stay unknown.
    bool doubts_end = false;
    /// Of the gateway, for each process.
    double rate = 1e9, burst = 1e9;
    int open_max = 1 << 20;
  };
  explicit Checker(const Options& options);
  ~Checker();

  /// An entry stands in the partition's stream. `wrong`: the field for which it must be rejected, if it must be.
  void added(int partition, scheduler::StreamId id, const Fields& fields, const std::string& wrong = {});
  /// The owner sets its ingest barrier: whatever is in the stream now, and what `waits_at_front_door` for it, must be
  /// read before a notice is claimed.
  void looked(int partition, int owner, int waits_at_front_door);
  /// The owner's commit has reached the store, which holds `state` since. `nights`: quiet hours by the owner's rules.
  void committed(int partition, int owner, const scheduler::Commit& commit, const scheduler::MemoryPartition& state,
                 const Nights& nights = {Night()});
  /// A request leaves for the gateway by the wall clock and steady time of its process, and is over for it.
  void began(int partition, int owner, const scheduler::SendRequest& request, Instant wall, Millis steady);
  void asked(int partition, int owner, const scheduler::StatusRequest& request, Millis steady);
  void ended(int partition, int owner, const scheduler::InFlight& claim, const scheduler::SendResult& result);
  /// The gateway has taken it.
  void taken(const std::string& client_ref) { taken_.insert(client_ref); }
  /// The gateway has taken it and says that it has not: nobody can know but by a receipt.
  void denied(const std::string& client_ref) { denied_.insert(client_ref); }
  /// The owner has nothing more to do at present, which is `wall` by its clock.
  void rested(const scheduler::MemoryPartition& state, int partition, Instant wall, const Nights& nights);
  /// The wall clock of its machine goes back: what it finds due only later may lose its place.
  void clock_set_back(int owner);
  /// The partition has a new owner. What the last one still has under way is in doubt.
  void owner_changed(int partition, int owner);

  /// What is known of a partition, for a store that goes back to what it was.
  struct PartitionBook;
  [[nodiscard]] std::shared_ptr<const PartitionBook> remember(int partition) const;
  void went_back(int partition, const PartitionBook& remembered);

  /// How often processes have said that they see an alert, by its name.
  void seen(const std::map<std::string, int>& times) { seen_ = times; }

  /// Everything has come to rest.
  void finished(const std::vector<std::shared_ptr<scheduler::MemoryPartition>>& states,
                const std::vector<scheduler::SendRequest>& taken);

  [[nodiscard]] const Violations& violations() const { return violations_; }
  void violation(std::string text) { violations_.push_back(std::move(text)); }

 private:
  struct Claimed {
    scheduler::InFlight request;
    AccountModel account;
    Nights nights;
    ShownText text;
    int set_backs = 0;  ///< of its owner's clock, when it looked
  };
  struct Flow {
    Millis at{0};
    double level = 0;
    int open = 0;
  };

  void take_event(PartitionBook& at, const scheduler::Commit& commit, const Outcome& outcome);
  void take_notice(PartitionBook& at, const Outcome& outcome, const Nights& nights);
  void check_all_read(PartitionBook& at, const scheduler::Commit& commit);
  void check_ladder(PartitionBook& at, const std::string& account, Instant now);
  void check_warned(const PartitionBook& at, const std::string& account, Instant now);
  static void take_at_risk(PartitionBook& at, const Outcome& outcome);
  void check_words(PartitionBook& at, const scheduler::InFlight& claim, const dun::NoticeBook& notices);
  void check_claim(PartitionBook& at, int owner, const scheduler::InFlight& claim, const Nights& nights);
  void check_sending(PartitionBook& at, const scheduler::InFlight& claim, const Nights& nights);
  void check_caps(const PartitionBook& at, const scheduler::InFlight& claim);
  void check_identity(const dun::NoticeBook& notices, const scheduler::InFlight& claim);
  void check_account_order(const PartitionBook& at, const dun::NoticeBook& notices, const scheduler::Commit& commit,
                           const scheduler::InFlight& claim, const AccountModel& account, const Nights& nights);
  static void take_parked(PartitionBook& at, const scheduler::Commit& commit);
  void take_shelves(PartitionBook& at, const scheduler::Commit& commit);
  void check_overtaken(const PartitionBook& at, const scheduler::Commit& commit, const scheduler::InFlight& claim,
                       const scheduler::MemoryPartition& state);
  void check_shelf(const PartitionBook& at, const scheduler::MemoryPartition& state,
                   const std::deque<scheduler::ShelfEntry>& shelf);
  void check_counters(const PartitionBook& at, const scheduler::MemoryPartition& state);
  void check_at_rest(const scheduler::MemoryPartition& state);
  void count_request(PartitionBook& at, int owner, const Claimed& claim, int parts, Millis steady);
  PartitionBook& book(int partition) { return *books_.at(static_cast<std::size_t>(partition)); }

  Options options_;
  std::vector<std::unique_ptr<PartitionBook>> books_;
  std::map<std::pair<int, std::string>, Claimed> claims_;  ///< by owner and notice: the last of each
  std::map<int, int> set_backs_;                           ///< of its clock, by owner
  std::map<int, Flow> flows_;                              ///< by owner
  std::map<std::string, std::string> said_of_, id_of_;     ///< what is said, of an id and back
  std::set<std::string> doubts_;  ///< notices of which one request had no answer, or no one to take it in
  std::set<std::string> taken_, denied_;
  std::set<std::string> reports_taken_;   ///< ids of what cases were told and some partition has read
  std::map<std::string, int> seen_;       ///< alerts, and how often a process said that it sees one
  std::map<std::string, Instant> names_;  ///< the suspension that a notice speaks of, as it was claimed last
  std::set<std::string> excused_;         ///< taken in a time that the store has forgotten
  Violations violations_;
};

}  // namespace dun::test
