// A report about a case, as it comes by the stream: the event `dun.case`, which only Dun writes.
#pragma once

#include "domain/case_record.hpp"
#include "domain/credit_event.hpp"

#include <expected>
#include <optional>
#include <string>

namespace dun {

struct CaseEvent {
  CaseId about;
  EventId id;      ///< `WITNESS/RUN/NUMBER`: derived from where it comes from, so that a repeat has the same one
  Instant time{};  ///< when the witness said so
  std::string witness, run;
  std::uint64_t number = 0;
  /// Seen, and this report counts so long from when it is taken: machines' clocks differ. None: over.
  std::optional<Millis> counts_for;
  std::string name, subject, gateway;
  std::string detail;  ///< in words
  friend bool operator==(const CaseEvent&, const CaseEvent&) = default;
};

/// The type of the event.
inline constexpr std::string_view case_event_type = "dun.case";
[[nodiscard]] bool is_case_event(const Fields& fields);

[[nodiscard]] EventId case_event_id(const CaseEvent& event);

/// As fields of a stream entry, and back.
[[nodiscard]] Fields to_fields(const CaseEvent& event);
[[nodiscard]] std::expected<CaseEvent, Rejection> parse_case_event(const Fields& fields);

}  // namespace dun
