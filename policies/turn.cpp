#include "policies/turn.hpp"

#include "policies/gates/gates.hpp"
#include "policies/gates/quiet_hours.hpp"
#include "policies/notices/notices.hpp"
#include "policies/notices/settle.hpp"

#include <algorithm>

namespace dun::policies {
namespace {

/// Until when it may reach its receiver: its expiry or the start of the next quiet window, whichever is first (E10).
Instant valid_until(const Desk& now, const PendingNotice& notice, const Receiver& receiver) {
  Instant until = expires_at(now, notice).value_or(now.now + std::chrono::hours(72));
  if (const auto night = next_quiet(receiver.quiet, now.now, *receiver.zone)) until = std::min(until, *night);
  return until;
}

void claim(Desk& now, const PendingNotice& notice, const Receiver& receiver) {
  now.effects.permission = Claim{.ordinal = notice.ordinal,
                                 .notice = notice_id(now.account, notice),
                                 .lane = notice.lane,
                                 .attempt = notice.tried.attempts + 1,
                                 .decided_at = notice.decided_at,
                                 .to = receiver.address,
                                 .message = now.message_context(notice, receiver),
                                 .valid_until = valid_until(now, notice, receiver)};
}

/// What the gateway is asked disturbs nobody and costs nothing: no gate applies but that an account has one request
/// under way at a time.
void ask(Desk& now, PendingNotice& notice) {
  const ToBeAsked& doubt = std::get<ToBeAsked>(notice.state);
  // An owner before us had it in flight when its receipt came.
  if (notice.tried.early_receipt) return end_by_receipt(now, notice, doubt.gateway, {});
  if (std::ranges::any_of(now.book.pending, &PendingNotice::in_flight)) {
    now.effects.record_changed = true;
    return shelve_question(now, notice, now.now + Seconds(1));
  }
  now.effects.permission = Ask{.ordinal = notice.ordinal,
                               .notice = notice_id(now.account, notice),
                               .kind = notice.kind,
                               .step = notice.step,
                               .attempt = notice.tried.attempts,
                               .decided_at = notice.decided_at,
                               .gateway = doubt.gateway,
                               .to = doubt.to,
                               .question = {.number = doubt.asked + 1, .submitted_at = notice.tried.last_at}};
}

}  // namespace

void take_turn(Desk& now, const TurnCome& turn) {
  PendingNotice* notice = find_notice(now.book, turn.ordinal);
  if (notice == nullptr || notice->generation != turn.generation) return;
  if (notice->in_flight) return;
  if (std::holds_alternative<ToBeAsked>(notice->state)) return ask(now, *notice);
  if (!is_held(*notice)) return;
  // Its receipt came while it was under way, and then the gateway said that it took nothing: it is not sent again.
  if (notice->tried.early_receipt) return end_by_receipt(now, *notice, {}, {});
  // It may have been under way when the position moved, and come back untaken: what it announces may be past by now.
  now.follow_position();
  const auto end = [&](OutcomeType type, std::string reason) {
    now.effects.record_changed = true;
    end_notice(now, turn.ordinal, type, std::move(reason));
  };
  if (!now.void_by(*notice).empty()) {
    // Only a change of policies can have made it void since the last event; reconciling ends it.
    now.effects.record_changed = true;
    return;
  }
  if (const auto rule = now.suppressed_by(notice->kind); !rule.empty())
    return end(OutcomeType::notice_suppressed, std::string(rule));
  if (const auto expiry = expires_at(now, *notice); expiry && *expiry <= now.now)
    return end(OutcomeType::notice_expired, std::string(expiry_reason(now, *notice)));
  const Receiver receiver = now.receiver_of(notice->kind);
  if (receiver.address.empty()) return end(OutcomeType::notice_unreachable, "contact.no_number");
  if (waits_behind_another(now, *notice, std::max(now.now, turn.batch))) {
    notice->state = Parked{.due_since = due_at(*notice)};
    now.effects.record_changed = true;
    return;
  }
  const Instant permitted = first_permitted(now, *notice, now.now, notice->reasons);
  if (permitted > now.now) {
    now.effects.record_changed = true;
    shelve(now, *notice, permitted);
    now.put_out(OutcomeType::notice_held, *notice);
    return move_up_parked(now);
  }
  claim(now, *notice, receiver);
}

}  // namespace dun::policies
