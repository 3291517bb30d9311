#include "scheduler/stepper.hpp"

#include "base/assert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace dun::scheduler {
namespace {

/// By the language alone: `zh-TW` and `zh-CN` are both Chinese.
bool same_language(std::string_view a, std::string_view b) {
  const auto primary = [](std::string_view tag) { return tag.substr(0, tag.find_first_of("-_")); };
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(primary(a), primary(b), {}, lower, lower);
}

void mark_in_flight(NoticeBook& book, const Claims::Flying* flying) {
  for (PendingNotice& notice : book.pending) {
    notice.in_flight = flying != nullptr && notice.ordinal == flying->ordinal;
    if (notice.in_flight) notice.tried.gateway = flying->gateway;
  }
}

}  // namespace

Partition::Stepper::Stepper(Partition& partition, Inputs& inputs, std::vector<std::optional<AccountRecord>> records,
                            Instant now)
    : self_(partition), now_(now) {
  DUN_ASSERT(records.size() == inputs.accounts.size());
  for (std::size_t i = 0; i < records.size(); ++i) begin(inputs.accounts[i], std::move(records[i]));
  for (Commit::Record& kept : inputs.kept) begin(kept.account, std::move(kept.value));
}

/// A record that the batch touches; none: the account is new.
void Partition::Stepper::begin(const AccountId& account, std::optional<AccountRecord> record) {
  auto [at, added] = work_.try_emplace(account);
  DUN_ASSERT(added);
  if (!record) return;
  at->second.record = *std::move(record);
  mark_in_flight(at->second.record, self_.claims_.in_flight(account));
  take_over(account, at->second);
}

/// What a version before kept in the account's record becomes its case (ADR 0022).
void Partition::Stepper::take_over(const AccountId& account, Work& work) {
  const auto& pending = work.record.pending;
  const CaseId id = task_case(account);
  const TaskCase* task = self_.cases_.task(id);
  const bool known = !work.record.task || (task != nullptr && task->task);
  if (known && std::ranges::none_of(pending, to_manager, &PendingNotice::kind)) return;
  policies::cases::TakenOver before{.record = policies::cases::taken_over(account, work.record, policies())};
  mark_in_flight(before.record, self_.claims_.in_flight(id));
  work.changed = true;
  take_in(id, self_.cases_.step(id, before, policies(), now_), now_);
}

NoticeBook* Partition::Stepper::book_of(const Subject& subject) {
  if (!subject.is_case()) return &work_.at(AccountId(subject.str())).record;
  TaskCase* task = self_.cases_.task(subject.case_id());
  if (task != nullptr) mark_in_flight(*task, self_.claims_.in_flight(subject));
  return task;
}

PendingNotice* Partition::Stepper::find_pending(const Subject& subject, std::uint32_t ordinal) {
  NoticeBook* book = book_of(subject);
  if (book == nullptr) return nullptr;
  const auto pending = std::ranges::find(book->pending, ordinal, &PendingNotice::ordinal);
  return pending == book->pending.end() ? nullptr : &*pending;
}

/// What happens to a notice, whoever's it is.
template <typename What>
policies::Effects Partition::Stepper::decide(const Subject& subject, const What& what, Instant when) {
  if (subject.is_case()) return self_.cases_.step(subject.case_id(), what, policies(), when);
  const AccountId account(subject.str());
  return policies::step(account, work_.at(account).record, what, policies(), when);
}

template <typename What>
void Partition::Stepper::step(const Subject& subject, const What& what, Instant when) {
  take_in(subject, decide(subject, what, when), when);
}

void Partition::Stepper::step_account(const AccountId& account, const policies::Input& input, Instant when) {
  take_in(account, policies::step(account, work_.at(account).record, input, policies(), when), when);
}

void Partition::Stepper::answer(const Answer& answer) {
  const InFlight& request = answer.request;
  PendingNotice* pending = find_pending(request.subject, request.ordinal);
  commit_.settled.push_back(request.notice);
  const ClaimOrder order = self_.claims_.settled(request);
  if (pending == nullptr) return;  // the record was lost; the entry alone cannot be acted on
  pending->in_flight = false;
  if (const auto* settled = std::get_if<policies::Settled>(&answer.verdict))
    return step(request.subject, *settled, now_);
  // Its receipt came meanwhile: the gateway has it, though it takes nothing now.
  if (pending->tried.early_receipt) return step(request.subject, taken_by_receipt(request), now_);
  const ShelfEntry place{.subject = request.subject,
                         .ordinal = request.ordinal,
                         .generation = pending->generation,
                         .decided_at = request.decided_at};
  back_[request.shelf].push_back(place);
  self_.claims_.returned(request.shelf, place, order);
  // The clock was set back while it was out: its place is closed again.
  if (!is_open(request.shelf, now_)) review({request.subject, {place.ordinal, place.generation, request.shelf.at}});
}

void Partition::Stepper::event(const Inputs::Event& event) {
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

void Partition::Stepper::apply(const CaseEvent& report) {
  ++self_.counters_.reports;
  take_in(report.about, self_.cases_.report(report, now_), now_);
}

void Partition::Stepper::apply(const CreditEvent& credit) {
  Counters& counters = self_.counters_;
  if (credit.type == EventType::source_heartbeat) {
    ++counters.applied;
    return;
  }
  auto effects = policies::step(credit.account, work_.at(credit.account).record, policies::EventArrived{&credit},
                                policies(), now_);
  if (effects.taken == policies::Taken::receipt_unknown) {
    // The names of a task's notices begin with its account, and so do their receipts.
    const CaseId id = task_case(credit.account);
    auto of_task = self_.cases_.step(id, policies::cases::ReceiptCame{&credit}, policies(), now_);
    if (of_task.taken == policies::Taken::receipt_matched) effects.taken = of_task.taken;
    take_in(id, std::move(of_task), now_);
  }
  if (effects.zone_unknown) ++counters.zone_unknown;
  const std::string wishes = unmet_wishes(credit);
  if (const auto applied = std::ranges::find(effects.outcomes, OutcomeType::event_applied, &Outcome::type);
      applied != effects.outcomes.end())
    applied->detail += wishes;
  count(effects.taken, credit, !credit.refused.empty() || !wishes.empty());
  take_in(credit.account, std::move(effects), now_);
}

void Partition::Stepper::timer(const TimerEntry& timer) {
  step_account(timer.account, policies::TimerFired{timer.at}, now_);
}

void Partition::Stepper::wake(const CaseId& id) {
  const bool is_task = book_of(id) != nullptr;
  take_in(
      id,
      is_task ? self_.cases_.step(id, policies::cases::Woken(), policies(), now_) : self_.cases_.wake_alert(id, now_),
      now_);
}

void Partition::Stepper::review(const Review::Found& found) {
  if (book_of(found.subject) != nullptr) step(found.subject, found.by, now_);
}

bool Partition::Stepper::returns(Lane lane) const {
  return std::ranges::any_of(back_, [&](const auto& each) { return each.first.lane == lane; });
}

bool Partition::Stepper::turn(const Shelves::Place& place, Instant when) {
  take(place.shelf);
  taken_.push_back(place);
  const ShelfEntry& entry = place.entry;
  if (book_of(entry.subject) == nullptr) return false;
  const policies::TurnCome turn{entry.ordinal, entry.generation, now_};
  auto effects = decide(entry.subject, turn, when);
  auto permission = std::exchange(effects.permission, std::nullopt);
  take_in(entry.subject, std::move(effects), when);
  return permission && std::visit([&](auto& each) { return put_under_way(place, std::move(each), when); }, *permission);
}

Partition::Batch Partition::Stepper::finish(StreamId cursor) {
  for (const Outcome& remark : self_.remarks_) {
    commit_.journal.push_back(remark);
    commit_.journal.back().policy = policies().hash;
  }
  self_.cases_.finish(commit_, now_);
  // The rules know notices by their ids; what gateways know them by is keyed.
  for (Outcome& outcome : commit_.journal)
    if (!outcome.client_ref.empty()) outcome.client_ref = self_.options_.seal.reference(outcome.notice);
  std::vector<Commit::Record> unchanged;
  for (auto& [account, work] : work_)
    (work.changed ? commit_.records : unchanged).push_back({.account = account, .value = std::move(work.record)});
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
          .unchanged = std::move(unchanged),
          .remarks = self_.remarks_.size(),
          .sources = std::move(sources_)};
}

/// What an event asks for that nobody can give: said, because nothing else shows it.
std::string Partition::Stepper::unmet_wishes(const CreditEvent& event) const {
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

void Partition::Stepper::count(policies::Taken taken) {
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
void Partition::Stepper::count(policies::Taken taken, const CreditEvent& event, bool in_vain) {
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

void Partition::Stepper::take(const ShelfKey& shelf) {
  self_.shelves_.take(shelf);
  ++shelf_changes_[shelf].take;
}

void Partition::Stepper::take_in(const Subject& subject, policies::Effects effects, Instant when) {
  if (!subject.is_case()) work_.at(AccountId(subject.str())).changed |= effects.record_changed;
  self_.counters_.sent +=
      static_cast<std::uint64_t>(std::ranges::count(effects.outcomes, OutcomeType::notice_sent, &Outcome::type));
  keep_places(subject, effects);
  // What a letter brings about stands where it was written. It comes in now, also where it is of a turn, which is of a
  // moment before the last decisions.
  auto told = effects.outcomes.begin();
  for (policies::cases::Letter& letter : effects.letters) {
    const auto until = effects.outcomes.begin() + static_cast<std::ptrdiff_t>(letter.outcomes_before);
    std::move(told, until, std::back_inserter(commit_.journal));
    told = until;
    const CaseId id = task_case(AccountId(subject.str()));
    if (book_of(id) != nullptr || !std::holds_alternative<policies::cases::Remark>(letter.what))
      take_in(id, self_.cases_.step(id, std::move(letter), policies(), now_), now_);
  }
  std::move(told, effects.outcomes.end(), std::back_inserter(commit_.journal));
  for (PendingNotice& notice : effects.untold)
    if (const auto account = account_of(subject))
      step_account(*account, policies::ManagerUntold{std::move(notice)}, when);
}

void Partition::Stepper::keep_places(const Subject& subject, const policies::Effects& effects) {
  for (const policies::Shelving& shelving : effects.shelvings) {
    const ShelfKey key{.lane = shelving.lane, .at = shelf_second(shelving.at, now_)};
    const ShelfEntry entry{.subject = subject,
                           .ordinal = shelving.ordinal,
                           .generation = shelving.generation,
                           .decided_at = shelving.decided_at};
    self_.shelves_.append(key, entry);
    shelf_changes_[key].append.push_back(entry);
  }
  if (effects.wake) {
    const TimerEntry timer{.account = AccountId(subject.str()), .at = *effects.wake};
    self_.timers_.add(timer);
    armed_[minute_of(timer.at)].push_back(timer);
  }
}

/// As it stands in the files: `dunning 3 in en`.
std::string Partition::Stepper::name_of_text(const MessageContext& message) const {
  const std::string step = message.step > 0 ? fmt::format(" {}", message.step) : "";
  return fmt::format("{}{} in {}", to_text(message.kind), step, self_.rules_->catalogue.language_for(message.lang));
}

bool Partition::Stepper::put_under_way(const Shelves::Place& place, policies::Claim claim, Instant when) {
  const auto rendered = self_.rules_->catalogue.render(claim.message);
  if (!rendered) {
    step(place.entry.subject, policies::Unrenderable{claim.ordinal, rendered.error()}, when);
    return false;
  }
  const messages::SegmentCount cost = cost_of(*rendered, route_of(claim.lane).gateway());
  if (rendered->parts > self_.rules_->catalogue.parts_max()) ++self_.long_texts_[name_of_text(claim.message)];
  put_in_flight(place, route_of(claim.lane).gateway());
  claims_.push_back(
      {.subject = place.entry.subject,
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
       .errand = Submission{
           .text = rendered->text, .encoding = cost.encoding, .parts = cost.parts, .valid_until = claim.valid_until}});
  return true;
}

/// As the handset will show it, with the gateway's signature: what the gateway charges and its rate counts.
messages::SegmentCount Partition::Stepper::cost_of(const Rendered& message, const std::string& gateway_name) const {
  const messages::SegmentCount bare{.encoding = message.encoding, .parts = message.parts};
  const GatewayOptions* gateway = find_gateway(self_.dispatch_, gateway_name);
  if (gateway == nullptr || (gateway->signature_front.empty() && gateway->signature_back.empty())) return bare;
  return messages::count(gateway->signature_front + message.text + gateway->signature_back).value_or(bare);
}

/// The question about an unknown notice is claimed like a notice: its answer comes back like any other.
bool Partition::Stepper::put_under_way(const Shelves::Place& place, policies::Ask ask, Instant when) {
  InFlight request{.subject = place.entry.subject,
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
    step(request.subject, unaskable(request, when), when);
    return false;
  }
  put_in_flight(place, request.gateway);
  claims_.push_back(std::move(request));
  return true;
}

void Partition::Stepper::put_in_flight(const Shelves::Place& place, const std::string& gateway) {
  const Subject& subject = place.entry.subject;
  self_.claims_.claimed(place.shelf, place.entry, gateway);
  mark_in_flight(*book_of(subject), self_.claims_.in_flight(subject));
}

/// What its paused gateway did not take goes to the head of its shelf, among what was put back before as it was
/// claimed: FIFO holds over the pause, however late some answers come.
void Partition::Stepper::put_back_returned() {
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

}  // namespace dun::scheduler
