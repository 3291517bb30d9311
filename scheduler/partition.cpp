#include "scheduler/partition.hpp"

#include "base/assert.hpp"
#include "domain/enum_index.hpp"
#include "messages/segmentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_set>

namespace dun::scheduler {
namespace {

// Turns looked at beyond the grant, because some find that their notice has moved on.
constexpr std::size_t spare_turns = 32;
// A wall clock that goes back by less makes what was decided meanwhile wait for so long, at most.
constexpr Millis set_back_least = Seconds(1);

/// By the language alone: `zh-TW` and `zh-CN` are both Chinese.
bool same_language(std::string_view a, std::string_view b) {
  const auto primary = [](std::string_view tag) { return tag.substr(0, tag.find_first_of("-_")); };
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(primary(a), primary(b), {}, lower, lower);
}

}  // namespace

/// One batch in the making: the records it touches and the commit that grows.
class Partition::Stepper {
 public:
  Stepper(Partition& partition, Inputs& inputs, std::vector<std::optional<AccountRecord>> records, Instant now)
      : self_(partition), now_(now) {
    DUN_ASSERT(records.size() == inputs.accounts.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
      auto [at, added] = work_.try_emplace(inputs.accounts[i]);
      DUN_ASSERT(added);
      if (records[i]) at->second.record = *std::move(records[i]);
      if (const auto ordinal = self_.claims_.in_flight(inputs.accounts[i])) set_in_flight(at->second.record, *ordinal);
    }
  }

  void answer(const Answer& answer) {
    const InFlight& request = answer.request;
    commit_.settled.push_back(request.notice);
    const ClaimOrder order = self_.claims_.settled(request);
    Work& work = work_.at(request.account);
    const auto pending = std::ranges::find(work.record.pending, request.ordinal, &PendingNotice::ordinal);
    if (pending == work.record.pending.end()) return;  // the record was lost; the entry alone cannot be acted on
    pending->in_flight = false;
    if (const auto* settled = std::get_if<policies::Settled>(&answer.verdict)) {
      take_in(request.account, work, policies::step(request.account, work.record, *settled, policies(), now_));
      return;
    }
    // Its receipt came meanwhile: the gateway has it, though it takes nothing now.
    if (pending->early_receipt) {
      const auto taken = taken_by_receipt(request);
      take_in(request.account, work, policies::step(request.account, work.record, taken, policies(), now_));
      return;
    }
    const ShelfEntry place{.account = request.account,
                           .ordinal = request.ordinal,
                           .generation = pending->generation,
                           .decided_at = request.decided_at};
    back_[request.shelf].push_back(place);
    self_.claims_.returned(request.shelf, place, order);
    // The clock was set back while it was out: its place is closed again.
    if (!is_open(request.shelf, now_)) review({request.account, {place.ordinal, place.generation, request.shelf.at}});
  }

  void event(const Inputs::Event& event) {
    Counters& counters = self_.counters_;
    ++counters.read;
    if (!event.parsed) {
      ++counters.rejected;
      commit_.rejected.push_back({.field = event.parsed.error().field,
                                  .reason = event.parsed.error().reason,
                                  .at = now_,
                                  .original = event.entry});
      commit_.journal.push_back(rejected_outcome(event.entry, event.parsed.error(), now_));
      commit_.journal.back().policy = policies().hash;
      return;
    }
    std::visit([&](const auto& what) { apply(what); }, *event.parsed);
  }

  /// The word of somebody who reported runs out.
  void wake_cases() { self_.cases_.wake(now_, commit_); }

  void apply(const CaseEvent& report) {
    ++self_.counters_.reports;
    self_.cases_.report(report, now_, commit_);
  }

  void apply(const CreditEvent& credit) {
    Counters& counters = self_.counters_;
    if (credit.type == EventType::source_heartbeat) {
      ++counters.applied;
      return;
    }
    Work& work = work_.at(credit.account);
    auto effects = policies::step(credit.account, work.record, policies::EventArrived{&credit}, policies(), now_);
    if (effects.zone_unknown) ++counters.zone_unknown;
    const std::string wishes = unmet_wishes(credit);
    if (const auto applied = std::ranges::find(effects.outcomes, OutcomeType::event_applied, &Outcome::type);
        applied != effects.outcomes.end())
      applied->detail += wishes;
    count(effects.taken, credit, !credit.refused.empty() || !wishes.empty());
    take_in(credit.account, work, effects);
  }

  void timer(const TimerEntry& timer) {
    Work& work = work_.at(timer.account);
    take_in(timer.account, work,
            policies::step(timer.account, work.record, policies::TimerFired{timer.at}, policies(), now_));
  }

  void review(const Review::Found& found) {
    Work& work = work_.at(found.account);
    take_in(found.account, work, policies::step(found.account, work.record, found.by, policies(), now_));
  }

  /// Something goes back to the head of a shelf of this lane: what is behind it must not be claimed ahead of it.
  [[nodiscard]] bool returns(Lane lane) const {
    return std::ranges::any_of(back_, [&](const auto& each) { return each.first.lane == lane; });
  }

  /// True if the notice was claimed.
  bool turn(const Shelves::Place& place, Instant when) {
    take(place.shelf);
    taken_.push_back(place);
    const ShelfEntry& entry = place.entry;
    Work& work = work_.at(entry.account);
    auto effects = policies::step(entry.account, work.record, policies::TurnCome{entry.ordinal, entry.generation, now_},
                                  policies(), when);
    take_in(entry.account, work, effects);
    if (effects.ask) return ask(place, work, *std::move(effects.ask), when);
    return effects.claim && claim(place, work, *std::move(effects.claim), when);
  }

  Batch finish(StreamId cursor) {
    for (const Outcome& remark : self_.remarks_) {
      commit_.journal.push_back(remark);
      commit_.journal.back().policy = policies().hash;
    }
    self_.cases_.finish(commit_);
    // The rules know notices by their ids; what gateways know them by is keyed.
    for (Outcome& outcome : commit_.journal)
      if (!outcome.client_ref.empty()) outcome.client_ref = self_.options_.seal.reference(outcome.notice);
    for (auto& [account, work] : work_)
      if (work.changed) commit_.records.push_back({.account = account, .value = std::move(work.record)});
    put_back_returned();
    for (auto& [key, change] : shelf_changes_) {
      change.key = key;
      change.emptied = self_.shelves_.size(key) == 0;
      commit_.shelves.push_back(std::move(change));
    }
    for (auto& [minute, entries] : armed_) commit_.timers.push_back({.minute = minute, .append = std::move(entries)});
    for (const TimerMinute minute : self_.timers_.take_finished(now_))
      if (!armed_.contains(minute)) commit_.timers.push_back({.minute = minute, .drop = true});
    commit_.epoch = self_.epoch_;
    commit_.cursor = cursor;
    commit_.counters = self_.counters_;
    commit_.policy = self_.policy_;
    commit_.at = now_;
    commit_.claims = claims_;
    return {.commit = std::move(commit_),
            .claims = std::move(claims_),
            .taken = std::move(taken_),
            .remarks = self_.remarks_.size(),
            .sources = std::move(sources_)};
  }

 private:
  struct Work {
    AccountRecord record;
    bool changed = false;
  };

  [[nodiscard]] const policies::PolicySet& policies() const { return self_.rules_->policies; }

  static void set_in_flight(AccountRecord& record, std::uint32_t ordinal) {
    for (PendingNotice& notice : record.pending) notice.in_flight = notice.ordinal == ordinal;
  }

  /// What an event asks for that nobody can give: said, because nothing else shows it.
  [[nodiscard]] std::string unmet_wishes(const CreditEvent& event) const {
    std::string text;
    if (event.profile.lang) {
      const std::string& spoken = self_.rules_->catalogue.language_for(*event.profile.lang);
      if (!same_language(spoken, *event.profile.lang))
        text += "; lang: there are no texts in \"" + *event.profile.lang + "\", those in " + spoken + " are used";
    }
    if (event.profile.channels && !event.profile.channels->contains(to_text(Channel::sms)))
      text += "; channels: only sms is sent, not \"" + *event.profile.channels + '"';
    return text;
  }

  void count(policies::Taken taken) {
    Counters& counters = self_.counters_;
    switch (taken) {
      case policies::Taken::applied:
        ++counters.applied;
        break;
      case policies::Taken::duplicate:
        ++counters.duplicate;
        break;
      case policies::Taken::conflict:
        ++counters.conflict;
        break;
      case policies::Taken::superseded:
        ++counters.superseded;
        break;
      case policies::Taken::receipt_matched:
        ++counters.receipts;
        break;
      case policies::Taken::receipt_unknown:
        ++counters.receipts_unknown;
        break;
      case policies::Taken::not_an_event:
        break;
    }
  }

  /// By source, for the monitors: a producer gone wrong is to be named.
  void count(policies::Taken taken, const CreditEvent& event, bool in_vain) {
    count(taken);
    if (event.type == EventType::receipt) return;
    const bool refused = taken == policies::Taken::applied && in_vain;
    self_.counters_.refused += refused ? 1 : 0;
    SourceCounters& source = sources_[event.source];
    source.applied += taken == policies::Taken::applied ? 1 : 0;
    source.duplicate += taken == policies::Taken::duplicate ? 1 : 0;
    source.conflict += taken == policies::Taken::conflict ? 1 : 0;
    source.superseded += taken == policies::Taken::superseded ? 1 : 0;
    source.refused += refused ? 1 : 0;
  }

  void take(const ShelfKey& shelf) {
    self_.shelves_.take(shelf);
    ++shelf_changes_[shelf].take;
  }

  void take_in(const AccountId& account, Work& work, const policies::Effects& effects) {
    work.changed |= effects.record_changed;
    self_.counters_.sent +=
        static_cast<std::uint64_t>(std::ranges::count(effects.outcomes, OutcomeType::notice_sent, &Outcome::type));
    std::ranges::copy(effects.outcomes, std::back_inserter(commit_.journal));
    for (const policies::Shelving& shelving : effects.shelvings) {
      const ShelfKey key{.lane = shelving.lane, .at = shelf_second(shelving.at, now_)};
      const ShelfEntry entry{.account = account,
                             .ordinal = shelving.ordinal,
                             .generation = shelving.generation,
                             .decided_at = shelving.decided_at};
      self_.shelves_.append(key, entry);
      shelf_changes_[key].append.push_back(entry);
    }
    if (effects.wake) {
      const TimerEntry timer{.account = account, .at = *effects.wake};
      self_.timers_.add(timer);
      armed_[minute_of(timer.at)].push_back(timer);
    }
  }

  /// As it stands in the files: `dunning 3 in en`.
  [[nodiscard]] std::string name_of_text(const MessageContext& message) const {
    const std::string step = message.step > 0 ? fmt::format(" {}", message.step) : "";
    return fmt::format("{}{} in {}", to_text(message.kind), step, self_.rules_->catalogue.language_for(message.lang));
  }

  bool claim(const Shelves::Place& place, Work& work, policies::Claim claim, Instant when) {
    const auto rendered = self_.rules_->catalogue.render(claim.message);
    if (!rendered) {
      take_in(place.entry.account, work,
              policies::step(place.entry.account, work.record, policies::Unrenderable{claim.ordinal, rendered.error()},
                             policies(), when));
      return false;
    }
    const messages::SegmentCount cost = cost_of(*rendered, route_of(claim.lane).gateway());
    if (rendered->parts > self_.rules_->catalogue.parts_max()) ++self_.long_texts_[name_of_text(claim.message)];
    put_in_flight(place, work);
    claims_.push_back({.account = place.entry.account,
                       .ordinal = claim.ordinal,
                       .notice = claim.notice,
                       .kind = claim.message.kind,
                       .step = claim.message.step,
                       .shelf = place.shelf,
                       .decided_at = claim.decided_at,
                       .claimed_at = when,
                       .attempt = claim.attempt,
                       .gateway = route_of(claim.lane).gateway(),
                       .to = std::move(claim.to),
                       .errand = Submission{.text = rendered->text,
                                            .encoding = cost.encoding,
                                            .parts = cost.parts,
                                            .valid_until = claim.valid_until}});
    return true;
  }

  /// As the handset will show it, with the gateway's signature: what the gateway charges and its rate counts.
  [[nodiscard]] messages::SegmentCount cost_of(const Rendered& message, const std::string& gateway_name) const {
    const messages::SegmentCount bare{.encoding = message.encoding, .parts = message.parts};
    const GatewayOptions* gateway = find_gateway(self_.dispatch_, gateway_name);
    if (gateway == nullptr || (gateway->signature_front.empty() && gateway->signature_back.empty())) return bare;
    return messages::count(gateway->signature_front + message.text + gateway->signature_back).value_or(bare);
  }

  /// The question about an unknown notice is claimed like a notice: its answer comes back like any other.
  bool ask(const Shelves::Place& place, Work& work, policies::Ask ask, Instant when) {
    InFlight request{.account = place.entry.account,
                     .ordinal = ask.ordinal,
                     .notice = std::move(ask.notice),
                     .kind = ask.kind,
                     .step = ask.step,
                     .shelf = place.shelf,
                     .decided_at = ask.decided_at,
                     .claimed_at = when,
                     .attempt = ask.attempt,
                     .gateway = std::move(ask.gateway),
                     .to = std::move(ask.to),
                     .errand = ask.question};
    const GatewayOptions* gateway = find_gateway(self_.dispatch_, request.gateway);
    if (gateway == nullptr || gateway->unknown != UnknownRule::query ||
        route_of(place.shelf.lane).gateway() != gateway->name) {
      take_in(request.account, work,
              policies::step(request.account, work.record, unaskable(request, when), policies(), when));
      return false;
    }
    put_in_flight(place, work);
    claims_.push_back(std::move(request));
    return true;
  }

  void put_in_flight(const Shelves::Place& place, Work& work) {
    self_.claims_.claimed(place.shelf, place.entry);
    set_in_flight(work.record, place.entry.ordinal);
  }

  [[nodiscard]] const Route& route_of(Lane lane) const { return self_.dispatch_.routes.of(lane); }

  /// What its paused gateway did not take goes to the head of its shelf, among what was put back before as it was
  /// claimed: FIFO holds over the pause, however late some answers come.
  void put_back_returned() {
    for (auto& [key, entries] : back_) {
      const auto order = [&, shelf = key](const ShelfEntry& entry) {
        return self_.claims_.order_of_returned(shelf, entry);
      };
      const auto& head = self_.shelves_.head(key);
      std::vector<ShelfEntry> all(head.begin(), std::ranges::find(head, std::optional<ClaimOrder>(), order));
      for (std::size_t i = 0; i < all.size(); ++i) take(key);
      std::ranges::move(entries, std::back_inserter(all));
      std::ranges::sort(all, {}, order);
      self_.shelves_.put_back(key, all);
      shelf_changes_[key].put_back = std::move(all);
    }
  }

  Partition& self_;
  Instant now_;
  std::unordered_map<AccountId, Work> work_;
  Commit commit_;
  std::vector<InFlight> claims_;
  std::map<ShelfKey, Commit::ShelfChange> shelf_changes_;
  std::vector<Shelves::Place> taken_;
  std::map<ShelfKey, std::vector<ShelfEntry>> back_;
  std::map<TimerMinute, std::vector<TimerEntry>> armed_;
  SourceCounts sources_;
};

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
  shelves_.recover(recovery.shelves);
  timers_.recover(recovery.timer_minutes);
  review_.end();
  policy_ = recovery.policy;
  latest_ = recovery.at;
  if (policy_ != rules_->decided_by() || was_set_back(now)) begin_review();
  latest_ = now;
  stream_has_more_ = true;
  caught_up_ = false;
  claims_.recovered(recovery.in_flight, nobody_between,
                    [&](const InFlight& request) { return abandoned(request, now); });
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
  const auto touch = [&](const AccountId& account) {
    if (known.insert(account).second) inputs.accounts.push_back(account);
  };
  inputs.answers = std::min(claims_.answers().size(), options_.batch_max);
  for (std::size_t i = 0; i < inputs.answers; ++i) touch(claims_.answers()[i].request.account);
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
  inputs.reviewed = std::move(reviewed);
  for (const Review::Found& found : inputs.reviewed) touch(found.account);
  // The ingest barrier: no turn comes while something that was in the stream before it is unread.
  if (reply.at_end) begin_turns(inputs, reply.as_of);
  for (const Shelves::Place& turn : inputs.turns) touch(turn.entry.account);
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
  stepper.wake_cases();
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

void Partition::committed(const Batch& batch) {
  order_.committed();
  claims_.committed(batch.commit.settled, batch.claims, batch.taken);
  cases_.committed(batch.commit);
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
