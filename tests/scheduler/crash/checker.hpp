// What must be true of a run, checked from outside: from what was published, what the gateway saw, and what the store
// holds. It shares no code with the engine and knows nothing of how the engine decides.
#pragma once

#include "scheduler/sim/memory_store.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace dun::test {

/// The events of a run are chosen so that what is owed can be told without any rule: a payment and a resumption are
/// always told of, a debt unless it is paid.
enum class Published : std::uint8_t { payment, resumption, debt, malformed, repeat, receipt };

/// Collects what happens and says what was wrong. A promise broken is a line of text that names the number of the
/// promise, so that a test can ask for it.
class Checker {
 public:
  struct Options {
    int partitions = 1;
    /// The gateway removes duplicates, and what is unknown is repeated; else it is never repeated and may stay unknown.
    bool duplicates_removed = true;
  };
  explicit Checker(const Options& options);

  /// An entry reaches the partition's stream, or the front door and the stream later.
  void published(int partition, Published what, const std::string& id, const std::string& account);
  /// A batch begins to look at the partition: whatever was published before must be read before a notice is claimed.
  void looked(int partition, int owner, scheduler::StreamId last_in_stream, bool front_door_empty);
  /// The owner's commit has reached the store.
  void committed(int partition, int owner, const scheduler::Commit& commit);
  /// The state of the partition after a commit.
  void stored(int partition, const scheduler::MemoryPartition& state);
  /// A request leaves for the gateway, and is over for whoever waits for it.
  void began(int partition, int owner, const scheduler::SendRequest& request);
  void ended(int partition, int owner, const scheduler::SendRequest& request);
  /// The partition has a new owner. What the last one still has under way is in doubt.
  void owner_changed(int partition, int owner);

  /// Everything has come to rest.
  void finished(const std::vector<std::shared_ptr<scheduler::MemoryPartition>>& states,
                const std::vector<scheduler::SendRequest>& taken);

  [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }
  void violation(std::string text) { violations_.push_back(std::move(text)); }

 private:
  struct Event {
    Published what = Published::payment;
    std::string account;
    int number = 0;  ///< in order of publication
    int partition = 0;
  };
  struct Look {
    scheduler::StreamId last_in_stream;
    bool front_door_empty = true;
    int published = 0;
  };
  struct Place {
    int owner = -1;
    std::map<int, Look> looks;                               ///< the last of each owner
    std::map<NoticeId, scheduler::InFlight> claimed;         ///< as the store has it
    std::map<std::string, std::set<std::string>> under_way;  ///< by account, of the present owner
    std::uint64_t published = 0;
  };

  void check_claim(int partition, int owner, const scheduler::Commit& commit, const scheduler::InFlight& claim);
  void check_shelf(const scheduler::MemoryPartition& state, const std::deque<scheduler::ShelfEntry>& shelf);
  void check_applied_once(const std::vector<Outcome>& journal);
  void check_owed(const std::vector<Outcome>& journal, const std::vector<scheduler::SendRequest>& taken);
  void check_counters(int partition, const scheduler::MemoryPartition& state);
  void check_order(const std::vector<scheduler::SendRequest>& taken);
  void check_at_rest(const scheduler::MemoryPartition& state);
  [[nodiscard]] const Event* paid(const std::string& account) const;
  Place& place(int partition) { return places_.at(static_cast<std::size_t>(partition)); }

  Options options_;
  std::vector<Place> places_;
  std::map<std::string, Event> events_;          ///< valid ones, by id
  std::map<std::string, int> repeats_;           ///< by id
  std::map<std::string, std::string> cause_of_;  ///< of a notice, as its claims and outcomes tell
  std::map<std::string, std::string> account_of_;
  int numbers_ = 0;
  std::vector<std::string> violations_;
};

}  // namespace dun::test
