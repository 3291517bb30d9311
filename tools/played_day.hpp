// A day of events published to a running stack as its clock reaches them, watched until it has been worked off.
#pragma once

#include "redis/views.hpp"
#include "scheduler/clock.hpp"
#include "tools/sample/generator.hpp"
#include "tools/verification.hpp"

#include <functional>
#include <string>
#include <vector>

namespace dun::tools {

/// What all partitions hold together.
struct Totals {
  scheduler::Counters counters;
  std::uint64_t unread = 0, shelved = 0, open_shelved = 0, in_flight = 0;
  bool front_door_empty = false;
  [[nodiscard]] bool worked_off() const {
    return front_door_empty && unread == 0 && open_shelved == 0 && in_flight == 0;
  }
};
/// `now` tells which shelves are open.
async::Awaitable<redis::StoreResult<Totals>> read_totals(redis::Links& links, redis::Keyspace keys, int partitions,
                                                         Instant now);

/// Publishes one sample day through the front door.
class Player {
 public:
  Player(redis::Links& links, redis::Keyspace keys, const sample::SampleDay& day, const scheduler::Clock& clock);
  /// Returns when all of it is in the stream.
  async::Awaitable<void> play();
  [[nodiscard]] const std::vector<PublishedEvent>& published() const { return published_; }
  [[nodiscard]] bool done() const { return published_.size() == day_.size(); }

 private:
  redis::Links& links_;
  redis::Keyspace keys_;
  const sample::SampleDay& day_;
  const scheduler::Clock& clock_;
  std::vector<PublishedEvent> published_;
};

/// client_ref of every message in a simulator's record, in the order of arrival.
[[nodiscard]] std::vector<std::string> delivered_refs(const std::string& record_file);

/// The summary for people, and the promises that were broken: against what the sample knows of itself, too.
[[nodiscard]] std::string summary(const sample::SampleTruth& truth, Verification& verification);

}  // namespace dun::tools
