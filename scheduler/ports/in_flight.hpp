#pragma once

#include "domain/errand.hpp"
#include "domain/ids.hpp"
#include "domain/subject.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"
#include "scheduler/ports/shelf.hpp"

#include <cstdint>
#include <string>

namespace dun::scheduler {

/// A notice that has been claimed and not settled: all that is needed to repeat or resolve its errand after a crash.
struct InFlight {
  Subject subject;
  std::uint32_t ordinal = 0;
  NoticeId notice;  ///< also its client_ref
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  ShelfKey shelf;  ///< where it was taken from, so that it can go back to its place
  Instant decided_at{};
  Instant claimed_at{};
  int attempt = 1;
  std::string gateway;
  std::string to;
  Errand errand;
  friend bool operator==(const InFlight&, const InFlight&) = default;
};

}  // namespace dun::scheduler
