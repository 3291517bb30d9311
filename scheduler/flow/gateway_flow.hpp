// Flow control towards one gateway: bucket, window, breaker and pauses as one answer to "may another request begin?".
// Sensor, update and limit in one place, without I/O; the dispatcher asks it and tells it what happened.
#pragma once

#include "scheduler/flow/breaker.hpp"
#include "scheduler/flow/rate_slices.hpp"
#include "scheduler/flow/token_bucket.hpp"
#include "scheduler/flow/window.hpp"
#include "scheduler/options.hpp"

#include <optional>
#include <vector>

namespace dun::scheduler::flow {

/// Slow start (E37): the share of rate and burst in use grows from a tenth to the whole within `ramp` while something
/// waits for its turn, and falls back within `ramp_after` while nothing does. So a night with a notice now and then
/// ends as cold as a silent one. Times are Clock::steady().
class GatewayFlow {
 public:
  GatewayFlow(const FlowOptions& options, Millis now);

  /// From now on a request needs a grant from the slices besides its tokens: other processes use the gateway too.
  /// `speed`: of the clock that the times are of.
  void share_rate(double speed) { slices_.emplace(options_.rate, options_.burst, speed); }
  [[nodiscard]] RateSlices& slices() { return slices_.value(); }
  /// Segments to ask the common counter for, when so many are ready to begin; marks them as asked. 0: none, or the
  /// rate is not shared. `part`: of the partitions, ours; no more is claimed ahead than our part of a slice.
  [[nodiscard]] int ask_for_slice(Millis now, int ready, double part);

  /// Whether anything waits to be granted or to begin, from now on until told otherwise.
  void wanted(Millis now, bool anything);

  /// How many claims may be granted besides those that have been (`waiting`: granted or claimed, not begun).
  [[nodiscard]] int allowance(Millis now, int waiting);
  /// Whether a claimed request of so many segments may begin now.
  [[nodiscard]] bool may_begin(Millis now, int segments);
  void begin(Millis now, int segments);

  /// How a request that has ended counts.
  enum class Answer : std::uint8_t {
    working,    ///< accepted or refused: whatever became of the message, the gateway does its work
    throttled,  ///< the gateway pauses
    down,       ///< counts towards the breaker
    unknown,    ///< no usable answer; counts towards the breaker, or a mute gateway would use up every attempt
    none,       ///< says nothing about the gateway: not sent after all, or its connection was just being closed
  };
  /// The request that began at `begun`. `pause`: what the gateway asked for (Retry-After), if it did.
  void answered(Answer answer, Millis begun, Millis latency, Millis now, std::optional<Millis> pause = {});

  /// True while nothing may begin until a known time: what has been claimed had better go back to its shelf.
  [[nodiscard]] bool paused(Millis now) const;
  /// When allowance() or may_begin() is worth asking again, if time alone changes it.
  [[nodiscard]] std::optional<Millis> next_change(Millis now, int segments) const;

  [[nodiscard]] int open() const { return static_cast<int>(open_.size()); }
  [[nodiscard]] int window() const { return window_.size(); }
  [[nodiscard]] Breaker::State breaker() const { return breaker_.state(); }
  [[nodiscard]] std::optional<Millis> paused_until(Millis now) const;

 private:
  /// Brings share and bucket up to `now`.
  void advance(Millis now);
  void move_share(Millis until, double over_whole_span, Millis span);
  /// The first open request that does not hang (yet).
  [[nodiscard]] std::vector<Millis>::const_iterator first_that_moves(Millis now) const;
  /// How many requests may be open now. One that hangs does not hold up others while there are connections.
  [[nodiscard]] int room(Millis now) const;
  [[nodiscard]] double requests_a_second() const { return options_.rate / segments_mean_; }

  FlowOptions options_;
  double share_min_;
  double share_;
  bool wanted_ = false;
  Millis advanced_at_;
  TokenBucket bucket_;
  std::optional<RateSlices> slices_;
  double part_ = 1;
  Window window_;
  Breaker breaker_;
  std::vector<Millis> open_;  ///< when they began, in order
  double segments_mean_ = 1;  ///< of the requests so far, to grant no more than the bucket can begin
  Millis paused_until_{Millis::min() / 2};
};

}  // namespace dun::scheduler::flow
