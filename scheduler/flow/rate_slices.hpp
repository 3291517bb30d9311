// One gateway's rate, shared among processes slice by slice. Pure: the shell asks the common counter.
#pragma once

#include "domain/time.hpp"

#include <cstdint>

namespace dun::scheduler::flow {

/// A slice is a short time in which all processes together may begin so many segments. They count what they ask for on
/// one counter (scheduler::RateCounter), and who finds it full waits for the next slice.
///
/// Guarantee, over all processes: what begins in a slice was granted in it, and no more is granted than it holds. So
/// in any span T at most rate * T + 2 * slice segments are begun, and the two slices are the burst, or what the rate
/// brings in a tenth of a second (but two segments) where that is more. An answer of the counter that comes after its
/// slice is good for what is ready at that moment, for else a slow server would stop everything; then T counts longer
/// by how late it was, a second at most. Beyond it, a message begins when one of its segments is granted; the rest is a
/// debt that is paid before anything else begins: segments_max - 1 a process at most.
///
/// A process asks for what waits and no more than its part of the slice; in the second half of the slice for whatever
/// is left. So one with much to send starves nobody, and one that is alone has everything. Times are Clock::steady().
class RateSlices {
 public:
  struct Slice {
    Millis length{0};  ///< real time
    int segments = 1;
  };
  /// `rate` segments a second and `burst` on a clock that runs `speed` times as fast as the machine's.
  RateSlices(double rate, double burst, double speed);
  [[nodiscard]] const Slice& slice() const { return slice_; }

  /// How many segments to ask for now, 0 for none. `waiting`: segments that could begin; `part`: of the partitions,
  /// ours; `share`: of the rate that is in use during a slow start. It holds for the sum, because it limits what the
  /// asker takes the slice to hold.
  [[nodiscard]] int wanted(Millis now, int waiting, double part, double share) const;
  /// When wanted() is worth asking again, if time alone changes it.
  [[nodiscard]] Millis next_look(Millis now) const;

  /// The counter is being asked for what wanted() said; until it is known, nothing more is wanted.
  void asked(Millis now, int segments, double part, double share);
  /// It stood at `total` with what was asked, and the slice ends in `left` of real time after it was asked.
  void answered(Millis now, std::int64_t total, Millis left);
  /// Nothing is known: nothing is granted.
  void failed(Millis now);

  [[nodiscard]] bool covers(Millis now) const { return granted(now) > 0; }
  void take(int segments) { granted_ -= segments; }

  /// Segments that a slice holds for a process with this part of the partitions, at least one.
  [[nodiscard]] int held(double part, double share) const;

 private:
  [[nodiscard]] int granted(Millis now) const;
  [[nodiscard]] Millis scaled(Millis real) const;

  double speed_;
  Slice slice_;
  int granted_ = 0;       ///< and not begun; below 0: begun and not granted yet
  int taken_ = 0;         ///< in this slice
  Millis end_{0};         ///< of the slice that was last heard of
  Millis good_until_{0};  ///< what is granted
  Millis ask_from_{0};
  int refusals_ = 0;  ///< slices in a row that had nothing left for us
  struct Question {
    Millis at{0};
    int segments = 0, held = 0;
    bool enough = true;  ///< the slice holds a segment for each process
  };
  Question question_;
  bool asking_ = false;
};

}  // namespace dun::scheduler::flow
