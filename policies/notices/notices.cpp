#include "policies/notices/notices.hpp"

#include "base/assert.hpp"
#include "domain/enum_index.hpp"
#include "policies/gates/gates.hpp"

#include <algorithm>

namespace dun::policies {

bool is_untold(const PendingNotice& notice) {
  return !is_in_doubt(notice) && !notice.in_flight && !notice.tried.perhaps_taken;
}

PendingNotice* find_notice(NoticeBook& book, std::uint32_t ordinal) {
  const auto at = std::ranges::find(book.pending, ordinal, &PendingNotice::ordinal);
  return at == book.pending.end() ? nullptr : &*at;
}

namespace {

/// Kinds that tell the credit position, and not only the fact behind them.
bool tells_position(NoticeKind kind) {
  return kind == NoticeKind::early_reminder || kind == NoticeKind::dunning || kind == NoticeKind::suspension_warning ||
         to_manager(kind);
}

}  // namespace

Instant told_time(const CreditPosition& credit, NoticeKind kind, Instant cause_time) {
  if (!tells_position(kind)) return cause_time;
  return credit.balance ? credit.as_of : std::max(cause_time, credit.as_of);
}

bool follow_position(NoticeBook& book, const CreditPosition& credit, std::uint64_t episode, Instant caused_at) {
  bool moved = false;
  for (PendingNotice& notice : book.pending) {
    if (!tells_position(notice.kind) || notice.episode != episode) continue;
    if (notice.in_flight || is_in_doubt(notice)) continue;
    const PendingNotice before = notice;
    notice.event_time = told_time(credit, notice.kind, caused_at);
    if (notice.kind == NoticeKind::early_reminder) notice.announced = credit.exhausts_at;
    // What a gateway may have with the old date is not repeated with another.
    if (notice.kind == NoticeKind::suspension_warning && !notice.tried.perhaps_taken)
      notice.announced = credit.suspend_at;
    moved |= notice != before;
  }
  return moved;
}

void issue(Desk& now, NewNotice given) {
  PendingNotice notice{.ordinal = ++now.book.ordinals,
                       .kind = given.kind,
                       .step = given.step,
                       .repeat = given.repeat,
                       .state = Held{.due_at = now.now},
                       .lane = now.policies.lanes.at(enum_index(given.kind)),
                       .cause = std::move(given.cause),
                       .event_time = given.event_time,
                       .decided_at = now.now,
                       .wanted_at = given.planned.value_or(now.now),
                       .episode = given.episode,
                       .task = given.task,
                       .announced = given.announced,
                       .reasons = std::move(given.reasons)};
  if (given.fact) notice.fact = *given.fact;
  std::string_view rule = now.suppressed_by(notice.kind);
  if (rule.empty() && given.fact && now.book.pending.size() >= pending_max) rule = "caps.pending";
  if (!rule.empty()) {
    notice.reasons.emplace_back(rule);
    now.put_out(OutcomeType::notice_suppressed, notice).due_at.reset();
    return;
  }
  if (notice.announced && *notice.announced <= now.now) {
    notice.reasons.emplace_back("expiry.past");
    now.put_out(OutcomeType::notice_expired, notice);
    return now.ended_untold(notice);
  }
  const Instant due = first_permitted(now, notice, notice.wanted_at, notice.reasons);
  PendingNotice& kept = now.book.pending.emplace_back(std::move(notice));
  shelve(now, kept, due);
  if (due > now.now) now.put_out(OutcomeType::notice_held, kept);
}

namespace {

void put_on_shelf(Desk& now, PendingNotice& notice, Instant due) {
  ++notice.generation;
  now.effects.shelvings.push_back({.lane = notice.lane,
                                   .at = due,
                                   .ordinal = notice.ordinal,
                                   .generation = notice.generation,
                                   .decided_at = notice.decided_at});
}

}  // namespace

void shelve(Desk& now, PendingNotice& notice, Instant due) {
  notice.state = Held{.due_at = due};
  put_on_shelf(now, notice, due);
}

void shelve_question(Desk& now, PendingNotice& notice, Instant due) {
  DUN_ASSERT(std::holds_alternative<ToBeAsked>(notice.state));
  std::get<ToBeAsked>(notice.state).at = due;
  put_on_shelf(now, notice, due);
}

void bring_forward(Desk& now) {
  for (PendingNotice& notice : now.book.pending) {
    if (!is_held(notice) || notice.in_flight || due_at(notice) <= now.now) continue;
    std::vector<std::string> reasons = notice.reasons;
    const Instant from = std::max({notice.wanted_at, notice.tried.again_at.value_or(now.now), now.now});
    const Instant permitted = first_permitted(now, notice, from, reasons);
    if (permitted >= due_at(notice)) continue;
    now.effects.record_changed = true;
    notice.reasons = std::move(reasons);
    shelve(now, notice, permitted);
    if (permitted > now.now) now.put_out(OutcomeType::notice_held, notice);
  }
}

bool take_back_the_clock(Desk& now) {
  bool moved = false;
  for (PendingNotice& notice : now.book.pending) {
    if (notice.in_flight) continue;
    if (notice.decided_at > now.now) {
      const bool planned = notice.wanted_at > notice.decided_at;
      notice.decided_at = now.now;
      if (!planned) notice.wanted_at = now.now;
      moved = true;
    }
    // What waits behind another one was due by then.
    if (auto* parked = std::get_if<Parked>(&notice.state); parked != nullptr && parked->due_since > now.now) {
      parked->due_since = now.now;
      moved = true;
    }
    const bool paused_ahead = notice.tried.last_at > now.now && notice.tried.again_at >= notice.tried.last_at;
    if (paused_ahead && !is_in_doubt(notice)) {
      notice.tried.again_at = now.now;
      // By its attempt what is in doubt is known to caps and receipts, also while it waits to be repeated.
      if (!notice.tried.perhaps_taken) notice.tried.last_at = now.now;
      moved = true;
    }
  }
  return moved;
}

void end_notice(Desk& now, std::uint32_t ordinal, OutcomeType type, std::string reason) {
  PendingNotice* notice = find_notice(now.book, ordinal);
  DUN_ASSERT(notice != nullptr && !notice->in_flight);
  notice->reasons.push_back(std::move(reason));
  // What a gateway may have cannot be said to have been cancelled (E26).
  now.put_out(notice->tried.perhaps_taken ? OutcomeType::notice_unknown : type, *notice);
  if (type != OutcomeType::notice_cancelled) now.ended_untold(*notice);
  if (notice->tried.attempts > 0)
    remember_sent(
        now, sent_notice(now.account, *notice, notice->tried.perhaps_taken ? SentState::in_doubt : SentState::refused));
  remove_notice(now, ordinal);
}

SentNotice sent_notice(const AccountId& account, const PendingNotice& notice, SentState state) {
  return {.id = notice_id(account, notice),
          .kind = notice.kind,
          .step = notice.step,
          .sent_at = notice.tried.last_at,
          .gateway = notice.tried.gateway,
          .state = state};
}

void remember_sent(Desk& now, SentNotice sent) {
  std::vector<SentNotice>& list = now.book.sent;
  list.push_back(std::move(sent));
  if (list.size() <= sent_notices_max) return;
  // A receipt for what was refused is the least likely to come.
  const auto refused = std::ranges::find(list, SentState::refused, &SentNotice::state);
  list.erase(refused != list.end() ? refused : list.begin());
}

void remove_notice(Desk& now, std::uint32_t ordinal) {
  std::erase_if(now.book.pending, [&](const PendingNotice& notice) { return notice.ordinal == ordinal; });
  move_up_parked(now);
}

bool waits_behind_another(const Desk& now, const PendingNotice& notice, Instant by) {
  // A repeat keeps its place while it pauses; the night that puts it off does not hold up what may go at night.
  const auto pauses = [&](const PendingNotice& other) {
    std::vector<std::string> rules;
    return other.tried.attempts > 0 && first_permitted(now, other, now.now, rules) <= now.now;
  };
  return std::ranges::any_of(now.book.pending, [&](const PendingNotice& other) {
    if (other.ordinal == notice.ordinal) return false;
    if (other.in_flight) return true;
    if (other.lane != notice.lane || other.ordinal > notice.ordinal) return false;
    if (is_held(other)) return due_at(other) <= by || pauses(other);
    return is_in_doubt(other);
  });
}

void move_up_parked(Desk& now) {
  // In order of decision: one that moves up holds back those of its lane behind it. It stays due since when it was: a
  // turn is of a moment before the batch, and must not find it due only later.
  for (PendingNotice& notice : now.book.pending)
    if (is_parked(notice) && !waits_behind_another(now, notice, now.now))
      shelve(now, notice, std::min(due_at(notice), now.now));
}

}  // namespace dun::policies
