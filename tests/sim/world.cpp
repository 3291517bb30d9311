#include "tests/sim/world.hpp"

#include "tests/support/scenario.hpp"

#include <algorithm>
#include <array>

namespace dun::test {

using namespace scheduler;
using std::chrono::hours;
using std::chrono::minutes;

namespace {

constexpr FlowOptions flow{.rate = 20,
                           .burst = 10,
                           .in_flight_max = 12,
                           .ramp = Millis(0),
                           .throttle_pause = Seconds(1),
                           .breaker_failures = 3,
                           .breaker_pause = Seconds(1),
                           .breaker_pause_max = Seconds(4)};

/// The first questions come before a message is listed: so many more than are answered wrongly.
constexpr QuestionOptions questions{.first = Seconds(5),
                                    .pause = Seconds(5),
                                    .most = 1000,
                                    .listed_within = ModelGateway::denied_most * Seconds(5) + Seconds(5)};

ModelGateway::Faults gateway_faults(const Faults& faults, GatewayKind kind) {
  if (!faults.has(Fault::gateway)) return {.latency_min = Millis(5), .latency_max = Millis(50)};
  return {.throttled = 40,
          .down = 50,
          .retry = 50,
          .rejected = 20,
          .unknown_taken = 50,
          .unknown_not_taken = 40,
          .listed_late = kind == GatewayKind::asked ? 300 : 0,
          .pause = Millis(1500),
          .latency_min = Millis(5),
          .latency_max = Millis(900)};
}

UnknownRule unknown_rule(GatewayKind kind) {
  switch (kind) {
    case GatewayKind::asked:
      return UnknownRule::query;
    case GatewayKind::removes:
      return UnknownRule::same_ref;
    case GatewayKind::repeats:
      break;
  }
  return UnknownRule::wait_receipt;
}

DispatchOptions dispatch_options(const SimOptions& options) {
  QuestionOptions question = questions;
  if (options.broken == Break::listing) question.listed_within = Millis(0);
  return {.gateways = {{.name = "g",
                        .flow = flow,
                        .unknown = unknown_rule(options.gateway_kind()),
                        .repeat_unreceipted = false,
                        .question = question}},
          .routes = Routes({"g", "g", "g"}),
          .retry = {.attempts_max = 1000}};
}

constexpr int receipts_nobody_asked_for = 40;  // one in so many
constexpr Millis comes_to_rest_within = date::days(90);

}  // namespace

World::World(const SimOptions& options)
    : world_{.options = options,
             .dice = Random(options.seed),
             .time = VirtualClock(at("2026-03-26T10:00:00+08:00")),
             .engine = {.partitions = options.partitions, .lease_ttl = lease},
             .dispatch = dispatch_options(options),
             .states = {},
             .gateway = ModelGateway(options.seed, options.gateway_kind() == GatewayKind::removes),
             .at_front_door = std::vector<int>(static_cast<std::size_t>(options.partitions)),
             .checker = Checker({.partitions = options.partitions,
                                 .doubts_end = options.gateway_kind() == GatewayKind::asked,
                                 .rate = flow.rate,
                                 .burst = flow.burst,
                                 .open_max = flow.in_flight_max}),
             .saboteur = Saboteur(options.broken),
             .carry = {},
             .denied = {},
             .story = {},
             .narration = {}},
      watch_(options.seed),
      story_(tell_story(options, world_.time.now())),
      produced_(static_cast<std::size_t>(options.partitions)) {
  world_.carry = [this](const Post& post) {
    add(partition_of(post.to.str(), world_.options.partitions), post.fields, {});
  };
  world_.badness = world_.dice.pick(std::array<std::uint64_t, 3>{1, 3, 8});
  world_.engine.batch_max = 2 + world_.dice.below(10);
  world_.gateway.set_faults(gateway_faults(options.faults, options.gateway_kind()));
  for (int i = 0; i < options.partitions; ++i) world_.states.push_back(std::make_shared<MemoryPartition>());
  for (int i = 0; i < 2; ++i) machines_.emplace_back(world_.time);
  for (Machine& machine : machines_) start(machine);
}

World::~World() = default;

const Violations& World::run() {
  const Instant began = world_.time.now();
  const Violations& wrong = world_.checker.violations();
  while (told_ < story_.size() && wrong.empty()) turn();
  if (wrong.empty()) come_to_rest();
  if (wrong.empty()) world_.checker.finished(world_.states, world_.gateway.taken());
  const auto days = std::chrono::duration<double, std::ratio<86400>>(world_.time.now() - began).count();
  world_.story.account_days = days * world_.options.accounts;
  return wrong;
}

void World::turn() {
  publish_due();
  strike();
  look_about();
  step_processes();
  watch_gateway();
  if (world_.dice.percent(50)) route_front_door();
  let_time_pass();
}

// ------------------------------------------------------------------------------------------------------- the stream

void World::publish_due() {
  for (; told_ < story_.size() && story_[told_].arrival <= world_.time.now(); ++told_) publish(story_[told_]);
  publish_receipts();
}

void World::publish(const Publication& publication) {
  const int right = partition_of(publication.account, world_.options.partitions);
  world_.tell([&] {
    std::string line = "published";
    for (const auto& [name, value] : publication.fields) line += " " + name + "=" + value;
    return line;
  });
  ++world_.story.events;
  add(publication.wrong_partition.value_or(right), publication.fields, publication.wrong);
}

/// Straight to the partition, or through the front door; what is behind something at the front door waits for it.
void World::add(int partition, Fields fields, const std::string& wrong) {
  if (front_door_.empty() && !world_.strikes(Fault::front_door, 300)) return stand(partition, std::move(fields), wrong);
  front_door_.push_back({.partition = partition, .fields = std::move(fields), .wrong = wrong});
  ++world_.at_front_door[static_cast<std::size_t>(partition)];
  for (const auto& state : world_.states) ++state->front_door;
}

void World::stand(int partition, Fields fields, const std::string& wrong) {
  const StreamId id = world_.state(partition).add(fields);
  world_.checker.added(partition, id, fields, wrong);
  produced_[static_cast<std::size_t>(partition)].push_back({{.id = id, .fields = std::move(fields)}, wrong});
}

void World::route_front_door() {
  for (auto most = world_.dice.between(1, 3); most > 0 && !front_door_.empty(); --most) {
    Waiting first = std::move(front_door_.front());
    front_door_.pop_front();
    --world_.at_front_door[static_cast<std::size_t>(first.partition)];
    for (const auto& state : world_.states) ++state->front_door_routed;
    stand(first.partition, std::move(first.fields), first.wrong);
  }
}

/// What was taken gets its receipt, soon as a rule: perhaps before the answer, perhaps twice, perhaps never.
void World::watch_gateway() {
  const auto& taken = world_.gateway.taken();
  for (; watched_ < taken.size(); ++watched_) {
    const std::string& notice = taken[watched_].client_ref;
    const bool faulty = world_.options.faults.has(Fault::receipts);
    const Instant now = world_.time.now();
    if (faulty && world_.dice.percent(15)) continue;
    // Of what was called untaken it may be the only sign, also before that was said.
    const bool denied = world_.denied.contains(notice);
    const Millis after = faulty && world_.dice.percent(denied ? 10 : 30)
                             ? Millis(world_.dice.between(0, hours(3) / Millis(1)))
                             : Millis(world_.dice.between(0, denied ? 200 : 2000));
    receipts_.push_back({now + after, notice, world_.dice.percent(90) ? "delivered" : "failed"});
    if (faulty && world_.dice.percent(15)) receipts_.push_back({now + after + Seconds(1), notice, "delivered"});
    if (faulty && world_.dice.below(receipts_nobody_asked_for) == 0)
      receipts_.push_back({now, std::string(account_part(notice)) + "~0000000000000000", "delivered"});
  }
}

void World::publish_receipts() {
  for (std::size_t i = 0; i < receipts_.size();) {
    if (receipts_[i].at > world_.time.now()) {
      ++i;
      continue;
    }
    const Receipt receipt = std::move(receipts_[i]);
    receipts_.erase(receipts_.begin() + static_cast<std::ptrdiff_t>(i));
    const std::string account(account_part(receipt.notice));
    ++world_.story.receipts;
    world_.tell([&] { return "receipt of " + receipt.notice + ": " + receipt.status; });
    Fields event{{"id", "receipt" + std::to_string(++receipts_made_)},
                 {"type", "dun.receipt"},
                 {"account", account},
                 {"time", to_rfc3339(world_.time.now())},
                 {"gateway", "g"},
                 {"notice", receipt.notice},
                 {"status", receipt.status}};
    Seal().sign(event);
    add(partition_of(account, world_.options.partitions), std::move(event), {});
  }
}

/// Processes see what is wrong and say so.
void World::look_about() {
  std::vector<Watch::Reporter> able;
  for (const Machine& machine : machines_) {
    Process* process = machine.process.get();
    if (process->asleep() || process->dead()) continue;
    able.push_back({.name = process->name(), .now = machine.clock.now(), .report = [process](const CaseEvent& event) {
                      process->report(event);
                    }});
  }
  watch_.turn(able, world_.time.now(), world_.calm);
  world_.checker.seen(watch_.seen());
}

// ----------------------------------------------------------------------------------------------------------- faults

void World::strike() {
  for (Machine& machine : machines_) strike(machine);
  if (world_.strikes(Fault::leases, 4)) lose_lease();
  fail_over();
}

void World::strike(Machine& machine) {
  if (machine.process->dead() || world_.strikes(Fault::crashes, 4)) {
    ++world_.story.crashes;
    world_.tell([&] { return machine.process->name() + " dies"; });
    start(machine);
  }
  if (world_.strikes(Fault::sleeps, 3)) {
    ++world_.story.sleeps;
    const Millis span(world_.dice.between(3000, world_.dice.percent(90) ? 25'000 : 600'000));
    world_.tell([&] { return machine.process->name() + " stands still for " + to_text(span); });
    machine.process->sleep_until(world_.time.now() + span);
  }
  if (world_.strikes(Fault::clocks, 2)) {
    ++world_.story.clock_steps;
    const Millis before = machine.clock.ahead();
    machine.clock.step_to(world_.dice.percent(60) ? Millis(world_.dice.between(-480'000, 480'000))
                                                  : Millis(world_.dice.between(0, hours(3) / Millis(1))));
    if (machine.clock.ahead() < before) world_.checker.clock_set_back(machine.process->number());
    world_.tell([&] {
      return machine.process->name() + " has its clock ahead by " + std::to_string(machine.clock.ahead().count()) +
             "ms";
    });
  }
  if (world_.strikes(Fault::reloads, 2)) {
    ++world_.story.reloads;
    machine.edition = static_cast<int>(world_.dice.below(editions));
    world_.tell([&] { return machine.process->name() + " reads rules " + std::to_string(machine.edition); });
    machine.process->set_rules(rule_book(machine.edition, world_.options.broken));
  }
}

void World::lose_lease() {
  ++world_.story.leases_lost;
  MemoryPartition& state = *world_.states[world_.dice.below(world_.states.size())];
  world_.tell([&] { return state.owner + " loses a lease"; });
  state.lease_until = world_.time.now();
}

/// A replica takes over that lacks the last writes. Its connections are new, and producers send again from where its
/// stream ends. Only a gateway that removes duplicates makes up for it.
void World::fail_over() {
  if (!past_) {
    if (world_.options.gateway_kind() != GatewayKind::removes || !world_.strikes(Fault::failovers, 3)) return;
    const int partition = static_cast<int>(world_.dice.below(world_.states.size()));
    past_ = Past{.partition = partition,
                 .state = world_.state(partition),
                 .known = world_.checker.remember(partition),
                 .until = world_.time.now() + Millis(world_.dice.between(1, 3000))};
    return;
  }
  if (world_.time.now() < past_->until) return;
  const Past past = *std::exchange(past_, {});
  ++world_.story.failovers;
  world_.tell([&] { return "the store of partition " + std::to_string(past.partition) + " goes back"; });
  MemoryPartition& state = world_.state(past.partition);
  const auto front_door = std::pair(state.front_door, state.front_door_routed);
  state = past.state;
  std::tie(state.front_door, state.front_door_routed) = front_door;
  world_.checker.went_back(past.partition, *past.known);
  for (const Machine& machine : machines_) machine.process->cut_off(past.partition);
  for (const Entry& each : produced_[static_cast<std::size_t>(past.partition)]) {
    if (each.entry.id <= past.state.last_id) continue;
    state.events.push_back(each.entry);
    state.last_id = each.entry.id;
    world_.checker.added(past.partition, each.entry.id, each.entry.fields, each.wrong);
  }
}

// -------------------------------------------------------------------------------------------------------- processes

void World::start(Machine& machine) {
  machine.process =
      std::make_unique<Process>(++processes_, world_, machine.clock, rule_book(machine.edition, world_.options.broken));
}

void World::step_processes() {
  for (auto steps = world_.dice.between(1, 3 * world_.options.partitions); steps > 0; --steps) {
    Process& process = *machines_[world_.dice.below(machines_.size())].process;
    if (process.asleep() || process.dead()) continue;
    if (world_.dice.percent(25)) process.answer_due();
    if (process.dead()) continue;
    process.advance(static_cast<int>(world_.dice.below(world_.states.size())));
  }
}

bool World::at_leisure() {
  if (!front_door_.empty() || past_) return false;
  for (int i = 0; i < world_.options.partitions; ++i) {
    const MemoryPartition& state = *world_.states[static_cast<std::size_t>(i)];
    if (!state.events.empty() || !state.in_flight.empty()) return false;
    const auto owner =
        std::ranges::find_if(machines_, [&](const Machine& machine) { return machine.process->name() == state.owner; });
    if (owner == machines_.end() || owner->process->asleep() || owner->process->dead()) return false;
    if (!owner->process->at_leisure(i)) return false;
    owner->process->rest(i);
  }
  return true;
}

/// Small steps while anybody has something to do; else to the next thing that happens, and leases are renewed as they
/// would have been by many empty commits.
void World::let_time_pass() {
  const Instant now = world_.time.now();
  if (!at_leisure()) {
    const std::uint64_t dice = world_.dice.below(100);
    const auto most = dice < 60 ? 20 : dice < 95 ? 300 : 3000;
    return world_.time.set(now + Millis(world_.dice.between(0, most)));
  }
  Instant next = now + hours(6);
  const auto sooner = [&](Instant at) { next = std::min(next, std::max(at, now)); };
  if (told_ < story_.size()) sooner(story_[told_].arrival);
  for (const Receipt& receipt : receipts_) sooner(receipt.at);
  if (const auto report = watch_.next()) sooner(*report);
  for (const Machine& machine : machines_)
    if (const auto work = machine.process->next_work()) sooner(*work);
  world_.time.set(next + Millis(world_.dice.between(0, 3)));
  for (const auto& state : world_.states) state->lease_until = world_.time.now() + lease;
}

// ------------------------------------------------------------------------------------------------------------- rest

namespace {

bool rests(const CaseRecord& record) {
  const auto* alert = std::get_if<AlertCase>(&record);
  return alert != nullptr ? !alert->open_since : std::get<TaskCase>(record).pending.empty();
}

}  // namespace

bool World::at_rest() const {
  return front_door_.empty() && receipts_.empty() && watch_.at_rest() &&
         std::ranges::all_of(world_.states, [](const auto& state) {
           return state->events.empty() && state->in_flight.empty() && state->posts.empty() &&
                  std::ranges::all_of(state->cases, [](const auto& each) { return rests(each.second); }) &&
                  std::ranges::all_of(state->records, [](const auto& record) {
                    return record.second.pending.empty() && !record.second.wake_at;
                  });
         });
}

/// Time goes on and nothing fails any more: within weeks everything that is owed has been told.
void World::come_to_rest() {
  world_.calm = true;
  past_.reset();
  world_.gateway.set_faults({.latency_max = Millis(50)});
  const Instant end = world_.time.now() + comes_to_rest_within;
  while (!at_rest() && world_.checker.violations().empty()) {
    if (world_.time.now() > end) return world_.checker.violation("rest: it never comes");
    turn();
  }
}

}  // namespace dun::test
