// One partition, its store, and the cycle that reads, decides and commits for it, one batch after another.
//
// Guarantee: a claim is handed to dispatch only after its commit is known to be applied; after an error of the store
// the next call is acquire(). Owner: the engine, which holds it for as long as its loops run; one coroutine at a time
// is in acquire(), cycle(), wait_for_work(), wait() or release().
#pragma once

#include "base/async/task_group.hpp"
#include "scheduler/dispatcher.hpp"
#include "scheduler/partition.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/store.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dun::scheduler {

class Runner {
 public:
  /// `clock`, the options and `dispatcher` outlive it.
  Runner(async::Executor executor, int number, const Clock& clock, const EngineOptions& options,
         const DispatchOptions& dispatch, Dispatcher& dispatcher, std::shared_ptr<const Rules> rules,
         std::unique_ptr<PartitionStore> store);
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Takes the lease and begins from what the store holds. False: not acquired, trouble() says why.
  Awaitable<bool> acquire();
  /// One batch from the store and back. False: the partition is given up, for another owner or for another attempt.
  Awaitable<bool> cycle();
  /// Until there may be something to do. `leaving`: no more turns are to be taken, only answers.
  Awaitable<void> wait_for_work(bool leaving);
  /// Until notified.
  Awaitable<void> wait();
  /// Gives the lease back.
  Awaitable<void> release();

  /// What is read next may be new.
  void look_again() { look_ = true; }
  void notify() { signal_.notify(); }
  /// What became of a claim.
  void answered(Answer answer);
  void put_out(Outcome remark) { partition_.put_out(std::move(remark)); }
  [[nodiscard]] std::vector<Outcome> take_remarks() { return partition_.take_remarks(); }
  void post(Post post) { partition_.cases().post(std::move(post)); }
  [[nodiscard]] std::vector<Post> take_posts() { return partition_.cases().take_posts(); }
  void set_rules(std::shared_ptr<const Rules> rules) { partition_.set_rules(std::move(rules)); }

  /// Shows dispatch its first turns.
  void offer();
  /// Takes back what dispatch has of it and has not begun.
  void withdraw();

  [[nodiscard]] const Partition& partition() const { return partition_; }
  [[nodiscard]] int number() const { return partition_.number(); }
  /// False once the lease may have run out since it was last renewed.
  [[nodiscard]] bool is_surely_ours() const;
  [[nodiscard]] std::uint64_t batches() const { return batches_; }
  /// Malformed events since it was acquired.
  [[nodiscard]] std::uint64_t rejected() const { return partition_.counters().rejected - rejected_before_; }
  /// Since when its lease was not renewed; real time, as are the other spans.
  [[nodiscard]] Millis silent_for() const;
  /// Since when its stream and the front door were last read to their ends, or it was acquired.
  [[nodiscard]] Millis unread_for() const;
  /// Since when every attempt at it has failed.
  [[nodiscard]] Millis stuck_for() const;
  /// Why the last attempt failed; empty when it did not, or another process has the partition as it should.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  /// How often it stumbled: attempts that failed in a row count once.
  [[nodiscard]] std::uint64_t stumbles() const { return stumbles_; }
  /// Why the last of all attempts that failed did, whatever came after it.
  [[nodiscard]] const std::string& stumbled_over() const { return stumbled_over_; }

 private:
  /// Grants taken and not used yet, because the ingest barrier has not been reached since.
  struct HeldGrants {
    Grants grants{};
    std::optional<Millis> since;  ///< real time

    [[nodiscard]] bool any() const { return since.has_value(); }
    void add(const Grants& more, Millis real_now);
    Grants take();
  };
  Awaitable<void> bring_posts();
  void stumbled(const StoreError& error);
  void give_up(const StoreError& error);

  const Clock& clock_;
  const EngineOptions& options_;
  Dispatcher& dispatcher_;
  Partition partition_;
  std::unique_ptr<PartitionStore> store_;
  async::Signal signal_;
  HeldGrants grants_;
  bool look_ = true;  ///< something may be new in the stream
  Millis committed_at_{0};
  Millis renewed_at_{0};  ///< the lease was surely ours at this real time
  std::uint64_t batches_ = 0;
  std::uint64_t rejected_before_ = 0;  ///< malformed events, as of its acquisition
  Millis read_to_end_at_{0};           ///< real time; as of its acquisition if it was not since
  std::optional<Millis> stuck_since_;  ///< real time of the first of the attempts that have failed since one succeeded
  std::string trouble_, stumbled_over_;
  std::uint64_t stumbles_ = 0;
};

/// Those of all partitions, by number. What is in it stays where it is.
class Runners {
 public:
  template <typename... Arguments>
  void add(Arguments&&... arguments) {
    all_.emplace_back(std::forward<Arguments>(arguments)...);
  }
  [[nodiscard]] Runner& of(int partition) { return all_.at(static_cast<std::size_t>(partition)); }
  [[nodiscard]] auto begin() { return all_.begin(); }
  [[nodiscard]] auto end() { return all_.end(); }
  [[nodiscard]] auto begin() const { return all_.begin(); }
  [[nodiscard]] auto end() const { return all_.end(); }

 private:
  std::deque<Runner> all_;
};

}  // namespace dun::scheduler
