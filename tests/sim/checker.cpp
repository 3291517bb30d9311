#include "tests/sim/checker.hpp"

#include "policies/situation.hpp"
#include "tests/sim/billing.hpp"
#include "tests/sim/partition_book.hpp"

#include <algorithm>

namespace dun::test {

using scheduler::Commit;
using scheduler::InFlight;
using scheduler::MemoryPartition;
using scheduler::SendRequest;
using scheduler::SendResult;
using scheduler::ShelfEntry;
using scheduler::ShelfKey;
using scheduler::StatusRequest;
using scheduler::StreamId;

namespace {

bool is_verdict(OutcomeType type) {
  return type == OutcomeType::event_applied || type == OutcomeType::event_duplicate ||
         type == OutcomeType::event_superseded || type == OutcomeType::event_rejected ||
         type == OutcomeType::event_conflict;
}

/// Kinds that follow their event at once, and so stand on their shelf in the order of the stream.
bool follows_at_once(NoticeKind kind) {
  return kind == NoticeKind::payment_received || kind == NoticeKind::refund || kind == NoticeKind::charge ||
         kind == NoticeKind::suspended || kind == NoticeKind::resumed;
}

// A clock that is set back by less is let run.
constexpr Millis clock_slack = Seconds(2);
// Quiet hours begin and end at such steps, in every zone.
constexpr Millis window_step = std::chrono::minutes(15);

/// It goes at a time of its own, or a cap may have put it off.
bool may_wait(const MemoryPartition& state, const Subject& subject, const PendingNotice& notice) {
  return notice.kind == NoticeKind::suspension_warning ||
         (notice.kind == NoticeKind::dunning && !state.records.at(AccountId(subject.str())).dunned.empty());
}

/// What tells somebody of a suspension: the customer, or the manager in their place.
bool warns(NoticeKind kind) {
  return kind == NoticeKind::suspension_warning || kind == NoticeKind::manager_task ||
         kind == NoticeKind::manager_update;
}

/// Its day is what it is about: it is of no use from then on.
bool announces(NoticeKind kind) {
  return kind == NoticeKind::suspension_warning || kind == NoticeKind::charge || kind == NoticeKind::early_reminder;
}

// After its day a suspension was warned of, or is known not to have been; clocks differ.
constexpr Millis warned_slack = std::chrono::hours(8);

bool left_untaken(const SendResult& result) {
  return std::holds_alternative<scheduler::SendThrottled>(result) ||
         std::holds_alternative<scheduler::SendGatewayDown>(result);
}

}  // namespace

Checker::Checker(const Options& options) : options_(options) {
  for (int i = 0; i < options.partitions; ++i) books_.push_back(std::make_unique<PartitionBook>(options.doubts_end));
}

Checker::~Checker() = default;

std::shared_ptr<const Checker::PartitionBook> Checker::remember(int partition) const {
  return std::make_shared<PartitionBook>(*books_.at(static_cast<std::size_t>(partition)));
}

void Checker::went_back(int partition, const PartitionBook& remembered) {
  PartitionBook& at = book(partition);
  // What ended since, or was under way, may be decided otherwise now; what a gateway has of it stays there.
  excused_.merge(at.notices.unended_in(remembered.notices));
  for (const auto& [notice, request] : at.claimed) excused_.insert(notice.str());
  for (const auto& [notice, request] : remembered.claimed) doubts_.insert(notice.str());
  at = remembered;
  at.owner = -1;
  at.barriers.clear();
  at.under_way.clear();
  at.returned.clear();
}

void Checker::added(int partition, StreamId id, const Fields& fields, const std::string& wrong) {
  PartitionBook& at = book(partition);
  at.unread.push_back({.id = id, .fields = fields, .wrong = wrong, .number = ++at.added});
}

void Checker::looked(int partition, int owner, int waits_at_front_door) {
  PartitionBook& at = book(partition);
  at.barriers[owner] = {.to_read = at.added + waits_at_front_door, .set_backs = set_backs_[owner]};
}

void Checker::clock_set_back(int owner) {
  ++set_backs_[owner];
  for (const auto& at : books_)
    if (at->owner == owner) at->returned.clear();
}

void Checker::owner_changed(int partition, int owner) {
  PartitionBook& at = book(partition);
  if (owner != at.owner) {
    for (const auto& [notice, request] : at.claimed) doubts_.insert(notice.str());
    at.under_way.clear();
  }
  at.returned.clear();
  at.owner = owner;
}

// ---------------------------------------------------------------------------------------------------------- a commit

void Checker::committed(int partition, int owner, const Commit& commit, const MemoryPartition& state,
                        const Nights& nights) {
  PartitionBook& at = book(partition);
  if (owner != at.owner) violation("fence: a commit of a former owner was applied");
  std::vector<std::pair<std::string, bool>> receipts;
  for (const PartitionBook::Entry& entry : at.unread)
    if (entry.id <= commit.cursor && value_of(entry.fields, "type") == "dun.receipt")
      receipts.emplace_back(value_of(entry.fields, "notice"), value_of(entry.fields, "status") == "delivered");
  for (const auto& [notice, delivered] : receipts) at.receipts.read(notice);
  for (const PartitionBook::Entry& entry : at.unread)
    if (entry.id <= commit.cursor && entry.is("dun.case")) reports_taken_.insert(value_of(entry.fields, "id"));
  at.cases.posted(commit.posts);
  std::map<AccountId, int> holds_before;
  for (const Commit::Record& record : commit.records)
    holds_before.emplace(record.account, at.accounts[record.account.str()].holds_moved());
  for (const Outcome& outcome : commit.journal) {
    if (outcome.type == OutcomeType::suspension_at_risk) take_at_risk(at, outcome);
    if (is_alert(outcome.type)) at.cases.take(outcome, seen_, violations_);
    if (is_verdict(outcome.type))
      take_event(at, commit, outcome);
    else if (!outcome.notice.empty())
      take_notice(at, outcome, nights);
  }
  for (const auto& [notice, delivered] : receipts) at.receipts.weigh(notice, delivered);
  check_all_read(at, commit);
  for (const auto& [subject, notices] : books_of(commit)) {
    const AccountId account(account_name(subject));
    const int holds = at.accounts[account.str()].holds_moved();
    const auto before = holds_before.find(account);
    for (const PendingNotice& notice : notices->pending)
      at.notices.decided(policies::notice_id(account, notice).str(),
                         {before == holds_before.end() ? holds : before->second, holds});
  }
  for (const NoticeId& notice : commit.settled) at.claimed.erase(notice);
  for (const InFlight& claim : commit.claims) {
    check_claim(at, owner, claim, nights);
    // Another owner's questions come back to their shelf in no order.
    if (is_message(claim)) check_overtaken(at, commit, claim, state);
    const AccountModel& account = at.accounts[account_name(claim.subject)];
    if (const auto* notices = book_of(state, claim.subject)) {
      check_identity(*notices, claim);
      if (is_message(claim)) check_words(at, claim, *notices);
      if (is_message(claim)) check_account_order(at, *notices, commit, claim, account, nights);
    } else {
      violation("identity: the store knows nothing of " + claim.subject.str() + ", of which " + claim.notice.str() +
                " is");
    }
    at.claimed[claim.notice] = claim;
    at.left_shelf.emplace(claim.subject.str(), claim.ordinal);
    at.receipts.claimed(claim.notice.str());
    claims_[{owner, claim.notice.str()}] = {.request = claim,
                                            .account = account,
                                            .nights = nights,
                                            .text = ShownText(text_of(claim)),
                                            .set_backs = at.barriers[owner].set_backs};
  }
  take_shelves(at, commit);
  take_parked(at, commit);
  if (state.in_flight.size() != at.claimed.size()) violation("in flight: the store does not hold what was claimed");
  for (const Commit::ShelfChange& change : commit.shelves)
    if (const auto shelf = state.shelves.find(change.key); shelf != state.shelves.end())
      check_shelf(at, state, shelf->second);
}

/// The entries of the stream are judged one by one, in their order, each as the contract says.
void Checker::take_event(PartitionBook& at, const Commit& commit, const Outcome& outcome) {
  while (!at.unread.empty() && at.unread.front().silent()) at.unread.pop_front();
  if (at.unread.empty() || commit.cursor < at.unread.front().id)
    return violation("once: " + outcome.cause.str() + " was judged, and is not what was read");
  const PartitionBook::Entry entry = std::move(at.unread.front());
  at.unread.pop_front();
  const std::string id = value_of(entry.fields, "id");
  const std::string account = value_of(entry.fields, "account");
  if (outcome.cause.str() != id) violation("once: " + outcome.cause.str() + " was judged in the place of " + id);
  OutcomeType right = OutcomeType::event_rejected;
  if (entry.wrong.empty()) {
    check_ladder(at, account, commit.at);
    check_warned(at, account, commit.at);
    right = at.accounts[account].take(entry.fields, commit.at, outcome.type);
    if (right == OutcomeType::event_applied || right == OutcomeType::event_superseded)
      at.facts[account].add(entry.fields);
    if (right == OutcomeType::event_applied && value_of(entry.fields, "type") == "payment.reversed")
      at.facts[account].take_back(entry.fields);
    for (Owed& owed : at.accounts[account].take_owed()) at.notices.owe(account, std::move(owed));
    if (right == OutcomeType::event_applied)
      at.number_of[{id, parse_rfc3339(value_of(entry.fields, "time")).value()}] = entry.number;
  } else if (outcome.field != entry.wrong) {
    violation("rejected: " + id + " for its " + outcome.field + ", and it is the " + entry.wrong);
  }
  if (outcome.type != right)
    violation("once: " + std::string(to_text(outcome.type)) + " " + id + ", and it is " + std::string(to_text(right)));
}

/// The cursor moves with its effects: nothing behind it is unjudged.
void Checker::check_all_read(PartitionBook& at, const Commit& commit) {
  while (!at.unread.empty() && at.unread.front().id <= commit.cursor) {
    const PartitionBook::Entry& entry = at.unread.front();
    if (!entry.silent())
      violation("once: the cursor passed " + value_of(entry.fields, "id") + ", and nothing came of it");
    at.unread.pop_front();
  }
}

void Checker::check_ladder(PartitionBook& at, const std::string& account, Instant now) {
  for (const Owed& owed : at.accounts[account].ladder_owed(now))
    if (!at.notices.knows(account, owed))
      violation("owed: " + account + " still has no step " + std::to_string(*owed.step) + " for " + owed.cause);
}

/// Nobody's service stops without anybody having been told of that day, or billing that it was not (D2).
void Checker::check_warned(const PartitionBook& at, const std::string& account, Instant now) {
  const auto known = at.accounts.find(account);
  const auto announced = known == at.accounts.end() ? std::nullopt : known->second.announced();
  if (!announced || now < announced->suspend_at + warned_slack) return;
  if (!at.warned.contains({account, announced->suspend_at}))
    violation("warned: nobody was told that " + account + " is suspended at " + to_rfc3339(announced->suspend_at));
}

void Checker::take_at_risk(PartitionBook& at, const Outcome& outcome) {
  const auto announced = at.accounts[outcome.account.str()].position().suspension().at;
  if (announced && outcome.detail.contains(to_rfc3339(*announced)))
    at.warned.insert({outcome.account.str(), *announced});
}

/// What a notice says, by what is known of the account at the moment of its claim.
void Checker::check_words(PartitionBook& at, const InFlight& claim, const dun::NoticeBook& notices) {
  const auto notice = std::ranges::find(notices.pending, claim.ordinal, &PendingNotice::ordinal);
  if (notice == notices.pending.end()) return;
  const std::string account = account_name(claim.subject);
  const AccountModel& model = at.accounts[account];
  Facts& facts = at.facts[account];
  const Saying saying{.notice = *notice, .text = ShownText(text_of(claim)), .claimed_at = claim.claimed_at};
  for (const std::string& wrong : wrong_in(saying, model, facts))
    violation(wrong + " (" + claim.notice.str() + ", " + std::string(to_text(claim.kind)) + ")");
  if (claim.kind == NoticeKind::payment_received)
    facts.thanked(notice->cause.str(), notice->event_time, claim.claimed_at);
  if (const auto suspend_at = model.position().suspension().at; warns(claim.kind) && suspend_at) {
    const bool shown = saying.text.time("suspend_at").has_value();
    if (shown) names_[claim.notice.str()] = *suspend_at;
  }
  // That a level was given up takes nothing back of what the manager was told.
  if (claim.kind == NoticeKind::manager_task) at.begun.insert(account);
  if (claim.kind != NoticeKind::dunning) return;
  if (claim.step <= 1) at.begun.insert(account);
  if (model.first_heard_of() && !at.begun.contains(account))
    violation("stage: the first that " + account + " hears is step " + std::to_string(claim.step));
}

void Checker::take_notice(PartitionBook& at, const Outcome& outcome, const Nights& nights) {
  const std::string account = outcome.account.str();
  const AccountModel& model = at.accounts[account];
  const std::string id = outcome.notice.str();
  at.notices.take(outcome, model.holds_moved(), violations_);
  at.receipts.take(outcome, violations_);
  if (outcome.kind == NoticeKind::dunning && outcome.step <= 1) at.begun.insert(account);
  if (outcome.type == OutcomeType::notice_unknown && !doubts_.contains(id))
    violation("unknown: " + id + ", though every request for it had an answer");
  const bool told = outcome.type == OutcomeType::notice_sent || outcome.type == OutcomeType::notice_delivered;
  const bool perhaps = outcome.type == OutcomeType::notice_unknown;
  if ((told || perhaps) && outcome.kind == NoticeKind::dunning && outcome.sent_at)
    at.dunned[account].push_back({.notice = id, .at = *outcome.sent_at, .perhaps = perhaps});
  // What was told in a time that the store has forgotten passes for what is to be told now.
  const auto& planned = model.position().suspension().at;
  if (told && outcome.kind && warns(*outcome.kind) && planned && excused_.contains(id))
    at.warned.insert({account, *planned});
  if (const auto named = names_.find(id); named != names_.end() && (told || perhaps))
    at.warned.insert({account, named->second});
  if (std::ranges::count(outcome.reasons, "account.closed") > 0 && !model.closed())
    violation("reopened: " + id + " is not told, and the account is open");
  // Others of its account may have waited for what is put off or has ended.
  if (outcome.type != OutcomeType::notice_delivered && outcome.type != OutcomeType::notice_failed)
    std::erase_if(at.returned, [&](const auto& each) { return account_of(each.second.subject) == outcome.account; });
  if (outcome.type != OutcomeType::notice_held) return;
  if (model.quiet(*outcome.kind, *outcome.due_at, nights)) violation("quiet: " + id + " is held into the night");
  // What the night alone puts off goes the moment it ends. What waits longer already, for a question to be asked again
  // or for a gateway, is not brought forward by a night.
  const auto before = at.held_until.find(id);
  const bool waited_longer = before != at.held_until.end() && before->second >= *outcome.due_at;
  at.held_until.insert_or_assign(id, *outcome.due_at);
  const bool by_night_alone =
      model.quiet(*outcome.kind, outcome.at, nights) && *outcome.kind != NoticeKind::suspension_warning &&
      std::ranges::none_of(outcome.reasons, [](const auto& reason) { return reason.starts_with("caps."); });
  if (by_night_alone && !waited_longer && !model.night_ends_at(*outcome.kind, *outcome.due_at, nights))
    violation("quiet: " + id + " is held beyond the end of the night");
}

// ------------------------------------------------------------------------------------------------------------ claims

void Checker::check_claim(PartitionBook& at, int owner, const InFlight& claim, const Nights& nights) {
  const std::string name = claim.notice.str();
  for (const auto& [notice, other] : at.claimed)
    if (other.subject == claim.subject) violation("in flight: " + name + " claimed beside " + notice.str());
  if (at.added - static_cast<int>(at.unread.size()) < at.barriers[owner].to_read)
    violation("barrier: " + name + " claimed while something in the stream was unread");
  if (is_message(claim) && at.receipts.arrived(name)) violation("again: " + name + " has arrived");
  if (is_message(claim))
    check_sending(at, claim, nights);
  else if (!doubts_.contains(name))
    violation("claim: a question about " + name + ", of which nothing is in doubt");
  if (const auto returned = at.returned.find(claim.notice);
      returned != at.returned.end() && returned->second.shelf != claim.shelf)
    violation("order: " + name + " lost its place because its gateway paused");
  // Others of its account may have to wait for this one, and come back in another place.
  std::erase_if(at.returned, [&](const auto& each) { return each.second.subject == claim.subject; });
}

void Checker::check_sending(PartitionBook& at, const InFlight& claim, const Nights& nights) {
  if (const auto why = at.accounts[account_name(claim.subject)].forbids(claim.kind, claim.claimed_at, nights);
      !why.empty())
    violation(why + ": " + claim.notice.str() + " (" + std::string(to_text(claim.kind)) + ") claimed at " +
              to_rfc3339(claim.claimed_at));
  check_caps(at, claim);
}

/// Not more than one dunning a day and three a week, by the calendar of the account.
void Checker::check_caps(const PartitionBook& at, const InFlight& claim) {
  const auto dunned = at.dunned.find(account_name(claim.subject));
  if (claim.kind != NoticeKind::dunning || dunned == at.dunned.end()) return;
  const AccountModel& account = at.accounts.at(account_name(claim.subject));
  const auto today = account.day_of(claim.claimed_at);
  // What may have been told counts as told; a gateway that can be asked has said so if it was not, rightly or wrongly.
  const auto between = [&](date::local_days first) {
    std::set<std::string> others;
    for (const PartitionBook::Told& told : dunned->second) {
      const bool counts =
          !told.perhaps || !options_.doubts_end || (taken_.contains(told.notice) && !denied_.contains(told.notice));
      const auto day = account.day_of(told.at);
      if (counts && told.notice != claim.notice.str() && day >= first && day <= today) others.insert(told.notice);
    }
    return others.size();
  };
  if (between(today) >= 1) violation("cap: " + claim.notice.str() + " is the second dunning of a day");
  if (between(today - date::days(6)) >= 3) violation("cap: " + claim.notice.str() + " is the fourth of a week");
}

/// An id is made from what the notice says, and from nothing else: the same for ever, across replays too.
void Checker::check_identity(const dun::NoticeBook& notices, const InFlight& claim) {
  const auto notice = std::ranges::find(notices.pending, claim.ordinal, &PendingNotice::ordinal);
  if (notice == notices.pending.end()) return violation("identity: the record does not know " + claim.notice.str());
  const std::string says = account_name(claim.subject) + " " + std::to_string(notice->episode) + " " +
                           std::string(to_text(notice->kind)) + " " + std::to_string(notice->step) + " " +
                           std::to_string(notice->repeat);
  const std::string& id = claim.notice.str();
  if (said_of_.try_emplace(id, says).first->second != says) violation("identity: " + id + " stands for two notices");
  if (id_of_.try_emplace(says, id).first->second != id) violation("identity: two ids for " + says);
}

/// Within a lane an account hears first of what was decided first: what is due, waits for an answer or is repeated. A
/// claim may be of a moment before its commit: what waited behind another one does not come due only between the two.
void Checker::check_account_order(const PartitionBook& at, const dun::NoticeBook& notices, const Commit& commit,
                                  const InFlight& claim, const AccountModel& account, const Nights& nights) {
  for (const PendingNotice& other : notices.pending) {
    if (other.ordinal >= claim.ordinal || other.lane != claim.shelf.lane) continue;
    const bool came_due = due_at(other) > claim.claimed_at &&
                          (!at.turn_came.contains({claim.subject.str(), other.ordinal}) || other.tried.attempts > 0 ||
                           !follows_at_once(other.kind) || account.night_ends_at(other.kind, due_at(other), nights));
    const bool due = is_held(other) && due_at(other) <= commit.at && !came_due;
    // A cap that puts a dunning off does not hold up the rest, nor does the night.
    const bool pauses = other.tried.attempts > 0 && is_held(other) && other.kind != NoticeKind::dunning &&
                        !account.quiet(other.kind, claim.claimed_at, nights);
    if (due || pauses || is_in_doubt(other))
      violation("order: " + claim.notice.str() + " goes before an older " + std::string(to_text(other.kind)) +
                " of its account");
  }
}

void Checker::take_parked(PartitionBook& at, const Commit& commit) {
  for (const auto& [subject, notices] : books_of(commit)) {
    for (const PendingNotice& notice : notices->pending) {
      const std::pair key(subject.str(), notice.ordinal);
      if (is_parked(notice)) at.turn_came.insert(key);
      if (is_held(notice) && due_at(notice) > commit.at) at.turn_came.erase(key);
    }
  }
}

void Checker::take_shelves(PartitionBook& at, const Commit& commit) {
  for (const Commit::ShelfChange& change : commit.shelves)
    for (const ShelfEntry& entry : change.append) at.arrived[PartitionBook::shelved(change.key, entry)] = ++at.arrivals;
}

/// First in, first out: nothing that stood before it is left behind, but for what came in the same commit.
void Checker::check_overtaken(const PartitionBook& at, const Commit& commit, const InFlight& claim,
                              const MemoryPartition& state) {
  const auto came_now = [&](const ShelfKey& key, const ShelfEntry& entry) {
    const auto change = std::ranges::find(commit.shelves, key, &Commit::ShelfChange::key);
    return change != commit.shelves.end() && std::ranges::count(change->append, entry) > 0;
  };
  const auto* notices = book_of(state, claim.subject);
  if (notices == nullptr) return;
  const auto notice = std::ranges::find(notices->pending, claim.ordinal, &PendingNotice::ordinal);
  if (notice == notices->pending.end()) return;
  const auto own = at.arrived.find({claim.shelf, claim.subject.str(), claim.ordinal, notice->generation});
  for (const auto& [key, shelf] : state.shelves) {
    if (key.lane != claim.shelf.lane || key.at > claim.shelf.at) continue;
    for (const ShelfEntry& entry : shelf) {
      const auto other = at.arrived.find(PartitionBook::shelved(key, entry));
      const bool before = key.at < claim.shelf.at ||
                          (own != at.arrived.end() && other != at.arrived.end() && other->second < own->second);
      if (before && !came_now(key, entry))
        violation("order: " + claim.notice.str() + " overtakes one of " + entry.subject.str() + " on its lane");
    }
  }
}

/// What never left its shelf stands in the order of the stream.
void Checker::check_shelf(const PartitionBook& at, const MemoryPartition& state, const std::deque<ShelfEntry>& shelf) {
  int last = 0;
  for (const ShelfEntry& entry : shelf) {
    const auto* notices = book_of(state, entry.subject);
    if (notices == nullptr) continue;
    const auto& pending = notices->pending;
    const auto notice = std::ranges::find(pending, entry.ordinal, &PendingNotice::ordinal);
    const bool shelved_once = notice != pending.end() && notice->generation == entry.generation &&
                              notice->generation == 1 && follows_at_once(notice->kind) &&
                              !at.left_shelf.contains({entry.subject.str(), entry.ordinal});
    const auto number =
        shelved_once ? at.number_of.find({notice->cause.str(), notice->event_time}) : at.number_of.end();
    if (number == at.number_of.end()) continue;
    if (number->second < last) violation("order: " + number->first.first + " stands behind a later one on its shelf");
    last = number->second;
  }
}

/// Whatever has changed since it was held, the policies, the clock or the account: what could go now does not wait.
void Checker::rested(const MemoryPartition& state, int partition, Instant wall, const Nights& nights) {
  for (const auto& [subject, notices] : books_of(state)) {
    const std::string account = account_name(subject);
    const AccountModel& model = book(partition).accounts[account];
    for (const PendingNotice& notice : notices->pending) {
      if (!is_held(notice)) continue;
      const std::string who = account + " waits for its " + std::string(to_text(notice.kind));
      if (due_at(notice) < wall - clock_slack) violation("late: " + who + ", due at " + to_rfc3339(due_at(notice)));
      if (may_wait(state, subject, notice)) continue;
      // A repeat keeps its pause.
      for (Instant at = std::max(wall, notice.tried.again_at.value_or(wall)); at < due_at(notice) - clock_slack;
           at = date::floor<std::chrono::minutes>(at) + window_step)
        if (!model.quiet(notice.kind, at, nights))
          return violation("late: " + who + " until " + to_rfc3339(due_at(notice)) + ", and may have it at " +
                           to_rfc3339(at));
    }
  }
}

// ---------------------------------------------------------------------------------------------------------- requests

void Checker::began(int partition, int owner, const SendRequest& request, Instant wall, Millis steady) {
  PartitionBook& at = book(partition);
  const auto claim = claims_.find({owner, request.client_ref});
  if (claim == claims_.end()) return violation("claim: " + request.client_ref + " left without a claim in the store");
  if (request.client_ref != request.notice.str()) violation("identity: " + request.client_ref);
  const auto& [claimed, account, nights, text, set_backs] = claim->second;
  if (!is_message(claimed)) violation("claim: " + request.client_ref + " left, and was only to be asked about");
  // What was claimed by a clock that was set back since is judged by the instant of its claim.
  if (account.quiet(claimed.kind, std::max(wall, claimed.claimed_at), nights))
    violation("quiet: " + request.client_ref + " left at " + to_rfc3339(wall));
  if (const auto past = past_in(text, claimed.kind, account, wall); !past.empty() && announces(claimed.kind))
    violation("past: " + request.client_ref + " left at " + to_rfc3339(wall) + " and names " + past);
  count_request(at, owner, claim->second, request.parts, steady);
}

void Checker::asked(int partition, int owner, const StatusRequest& request, Millis steady) {
  const auto claim = claims_.find({owner, request.client_ref});
  if (claim == claims_.end() || is_message(claim->second.request))
    return violation("claim: " + request.client_ref + " was asked about without a claim in the store");
  count_request(book(partition), owner, claim->second, 1, steady);
}

void Checker::count_request(PartitionBook& at, int owner, const Claimed& claim, int parts, Millis steady) {
  const std::string id = claim.request.notice.str();
  Flow& flow = flows_[owner];
  flow.level = std::max(0.0, flow.level - options_.rate * static_cast<double>((steady - flow.at).count()) / 1000.0);
  flow.at = steady;
  flow.level += parts;
  if (flow.level > options_.burst + 1e-6) violation("limits: more leaves than rate and burst allow");
  if (++flow.open > options_.open_max) violation("limits: more requests are open than the window allows");
  // One that has lost its lease and does not know it yet: the gateway sees a repeat, or a message that is in doubt.
  if (owner != at.owner) return;
  auto& under_way = at.under_way[claim.request.subject.str()];
  under_way.insert(id);
  if (under_way.size() > 1) violation("in flight: " + id + " left while another one was under way");
}

void Checker::ended(int partition, int owner, const InFlight& claim, const SendResult& result) {
  PartitionBook& at = book(partition);
  --flows_[owner].open;
  if (std::holds_alternative<scheduler::SendUnknown>(result)) doubts_.insert(claim.notice.str());
  if (owner != at.owner) return;
  at.under_way[claim.subject.str()].erase(claim.notice.str());
  // The answer may be to a claim that another owner has resolved since.
  const auto stored = at.claimed.find(claim.notice);
  const bool as_claimed = stored != at.claimed.end() && stored->second == claim;
  const bool may_be_replanned = claim.kind == NoticeKind::suspension_warning;
  const auto known = claims_.find({owner, claim.notice.str()});
  const bool set_back = known != claims_.end() && known->second.set_backs != set_backs_[owner];
  if (left_untaken(result) && as_claimed && !may_be_replanned && !set_back) at.returned[claim.notice] = claim;
}

// ------------------------------------------------------------------------------------------------------- at the end

void Checker::finished(const std::vector<std::shared_ptr<MemoryPartition>>& states,
                       const std::vector<SendRequest>& taken) {
  std::map<std::string, int> times;
  for (const SendRequest& request : taken)
    if (++times[request.client_ref] == 2 && !denied_.contains(request.client_ref))
      violation("told: " + request.client_ref + " was taken twice");
  for (std::size_t i = 0; i < states.size(); ++i) {
    PartitionBook& at = *books_[i];
    check_counters(at, *states[i]);
    check_at_rest(*states[i]);
    std::set<std::string> here;
    for (const auto& [id, count] : times)
      if (partition_of(account_part(id), options_.partitions) == static_cast<int>(i)) here.insert(id);
    for (const auto& [account, model] : at.accounts) check_warned(at, account, Instant::max());
    std::set<std::string> excused = excused_;
    at.receipts.finish(excused, violations_);
    at.cases.finish(reports_taken_, violations_);
    excused.insert(denied_.begin(), denied_.end());
    at.notices.finish(here, excused, violations_);
    if (options_.doubts_end) at.notices.expect_no_doubt(violations_);
  }
}

void Checker::check_counters(const PartitionBook& at, const MemoryPartition& state) {
  const scheduler::Counters& counters = state.counters;
  if (counters.read != static_cast<std::uint64_t>(at.added))
    violation("once: " + std::to_string(at.added) + " entries published, " + std::to_string(counters.read) + " read");
  const std::uint64_t accounted = counters.applied + counters.duplicate + counters.conflict + counters.superseded +
                                  counters.rejected + counters.receipts + counters.receipts_unknown + counters.reports;
  if (accounted != counters.read) violation("once: the counters do not add up");
  if (state.rejected.size() != counters.rejected) violation("rejected: not every malformed entry is kept");
}

void Checker::check_at_rest(const MemoryPartition& state) {
  if (!state.in_flight.empty()) violation("rest: something is still in flight");
  for (const auto& [subject, notices] : books_of(state))
    if (!notices->pending.empty()) violation("rest: " + subject.str() + " still waits for a notice");
}

}  // namespace dun::test
