// A credit event: what billing says, checked field by field (CONTRACT section 2).
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
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

/// Why an event was refused, naming the field (CONTRACT: `reason`, `field` on the rejected stream).
struct Rejection {
  std::string field;
  std::string reason;
};

/// Checks and reads one event. Every field is checked by form even where the type does not use it; names the contract
/// does not list are ignored, so that a producer may send more than Dun knows. An empty value counts as absent, except
/// that an empty `opt_in` / `opt_out` clears the list. `latest` bounds how far in the future `time` may lie (E36).
[[nodiscard]] std::expected<CreditEvent, Rejection> parse_event(std::span<const Field> fields, Instant latest);

/// E.164 by form: full-width digits and `+` and the separators space, dash, dot, slash and parentheses are normalised
/// away; then `+`, a first digit that is not 0, 7 to 15 digits.
[[nodiscard]] std::expected<std::string, std::string> normalise_msisdn(std::string_view text);

/// 1-64 bytes of `[A-Za-z0-9._:@+-]`.
[[nodiscard]] bool is_account_id(std::string_view text);

}  // namespace dun
