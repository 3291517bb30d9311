#include "domain/vocabulary.hpp"

#include "domain/enum_index.hpp"

#include <algorithm>

namespace dun {
namespace {

using namespace std::string_view_literals;

// Each list in the order of its enumeration: the index is the value.
constexpr std::array event_types = {
    "credit.changed"sv,       "payment.received"sv,  "payment.reversed"sv, "suspension.scheduled"sv,
    "suspension.cancelled"sv, "service.suspended"sv, "resume.ordered"sv,   "service.resumed"sv,
    "refund.credited"sv,      "charge.upcoming"sv,   "account.updated"sv,  "account.closed"sv,
    "account.reopened"sv,     "dispute.opened"sv,    "dispute.closed"sv,   "promise.made"sv,
    "promise.withdrawn"sv,    "complaint.filed"sv,   "source.heartbeat"sv, "dun.receipt"sv};
constexpr std::array suspension_reasons = {"debt"sv, "fraud"sv, "own_wish"sv, "other"sv};
constexpr std::array credit_states = {"clear"sv, "low"sv, "arrears"sv, "suspension_due"sv, "suspended"sv};
constexpr std::array kinds = {
    "early_reminder"sv, "dunning"sv, "suspension_warning"sv, "suspended"sv,      "resumed"sv,    "payment_received"sv,
    "refund"sv,         "charge"sv,  "manager_task"sv,       "manager_update"sv, "escalation"sv, "ops_alert"sv};
constexpr std::array lanes = {"urgent"sv, "normal"sv, "bulk"sv};
constexpr std::array channels = {"sms"sv};
constexpr std::array outcome_types = {
    "notice.held"sv,        "notice.sent"sv,    "notice.delivered"sv, "notice.failed"sv,      "notice.cancelled"sv,
    "notice.suppressed"sv,  "notice.expired"sv, "notice.unknown"sv,   "notice.unreachable"sv, "task.opened"sv,
    "task.acknowledged"sv,  "task.completed"sv, "task.escalated"sv,   "task.closed"sv,        "suspension.cleared"sv,
    "suspension.at_risk"sv, "event.rejected"sv, "event.duplicate"sv,  "event.superseded"sv,   "alert.raised"sv,
    "alert.cleared"sv,      "event.applied"sv,  "event.conflict"sv};
constexpr std::array receipt_statuses = {"delivered"sv, "failed"sv, "pending"sv};
constexpr std::array encodings = {"gsm7"sv, "ucs2"sv};

static_assert(event_types.size() == enum_index(EventType::receipt) + 1);
static_assert(suspension_reasons.size() == enum_index(SuspensionReason::other) + 1);
static_assert(credit_states.size() == enum_index(CreditState::suspended) + 1);
static_assert(kinds.size() == notice_kinds);
static_assert(lanes.size() == all_lanes.size());
static_assert(outcome_types.size() == enum_index(OutcomeType::event_conflict) + 1);

template <typename Enum, std::size_t Size>
std::optional<Enum> find(const std::array<std::string_view, Size>& names, std::string_view text) {
  const auto at = std::ranges::find(names, text);
  if (at == names.end()) return std::nullopt;
  return static_cast<Enum>(at - names.begin());
}

template <std::size_t Size, typename Enum>
std::string_view name(const std::array<std::string_view, Size>& names, Enum value) {
  return names.at(enum_index(value));
}

}  // namespace

std::string_view to_text(EventType type) {
  return name(event_types, type);
}
std::string_view to_text(SuspensionReason reason) {
  return name(suspension_reasons, reason);
}
std::string_view to_text(CreditState state) {
  return name(credit_states, state);
}
std::string_view to_text(NoticeKind kind) {
  return name(kinds, kind);
}
std::string_view to_text(Lane lane) {
  return name(lanes, lane);
}
std::string_view to_text(Channel channel) {
  return name(channels, channel);
}
std::string_view to_text(OutcomeType type) {
  return name(outcome_types, type);
}
std::string_view to_text(ReceiptStatus status) {
  return name(receipt_statuses, status);
}
std::string_view to_text(Encoding encoding) {
  return name(encodings, encoding);
}

std::optional<EventType> event_type(std::string_view text) {
  return find<EventType>(event_types, text);
}
std::optional<SuspensionReason> suspension_reason(std::string_view text) {
  return find<SuspensionReason>(suspension_reasons, text);
}
std::optional<CreditState> credit_state(std::string_view text) {
  return find<CreditState>(credit_states, text);
}
std::optional<NoticeKind> notice_kind(std::string_view text) {
  return find<NoticeKind>(kinds, text);
}
std::optional<Lane> lane(std::string_view text) {
  return find<Lane>(lanes, text);
}
std::optional<OutcomeType> outcome_type(std::string_view text) {
  return find<OutcomeType>(outcome_types, text);
}
std::optional<ReceiptStatus> receipt_status(std::string_view text) {
  return find<ReceiptStatus>(receipt_statuses, text);
}

std::span<const std::string_view> event_type_names() {
  return event_types;
}
std::span<const std::string_view> suspension_reason_names() {
  return suspension_reasons;
}
std::span<const std::string_view> credit_state_names() {
  return credit_states;
}
std::span<const std::string_view> notice_kind_names() {
  return kinds;
}
std::span<const std::string_view> lane_names() {
  return lanes;
}
std::span<const std::string_view> outcome_type_names() {
  return outcome_types;
}

}  // namespace dun
