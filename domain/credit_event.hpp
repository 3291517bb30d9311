// A credit event: what billing says, checked field by field (contract section 2).
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/msisdn.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dun {

/// A flat map of strings in the order it came: a stream entry, an NDJSON line, the data of a CloudEvent.
using Field = std::pair<std::string, std::string>;
using Fields = std::vector<Field>;

/// Profile fields that an event carries; what is absent stays as it was remembered.
struct ProfilePatch {
  std::optional<std::string> msisdn;  ///< normalised to `+` and digits
  std::optional<std::string> zone;    ///< as written; whether the tz database knows it is the policies' question (E3)
  std::optional<std::string> lang, brand, segment, manager, email, channels;
  std::optional<int> credit_level;
  std::optional<KindSet> opt_in, opt_out;
};

/// A field that could not be read, or a name that the contract does not list: it counts as not given, and is said.
struct RefusedField {
  std::string field;
  std::string reason;
};

struct CreditEvent {
  EventId id;
  EventType type = EventType::source_heartbeat;
  AccountId account;  ///< empty only on source.heartbeat
  Instant time{};     ///< when it became true in billing
  std::optional<std::int64_t> seq;
  std::string source;
  ProfilePatch profile;

  std::optional<Amount> balance, credit_limit, amount;
  std::string currency;  ///< ISO 4217, empty when not given
  std::optional<CreditState> state;
  std::optional<SuspensionReason> reason;
  std::optional<Instant> due_at, suspend_at, exhausts_at, charge_at, until;
  std::string order, product, topic, notice;

  // dun.receipt only: `notice` holds the notice id.
  std::optional<ReceiptStatus> receipt;
  std::string gateway, gateway_id, detail;

  std::vector<RefusedField> refused;  ///< what an applied event carried in vain; only what its type needs can reject it

  /// Over `source` and `id`: the same real-world event has the same one (CloudEvents). Without a source it is that of
  /// the id alone.
  std::uint64_t identity = 0;
  /// Over everything but `id`, `seq` and `source`: the same change published under a new id has the same one (E12).
  std::uint64_t content_hash = 0;
};

/// Why an event was refused, naming the field (contract section 3: `reason`, `field` on the rejected stream).
struct Rejection {
  std::string field;
  std::string reason;
};

/// What a balance says that is above zero: money the customer has, or money the customer owes.
enum class BalanceMeans : std::uint8_t { credit, debt };

/// What an event may say, besides its form. A clock that stands at zero, or counts in another unit, dates events in
/// 1970 or in the year 58,000; such an event would be an immediate final reminder, or a notice that never comes.
struct EventBounds {
  Instant now{};
  Instant latest = Instant::max();    ///< how far ahead of our clock `time` may lie (E36)
  Instant earliest = Instant::min();  ///< and how far back
  Millis plausible = Millis::max();   ///< every other instant lies within this of `now`, before or after
  /// Every balance is turned, if need be, to the sign of `credit`. Nothing: not known here, so that what state and
  /// balance say together is not judged.
  std::optional<BalanceMeans> balance_means = BalanceMeans::credit;
};

/// Checks and reads one event.
///
/// What the type uses has to be right, or the event is refused, naming the field. The profile, and what the type does
/// not use, is no reason to lose the fact: what of it cannot be read is left out and listed in `refused`, and so are
/// names that the contract does not list. Texts are UTF-8 without control characters.
///
/// An empty value is as if it were not there, except that an empty `opt_in` / `opt_out` clears the list. Invisible
/// marks around a value (isolates, a byte order mark) are ornaments and taken off. What comes out does not depend on
/// the order of the fields.
[[nodiscard]] std::expected<CreditEvent, Rejection> parse_event(std::span<const Field> fields,
                                                                const EventBounds& bounds);

/// The value that counts of a name that may be given more than once: the first that is not empty. Whoever looks at a
/// field before the event is read looks by this, so that an event is routed by what it will be read as.
[[nodiscard]] std::string_view field_value(std::span<const Field> fields, std::string_view name);

/// The fields that a type uses besides `id`, `type`, `account`, `time`, separated by spaces: those that can refuse it.
[[nodiscard]] std::string_view fields_used(EventType type);

/// `left out: zone (no such zone), curency (no field of this name)`: for people; empty if nothing was refused. Names
/// come from outside: they are cut, and shown without what moves a cursor.
[[nodiscard]] std::string describe_refused(std::span<const RefusedField> refused);

/// 1-64 bytes of `[A-Za-z0-9._:@+-]`.
[[nodiscard]] bool is_account_id(std::string_view text);

}  // namespace dun
