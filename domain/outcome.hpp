// An outcome: one thing decided or learnt (contract section 4). The same record goes to the journal, the public
// stream, `dun simulate`, the ledger and the API.
#pragma once

#include "domain/credit_event.hpp"

#include <optional>
#include <string>
#include <vector>

namespace dun {

/// Empty strings and empty optionals mean "not applicable" and are left out of every printed form.
struct Outcome {
  Instant at{};
  OutcomeType type = OutcomeType::notice_held;
  AccountId account;
  NoticeId notice;
  TaskId task;
  std::optional<NoticeKind> kind;
  int step = 0;  ///< 0: not applicable
  std::string channel, touchpoint;
  EventId cause;
  std::optional<Instant> event_time, decided_at, due_at, sent_at;
  std::string to, text;
  int parts = 0;
  std::optional<Encoding> encoding;
  std::string gateway;
  int attempt = 0;
  std::string client_ref, gateway_id;
  std::vector<std::string> reasons;
  std::string policy;
  std::string manager;     ///< task outcomes: who has it
  std::string detail;      ///< what a gateway or a check said, in words
  std::string field;       ///< event.rejected: the field that is wrong
  std::string event_type;  ///< event.*: the type of the event
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// The flat form, in the order of the contract's table. Numbers are decimal, instants RFC 3339, reasons joined by
/// commas.
[[nodiscard]] Fields to_fields(const Outcome& outcome);

/// True for the fields whose JSON form is a number (`step`, `parts`, `attempt`).
[[nodiscard]] bool is_number_field(std::string_view name);

}  // namespace dun
