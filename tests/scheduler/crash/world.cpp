#include "tests/scheduler/crash/world.hpp"

#include "tests/support/rules.hpp"
#include "tests/support/scenario.hpp"

#include <algorithm>

namespace dun::test {

using namespace scheduler;

namespace {

constexpr Millis lease = Seconds(10);
constexpr int accounts_of_a_kind = 5;

FlowOptions flow() {
  return {.rate = 50,
          .burst = 10,
          .in_flight_max = 12,
          .ramp = Millis(0),
          .throttle_pause = Seconds(1),
          .breaker_failures = 3,
          .breaker_pause = Seconds(1),
          .breaker_pause_max = Seconds(4)};
}

ModelGateway::Faults faults() {
  return {.throttled = 40,
          .down = 60,
          .retry = 60,
          .rejected = 20,
          .unknown_taken = 50,
          .unknown_not_taken = 50,
          .pause = Millis(1500),
          .latency_min = Millis(5),
          .latency_max = Millis(900)};
}

Grants nothing_granted() {
  return {};
}

}  // namespace

/// A partition as one process has it, and how far its cycle has come.
struct World::Place {
  enum class Stage : std::uint8_t { waiting, looked, loaded, committed };

  Place(int number, const EngineOptions& engine, const DispatchOptions& dispatch, std::shared_ptr<const Rules> rules,
        std::shared_ptr<MemoryPartition> state, const std::string& owner, const Clock& clock)
      : partition(number, engine, dispatch, std::move(rules)), store(std::move(state), owner, clock, lease) {}

  Partition partition;
  MemoryStore store;
  bool owned = false;
  Instant committed_at{};
  Stage stage = Stage::waiting;
  Instant asked{};
  ReadRequest request;
  ReadReply reply;
  Grants grants{};
  Partition::Inputs inputs;
  std::vector<std::optional<AccountRecord>> records;
  Partition::Batch batch;
  bool applied = false;  ///< as the process is told
};

struct World::Process {
  struct Open {
    int partition = 0;
    InFlight request;
    SendRequest sent;
    ModelGateway::Reply reply;
    Instant begun{}, answered{};
  };
  Process(int its_number, const DispatchOptions& options, Millis now) : number(its_number), dispatcher(options, now) {}

  int number;
  Dispatcher dispatcher;
  std::vector<std::unique_ptr<Place>> places;
  std::vector<Open> open;
  Instant asleep_until{};
};

World::World(std::uint64_t seed, const Options& options)
    : options_(options),
      random_(seed),
      clock_(at("2026-03-02T10:00:00+08:00")),
      engine_{.partitions = options.partitions, .batch_max = static_cast<std::size_t>(random_.between(2, 12))},
      dispatch_{.gateways = {{.name = "g", .flow = flow(), .unknown = options.unknown, .repeat_unreceipted = false}},
                .gateway_of_lane = {"g", "g", "g"},
                .retry = {.attempts_max = 1000}},
      rules_([] {
        static const auto shared = rules();
        return shared;
      }()),
      gateway_(seed, options.unknown == UnknownRule::same_ref),
      checker_({.partitions = options.partitions, .duplicates_removed = options.unknown == UnknownRule::same_ref}) {
  for (int i = 0; i < options.partitions; ++i) states_.push_back(std::make_shared<MemoryPartition>());
  gateway_.set_faults(faults());
  for (int i = 0; i < 2; ++i) {
    processes_.push_back(nullptr);
    processes_.back() = std::make_unique<Process>(0, dispatch_, clock_.steady());
    start(*processes_.back());
  }
}

World::~World() = default;

std::vector<std::string> World::run() {
  for (int i = 0; i < options_.steps; ++i) step();
  calm_ = true;
  gateway_.set_faults({.latency_max = Millis(50)});
  come_to_rest();
  checker_.finished(states_, gateway_.taken());
  return checker_.violations();
}

void World::step() {
  Process& process = *processes_[random_.index(processes_.size())];
  const int what = random_.between(0, 99);
  if (what < 10) return publish();
  if (what < 14) return route_front_door();
  if (what < 24)
    return clock_.set(clock_.now() + (random_.chance(5) ? random_.millis(0, 9000) : random_.millis(0, 150)));
  if (what < 25 && random_.chance(60)) return crash(process);
  if (what < 26 && random_.chance(30)) {
    ++story_.sleeps;
    process.asleep_until = clock_.now() + random_.millis(5000, 20'000);
    return;
  }
  if (process.asleep_until > clock_.now()) return;
  if (what < 40) return answer_due(process);
  if (what < 45) return pump(process);
  advance(process, *process.places[random_.index(process.places.size())]);
}

// ----------------------------------------------------------------------------------------------------------- events

void World::publish() {
  const std::string number = std::to_string(random_.between(1, accounts_of_a_kind));
  switch (random_.between(0, 11)) {
    case 0:
    case 1:
      if (!debts_.insert("d" + number).second) return;
      return publish_one(Published::debt, "d" + number, {{"type", "credit.changed"}, {"state", "arrears"}});
    case 2:
      if (!debts_.contains("d" + number) || !paid_debts_.insert("d" + number).second) return;
      return publish_one(Published::payment, "d" + number, {{"type", "payment.received"}, {"amount", "9"}});
    case 3:
      if (last_of_.contains("r" + number)) return;
      return publish_one(Published::resumption, "r" + number, {{"type", "service.resumed"}});
    case 4:
      return publish_one(Published::malformed, "p" + number, {{"type", "payment.received"}, {"amount", "much"}});
    case 5: {
      const auto last = last_of_.find("p" + number);
      if (last == last_of_.end()) return;
      const int partition = partition_of("p" + number, options_.partitions);
      checker_.published(partition, Published::repeat, last->second[0].second, "p" + number);
      return add(partition, last->second);
    }
    case 6:
      return publish_receipt();
    default:
      return publish_one(Published::payment, "p" + number,
                         {{"type", "payment.received"}, {"amount", std::to_string(published_ + 1)}});
  }
}

void World::publish_one(Published what, const std::string& account, Fields further) {
  const std::string id = "e" + std::to_string(++published_);
  const std::string number = std::to_string(100 + account.front()) + account.substr(1);
  Fields fields{{"id", id}, {"account", account}, {"time", to_rfc3339(clock_.now())}, {"msisdn", "+86138000" + number}};
  fields.insert(fields.end(), further.begin(), further.end());
  const int partition = partition_of(account, options_.partitions);
  checker_.published(partition, what, id, account);
  if (what != Published::malformed) last_of_[account] = fields;
  ++story_.events;
  add(partition, std::move(fields));
}

/// A delivery receipt for something that was taken; now and then for the second time.
void World::publish_receipt() {
  if (gateway_.taken().empty()) return;
  const std::string& notice = gateway_.taken()[random_.index(gateway_.taken().size())].client_ref;
  const std::string account = notice.substr(0, notice.find('~'));
  const int partition = partition_of(account, options_.partitions);
  const std::string id = "receipt" + std::to_string(++receipts_);
  checker_.published(partition, Published::receipt, id, account);
  add(partition, {{"id", id},
                  {"type", "dun.receipt"},
                  {"account", account},
                  {"time", to_rfc3339(clock_.now())},
                  {"notice", notice},
                  {"status", "delivered"}});
}

/// Straight to the partition, or through the front door; what is behind something at the front door waits for it.
void World::add(int partition, Fields fields) {
  if (front_door_.empty() && !random_.chance(30)) {
    states_[static_cast<std::size_t>(partition)]->add(std::move(fields));
    return;
  }
  front_door_.emplace_back(partition, std::move(fields));
  for (const auto& state : states_) state->front_door_routed = false;
}

void World::route_front_door() {
  for (int most = random_.between(1, 3); most > 0 && !front_door_.empty(); --most) {
    states_[static_cast<std::size_t>(front_door_.front().first)]->add(std::move(front_door_.front().second));
    front_door_.pop_front();
  }
  for (const auto& state : states_) state->front_door_routed = front_door_.empty();
}

// -------------------------------------------------------------------------------------------------------- processes

/// A new process finds nothing but the store. Its name is new: it must wait for the leases of the one before it.
void World::start(Process& process) {
  process.number = ++processes_started_;
  for (int i = 0; i < options_.partitions; ++i)
    process.places.push_back(std::make_unique<Place>(i, engine_, dispatch_, rules_,
                                                     states_[static_cast<std::size_t>(i)],
                                                     "process " + std::to_string(process.number), clock_));
}

void World::crash(Process& process) {
  ++story_.crashes;
  for (auto& slot : processes_) {
    if (slot.get() != &process) continue;
    slot = std::make_unique<Process>(0, dispatch_, clock_.steady());
    start(*slot);
    return;
  }
}

void World::advance(Process& process, Place& place) {
  if (!place.owned) return acquire(process, place);
  switch (place.stage) {
    case Place::Stage::waiting:
      return look(process, place);
    case Place::Stage::looked:
      return load(place);
    case Place::Stage::loaded:
      return commit(process, place);
    case Place::Stage::committed:
      return conclude(process, place);
  }
}

void World::acquire(Process& process, Place& place) {
  const int number = place.partition.number();
  const auto recovery = place.store.acquire_now();
  if (!recovery) return;
  checker_.owner_changed(number, process.number);
  story_.recovered_in_flight += static_cast<int>(recovery->in_flight.size());
  place.partition.recover(*recovery, clock_.now());
  place.owned = true;
  place.stage = Place::Stage::waiting;
}

void World::look(Process& process, Place& place) {
  const int number = place.partition.number();
  const MemoryPartition& state = *states_[static_cast<std::size_t>(number)];
  offer(process, place);
  pump(process);
  place.asked = clock_.now();
  place.request = place.partition.look(place.asked);
  place.grants = process.dispatcher.take_grants(number);
  checker_.looked(number, process.number, state.last_id, state.front_door_routed);
  auto reply = place.store.read_now(place.request);
  if (!calm_ && random_.chance(1)) return give_up(process, place);
  place.reply = *std::move(reply);
  place.stage = Place::Stage::looked;
}

void World::load(Place& place) {
  const bool reached = place.reply.at_end;
  if (!reached) place.partition.fell_behind();
  place.inputs = place.partition.gather(place.request, std::move(place.reply),
                                        reached ? place.grants : nothing_granted(), place.asked);
  place.records = *place.store.load_now(place.inputs.accounts);
  place.stage = Place::Stage::loaded;
}

void World::commit(Process& process, Place& place) {
  place.batch = place.partition.decide(std::move(place.inputs), std::move(place.records), place.asked);
  place.stage = Place::Stage::committed;
  const bool idle = place.batch.commit.empty() && clock_.now() - place.committed_at < Seconds(1);
  place.applied = idle || apply(process, place);
}

/// The way to the store and back. False: the process does not know whether its commit was applied.
bool World::apply(Process& process, Place& place) {
  const int number = place.partition.number();
  MemoryPartition& state = *states_[static_cast<std::size_t>(number)];
  Commit commit = place.batch.commit;
  if (!calm_ && random_.chance(2)) {
    ++story_.commits_lost_before;
    if (options_.cursor_apart_from_effects) state.cursor = commit.cursor;
    return false;
  }
  if (options_.unfenced) {
    state.owner = "process " + std::to_string(process.number);
    state.epoch = commit.epoch;
    state.lease_until = clock_.now() + lease;
  }
  if (!place.store.commit_now(commit)) {
    ++story_.fenced;
    return false;
  }
  place.committed_at = clock_.now();
  story_.claims += static_cast<int>(commit.claims.size());
  checker_.committed(number, process.number, commit);
  checker_.stored(number, state);
  if (calm_ || !random_.chance(2)) return true;
  ++story_.commits_lost_after;
  return false;
}

void World::conclude(Process& process, Place& place) {
  if (!place.applied) {
    place.partition.dropped(place.batch);
    return give_up(process, place);
  }
  place.stage = Place::Stage::waiting;
  place.partition.committed(place.batch);
  process.dispatcher.submit(place.partition.number(), std::move(place.batch.claims));
  offer(process, place);
  pump(process);
}

void World::give_up(Process& process, Place& place) {
  place.owned = false;
  place.stage = Place::Stage::waiting;
  for (InFlight& unbegun : process.dispatcher.withdraw(place.partition.number()))
    place.partition.answered({.request = std::move(unbegun), .verdict = Returned{}});
}

// --------------------------------------------------------------------------------------------------------- dispatch

void World::offer(Process& process, Place& place) {
  for (const Lane lane : all_lanes)
    process.dispatcher.offer(place.partition.number(), lane, place.partition.turns(lane, clock_.now(), 64));
}

void World::pump(Process& process) {
  auto actions = process.dispatcher.pump(clock_.steady());
  for (Dispatcher::Start& returned : actions.returned) {
    ++story_.returned;
    Place& place = *process.places[static_cast<std::size_t>(returned.partition)];
    place.partition.answered({.request = std::move(returned.request), .verdict = Returned{}});
  }
  for (const Dispatcher::Start& start : actions.starts) hand_over(process, start);
}

void World::hand_over(Process& process, const Dispatcher::Start& start) {
  const InFlight& request = start.request;
  SendRequest sent{.gateway = request.gateway,
                   .notice = request.notice,
                   .client_ref = request.notice.str(),
                   .to = request.to,
                   .text = request.text,
                   .encoding = request.encoding,
                   .parts = request.parts,
                   .attempt = request.attempt};
  ++story_.handed_over;
  checker_.began(start.partition, process.number, sent);
  auto reply = gateway_.submit(sent);
  const Instant answered = clock_.now() + reply.latency;
  process.open.push_back({.partition = start.partition,
                          .request = request,
                          .sent = std::move(sent),
                          .reply = std::move(reply),
                          .begun = clock_.now(),
                          .answered = answered});
}

void World::answer_due(Process& process) {
  for (std::size_t i = 0; i < process.open.size();) {
    if (process.open[i].answered > clock_.now()) {
      ++i;
      continue;
    }
    const Process::Open open = std::move(process.open[i]);
    process.open.erase(process.open.begin() + static_cast<std::ptrdiff_t>(i));
    checker_.ended(open.partition, process.number, open.sent);
    process.dispatcher.finished(open.request, open.reply.result, clock_.now() - open.begun, clock_.steady());
    process.places[static_cast<std::size_t>(open.partition)]->partition.answered(
        judge(open.request, open.reply.result, dispatch_, clock_.now()));
  }
  pump(process);
}

// ------------------------------------------------------------------------------------------------------------- rest

bool World::at_rest() const {
  if (!front_door_.empty()) return false;
  return std::ranges::all_of(states_, [](const auto& state) {
    const bool nothing_pending =
        std::ranges::all_of(state->records, [](const auto& record) { return record.second.pending.empty(); });
    return state->events.empty() && state->in_flight.empty() && nothing_pending;
  });
}

/// Time goes on and nothing fails any more: within hours everything that is owed has been told.
void World::come_to_rest() {
  const Instant end = clock_.now() + std::chrono::hours(8);
  while (!at_rest()) {
    if (clock_.now() > end) return checker_.violation("rest: it never comes");
    route_front_door();
    for (const auto& process : processes_) {
      process->asleep_until = {};
      for (int i = 0; i < 4; ++i)
        for (const auto& place : process->places) advance(*process, *place);
      answer_due(*process);
    }
    clock_.set(clock_.now() + Millis(200));
  }
}

}  // namespace dun::test
