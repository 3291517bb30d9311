// How a notice comes to be, moves and ends: the only places that change the list of pending notices.
#pragma once

#include "domain/account_record.hpp"
#include "policies/desk.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace dun::policies {

/// What a new notice says; the rest follows from the situation.
struct NewNotice {
  NoticeKind kind = NoticeKind::dunning;
  int step = 0;
  int repeat = 0;
  EventId cause;
  Instant event_time{};
  std::uint64_t episode = 0;
  std::uint32_t task = 0;
  std::optional<Instant> planned;  ///< goes at this instant if it may; none: as soon as it may
  std::vector<std::string> reasons;
  std::optional<Instant> announced;  ///< the date that it announces
  std::optional<SingleFact> fact;    ///< that it tells of
};

/// The most notices of a subject that may wait. One that tells of a single fact (a payment, a refund ...) is
/// suppressed when so many do: a record is written whole at every change, and one account must not stop the others.
/// What an episode owes is never more than a few and always fits.
inline constexpr std::size_t pending_max = 50;

/// Decides a notice: suppressed at once, expired if what it announces is past (D6), or shelved for the first instant
/// that the gates permit.
void issue(Desk& now, NewNotice notice);

/// Shelves a pending notice for `due`, under a new generation that makes its old entries stale.
void shelve(Desk& now, PendingNotice& notice, Instant due);

/// Shelves the question about an unknown notice in the same way.
void shelve_question(Desk& now, PendingNotice& notice, Instant due);

/// Shelves anew what is held and could go earlier by now: the policies, the account's zone or what counts towards a cap
/// may be others than when it was shelved.
void bring_forward(Desk& now);

/// What was decided by a wall clock that has been set back since counts as decided now: what was due at once must not
/// wait until the clock is there again. True if there was any.
bool take_back_the_clock(Desk& now);

/// Lets what waits and tells the position tell it as it is now, with its time; true if that changed anything. What is
/// in flight or in doubt has been told already. `episode`, `caused_at`: of the episode and of what brought its state.
[[nodiscard]] bool follow_position(NoticeBook& book, const CreditPosition& credit, std::uint64_t episode,
                                   Instant caused_at);

/// When the position became true that a notice of this kind tells; `cause_time`, that of the event behind it, where it
/// tells that instead.
[[nodiscard]] Instant told_time(const CreditPosition& credit, NoticeKind kind, Instant cause_time);

/// Ends a pending notice that is not in flight with an outcome of `type` for `reason`; its successors move up.
void end_notice(Desk& now, std::uint32_t ordinal, OutcomeType type, std::string reason);

/// Remembers a notice that has ended and that a gateway has, or may have: its receipt is the last word.
void remember_sent(Desk& now, SentNotice sent);
[[nodiscard]] SentNotice sent_notice(const AccountId& account, const PendingNotice& notice, SentState state);

/// Removes a pending notice whose outcome has been put out, and moves up what was parked behind it.
void remove_notice(Desk& now, std::uint32_t ordinal);

/// One subject never has two notices in flight, and within a lane an older one goes first that is due, waits for its
/// receipt or for its next attempt (E25, E26). `by`: what is due until then counts as due.
[[nodiscard]] bool waits_behind_another(const Desk& now, const PendingNotice& notice, Instant by);

/// Shelves what is parked and no longer waits, after the one ahead of it ended, was put off or came back.
void move_up_parked(Desk& now);

/// No gateway has it or may have it.
[[nodiscard]] bool is_untold(const PendingNotice& notice);

[[nodiscard]] PendingNotice* find_notice(NoticeBook& book, std::uint32_t ordinal);

}  // namespace dun::policies
