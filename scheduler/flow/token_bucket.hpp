// How many SMS segments may go, by rate (E38). Pure: time is an argument.
#pragma once

#include "domain/time.hpp"

namespace dun::scheduler::flow {

/// Fills at `rate` segments a second up to `burst`. A message of more segments than are there waits until all of them
/// are, or until the bucket is full when it is longer than the bucket; then the bucket goes into debt for the rest.
///
/// A share (above 0, up to 1) of it may be in use: then it fills at that share of the rate and up to that share of the
/// burst, or to ten segments, so that no ordinary message waits for the share to grow.
class TokenBucket {
 public:
  /// Both above 0. Starts empty at `now`.
  TokenBucket(double rate, double burst, Millis now);

  /// Lets it fill up to `now` as the share in use was, then takes over a new one.
  void refill(Millis now, double share);
  [[nodiscard]] double tokens() const { return tokens_; }
  [[nodiscard]] bool covers(int segments) const;
  void take(int segments) { tokens_ -= segments; }
  /// How long until `covers(segments)` at the share in use.
  [[nodiscard]] Millis wait_for(int segments) const;

 private:
  [[nodiscard]] double needed(int segments) const;
  double rate_;
  double burst_;
  double share_ = 1;
  double tokens_ = 0;
  Millis filled_at_;
};

}  // namespace dun::scheduler::flow
