// The one entrance to the rules: a record, an input, the policy set and an instant in; the record's next value and
// what follows from it out. Pure: the live engine, `dun simulate`, `dun diff` and the tests run this same code.
#pragma once

#include "domain/account_record.hpp"
#include "domain/credit_event.hpp"
#include "domain/message.hpp"
#include "domain/outcome.hpp"
#include "policies/options.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

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

/// What was handed to a gateway: a message, or a question about one that it did not answer.
struct Attempt {
  std::uint32_t ordinal = 0;  ///< of the notice
  Instant claimed_at{};
  int number = 1;
  int question = 0;               ///< the nth question about the attempt; 0: the message itself
  std::string gateway, to, text;  ///< `text`: of a message alone
  int parts = 1;
  Encoding encoding = Encoding::gsm7;
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
  Verdict verdict;
  std::string detail;  ///< in the gateway's words
  std::string reason;  ///< rule id added to the outcome
};

using Input = std::variant<EventArrived, TimerFired, TurnCome, Reviewed, Settled>;

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
  Instant valid_until{};  ///< the customer must not get it after this (E10)
};

/// Permission to ask a gateway now what became of an unknown notice.
struct Ask {
  std::uint32_t ordinal = 0;
  NoticeId notice;
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  int attempt = 1;
  Instant decided_at{}, submitted_at{};
  std::string gateway, to;
  int question = 1;  ///< which one about this attempt
};

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
  std::optional<Claim> claim;
  std::optional<Ask> ask;
  Taken taken = Taken::not_an_event;
  bool zone_unknown = false;
};

/// Steps `record` in place. Never fails: what cannot be done is an outcome with its reason.
[[nodiscard]] Effects step(const AccountId& account, AccountRecord& record, const Input& input,
                           const PolicySet& policies, Instant now);

/// A claimed notice whose text could not be rendered: it fails, with the reason, like a rejected one.
[[nodiscard]] Effects step_unrenderable(const AccountId& account, AccountRecord& record, std::uint32_t ordinal,
                                        const std::string& why, const PolicySet& policies, Instant now);

}  // namespace dun::policies
