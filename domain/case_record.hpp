// A case: what somebody must do or know, whoever has seen it. It stands beside the account records, in the partition of
// its id, and has the same single writer (ADR 0020).
#pragma once

#include "domain/account_record.hpp"
#include "domain/ids.hpp"
#include "domain/notice.hpp"
#include "domain/subject.hpp"
#include "domain/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace dun {

/// Who sees the trouble behind an alert.
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
struct AlertCase {
  std::string name;                   ///< of its monitor
  std::string subject, gateway;       ///< what it is about; empty where it is the installation as a whole
  std::optional<Instant> open_since;  ///< none: it is over
  std::vector<Witness> witnesses;     ///< in the order in which they were first heard of
  friend bool operator==(const AlertCase&, const AlertCase&) = default;
};

/// What a task tells of its account, as the account wrote last.
struct AccountFacts {
  std::string msisdn, brand, manager;
  int credit_level = 0;
  CreditPosition credit;
  ServiceState service = ServiceState::unknown;
  std::uint64_t episode = 0;  ///< its key
  EventId cause;              ///< of the present state, as in Episode
  Instant caused_at{};
  friend bool operator==(const AccountFacts&, const AccountFacts&) = default;
};

[[nodiscard]] AccountFacts facts_of(const AccountRecord& record);

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

/// What the account manager has to do for an account, and what is told in its name. It outlives its task by what is
/// still under way or may yet be receipted.
struct TaskCase : NoticeBook {
  AccountId account;
  AccountFacts facts;
  std::optional<Task> task;  ///< while it is open
  friend bool operator==(const TaskCase&, const TaskCase&) = default;
};

using CaseRecord = std::variant<AlertCase, TaskCase>;

/// `alert/monitor.gateway/sms`; its partition is that of the whole id.
[[nodiscard]] CaseId alert_case(const std::string& name, const std::string& subject);

/// `task/ACCOUNT`; it stands in the partition of its account.
[[nodiscard]] CaseId task_case(const AccountId& account);
/// The account of such a case.
[[nodiscard]] std::optional<AccountId> account_of_task(const CaseId& id);
/// The account of a subject: itself, or that of its task; none of an alert.
[[nodiscard]] std::optional<AccountId> account_of(const Subject& subject);

}  // namespace dun
