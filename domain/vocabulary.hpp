// The closed lists of words that docs/contract.md fixes, each with its text form. docs/states.md explains them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dun {

/// Events of contract section 2, and after `heartbeat` what Dun's own front ends put on the stream.
enum class EventType : std::uint8_t {
  credit_changed,
  payment_received,
  payment_reversed,
  suspension_scheduled,
  suspension_cancelled,
  service_suspended,
  resume_ordered,
  service_resumed,
  refund_credited,
  charge_upcoming,
  account_updated,
  account_closed,
  account_reopened,
  dispute_opened,
  dispute_closed,
  promise_made,
  promise_withdrawn,
  complaint_filed,
  source_heartbeat,
  receipt,  // `dun.receipt`: a delivery receipt, published by the receipts endpoint
};

/// Why billing stops a service (`reason` of `suspension.scheduled` and `service.suspended`; `debt` where it says none).
enum class SuspensionReason : std::uint8_t { debt, fraud, own_wish, other };

/// The credit position of an account, from good to bad.
enum class CreditState : std::uint8_t { clear, low, arrears, suspension_due, suspended };

/// Notice kinds (message classes) of contract section 2.
enum class NoticeKind : std::uint8_t {
  early_reminder,
  dunning,
  suspension_warning,
  suspended,
  resumed,
  payment_received,
  refund,
  charge,
  manager_task,
  manager_update,
  escalation,
  ops_alert,
};
inline constexpr std::size_t notice_kinds = 12;

/// A set of notice kinds, one bit each in the order of the enumeration.
class KindSet {
 public:
  constexpr KindSet() = default;
  explicit constexpr KindSet(std::uint16_t bits) : bits_(bits) {}
  [[nodiscard]] constexpr bool has(NoticeKind kind) const { return (bits_ >> static_cast<int>(kind) & 1) != 0; }
  constexpr void add(NoticeKind kind) { bits_ = static_cast<std::uint16_t>(bits_ | 1U << static_cast<int>(kind)); }
  constexpr void remove(NoticeKind kind) {
    bits_ = static_cast<std::uint16_t>(bits_ & ~(1U << static_cast<int>(kind)));
  }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr std::uint16_t bits() const { return bits_; }
  friend constexpr bool operator==(KindSet, KindSet) = default;

 private:
  std::uint16_t bits_ = 0;
};

/// Flow-control lanes (design, "Flow control"): FIFO inside, weighted among each other.
enum class Lane : std::uint8_t { urgent, normal, bulk };
inline constexpr std::array<Lane, 3> all_lanes = {Lane::urgent, Lane::normal, Lane::bulk};

/// What carries a notice to its receiver (`channel` of outcomes).
enum class Channel : std::uint8_t { sms };

/// Outcome types of contract section 4; `event_applied` is the journal's own, so that `explain` can show what came in.
enum class OutcomeType : std::uint8_t {
  notice_held,
  notice_sent,
  notice_delivered,
  notice_failed,
  notice_cancelled,
  notice_suppressed,
  notice_expired,
  notice_unknown,
  notice_unreachable,
  task_opened,
  task_acknowledged,
  task_completed,
  task_escalated,
  task_closed,
  suspension_cleared,
  suspension_at_risk,
  event_rejected,
  event_duplicate,
  event_superseded,
  alert_raised,
  alert_cleared,
  event_applied,
  event_conflict,
};

/// What a delivery receipt says in the end.
enum class ReceiptStatus : std::uint8_t { delivered, failed, pending };

enum class Encoding : std::uint8_t { gsm7, ucs2 };

[[nodiscard]] std::string_view to_text(EventType type);
[[nodiscard]] std::string_view to_text(SuspensionReason reason);
[[nodiscard]] std::string_view to_text(CreditState state);
[[nodiscard]] std::string_view to_text(NoticeKind kind);
[[nodiscard]] std::string_view to_text(Lane lane);
[[nodiscard]] std::string_view to_text(Channel channel);
[[nodiscard]] std::string_view to_text(OutcomeType type);
[[nodiscard]] std::string_view to_text(ReceiptStatus status);
[[nodiscard]] std::string_view to_text(Encoding encoding);

[[nodiscard]] std::optional<EventType> event_type(std::string_view text);
[[nodiscard]] std::optional<SuspensionReason> suspension_reason(std::string_view text);
[[nodiscard]] std::optional<CreditState> credit_state(std::string_view text);
[[nodiscard]] std::optional<NoticeKind> notice_kind(std::string_view text);
[[nodiscard]] std::optional<Lane> lane(std::string_view text);
[[nodiscard]] std::optional<OutcomeType> outcome_type(std::string_view text);
[[nodiscard]] std::optional<ReceiptStatus> receipt_status(std::string_view text);

/// All texts of a list, for error messages that name what was possible.
[[nodiscard]] std::span<const std::string_view> event_type_names();
[[nodiscard]] std::span<const std::string_view> suspension_reason_names();
[[nodiscard]] std::span<const std::string_view> credit_state_names();
[[nodiscard]] std::span<const std::string_view> notice_kind_names();
[[nodiscard]] std::span<const std::string_view> lane_names();
[[nodiscard]] std::span<const std::string_view> outcome_type_names();

}  // namespace dun
