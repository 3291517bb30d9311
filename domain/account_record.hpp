// The account record: everything Dun remembers of one billing account. One writer, the engine that owns its partition.
//
// It is kept small, because there are millions: what can be derived is not stored, and what is told stays in the
// journal. `redis/record.proto` is its stored form.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "domain/notice.hpp"
#include "domain/time.hpp"
#include "domain/told_facts.hpp"
#include "domain/vocabulary.hpp"

#include <cstdint>
#include <optional>
#include <string>
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

  ToldFacts told;
  friend bool operator==(const Episode&, const Episode&) = default;
};

/// That the account manager was told in the customer's place; the task itself is a case (domain/case_record.hpp).
struct HandedOver {
  std::uint32_t task = 0;                        ///< ordinal of the task
  NoticeKind in_place_of = NoticeKind::dunning;  ///< what the manager was told of last
  Instant at{};
  EventId cause;
  friend bool operator==(const HandedOver&, const HandedOver&) = default;
};

/// The last `seq` applied of one source.
struct SourceSeq {
  std::uint64_t source = 0;  ///< hash48 of its name, 0 for events that name none
  std::int64_t seq = 0;
  friend bool operator==(const SourceSeq&, const SourceSeq&) = default;
};
/// So many producers number the events of one account; the one that was silent longest is forgotten.
inline constexpr std::size_t source_seqs_max = 8;

struct AccountRecord : NoticeBook {
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
  std::optional<HandedOver> task;  ///< while it is open
  std::vector<Instant> dunned;     ///< when the last dunning notices were handed over, oldest first: what caps count
  std::optional<Instant> wake_at;  ///< the one account timer that is armed; any other entry is stale
  /// Pairs of the identity and the content of the last events, oldest first.
  std::vector<std::uint64_t> seen;
  friend bool operator==(const AccountRecord&, const AccountRecord&) = default;
};

}  // namespace dun
