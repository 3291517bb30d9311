// A notice from its decision to its receipt, and the book in which its subject keeps it: an account, or a case.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dun {

/// On its lane's shelf: goes at its turn, from this instant on.
struct Held {
  Instant due_at{};
  friend bool operator==(const Held&, const Held&) = default;
};
/// Behind an older notice of the same subject, since its turn came; shelved when that one ends. It has no shelf entry.
struct Parked {
  Instant due_since{};
  friend bool operator==(const Parked&, const Parked&) = default;
};
/// In doubt: handed to a gateway whose answer stayed unknown. Waits for a receipt; `then_repeat`: goes once more when
/// that was in vain.
struct AwaitingReceipt {
  Instant until{};
  bool then_repeat = false;
  friend bool operator==(const AwaitingReceipt&, const AwaitingReceipt&) = default;
};
/// In doubt, and its gateway can be asked: stands on its lane's shelf for that.
struct ToBeAsked {
  Instant at{};
  std::string gateway;  ///< that may have it
  std::string to;       ///< the number it went to
  int asked = 0;        ///< so many times already
  bool then_repeat = false;
  friend bool operator==(const ToBeAsked&, const ToBeAsked&) = default;
};
/// Where a notice that has not ended stands (docs/states.md).
using NoticeState = std::variant<Held, Parked, AwaitingReceipt, ToBeAsked>;

/// What has been tried with a gateway so far. All but `attempts` say something only once there was one, or a receipt.
struct Tried {
  int attempts = 0;                 ///< begun so far
  Instant last_at{};                ///< when the last one was claimed: should a receipt come, it was sent then
  std::string gateway;              ///< of the attempt that is in flight, or of the last one
  std::optional<Instant> again_at;  ///< of a repeat: not before this, whatever the rules permit
  bool perhaps_taken = false;  ///< an attempt had no usable answer: a gateway may have it, whatever becomes of it here
  std::optional<ReceiptStatus> early_receipt;  ///< came before the answer to the submission
  friend bool operator==(const Tried&, const Tried&) = default;
};

/// The event that is told of by itself, and not for the position that it left: a payment, a refund, a charge, a stop.
struct SingleFact {
  std::optional<Amount> amount;
  std::string currency, product;
  SuspensionReason reason = SuspensionReason::debt;  ///< of a stop: why, as far as it may be said
  friend bool operator==(const SingleFact&, const SingleFact&) = default;
};

/// A notice decided and not ended. That it is in flight is not written here but in the partition's in-flight entries
/// (design, "Redis": no record is rewritten at a claim); the engine marks it when it loads the record.
struct PendingNotice {
  std::uint32_t ordinal = 0;     ///< grows per subject; order of decision
  std::uint32_t generation = 0;  ///< grows with every shelving; a shelf entry with another one is stale
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;    ///< ladder step, 0 where a kind has none
  int repeat = 0;  ///< tells apart notices of one kind and step within an episode
  NoticeState state;
  Lane lane = Lane::normal;
  EventId cause;
  Instant event_time{};
  Instant decided_at{};
  /// When it would have gone without quiet hours, caps and queues: what "held" is measured from.
  Instant wanted_at{};
  Tried tried;
  std::uint64_t episode = 0;  ///< key of its episode, or hash48 of the event id for kinds outside episodes
  std::uint32_t task = 0;     ///< ordinal of its task, 0 for none
  SingleFact fact;            ///< of kinds that tell of one
  /// The date that it announces (of a charge, a suspension, the end of a balance): it is worth nothing from then on.
  std::optional<Instant> announced;
  std::vector<std::string> reasons;  ///< rule ids so far, in order

  bool in_flight = false;  ///< not stored: set by the engine from the in-flight entries
  friend bool operator==(const PendingNotice&, const PendingNotice&) = default;
};

/// A notice of this kind goes to the account manager and not to the customer.
[[nodiscard]] bool to_manager(NoticeKind kind);
[[nodiscard]] bool is_held(const PendingNotice& notice);
[[nodiscard]] bool is_parked(const PendingNotice& notice);
/// A gateway may have it, and its receipt or the gateway is waited for.
[[nodiscard]] bool is_in_doubt(const PendingNotice& notice);
/// The instant of its state: from when on it may go, or was to go, or until when it is waited for.
[[nodiscard]] Instant due_at(const PendingNotice& notice);

/// What is known of a notice that was handed to a gateway and has ended here.
enum class SentState : std::uint8_t {
  taken,
  in_doubt,  ///< no usable answer, and no repeat
  refused,   ///< not taken, as the gateway says
};

/// A notice that was handed over, kept until its receipt comes or newer ones push it out: a receipt is the last word,
/// whatever was answered before.
struct SentNotice {
  NoticeId id;
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  Instant sent_at{};
  std::string gateway;
  SentState state = SentState::taken;
  friend bool operator==(const SentNotice&, const SentNotice&) = default;
};
inline constexpr std::size_t sent_notices_max = 4;

/// What a subject has told and has to tell.
struct NoticeBook {
  std::vector<PendingNotice> pending;  ///< in order of decision
  std::vector<SentNotice> sent;        ///< newest last, at most sent_notices_max
  std::uint32_t ordinals = 0;          ///< counter behind the ordinals of notices, and of an account's tasks
  friend bool operator==(const NoticeBook&, const NoticeBook&) = default;
};

}  // namespace dun
