#include "tests/sim/process.hpp"

#include <algorithm>

namespace dun::test {

using namespace scheduler;

namespace {

// That grants wait for the ingest barrier, as in the engine, where time is finer.
constexpr Millis grants_kept{600};

}  // namespace

/// A partition as the process has it, and how far its cycle has come.
struct Process::Place {
  enum class Stage : std::uint8_t { waiting, looked, loaded, committed };

  Place(int number, Installation& world, std::shared_ptr<const Rules> rules, const std::string& owner)
      : partition(number, world.engine, world.dispatch, std::move(rules)),
        store(world.states[static_cast<std::size_t>(number)], owner, world.time, lease) {}

  Partition partition;
  MemoryStore store;
  bool owned = false;
  Instant committed_at{}, looked_at{};
  Instant renewed_at{};  ///< the lease was surely its own then
  Stage stage = Stage::waiting;
  Instant asked{};
  ReadRequest request;
  ReadReply reply;
  Grants grants{};                    ///< taken, and not used yet
  std::optional<Millis> grants_held;  ///< since when
  Nights nights;                      ///< by the rules of this batch
  Partition::Inputs inputs;
  std::vector<std::optional<AccountRecord>> records;
  Partition::Batch batch;
  bool applied = false;  ///< as the process is told
  bool reached = false;  ///< the barrier, by this batch

  Grants take_grants() {
    grants_held.reset();
    return std::exchange(grants, {});
  }
};

Process::Process(int number, Installation& world, const SteppedClock& clock, const RuleBook& rules)
    : number_(number), world_(world), clock_(clock), rules_(rules), dispatcher_(world.dispatch, clock.steady()) {
  for (int i = 0; i < world.options.partitions; ++i)
    places_.push_back(std::make_unique<Place>(i, world, rules.rules, name()));
}

Process::~Process() = default;

bool Process::asleep() const {
  return world_.time.now() < asleep_until_;
}

void Process::set_rules(const RuleBook& rules) {
  rules_ = rules;
  for (const auto& place : places_) place->partition.set_rules(rules.rules);
}

bool Process::at_leisure(int partition) const {
  const Place& place = *places_[static_cast<std::size_t>(partition)];
  const Instant now = clock_.now();
  const MemoryPartition& state = *world_.states[static_cast<std::size_t>(partition)];
  if (!place.owned || state.owner != name() || place.stage != Place::Stage::waiting) return false;
  if (!open_.empty() || dispatcher_.has_grants(partition) || place.partition.has_work(now)) return false;
  if (place.grants_held || !place.partition.caught_up()) return false;
  // A clock that was set back by less than a second is waited for.
  const bool waits_for_clock = std::ranges::any_of(state.shelves, [&](const auto& shelf) {
    const Millis ahead = shelf.second.front().decided_at - now;
    return is_open(shelf.first, now) && ahead > Millis(0) && ahead < Seconds(1);
  });
  if (waits_for_clock) return false;
  return std::ranges::all_of(all_lanes, [&](Lane lane) { return place.partition.turns(lane, now, 1).empty(); });
}

void Process::rest(int partition) const {
  const Instant now = clock_.now();
  const MemoryPartition& state = world_.state(partition);
  // A shelf that was open before the clock was set back by less than a second opens again: nothing on it is late.
  const bool opens_again = std::ranges::any_of(state.shelves, [&](const auto& shelf) {
    const Millis ahead = shelf.first.at - now;
    return ahead > Millis(0) && ahead < Seconds(1);
  });
  if (!opens_again) world_.checker.rested(state, partition, now, rules_.nights);
}

std::optional<Instant> Process::next_work() const {
  std::optional<Instant> next;
  for (const auto& place : places_) {
    if (!place->owned) continue;
    const auto at = place->partition.next_work(clock_.now());
    if (at && (!next || *at < *next)) next = at;
  }
  return next ? std::optional(*next - clock_.ahead()) : next;
}

// ----------------------------------------------------------------------------------------------------------- the cycle

void Process::advance(int partition) {
  Place& place = *places_[static_cast<std::size_t>(partition)];
  if (!place.owned) return acquire(place);
  switch (place.stage) {
    case Place::Stage::waiting:
      // As the engine does: an idle partition is looked at when something comes, or once a second.
      if (at_leisure(partition) && world_.state(partition).events.empty() &&
          world_.time.now() - place.looked_at < Seconds(1))
        return;
      return look(place);
    case Place::Stage::looked:
      return load(place);
    case Place::Stage::loaded:
      return commit(place);
    case Place::Stage::committed:
      return conclude(place);
  }
}

void Process::acquire(Place& place) {
  const int number = place.partition.number();
  const auto recovery = place.store.acquire_now();
  if (!recovery) return;
  world_.checker.owner_changed(number, number_);
  world_.story.recovered_in_flight += static_cast<int>(recovery->in_flight.size());
  world_.tell([&] { return name() + " owns partition " + std::to_string(number); });
  place.partition.recover(*recovery, clock_.now());
  place.owned = true;
  place.renewed_at = world_.time.now();
  place.stage = Place::Stage::waiting;
}

void Process::look(Place& place) {
  const int number = place.partition.number();
  offer(place);
  pump();
  if (dead_) return;
  place.looked_at = world_.time.now();
  place.asked = clock_.now();
  place.request = place.partition.look(place.asked);
  // As the engine does: what could not be used yet stays with its barrier.
  place.request.new_barrier = !place.grants_held;
  const Grants more = dispatcher_.take_grants(number);
  for (std::size_t i = 0; i < more.size(); ++i) place.grants[i] += more[i];
  if (!place.grants_held && std::ranges::any_of(more, [](std::size_t count) { return count > 0; }))
    place.grants_held = clock_.steady();
  if (place.request.new_barrier)
    world_.checker.looked(number, number_, world_.at_front_door[static_cast<std::size_t>(number)]);
  auto reply = place.store.read_now(place.request);
  if (world_.strikes(Fault::commits, 8)) return give_up(place);
  place.reply = *std::move(reply);
  world_.saboteur.reply(place.reply);
  place.stage = Place::Stage::looked;
}

void Process::load(Place& place) {
  place.reached = place.reply.at_end;
  place.inputs = place.partition.gather(place.request, std::move(place.reply),
                                        place.reached ? place.take_grants() : Grants{}, place.asked, clock_.now());
  place.records = *place.store.load_now(place.inputs.accounts);
  world_.saboteur.records(place.records);
  place.stage = Place::Stage::loaded;
}

void Process::commit(Place& place) {
  place.nights = rules_.nights;
  place.batch = place.partition.decide(std::move(place.inputs), std::move(place.records), place.asked);
  world_.saboteur.batch(number_, place.batch);
  place.stage = Place::Stage::committed;
  const bool idle = place.batch.commit.empty() && world_.time.now() - place.committed_at < Seconds(1);
  place.applied = idle || apply(place);
}

/// The way to the store and back. False: the process does not know whether its commit was applied.
bool Process::apply(Place& place) {
  const int number = place.partition.number();
  MemoryPartition& state = world_.state(number);
  Commit commit = place.batch.commit;
  world_.saboteur.commit(commit);
  if (world_.strikes(Fault::commits, 15)) {
    ++world_.story.commits_lost_before;
    world_.tell([&] { return name() + " loses a commit of partition " + std::to_string(number) + " on its way"; });
    if (world_.options.broken == Break::cursor) state.cursor = std::max(state.cursor, commit.cursor);
    return false;
  }
  if (world_.options.broken == Break::fence) {
    state.owner = name();
    state.epoch = commit.epoch;
    state.lease_until = world_.time.now() + lease;
  }
  if (!place.store.commit_now(commit)) {
    ++world_.story.fenced;
    world_.tell([&] { return name() + " is fenced off partition " + std::to_string(number); });
    return false;
  }
  place.committed_at = place.renewed_at = world_.time.now();
  world_.story.claims += static_cast<int>(commit.claims.size());
  if (!commit.empty())
    world_.tell([&] {
      std::string line = name() + " commits to partition " + std::to_string(number) + ":";
      for (const Outcome& outcome : commit.journal)
        line += " " + std::string(to_text(outcome.type)) + ":" +
                (outcome.notice.empty() ? outcome.cause.str() : outcome.notice.str());
      for (const Commit::ShelfChange& change : commit.shelves)
        for (const ShelfEntry& entry : change.put_back) line += " put_back:" + entry.account.str();
      for (const InFlight& claim : commit.claims)
        line += " claim:" + claim.notice.str() + " " + std::string(to_text(claim.kind)) + " " +
                std::to_string(claim.step) + " (" + claim.text + ")";
      return line;
    });
  for (const Outcome& outcome : commit.journal) {
    if (outcome.type == OutcomeType::notice_held) ++world_.story.held;
    if (outcome.type == OutcomeType::notice_unknown) ++world_.story.unknown;
  }
  world_.checker.committed(number, number_, commit, state, place.nights);
  if (!world_.strikes(Fault::commits, 15)) return true;
  ++world_.story.commits_lost_after;
  world_.tell([&] { return name() + " does not hear of its commit"; });
  return false;
}

void Process::conclude(Place& place) {
  if (!place.applied) {
    place.partition.dropped(place.batch);
    return give_up(place);
  }
  place.stage = Place::Stage::waiting;
  place.partition.committed(place.batch);
  if (!place.reached && place.grants_held && clock_.steady() - *place.grants_held > grants_kept) {
    place.take_grants();
    place.partition.fell_behind();
  }
  if (!place.grants_held) dispatcher_.submit(place.partition.number(), std::move(place.batch.claims));
  offer(place);
  pump();
}

void Process::cut_off(int partition) {
  Place& place = *places_[static_cast<std::size_t>(partition)];
  if (!place.owned) return;
  if (place.stage == Place::Stage::committed) place.partition.dropped(place.batch);
  give_up(place);
}

void Process::give_up(Place& place) {
  place.owned = false;
  place.stage = Place::Stage::waiting;
  place.take_grants();
  for (InFlight& unbegun : dispatcher_.withdraw(place.partition.number()))
    place.partition.answered({.request = std::move(unbegun), .verdict = Returned{}});
}

// ------------------------------------------------------------------------------------------------------------ dispatch

void Process::offer(Place& place) {
  for (const Lane lane : all_lanes)
    dispatcher_.offer(place.partition.number(), lane, place.partition.turns(lane, clock_.now(), 64));
}

void Process::pump() {
  auto actions = dispatcher_.pump(clock_.steady());
  for (Dispatcher::Start& returned : actions.returned) {
    ++world_.story.returned;
    answered(returned.partition, {.request = std::move(returned.request), .verdict = Returned{}});
  }
  for (const Dispatcher::Start& start : actions.starts) {
    if (dead_) return;
    hand_over(start);
  }
}

void Process::hand_over(const Dispatcher::Start& start) {
  const InFlight& request = start.request;
  const Place& place = *places_[static_cast<std::size_t>(start.partition)];
  if (request.valid_until <= clock_.now() || world_.time.now() - place.renewed_at >= lease) {
    // As the engine does: what may no longer be delivered is decided again (E10), and what was claimed under a lease
    // that has run out is the next owner's.
    ++world_.story.taken_back;
    dispatcher_.finished(request, SendRetry{}, Millis(0), clock_.steady());
    return answered(start.partition, {.request = request, .verdict = Returned{}});
  }
  dead_ = world_.strikes(Fault::crashes, 8);
  if (dead_) {
    ++world_.story.crashes_at_request;
    world_.tell([&] { return name() + " dies at the request for " + request.notice.str(); });
    if (world_.dice.percent(50)) return;  // before it left
  }
  ModelGateway::Reply reply = request.question > 0 ? ask(start) : send(start);
  const Millis answered_at = clock_.steady() + reply.latency;
  open_.push_back({.partition = start.partition,
                   .request = request,
                   .reply = std::move(reply),
                   .begun = clock_.steady(),
                   .answered = answered_at});
}

ModelGateway::Reply Process::send(const Dispatcher::Start& start) {
  const InFlight& request = start.request;
  SendRequest sent{.gateway = request.gateway,
                   .notice = request.notice,
                   .client_ref = request.notice.str(),
                   .to = request.to,
                   .text = request.text,
                   .encoding = request.encoding,
                   .parts = request.parts,
                   .attempt = request.attempt};
  ++world_.story.handed_over;
  world_.tell([&] { return name() + " sends " + sent.client_ref; });
  world_.checker.began(start.partition, number_, sent, clock_.now(), clock_.steady());
  const std::size_t before = world_.gateway.taken().size();
  ModelGateway::Reply reply = world_.gateway.submit(sent);
  if (world_.gateway.taken().size() == before) return reply;
  world_.checker.taken(sent.client_ref);
  if (world_.strikes(Fault::denials, 60)) deny(sent, reply);
  return reply;
}

/// The gateway has it, and something in front of the gateway says otherwise.
void Process::deny(const SendRequest& sent, ModelGateway::Reply& reply) {
  ++world_.story.denied;
  switch (world_.dice.below(4)) {
    case 0:
      reply.result = SendRejected{"refused"};
      break;
    case 1:
      reply.result = SendThrottled{.detail = "throttled", .after = Millis(1500)};
      break;
    case 2:
      reply.result = SendGatewayDown{"down"};
      break;
    default:
      reply.result = SendRetry{.detail = "try again", .after = Millis(1500)};
      break;
  }
  world_.tell([&] { return sent.client_ref + " is taken, and called untaken"; });
  world_.denied.insert(sent.client_ref);
  world_.checker.denied(sent.client_ref);
}

ModelGateway::Reply Process::ask(const Dispatcher::Start& start) {
  const StatusRequest question = status_request(start.request);
  ++world_.story.asked;
  world_.tell([&] { return name() + " asks about " + question.client_ref; });
  world_.checker.asked(start.partition, number_, question, clock_.steady());
  return world_.gateway.question(question);
}

void Process::answer_due() {
  for (std::size_t i = 0; i < open_.size();) {
    if (open_[i].answered > clock_.steady()) {
      ++i;
      continue;
    }
    const Open open = std::move(open_[i]);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(i));
    world_.checker.ended(open.partition, number_, open.request, open.reply.result);
    dispatcher_.finished(open.request, open.reply.result, clock_.steady() - open.begun, clock_.steady());
    answered(open.partition, judge(open.request, open.reply.result, world_.dispatch, clock_.now()));
  }
  pump();
}

void Process::answered(int partition, Answer answer) {
  world_.saboteur.answer(answer, clock_.now());
  places_[static_cast<std::size_t>(partition)]->partition.answered(std::move(answer));
}

}  // namespace dun::test
