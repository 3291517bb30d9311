// The partition engine without its I/O: which inputs make a batch, in what order they are stepped, and the one commit
// that follows from them. The shell in engine.* and the simulation drive the same object.
//
// Guarantee: what commit() is given follows from what the store holds and nothing else; after a commit whose fate is
// not known, recover() with what the store holds then goes on as if nothing had been decided. Owner: one per partition.
//
// The order of a cycle: recover(), then look(), gather(), decide(), committed() again and again; dropped() in place of
// committed() where nobody knows, and recover() after it. It is checked (call_order.hpp).
#pragma once

#include "messages/catalogue.hpp"
#include "policies/step.hpp"
#include "scheduler/call_order.hpp"
#include "scheduler/cases.hpp"
#include "scheduler/claims.hpp"
#include "scheduler/intake.hpp"
#include "scheduler/kept_records.hpp"
#include "scheduler/options.hpp"
#include "scheduler/ports/commit.hpp"
#include "scheduler/review.hpp"
#include "scheduler/shelves.hpp"
#include "scheduler/sources.hpp"
#include "scheduler/timers.hpp"
#include "scheduler/verdict.hpp"

#include <array>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dun::scheduler {

/// What decides and words: swapped whole when configuration is read again.
struct Rules {
  policies::PolicySet policies;
  messages::Catalogue catalogue;
  std::string zones;  ///< version of the time zones that they are applied with

  /// Names by what everything is decided that waits.
  [[nodiscard]] std::string decided_by() const { return zones.empty() ? policies.hash : policies.hash + "@" + zones; }
};

/// How many notices a lane may claim now, granted by flow control.
using Grants = std::array<std::size_t, all_lanes.size()>;

class Partition {
 public:
  Partition(int number, const EngineOptions& engine, const DispatchOptions& dispatch,
            std::shared_ptr<const Rules> rules);

  /// From the next batch on. Other policies, or other time zones, begin a review of what waits (review.hpp).
  void set_rules(std::shared_ptr<const Rules> rules);

  /// Begins from what the store holds. Requests whose outcome nobody can tell any more become unknown answers;
  /// questions are asked again.
  void recover(const Recovery& recovery, Instant now);

  /// What to read for the next batch.
  [[nodiscard]] ReadRequest look(Instant now);

  /// The inputs of a batch: chosen, not yet applied.
  struct Inputs {
    struct Event {
      StreamEntry entry;
      std::expected<IncomingEvent, Rejection> parsed;
    };
    std::vector<Event> events;
    std::vector<TimerEntry> timers;
    std::vector<CaseId> woken;
    std::vector<Review::Found> reviewed;
    std::vector<Shelves::Place> turns;
    /// Everything that was in the stream then has been read, or is in this batch; none: no turn may come.
    std::optional<Instant> turn_time;
    std::size_t answers = 0;  ///< of those waiting, the first so many
    Grants grants{};
    std::vector<AccountId> accounts;   ///< whose records the batch touches, each once, and that are not kept
    std::vector<Commit::Record> kept;  ///< the others
  };
  /// `read_at`: when the reply came, if that is not `now`; what an event may not lie beyond is told from it (E36).
  [[nodiscard]] Inputs gather(const ReadRequest& asked, ReadReply reply, Grants grants, Instant now,
                              std::optional<Instant> read_at = {});

  struct Batch {
    Commit commit;
    std::vector<InFlight> claims;           ///< to be handed to the gateway once the commit is applied
    std::vector<Shelves::Place> taken;      ///< whose turn came
    std::vector<Commit::Record> unchanged;  ///< records that were looked at and stay as they are
    std::size_t remarks = 0;                ///< of those waiting, the first so many are in it
    SourceCounts sources;                   ///< how its events were taken
  };
  /// Answers first, then events, then timers, then what is reviewed, then turns: a payment that is in the stream stops
  /// a notice whose turn is now. `records`: of the accounts of the inputs, in their order.
  [[nodiscard]] Batch decide(Inputs inputs, std::vector<std::optional<AccountRecord>> records, Instant now);

  /// The batch is in the store. Its records are taken out of it.
  void committed(Batch& batch);
  /// It is not known to be; nothing of it has been handed to a gateway. recover() is next.
  void dropped(const Batch& batch);

  /// What a gateway answered to a claim of an earlier batch.
  void answered(Answer answer) { claims_.answered(std::move(answer)); }

  /// The cases that stand here, and what goes from here to those of other partitions.
  [[nodiscard]] Cases& cases() { return cases_; }
  [[nodiscard]] const Cases& cases() const { return cases_; }

  /// Puts out, with the next batch, an outcome that follows from nothing in the store: an alert.
  void put_out(Outcome remark) { remarks_.push_back(std::move(remark)); }
  /// Those that are not known to be in the store, to be put out by another partition.
  [[nodiscard]] std::vector<Outcome> take_remarks() { return std::exchange(remarks_, {}); }

  /// The first turns of a lane, by when they were decided: what dispatch merges across partitions. None before the
  /// stream was read to its end.
  [[nodiscard]] std::vector<Instant> turns(Lane lane, Instant now, std::size_t most) const;
  /// True if looking at once would find something to do besides turns, which wait for grants.
  [[nodiscard]] bool has_work(Instant now) const;
  /// When has_work() turns true by time alone, or a further shelf opens.
  [[nodiscard]] std::optional<Instant> next_work(Instant now) const;
  /// Whether turns are worth offering: the ingest barrier was reached, and has been within reach since.
  [[nodiscard]] bool caught_up() const { return caught_up_; }
  /// The barrier was out of reach for longer than grants are kept.
  void fell_behind();
  [[nodiscard]] bool idle() const { return claims_.idle(); }

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] const Counters& counters() const { return counters_; }
  /// Of what this object has committed: memory, not store.
  [[nodiscard]] const SourceCounts& sources() const { return sources_; }
  /// How many messages of each text took more SMS segments than `parts_max`, since these texts are in force (D24).
  [[nodiscard]] const std::map<std::string, std::uint64_t>& long_texts() const { return long_texts_; }
  [[nodiscard]] const std::string& texts_version() const { return rules_->catalogue.version(); }
  [[nodiscard]] std::uint64_t shelved() const { return shelves_.total(); }
  [[nodiscard]] std::size_t in_flight() const { return claims_.in_flight(); }
  /// Since when the oldest notice of the lane waits that is due; none if nothing is.
  [[nodiscard]] std::optional<Instant> oldest_due(Lane lane, Instant now) const {
    return shelves_.oldest_open(lane, now);
  }
  [[nodiscard]] ReviewProgress review() const { return review_.progress(); }

 private:
  class Stepper;
  void begin_turns(Inputs& inputs, Instant now) const;
  [[nodiscard]] Answer abandoned(const InFlight& request, Instant now) const;
  void begin_review();
  [[nodiscard]] bool was_set_back(Instant now) const;

  int number_;
  const EngineOptions& options_;
  const DispatchOptions& dispatch_;
  std::shared_ptr<const Rules> rules_;
  std::uint64_t epoch_ = 0;
  StreamId cursor_;
  Counters counters_;
  SourceCounts sources_;
  std::map<std::string, std::uint64_t> long_texts_;
  Shelves shelves_;
  Timers timers_;
  Review review_;
  std::string policy_;             ///< as in Commit
  std::optional<Instant> latest_;  ///< of what the clock has shown
  bool stream_has_more_ = true;
  bool caught_up_ = false;
  std::vector<Outcome> remarks_;  ///< not yet committed
  Claims claims_;
  Cases cases_;
  KeptRecords records_;
  CallOrder order_;
};

}  // namespace dun::scheduler
