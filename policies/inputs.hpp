// What can happen to an account, and to any subject with notices: the inputs of a step.
#pragma once

#include "domain/account_record.hpp"
#include "domain/credit_event.hpp"
#include "domain/errand.hpp"

#include <optional>
#include <string>
#include <variant>

namespace dun::policies {

/// A credit event (or receipt) from the partition's stream.
struct EventArrived {
  const CreditEvent* event = nullptr;
};

/// An account timer came due. Stale, and ignored, unless the record's wake_at says `at`.
struct TimerFired {
  Instant at{};
};

/// The turn of a shelf entry has come: the notice is decided again against the record as it is now (design,
/// principle 7).
struct TurnCome {
  std::uint32_t ordinal = 0;
  std::uint32_t generation = 0;
  /// The instant of the events of its batch, if that is later than the turn's own: an older notice that one of them
  /// has made due goes first.
  Instant batch{};
};

/// What the record waits for may have been decided by other policies, or by a wall clock that was set back since: it is
/// decided again. `ordinal`, `generation`: the shelf entry by which it was found, if it was, and when its shelf opens.
struct Reviewed {
  std::uint32_t ordinal = 0;
  std::uint32_t generation = 0;
  Instant opens{};
};

/// One attempt to tell a notice, or a claim of a question about it.
struct Attempt {
  std::uint32_t ordinal = 0;  ///< of the notice
  Instant claimed_at{};
  int number = 1;
  std::string gateway, to;
};

/// The gateway has it. `receipt`: where a question brought it along.
struct Accepted {
  std::string gateway_id;
  std::optional<ReceiptStatus> receipt;
};
/// Final: the notice fails.
struct Rejected {};
/// Surely not taken, or to be repeated under the same client_ref, which `perhaps_taken` says.
struct ToRepeat {
  Instant at{};
  bool perhaps_taken = false;
};
/// Perhaps taken: waits for its receipt until then, or its gateway is asked about it then. `then_repeat`: goes once
/// more when that was in vain.
struct InDoubt {
  Instant until{};
  bool ask = false;
  bool then_repeat = false;
};
using Verdict = std::variant<Accepted, Rejected, ToRepeat, InDoubt>;

/// What became of a claimed notice. That its gateway is paused is not among it: such a notice was surely not taken and
/// goes back to the head of its shelf without a decision.
struct Settled {
  Attempt attempt;
  Errand errand;  ///< what was handed to the gateway
  Verdict verdict;
  std::string detail;  ///< in the gateway's words
  std::string reason;  ///< rule id added to the outcome
};

/// A claimed notice whose text could not be rendered: it fails, with the reason, like a rejected one.
struct Unrenderable {
  std::uint32_t ordinal = 0;
  std::string why;
};

/// The case of its task writes that a notice to the manager has ended untold.
struct ManagerUntold {
  PendingNotice notice;
};

using Input = std::variant<EventArrived, TimerFired, ManagerUntold, TurnCome, Reviewed, Settled, Unrenderable>;

}  // namespace dun::policies
