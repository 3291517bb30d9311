// Small histories written by hand, right and wrong, to show that the checker's promises can be broken.
#pragma once

#include "tests/sim/checker.hpp"
#include "tests/support/scenario.hpp"

#include <memory>

namespace dun::test {

inline constexpr int owner = 1;

/// One partition, one owner, and as little of an engine as a history needs. Accounts are in Asia/Shanghai.
struct History {
  explicit History(const Checker::Options& options = {})
      : checker(options), state(std::make_shared<scheduler::MemoryPartition>()) {
    checker.owner_changed(0, owner);
  }

  /// `10:00 payment.received amount=20` as story_event has it, of the account.
  std::string publish(const std::string& account, const std::string& line, const std::string& wrong = {}) {
    Fields fields = story_event("2026-03-02T" + line, ++events);
    for (auto& [name, value] : fields)
      if (name == "account") value = account;
    state->last_id = {.ms = 0, .seq = state->last_id.seq + 1};
    checker.added(0, state->last_id, fields, wrong);
    return "e" + std::to_string(events);
  }
  std::string pay(const std::string& account) { return publish(account, "10:00:00+08:00 payment.received amount=20"); }
  std::string owe(const std::string& account) {
    return publish(account, "10:00:00+08:00 credit.changed state=arrears");
  }

  void look(bool front_door_empty = true) { checker.looked(0, owner, front_door_empty ? 0 : 1); }
  scheduler::Commit commit(const std::string& when = "10:00:00") {
    return {.cursor = state->last_id, .counters = {}, .at = at("2026-03-02T" + when + "+08:00")};
  }
  void put(const scheduler::Commit& commit, int by = owner) {
    for (const NoticeId& notice : commit.settled) state->in_flight.erase(notice);
    for (const scheduler::InFlight& claim : commit.claims) state->in_flight[claim.notice] = claim;
    checker.committed(0, by, commit, *state);
  }
  void take(const std::string& id, OutcomeType type = OutcomeType::event_applied, const std::string& field = {}) {
    ++state->counters.read;
    ++(type == OutcomeType::event_rejected    ? state->counters.rejected
       : type == OutcomeType::event_duplicate ? state->counters.duplicate
                                              : state->counters.applied);
    scheduler::Commit one = commit();
    one.journal = {{.type = type, .cause = EventId(id), .field = field}};
    put(one);
  }
  static Outcome outcome(OutcomeType type, const scheduler::InFlight& notice) {
    return {.type = type,
            .account = account_of(notice.subject).value(),
            .notice = notice.notice,
            .kind = notice.kind,
            .step = notice.step,
            .event_time = at("2026-03-02T10:00:00+08:00"),
            .sent_at = notice.claimed_at};
  }
  /// The record knows it too, as its `ordinal`th notice.
  scheduler::InFlight notice(const std::string& id, const std::string& account,
                             NoticeKind kind = NoticeKind::payment_received, const std::string& when = "10:00:00",
                             const std::string& cause = {}) {
    const auto ordinal = ++ordinals;
    state->records[AccountId(account)].pending.push_back({.ordinal = ordinal,
                                                          .generation = 1,
                                                          .kind = kind,
                                                          .step = kind == NoticeKind::dunning ? 1 : 0,
                                                          .state = Held{.due_at = Instant::max()},
                                                          .cause = EventId(cause),
                                                          .event_time = at("2026-03-02T10:00:00+08:00"),
                                                          .episode = ordinal});
    return {.subject = AccountId(account),
            .ordinal = ordinal,
            .notice = NoticeId(account + "~" + id),
            .kind = kind,
            .step = kind == NoticeKind::dunning ? 1 : 0,
            .claimed_at = at("2026-03-02T" + when + "+08:00")};
  }
  void claim(const scheduler::InFlight& request) {
    scheduler::Commit one = commit();
    one.claims = {request};
    put(one);
  }
  void end(const scheduler::InFlight& request, OutcomeType type = OutcomeType::notice_sent) {
    scheduler::Commit one = commit();
    one.settled = {request.notice};
    one.journal = {outcome(type, request)};
    std::erase_if(state->records[AccountId(request.subject.str())].pending,
                  [&](const PendingNotice& pending) { return pending.ordinal == request.ordinal; });
    put(one);
  }
  static scheduler::SendRequest sent(const scheduler::InFlight& request) {
    return {.gateway = "g", .notice = request.notice, .client_ref = request.notice.str()};
  }
  void begin(const scheduler::InFlight& request, const std::string& when = "10:00:00") {
    checker.began(0, owner, sent(request), at("2026-03-02T" + when + "+08:00"), Millis(0));
  }
  void answer(const scheduler::InFlight& request, const scheduler::SendResult& result) {
    checker.ended(0, owner, request, result);
  }
  /// The whole way of a notice.
  void tell(const scheduler::InFlight& request) {
    look();
    claim(request);
    begin(request);
    taken.push_back(sent(request));
    answer(request, scheduler::SendAccepted{});
    end(request);
  }
  const Violations& finish() {
    checker.finished({state}, taken);
    return checker.violations();
  }
  const Violations& wrong() const { return checker.violations(); }

  Checker checker;
  std::shared_ptr<scheduler::MemoryPartition> state;
  std::vector<scheduler::SendRequest> taken;
  int events = 0;
  std::uint32_t ordinals = 0;
};

}  // namespace dun::test
