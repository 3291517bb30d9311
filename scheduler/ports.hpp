// What the engine needs from outside: a clock, a store, a sender. Adapters implement these and see nothing else of it.
//
// Every operation is an awaitable that ends by itself: adapters put their own deadlines on what they wait for.
#pragma once

#include "domain/account_record.hpp"
#include "domain/credit_event.hpp"
#include "domain/message.hpp"
#include "domain/outcome.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <expected>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace dun::scheduler {

template <typename T>
using Awaitable = boost::asio::awaitable<T>;

// ---------------------------------------------------------------------------------------------------------- clock

/// Wall time decides, monotonic time measures (design, principle 6). A fast or virtual clock scales both.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  /// Time since some fixed point; never goes back.
  [[nodiscard]] virtual Millis steady() const = 0;
  /// How long a span of this clock takes in the real world: what a timer of the event loop is to be set to.
  [[nodiscard]] virtual Millis real(Millis span) const = 0;
};

// ---------------------------------------------------------------------------------------------------------- store

/// An id in a Redis stream, `milliseconds-sequence`; ordered.
struct StreamId {
  std::uint64_t ms = 0;
  std::uint64_t seq = 0;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;
};

/// One entry of a partition's event stream, as it stands there: nothing about it has been believed yet.
struct StreamEntry {
  StreamId id;
  Fields fields;
  /// Bytes of the whole entry if it is larger than an event may be. Then `fields` are the beginning of what was there.
  std::uint64_t oversize = 0;
  friend bool operator==(const StreamEntry&, const StreamEntry&) = default;
};

/// A place in a lane: which pending notice of which account. Stored in about 20 bytes.
struct ShelfEntry {
  AccountId account;
  std::uint32_t ordinal = 0;
  std::uint32_t generation = 0;
  Instant decided_at{};  ///< first in, first out across partitions is by this
  friend bool operator==(const ShelfEntry&, const ShelfEntry&) = default;
};

/// A shelf: the notices of one lane that may go from second `at` on, in arrival order.
struct ShelfKey {
  Lane lane = Lane::normal;
  std::int64_t at = 0;  ///< seconds since the epoch
  friend auto operator<=>(const ShelfKey&, const ShelfKey&) = default;
};

/// An account timer: wake `account` at `at`. Stale unless the record's wake_at says the same.
struct TimerEntry {
  AccountId account;
  Instant at{};
  friend bool operator==(const TimerEntry&, const TimerEntry&) = default;
};

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

/// What a partition has counted since it was made; kept with the cursor, so it is exact.
struct Counters {
  std::uint64_t read = 0;  ///< stream entries read
  std::uint64_t applied = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;  ///< other content under an identity that is known (D9)
  std::uint64_t superseded = 0;
  std::uint64_t rejected = 0;
  std::uint64_t refused = 0;       ///< applied, but for fields that could not be read or have no such name (S20)
  std::uint64_t zone_unknown = 0;  ///< events whose zone the tz database does not know (E3)
  std::uint64_t receipts = 0;      ///< receipts that matched a notice
  std::uint64_t receipts_unknown = 0;
  std::uint64_t sent = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// A malformed entry on its way to the rejected stream.
struct RejectedEntry {
  std::string field, reason;
  Instant at{};
  StreamEntry original;
};

/// What the new owner of a partition finds.
struct Recovery {
  std::uint64_t epoch = 0;  ///< of the lease just taken
  StreamId cursor;          ///< last entry whose effects are committed
  Counters counters;
  std::string policy;  ///< of the last commit, as is `at`
  Instant at{};
  struct Shelf {
    ShelfKey key;
    std::uint64_t entries = 0;
  };
  std::vector<Shelf> shelves;
  std::vector<std::int64_t> timer_minutes;  ///< minutes since the epoch
  std::vector<InFlight> in_flight;
};

/// One look at the partition: one round trip.
struct ReadRequest {
  Instant now{};            ///< when it is asked
  bool new_barrier = true;  ///< the barrier is set at `now`; else one that was not reached yet stays where it is
  StreamId after;
  std::size_t events_max = 256;
  struct Shelf {
    ShelfKey key;
    std::size_t skip = 0;  ///< entries at its head that the engine already holds
    std::size_t count = 0;
  };
  std::vector<Shelf> shelves;
  struct Minute {
    std::int64_t minute = 0;  ///< since the epoch
    std::size_t skip = 0;
    std::size_t count = std::numeric_limits<std::size_t>::max();  ///< by default all of it
  };
  std::vector<Minute> timers;
};
struct ReadReply {
  std::vector<StreamEntry> events;
  bool more = false;  ///< the next look finds further events, though fewer came than were asked for
  /// The ingest barrier (design, principle 7) has been reached: with these events, everything that was in the stream
  /// and at the front door at `as_of` has been read. Without it no claim may be made from this look.
  bool at_end = false;
  Instant as_of{};
  std::vector<std::vector<ShelfEntry>> shelves;  ///< one for each asked
  std::vector<std::vector<TimerEntry>> timers;   ///< one for each minute asked
};

/// Everything that follows from one batch, applied at once or not at all, under the lease.
struct Commit {
  std::uint64_t epoch = 0;
  StreamId cursor;
  Counters counters;
  std::string policy;  ///< hash of the policies by which all that waits was decided; empty while there are several
  struct Record {
    AccountId account;
    std::optional<AccountRecord> value;  ///< none: removed
  };
  std::vector<Record> records;
  struct ShelfChange {
    ShelfKey key;
    std::size_t take = 0;              ///< entries removed from the head, before anything is added
    std::vector<ShelfEntry> put_back;  ///< to the head, the first of these first
    std::vector<ShelfEntry> append;    ///< to the tail
    bool emptied = false;              ///< nothing is left after this change: the shelf ends
  };
  std::vector<ShelfChange> shelves;  ///< a key at most once
  struct TimerChange {
    std::int64_t minute = 0;
    std::vector<TimerEntry> append;
    bool drop = false;  ///< the minute is over and all of it has fired
  };
  std::vector<TimerChange> timers;
  std::vector<InFlight> claims;
  std::vector<NoticeId> settled;  ///< in-flight entries that end
  Instant at{};
  std::vector<Outcome> journal;
  std::vector<RejectedEntry> rejected;
  [[nodiscard]] bool empty() const {
    return records.empty() && shelves.empty() && timers.empty() && claims.empty() && settled.empty() &&
           journal.empty() && rejected.empty();
  }
};

/// Why a store operation did not do what it was asked.
struct StoreError {
  enum class Kind : std::uint8_t {
    unavailable,  ///< no connection, or no answer in time: whether a commit was applied is not known
    owned,        ///< another owner holds the lease that acquire() asked for: the usual case among several processes
    fenced,       ///< another owner holds the lease, or it ran out: the engine must stop at once
    refused,      ///< the server will not do it (full, read-only, no permission): nothing was applied
    corrupt,      ///< what is stored cannot be read: a bug or a foreign hand; the message names the key
  };
  Kind kind = Kind::unavailable;
  std::string message;
};
template <typename T>
using StoreResult = std::expected<T, StoreError>;

/// The state of one partition. One engine uses it, one call at a time.
class PartitionStore {
 public:
  virtual ~PartitionStore() = default;
  /// Takes the lease if it is free, expired or already ours (an `unavailable` commit is resolved by acquiring again and
  /// reading what is there), raises the epoch, and reads what the partition holds. `owned` while another one has it.
  virtual Awaitable<StoreResult<Recovery>> acquire() = 0;
  virtual Awaitable<StoreResult<ReadReply>> read(ReadRequest request) = 0;
  /// One record for each account asked, in that order; none where there is none. Accounts are asked once each.
  virtual Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> load(std::vector<AccountId> accounts) = 0;
  /// Applies the commit and renews the lease, or says why not.
  virtual Awaitable<StoreResult<void>> commit(Commit commit) = 0;
  /// Gives the lease back, so that another process need not wait for it to run out.
  virtual Awaitable<void> release() = 0;
};

// ----------------------------------------------------------------------------------------------------------- rate

/// What all processes together take of a gateway's rate (flow/rate_slices.hpp says what they make of it).
class RateCounter {
 public:
  virtual ~RateCounter() = default;
  struct Count {
    std::int64_t total = 0;  ///< asked for in this slice so far, by anybody, with this
    Millis left{0};          ///< until the slice ends, as of when it was counted
  };
  /// Counts `segments` in the gateway's present slice. A slice begins with the first that is counted, and the next one
  /// not before `length` has passed, by one clock for all. Real time.
  virtual Awaitable<StoreResult<Count>> add(std::string gateway, Millis length, int segments) = 0;
};

// --------------------------------------------------------------------------------------------------------- sender

/// One attempt at one notice.
struct SendRequest {
  std::string gateway;
  NoticeId notice;
  std::string client_ref;
  std::string to, text;
  Encoding encoding = Encoding::gsm7;
  int parts = 1;
  int attempt = 1;
  Millis validity{0};  ///< how long the gateway may keep trying to deliver; 0: no bound
};

/// A question about an earlier attempt whose answer was lost: what does the gateway know of it?
struct StatusRequest {
  std::string gateway;
  NoticeId notice;
  std::string client_ref;
  std::string to;
  Instant submitted_at{};  ///< when the attempt was claimed
};

/// Outcome classes of a submission (docs/gateways.md). What no rule matches is `SendUnknown`, never accepted.
///
/// The answer to a question is the answer that the submission did not get: accepted, surely not taken (`SendRetry`), or
/// still unknown. Where the gateway pauses instead of answering it, it is `SendThrottled` or `SendGatewayDown`.
///
/// `telling` is false of a result that says nothing about how the gateway is: the request was not sent after all, or
/// its connection was being closed, as servers do with idle ones.
struct SendAccepted {
  std::string gateway_id;
  int parts = 0;                         ///< as the gateway counted, 0 if it did not say
  std::optional<ReceiptStatus> receipt;  ///< of a question: what the gateway knows of the handset already
};
struct SendRejected {  ///< final, this notice alone
  std::string detail;
};
struct SendRetry {  ///< surely not taken, this notice alone
  std::string detail;
  std::optional<Millis> after;
  bool telling = true;
};
struct SendThrottled {  ///< surely not taken; the whole gateway pauses
  std::string detail;
  std::optional<Millis> after;
};
struct SendRecipientLimited {  ///< final for now: this recipient has had enough
  std::string detail;
};
struct SendGatewayDown {  ///< authentication, credit, operator stop, no connection: surely not taken, messages are kept
  std::string detail;
};
struct SendUnknown {  ///< handed over, or perhaps; no usable answer
  std::string detail;
  bool telling = true;
};
using SendResult = std::variant<SendAccepted, SendRejected, SendRetry, SendThrottled, SendRecipientLimited,
                                SendGatewayDown, SendUnknown>;

class Sender {
 public:
  virtual ~Sender() = default;
  virtual Awaitable<SendResult> send(SendRequest request) = 0;
  /// Changes nothing at the gateway: may be asked any number of times.
  virtual Awaitable<SendResult> ask(StatusRequest request) = 0;
};

}  // namespace dun::scheduler
