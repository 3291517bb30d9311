#include "tests/scheduler/crash/checker.hpp"

#include <algorithm>

namespace dun::test {

using scheduler::Commit;
using scheduler::InFlight;
using scheduler::MemoryPartition;
using scheduler::SendRequest;

Checker::Checker(const Options& options) : options_(options), places_(static_cast<std::size_t>(options.partitions)) {}

void Checker::published(int partition, Published what, const std::string& id, const std::string& account) {
  ++numbers_;
  ++place(partition).published;
  if (what == Published::repeat) ++repeats_[id];
  if (what == Published::payment || what == Published::resumption || what == Published::debt)
    events_[id] = {.what = what, .account = account, .number = numbers_, .partition = partition};
}

void Checker::looked(int partition, int owner, scheduler::StreamId last_in_stream, bool front_door_empty) {
  place(partition).looks[owner] = {
      .last_in_stream = last_in_stream, .front_door_empty = front_door_empty, .published = numbers_};
}

void Checker::committed(int partition, int owner, const Commit& commit) {
  Place& at = place(partition);
  if (owner != at.owner) violation("fence: a commit of a former owner was applied");
  for (const NoticeId& notice : commit.settled) at.claimed.erase(notice);
  for (const InFlight& claim : commit.claims) {
    check_claim(partition, owner, commit, claim);
    at.claimed[claim.notice] = claim;
    account_of_[claim.notice.str()] = claim.account.str();
  }
}

void Checker::check_claim(int partition, int owner, const Commit& commit, const InFlight& claim) {
  Place& at = place(partition);
  const std::string name = claim.notice.str();
  for (const auto& [notice, other] : at.claimed)
    if (other.account == claim.account) violation("in flight: " + name + " claimed beside " + notice.str());
  const Look& look = at.looks.at(owner);
  if (commit.cursor < look.last_in_stream || !look.front_door_empty)
    violation("barrier: " + name + " claimed while something in the stream was unread");
  if (claim.kind != NoticeKind::dunning) return;
  if (const Event* payment = paid(claim.account.str()); payment != nullptr && payment->number <= look.published)
    violation("barrier: " + name + " claimed after the payment was in the stream");
}

const Checker::Event* Checker::paid(const std::string& account) const {
  for (const auto& [id, event] : events_)
    if (event.account == account && event.what == Published::payment) return &event;
  return nullptr;
}

void Checker::stored(int partition, const MemoryPartition& state) {
  Place& at = place(partition);
  if (state.in_flight.size() != at.claimed.size()) violation("in flight: the store does not hold what was claimed");
  for (const auto& [key, shelf] : state.shelves) check_shelf(state, shelf);
}

/// First in, first out: what never left its shelf, and what came back to it, stands in the order of the stream.
void Checker::check_shelf(const MemoryPartition& state, const std::deque<scheduler::ShelfEntry>& shelf) {
  int last = 0;
  for (const scheduler::ShelfEntry& entry : shelf) {
    const auto record = state.records.find(entry.account);
    if (record == state.records.end()) continue;
    const auto& pending = record->second.pending;
    const auto notice = std::ranges::find(pending, entry.ordinal, &PendingNotice::ordinal);
    const bool shelved_once =
        notice != pending.end() && notice->generation == entry.generation && notice->generation == 1;
    const auto event = shelved_once ? events_.find(notice->cause.str()) : events_.end();
    if (event == events_.end()) continue;
    if (event->second.number < last) violation("order: " + event->first + " stands behind a later one on its shelf");
    last = event->second.number;
  }
}

void Checker::owner_changed(int partition, int owner) {
  Place& at = place(partition);
  at.owner = owner;
  at.under_way.clear();
}

void Checker::began(int partition, int owner, const SendRequest& request) {
  Place& at = place(partition);
  if (owner != at.owner) return;  // it has lost its lease and does not know it yet; the gateway sees a repeat
  if (!at.claimed.contains(request.notice)) {
    violation("claim: " + request.client_ref + " left without a claim in the store");
    return;
  }
  if (request.client_ref != request.notice.str()) violation("identity: " + request.client_ref);
  auto& under_way = at.under_way[account_of_[request.client_ref]];
  under_way.insert(request.client_ref);
  if (under_way.size() > 1) violation("in flight: " + request.client_ref + " left while another one was under way");
}

void Checker::ended(int partition, int owner, const SendRequest& request) {
  Place& at = place(partition);
  if (owner == at.owner) at.under_way[account_of_[request.client_ref]].erase(request.client_ref);
}

// ------------------------------------------------------------------------------------------------------- at the end

void Checker::finished(const std::vector<std::shared_ptr<MemoryPartition>>& states,
                       const std::vector<SendRequest>& taken) {
  std::vector<Outcome> journal;
  for (std::size_t i = 0; i < states.size(); ++i) {
    check_counters(static_cast<int>(i), *states[i]);
    check_at_rest(*states[i]);
    journal.insert(journal.end(), states[i]->journal.begin(), states[i]->journal.end());
  }
  for (const Outcome& outcome : journal)
    if (!outcome.notice.empty() && events_.contains(outcome.cause.str()) &&
        outcome.type != OutcomeType::notice_cancelled)
      cause_of_[outcome.notice.str()] = outcome.cause.str();
  check_applied_once(journal);
  check_owed(journal, taken);
  check_order(taken);
}

void Checker::check_counters(int partition, const MemoryPartition& state) {
  const scheduler::Counters& counters = state.counters;
  if (counters.read != place(partition).published)
    violation("once: " + std::to_string(place(partition).published) + " entries published, " +
              std::to_string(counters.read) + " read");
  const std::uint64_t accounted = counters.applied + counters.duplicate + counters.superseded + counters.rejected +
                                  counters.receipts + counters.receipts_unknown;
  if (accounted != counters.read) violation("once: the counters do not add up");
  if (state.rejected.size() != counters.rejected) violation("rejected: not every malformed entry is kept");
}

void Checker::check_at_rest(const MemoryPartition& state) {
  if (!state.in_flight.empty()) violation("rest: something is still in flight");
  for (const auto& [account, record] : state.records)
    if (!record.pending.empty()) violation("rest: account " + account.str() + " still waits for a notice");
}

void Checker::check_applied_once(const std::vector<Outcome>& journal) {
  std::map<std::string, int> applied;
  std::map<std::string, int> duplicate;
  for (const Outcome& outcome : journal) {
    if (outcome.type == OutcomeType::event_applied) ++applied[outcome.cause.str()];
    if (outcome.type == OutcomeType::event_duplicate) ++duplicate[outcome.cause.str()];
  }
  for (const auto& [id, event] : events_)
    if (applied[id] != 1) violation("once: event " + id + " applied " + std::to_string(applied[id]) + " times");
  for (const auto& [id, repeats] : repeats_)
    if (duplicate[id] != repeats) violation("once: repeats of " + id + " not found as such");
}

void Checker::check_owed(const std::vector<Outcome>& journal, const std::vector<SendRequest>& taken) {
  std::map<std::string, int> times_taken;
  for (const SendRequest& request : taken) ++times_taken[request.client_ref];
  for (const auto& [notice, times] : times_taken)
    if (times > 1) violation("once: " + notice + " taken " + std::to_string(times) + " times");

  struct Ends {
    int sent = 0, failed = 0, unknown = 0, cancelled = 0, delivered = 0;
  };
  std::map<std::string, Ends> ends;  // by cause
  for (const Outcome& outcome : journal) {
    const auto cause = cause_of_.find(outcome.notice.str());
    if (cause == cause_of_.end()) continue;
    Ends& end = ends[cause->second];
    if (outcome.type == OutcomeType::notice_sent) ++end.sent;
    if (outcome.type == OutcomeType::notice_failed) ++end.failed;
    if (outcome.type == OutcomeType::notice_unknown) ++end.unknown;
    if (outcome.type == OutcomeType::notice_delivered) ++end.delivered;
    if (outcome.type == OutcomeType::notice_sent && !times_taken.contains(outcome.notice.str()))
      violation("told: " + outcome.notice.str() + " is called sent, and no gateway has it");
  }
  for (const auto& [id, event] : events_) {
    const Ends& end = ends[id];
    const bool excused = event.what == Published::debt && paid(event.account) != nullptr;
    const bool told = end.sent + end.failed == 1 || (!options_.duplicates_removed && end.sent == 0 && end.unknown > 0);
    if (!told && !excused)
      violation("owed: " + id + " ended " + std::to_string(end.sent) + " times as sent, " + std::to_string(end.failed) +
                " as failed, " + std::to_string(end.unknown) + " as unknown");
    if (end.sent > 1 || end.delivered > 1) violation("once: the outcome of " + id + " was told twice");
  }
}

/// What one account was told of, it was told of in the order of the stream.
void Checker::check_order(const std::vector<SendRequest>& taken) {
  std::map<std::string, int> last;
  for (const SendRequest& request : taken) {
    const auto cause = cause_of_.find(request.client_ref);
    if (cause == cause_of_.end()) continue;
    const Event& event = events_.at(cause->second);
    int& newest = last[event.account];
    if (event.number < newest) violation("order: " + cause->second + " told after a later event of its account");
    newest = std::max(newest, event.number);
  }
}

}  // namespace dun::test
