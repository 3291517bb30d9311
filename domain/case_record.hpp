// A case: what somebody must do or know, whoever has seen it. It stands beside the account records, in the partition of
// its id, and has the same single writer (ADR 0020).
#pragma once

#include "domain/ids.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dun {

enum class CaseKind : std::uint8_t { alert };

/// Who sees the trouble behind a case.
struct Witness {
  std::string who;           ///< a process, by its owner name
  std::string run;           ///< tells one life of that process from the next
  std::uint64_t number = 0;  ///< of the last report taken; what is not newer is a repeat, or was overtaken
  /// So long its word counts, unless it says so again; none: it has said that the trouble is over.
  std::optional<Instant> until;
  Instant heard_at{};
  friend bool operator==(const Witness&, const Witness&) = default;
};

/// Open while a witness sees it: two processes that see the same trouble meet here, and it is told once.
struct CaseRecord {
  CaseKind kind = CaseKind::alert;
  std::string name;                   ///< of an alert: its monitor
  std::string subject, gateway;       ///< what it is about; empty where it is the installation as a whole
  std::optional<Instant> open_since;  ///< none: it is over
  std::vector<Witness> witnesses;     ///< in the order in which they were first heard of
  friend bool operator==(const CaseRecord&, const CaseRecord&) = default;
};

/// `alert/monitor.gateway/sms`
[[nodiscard]] CaseId alert_case(const std::string& name, const std::string& subject);

}  // namespace dun
