#include "policies/notice_inputs.hpp"

#include "policies/notices/notices.hpp"
#include "policies/notices/settle.hpp"
#include "policies/turn.hpp"

namespace dun::policies {

void follow_the_clock(Desk& now) {
  if (take_back_the_clock(now)) now.effects.record_changed = true;
}

void on_input(Desk& now, const TurnCome& turn) {
  take_turn(now, turn);
}

void on_input(Desk& now, const Reviewed& found) {
  follow_the_clock(now);
  PendingNotice* notice = find_notice(now.book, found.ordinal);
  const bool listed = notice != nullptr && notice->generation == found.generation;
  // Shelves open within a second of what is on them, but for one that was the present by a clock that was set back.
  if (listed && is_held(*notice) && !notice->in_flight && found.opens - due_at(*notice) >= Seconds(1))
    shelve(now, *notice, due_at(*notice));
}

void on_input(Desk& now, const Settled& settled) {
  take_back_the_clock(now);
  settle(now, settled);
}

void on_input(Desk& now, const Unrenderable& notice) {
  now.effects.record_changed = true;
  end_notice(now, notice.ordinal, OutcomeType::notice_failed, "messages.unrenderable");
  now.effects.outcomes.front().detail = notice.why;
}

}  // namespace dun::policies
