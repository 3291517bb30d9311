#pragma once

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"
#include "scheduler/ports/shelf.hpp"

#include <cstdint>
#include <string>

namespace dun::scheduler {

/// A notice that has been claimed and not settled: all that is needed to repeat or resolve its request after a crash.
/// A question about an unknown one is claimed like that too.
struct InFlight {
  AccountId account;
  std::uint32_t ordinal = 0;
  NoticeId notice;  ///< also its client_ref
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  ShelfKey shelf;  ///< where it was taken from, so that it can go back to its place
  Instant decided_at{};
  Instant claimed_at{};
  int attempt = 1;
  std::string gateway;
  std::string to, text;
  Encoding encoding = Encoding::gsm7;
  int parts = 1;           ///< of the gateway's rate; a question takes as much as the shortest message
  Instant valid_until{};   ///< the gateway must not deliver it after this
  int question = 0;        ///< this is the nth question about the attempt; 0: it is the message
  Instant submitted_at{};  ///< of a question: when the attempt was claimed
  friend bool operator==(const InFlight&, const InFlight&) = default;
};

}  // namespace dun::scheduler
