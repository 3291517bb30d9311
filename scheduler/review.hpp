// When policies have changed, what waits by the old ones is looked at again: those that could now go earlier must not
// wait for their old time. There may be millions, so this is which of them come next, a chunk at a time beside the
// partition's other work.
//
// Guarantee: everything that waited when the review began has been looked at when it ends, but for what came due
// meanwhile, which is decided again anyway. In the order in which it waited, so that first in stays first out.
// Owner: the partition.
#pragma once

#include "policies/step.hpp"
#include "scheduler/ports/look.hpp"

#include <deque>
#include <vector>

namespace dun::scheduler {

/// How far a review has come. What has come due is no longer counted.
struct ReviewProgress {
  std::uint64_t reviewed = 0;  ///< held notices
  std::uint64_t of = 0;        ///< 0 when there is no review
  std::size_t minutes = 0;     ///< lists of account timers that are still to be read, behind the notices
};

class Review {
 public:
  /// From the beginning: `shelves` and `minutes` are all there are, by their time.
  void begin(const std::vector<Recovery::Shelf>& shelves, const std::vector<TimerMinute>& minutes);
  void end();
  [[nodiscard]] bool active() const { return !shelves_.empty() || !minutes_.empty(); }

  /// Adds what comes next to a look: the parts of it that are closed at `request.now`, about `most` entries.
  void ask(ReadRequest& request, std::size_t most) const;
  struct Found {
    Subject subject;
    policies::Reviewed by;
  };
  /// What is to be decided again, by the answer to a look. What was asked by an earlier review is passed over.
  [[nodiscard]] std::vector<Found> take(const ReadRequest& asked, const ReadReply& reply);

  [[nodiscard]] ReviewProgress progress() const;

 private:
  void drop_open(Instant now);
  std::deque<Recovery::Shelf> shelves_;  ///< still to come; of the first, or else the first minute, `skip_` are done
  std::deque<TimerMinute> minutes_;
  std::size_t skip_ = 0;
  std::uint64_t reviewed_ = 0, of_ = 0;
};

}  // namespace dun::scheduler
