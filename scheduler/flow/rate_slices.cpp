#include "scheduler/flow/rate_slices.hpp"

#include "base/assert.hpp"

#include <algorithm>
#include <cmath>

namespace dun::scheduler::flow {
namespace {

constexpr double slice_seconds_min = 0.05;
constexpr double slice_seconds_max = 1;
// The server rounds the end of a slice to milliseconds.
constexpr Millis rounding{1};
// An answer that comes later than this after its slice is worth nothing; one that comes earlier is good for a moment,
// in which what is ready begins.
constexpr Millis late_most{1000};
constexpr Millis moment{2};
// Between two questions in a slice that is not used up: a question costs a round trip and a write, and what becomes
// ready meanwhile waits.
constexpr Millis question_pause{4};
// Where a slice does not hold a segment for each process, whoever had one leaves the beginning of the next slice, this
// part of it, to those who had none; they wait half as long with each slice that they went without.
constexpr int courtesy = 16;

RateSlices::Slice slice_of(double rate, double burst) {
  const double seconds = std::clamp(burst / rate / 2, slice_seconds_min, slice_seconds_max);
  const double segments = std::max(1.0, std::floor(rate * seconds + 1e-9));
  return {.length = Millis(static_cast<std::int64_t>(std::ceil(segments / rate * 1000 - 1e-9))),
          .segments = static_cast<int>(segments)};
}

}  // namespace

RateSlices::RateSlices(double rate, double burst, double speed) : speed_(speed), slice_(slice_of(rate * speed, burst)) {
  DUN_ASSERT(rate > 0 && speed > 0);
}

Millis RateSlices::scaled(Millis real) const {
  return Millis(static_cast<std::int64_t>(static_cast<double>(real.count()) * speed_));
}

int RateSlices::granted(Millis now) const {
  return now < good_until_ ? granted_ : std::min(granted_, 0);
}

int RateSlices::held(double part, double share) const {
  return std::max(1, static_cast<int>(slice_.segments * share * part + 1e-9));
}

int RateSlices::wanted(Millis now, int waiting, double part, double share) const {
  if (asking_ || now < ask_from_ || waiting <= 0) return 0;
  const int taken = now < end_ ? taken_ : 0;
  const bool second_half = now < end_ && now >= end_ - scaled(slice_.length) / 2;
  const int ours = second_half ? held(1, share) : held(part, share) - taken;
  return std::max(0, std::min(waiting - granted(now), ours));
}

Millis RateSlices::next_look(Millis now) const {
  Millis next = now + scaled(slice_.length);
  for (const Millis at : {ask_from_, end_ - scaled(slice_.length) / 2, end_})
    if (at > now) next = std::min(next, at);
  return next;
}

void RateSlices::asked(Millis now, int segments, double part, double share) {
  question_ = {.at = now, .segments = segments, .held = held(1, share), .enough = held(1, share) * part >= 1 - 1e-9};
  asking_ = true;
}

void RateSlices::answered(Millis now, std::int64_t total, Millis left) {
  asking_ = false;
  // From when it was asked: by then the slice is surely not over.
  const Millis end = question_.at + scaled(left);
  if (question_.at >= end_ || end - end_ > scaled(slice_.length) / 2) {
    granted_ = std::min(granted_, 0);
    taken_ = 0;
  }
  end_ = end;
  good_until_ = now < end + scaled(late_most) ? std::max(end, now + scaled(moment)) : end;
  const std::int64_t before = total - question_.segments;
  const int got = static_cast<int>(std::clamp<std::int64_t>(question_.held - before, 0, question_.segments));
  granted_ += got;
  taken_ += got;
  const Millis next_slice = end_ + scaled(rounding);
  if (got == question_.segments) {
    refusals_ = 0;
    ask_from_ = std::min(question_.at + scaled(std::min(question_pause, slice_.length / 4)), next_slice);
    return;
  }
  refusals_ = taken_ > 0 ? 0 : std::min(refusals_ + 1, 10);
  ask_from_ = next_slice;
  if (!question_.enough) ask_from_ += scaled(slice_.length) / (courtesy << refusals_);
}

void RateSlices::failed(Millis now) {
  asking_ = false;
  ask_from_ = now + scaled(slice_.length);
}

}  // namespace dun::scheduler::flow
