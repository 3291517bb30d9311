// The account record: everything Dun remembers of one billing account. One writer, the engine that owns its partition.
//
// It is kept small, because there are millions: what can be derived is not stored, and what is told stays in the
// journal. `redis/record.proto` is its stored form.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dun {

/// Who the customer is and how to reach them; the last values that billing sent.
struct Profile {
  std::string msisdn, zone, lang, brand, segment, manager, email, channels;
  int credit_level = 0;
  KindSet opt_in, opt_out;
  friend bool operator==(const Profile&, const Profile&) = default;
};

/// Whether the service runs, as far as billing has said.
enum class ServiceState : std::uint8_t {
  unknown,
  stopped,  ///< for a debt
  running,
  stopped_otherwise,  ///< fraud, the customer's own wish ...
};

/// The credit position. The amounts, their currency and `as_of` are of one event: no amount is told with the time or
/// the currency of another.
struct CreditPosition {
  CreditState state = CreditState::clear;
  std::optional<Amount> balance, credit_limit;
  std::string currency;
  Instant as_of{};  ///< when it became true in billing
  std::optional<Instant> due_at, suspend_at, exhausts_at;
  friend bool operator==(const CreditPosition&, const CreditPosition&) = default;
};

/// One spell of not being `clear`: opened by the event that left `clear`, closed by the one that returned to it.
struct Episode {
  std::uint64_t key = 0;  ///< hash48 of the opening event's id; 0 means there is no episode. Part of every notice id.
  Instant opened_at{};    ///< event time of the opening event
  EventId cause;          ///< the event that brought the present state
  Instant caused_at{};    ///< its event time

  /// The dunning ladder: step n is planned from the anchor. No anchor: the ladder does not run.
  std::optional<Instant> ladder_anchor;
  int ladder_step = 0;  ///< highest step that was issued (notice made or task opened), 0 for none
  int repeat =
      0;  ///< grows when a notice ends unsent or a hold restarts the ladder (E18): what is decided anew has a new id

  // What was told is a fact with the date it told: of another date the customer has not heard.
  KindSet told;                        ///< kinds outside the ladder already issued in this episode
  KindSet tasked;                      ///< kinds outside the ladder in whose place a manager was told in this episode
  std::optional<Instant> warned_of;    ///< the suspend_at of the last suspension warning
  std::optional<Instant> tasked_of;    ///< the suspend_at that the manager was told last
  std::optional<Instant> at_risk_for;  ///< the suspend_at for which suspension.at_risk was put out
  friend bool operator==(const Episode&, const Episode&) = default;
};

/// On its lane's shelf: goes at its turn, from this instant on.
struct Held {
  Instant due_at{};
  friend bool operator==(const Held&, const Held&) = default;
};
/// Behind an older notice of the same account, since its turn came; shelved when that one ends. It has no shelf entry.
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

/// A notice decided and not ended. That it is in flight is not written here but in the partition's in-flight entries
/// (design, "Redis": no record is rewritten at a claim); the engine marks it when it loads the record.
struct PendingNotice {
  std::uint32_t ordinal = 0;     ///< grows per account; order of decision
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
  int attempt = 0;                  ///< attempts begun so far
  Instant attempted_at{};           ///< when the last one was claimed: should a receipt come, it was sent then
  std::optional<Instant> again_at;  ///< of a repeat: not before this, whatever the rules permit
  std::uint64_t episode = 0;        ///< key of its episode, or hash48 of the event id for kinds outside episodes
  std::uint32_t task = 0;           ///< ordinal of its task, 0 for none
  std::optional<Amount> amount;     ///< of the event (payment, refund, charge)
  std::string currency, product;
  SuspensionReason reason = SuspensionReason::debt;  ///< of `suspended`: why, as far as it may be said
  /// The date that it announces (of a charge, a suspension, the end of a balance): it is worth nothing from then on.
  std::optional<Instant> announced;
  std::vector<std::string> reasons;  ///< rule ids so far, in order
  bool perhaps_taken = false;  ///< an attempt had no usable answer: a gateway may have it, whatever becomes of it here
  std::optional<ReceiptStatus> early_receipt;  ///< came before the answer to the submission

  bool in_flight = false;  ///< not stored: set by the engine from the in-flight entries
  friend bool operator==(const PendingNotice&, const PendingNotice&) = default;
};

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

enum class TaskState : std::uint8_t { open, acknowledged };

/// An account manager's task that has not ended.
struct Task {
  std::uint32_t ordinal = 0;
  TaskState state = TaskState::open;
  NoticeKind in_place_of = NoticeKind::dunning;
  std::string manager;  ///< id in people.toml, empty if there was none
  Instant opened_at{};
  std::uint64_t episode = 0;
  EventId cause;
  friend bool operator==(const Task&, const Task&) = default;
};

/// The last `seq` applied of one source.
struct SourceSeq {
  std::uint64_t source = 0;  ///< hash48 of its name, 0 for events that name none
  std::int64_t seq = 0;
  friend bool operator==(const SourceSeq&, const SourceSeq&) = default;
};
/// So many producers number the events of one account; the one that was silent longest is forgotten.
inline constexpr std::size_t source_seqs_max = 8;

struct AccountRecord {
  Profile profile;
  CreditPosition credit;
  ServiceState service = ServiceState::unknown;
  Episode episode;
  std::vector<SourceSeq> seqs;          ///< the last one heard of is the last entry
  Instant last_time{};                  ///< newest `time` of an applied event that states a position
  std::uint64_t last_source = 0;        ///< who stated it, where that one numbers its events; else 0
  std::optional<Instant> profile_time;  ///< newest `time` of an applied event that carried profile fields
  std::optional<Instant> dispute_until, promise_until;
  std::optional<Instant> hold_time;  ///< newest `time` of an applied dispute or promise event
  bool closed = false;
  std::vector<PendingNotice> pending;  ///< in order of decision
  std::vector<SentNotice> sent;        ///< newest last, at most sent_notices_max
  std::optional<Task> task;
  std::vector<Instant> dunned;     ///< when the last dunning notices were handed over, oldest first: what caps count
  std::uint32_t ordinals = 0;      ///< counter behind notice and task ordinals
  std::optional<Instant> wake_at;  ///< the one account timer that is armed; any other entry is stale
  /// Pairs of the identity and the content of the last events, oldest first.
  std::vector<std::uint64_t> seen;
  friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

}  // namespace dun
