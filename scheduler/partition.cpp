#include "scheduler/partition.hpp"

#include "domain/enum_index.hpp"
#include "scheduler/stepper.hpp"

#include <algorithm>
#include <unordered_set>

namespace dun::scheduler {
namespace {

// Turns looked at beyond the grant, because some find that their notice has moved on.
constexpr std::size_t spare_turns = 32;
// A wall clock that goes back by less makes what was decided meanwhile wait for so long, at most.
constexpr Millis set_back_least = Seconds(1);

}  // namespace

Partition::Partition(int number, const EngineOptions& engine, const DispatchOptions& dispatch,
                     std::shared_ptr<const Rules> rules)
    : number_(number), options_(engine), dispatch_(dispatch), rules_(std::move(rules)) {}

void Partition::set_rules(std::shared_ptr<const Rules> rules) {
  const bool others = rules->decided_by() != rules_->decided_by();
  if (rules->catalogue.version() != rules_->catalogue.version()) long_texts_.clear();
  rules_ = std::move(rules);
  if (others) begin_review();
}

void Partition::begin_review() {
  review_.begin(shelves_.all(), timers_.minutes());
  policy_ = review_.active() ? "" : rules_->decided_by();
}

bool Partition::was_set_back(Instant now) const {
  return now + set_back_least <= latest_;
}

void Partition::recover(const Recovery& recovery, Instant now) {
  order_.recover();
  const bool nobody_between = recovery.epoch == epoch_ + 1;
  epoch_ = recovery.epoch;
  cursor_ = recovery.cursor;
  counters_ = recovery.counters;
  cases_.recover(recovery.cases, recovery.posts);
  records_.forget();
  shelves_.recover(recovery.shelves);
  timers_.recover(recovery.timer_minutes);
  review_.end();
  policy_ = recovery.policy;
  latest_ = recovery.at;
  if (policy_ != rules_->decided_by() || was_set_back(now)) begin_review();
  latest_ = now;
  stream_has_more_ = true;
  caught_up_ = false;
  std::vector<InFlight> in_flight = recovery.in_flight;
  for (InFlight& request : in_flight)
    if (to_manager(request.kind) && !request.subject.is_case())  // of a version before cases (ADR 0022)
      request.subject = task_case(AccountId(request.subject.str()));
  claims_.recovered(in_flight, nobody_between, [&](const InFlight& request) { return abandoned(request, now); });
}

ReadRequest Partition::look(Instant now) {
  order_.look();
  ReadRequest request{.now = now,
                      .after = cursor_,
                      .events_max = options_.batch_max,
                      .shelves = shelves_.wanted(now, options_.batch_max + spare_turns)};
  for (const TimerMinute minute : timers_.wanted(now)) request.timers.push_back({.minute = minute});
  review_.ask(request, options_.batch_max);
  return request;
}

Partition::Inputs Partition::gather(const ReadRequest& asked, ReadReply reply, Grants grants, Instant now,
                                    std::optional<Instant> read_at) {
  order_.gather();
  const bool reviews = review_.active();
  std::vector<Review::Found> reviewed = review_.take(asked, reply);
  if (reviews && !review_.active()) policy_ = rules_->decided_by();
  if (was_set_back(asked.now)) begin_review();
  latest_ = asked.now;
  // What is still closed was asked for by the review.
  for (std::size_t i = 0; i < asked.shelves.size(); ++i)
    if (is_open(asked.shelves[i].key, asked.now)) shelves_.fetched(asked.shelves[i], std::move(reply.shelves.at(i)));
  for (std::size_t i = 0; i < asked.timers.size(); ++i)
    if (asked.timers[i].minute <= minute_of(asked.now)) timers_.fetched(asked.timers[i].minute, reply.timers.at(i));
  stream_has_more_ = reply.more || reply.events.size() >= asked.events_max;
  caught_up_ = caught_up_ || reply.at_end;

  Inputs inputs{.grants = grants};
  std::unordered_set<AccountId> known;
  // A case writes to its account.
  const auto touch = [&](const Subject& subject) {
    const auto account = account_of(subject);
    if (!account || !known.insert(*account).second) return;
    if (auto record = records_.take(*account))
      inputs.kept.push_back({.account = *account, .value = *std::move(record)});
    else
      inputs.accounts.push_back(*account);
  };
  inputs.answers = std::min(claims_.answers().size(), options_.batch_max);
  for (std::size_t i = 0; i < inputs.answers; ++i) touch(claims_.answers()[i].request.subject);
  const EventBounds bounds = policies::event_bounds(rules_->policies, read_at.value_or(now));
  for (StreamEntry& entry : reply.events) {
    auto parsed = read_event(entry, options_.seal, number_, options_.partitions, bounds);
    if (const auto* credit = parsed ? std::get_if<CreditEvent>(&*parsed) : nullptr;
        credit != nullptr && !credit->account.empty())
      touch(credit->account);
    inputs.events.push_back({.entry = std::move(entry), .parsed = std::move(parsed)});
  }
  inputs.timers = timers_.take_due(now, options_.batch_max);
  for (const TimerEntry& timer : inputs.timers) touch(timer.account);
  inputs.woken = cases_.due(now);
  for (const CaseId& id : inputs.woken) touch(id);
  inputs.reviewed = std::move(reviewed);
  for (const Review::Found& found : inputs.reviewed) touch(found.subject);
  // The ingest barrier: no turn comes while something that was in the stream before it is unread.
  if (reply.at_end) begin_turns(inputs, reply.as_of);
  for (const Shelves::Place& turn : inputs.turns) touch(turn.entry.subject);
  return inputs;
}

void Partition::begin_turns(Inputs& inputs, Instant now) const {
  inputs.turn_time = now;
  for (const Lane lane : all_lanes) {
    const std::size_t granted = inputs.grants.at(enum_index(lane));
    if (granted == 0) continue;
    for (Shelves::Place& place : shelves_.turns(lane, now, granted + spare_turns)) {
      if (place.entry.decided_at > now) break;
      inputs.turns.push_back(std::move(place));
    }
  }
}

Partition::Batch Partition::decide(Inputs inputs, std::vector<std::optional<AccountRecord>> records, Instant now) {
  order_.decide();
  Stepper stepper(*this, inputs, std::move(records), now);
  for (std::size_t i = 0; i < inputs.answers; ++i) stepper.answer(claims_.answers()[i]);
  for (const Inputs::Event& event : inputs.events) {
    stepper.event(event);
    cursor_ = event.entry.id;
  }
  for (const TimerEntry& timer : inputs.timers) stepper.timer(timer);
  for (const CaseId& id : inputs.woken) stepper.wake(id);
  for (const Review::Found& found : inputs.reviewed) stepper.review(found);
  for (const Shelves::Place& turn : inputs.turns) {
    std::size_t& granted = inputs.grants.at(enum_index(turn.shelf.lane));
    if (granted > 0 && !stepper.returns(turn.shelf.lane) && stepper.turn(turn, *inputs.turn_time)) --granted;
  }
  return stepper.finish(cursor_);
}

void Partition::fell_behind() {
  caught_up_ = false;
}

void Partition::committed(Batch& batch) {
  order_.committed();
  claims_.committed(batch.commit.settled, batch.claims, batch.taken);
  cases_.committed(batch.commit);
  for (auto* records : {&batch.commit.records, &batch.unchanged})
    for (Commit::Record& record : *records)
      if (record.value) records_.keep(std::move(record.account), *std::move(record.value), batch.commit.at);
  add(sources_, batch.sources);
  remarks_.erase(remarks_.begin(), remarks_.begin() + static_cast<std::ptrdiff_t>(batch.remarks));
}

void Partition::dropped(const Batch& batch) {
  order_.dropped();
  claims_.dropped(batch.claims);
}

/// Its engine ended, or lives and does not know yet that it lost its lease: such a one may begin the request until
/// then. Only from there on can a gateway that lists what it took within some time be believed that it has not.
Answer Partition::abandoned(const InFlight& request, Instant now) const {
  Answer answer = judge(request, SendUnknown{"the engine ended while the request was under way"}, dispatch_, now);
  if (auto* settled = std::get_if<policies::Settled>(&answer.verdict); settled != nullptr) {
    auto* doubt = std::get_if<policies::InDoubt>(&settled->verdict);
    if (doubt != nullptr && doubt->ask) doubt->until += options_.lease_ttl;
  }
  return answer;
}

std::vector<Instant> Partition::turns(Lane lane, Instant now, std::size_t most) const {
  std::vector<Instant> decided;
  if (!caught_up_) return decided;
  for (const Shelves::Place& place : shelves_.turns(lane, now, most)) {
    if (place.entry.decided_at > now) break;  // as in begin_turns: a grant for it could not be used
    decided.push_back(place.entry.decided_at);
  }
  return decided;
}

bool Partition::has_work(Instant now) const {
  const auto timer = timers_.next();
  return stream_has_more_ || !claims_.answers().empty() || !remarks_.empty() || cases_.has_work(now) ||
         review_.active() || was_set_back(now) || shelves_.must_fetch(now) || (timer && *timer <= now);
}

std::optional<Instant> Partition::next_work(Instant now) const {
  std::optional<Instant> first;
  for (const auto& next : {timers_.next(), shelves_.next_open(now), cases_.next_wake()})
    if (next) first = std::min(first.value_or(*next), *next);
  return first;
}

}  // namespace dun::scheduler
