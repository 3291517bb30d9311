// What follows from a step, besides the record's next value.
#pragma once

#include "domain/errand.hpp"
#include "domain/message.hpp"
#include "domain/notice.hpp"
#include "domain/outcome.hpp"
#include "policies/cases/letter.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dun::policies {

/// A place on a lane's shelf, of a notice or of the question about it: from `at` on, in arrival order.
struct Shelving {
  Lane lane = Lane::normal;
  Instant at{};
  std::uint32_t ordinal = 0;
  std::uint32_t generation = 0;
  Instant decided_at{};
};

/// Permission to hand one notice to a gateway now.
struct Claim {
  std::uint32_t ordinal = 0;
  NoticeId notice;
  Lane lane = Lane::normal;
  int attempt = 1;
  Instant decided_at{};
  std::string to;
  MessageContext message;
  Instant valid_until{};  ///< the receiver must not get it after this (E10)
};

/// Permission to ask a gateway now what became of an unknown notice.
struct Ask {
  std::uint32_t ordinal = 0;
  NoticeId notice;
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  int attempt = 1;
  Instant decided_at{};
  std::string gateway, to;
  Question question;
};

/// What a turn permits, one request to a gateway.
using Permission = std::variant<Claim, Ask>;

/// How an event was taken; what the counters count.
enum class Taken : std::uint8_t {
  not_an_event,
  applied,
  duplicate,
  conflict,  ///< the identity of an event that is remembered, with other content
  superseded,
  receipt_matched,
  receipt_unknown
};

struct Effects {
  bool record_changed = false;
  std::vector<Outcome> outcomes;
  std::vector<Shelving> shelvings;
  std::optional<Instant> wake;  ///< a timer to arm; the record's wake_at already says so
  std::optional<Permission> permission;
  std::vector<cases::Letter> letters;  ///< of an account, to the case of its task
  std::vector<PendingNotice> untold;   ///< of such a case, to its account: the manager was not told
  Taken taken = Taken::not_an_event;
  bool zone_unknown = false;
};

}  // namespace dun::policies
