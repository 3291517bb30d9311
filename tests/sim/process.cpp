#include "tests/sim/process.hpp"

#include <algorithm>

namespace dun::test {

using namespace scheduler;

namespace {

// That grants wait for the ingest barrier, as in the engine, where time is finer.
constexpr Millis grants_kept{600};

}  // namespace

/// A partition as the process has it, and how far its cycle has come.
struct Process::Runner {
  enum class Stage : std::uint8_t { waiting, looked, loaded, committed };

  Runner(int number, Installation& world, std::shared_ptr<const Rules> rules, const std::string& owner)
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
    runners_.push_back(std::make_unique<Runner>(i, world, rules.rules, name()));
}

Process::~Process() = default;

bool Process::asleep() const {
  return world_.time.now() < asleep_until_;
}

void Process::set_rules(const RuleBook& rules) {
  rules_ = rules;
  for (const auto& runner : runners_) runner->partition.set_rules(rules.rules);
}

bool Process::at_leisure(int partition) const {
  const Runner& runner = *runners_[static_cast<std::size_t>(partition)];
  const Instant now = clock_.now();
  const MemoryPartition& state = *world_.states[static_cast<std::size_t>(partition)];
  if (!runner.owned || state.owner != name() || runner.stage != Runner::Stage::waiting) return false;
  if (!open_.empty() || dispatcher_.has_grants(partition) || runner.partition.has_work(now)) return false;
  if (runner.grants_held || !runner.partition.caught_up()) return false;
  if (!posts_.empty() || !runner.partition.cases().to_bring().empty()) return false;
  // A clock that was set back by less than a second is waited for.
  const bool waits_for_clock = std::ranges::any_of(state.shelves, [&](const auto& shelf) {
    const Millis ahead = shelf.second.front().decided_at - now;
    return is_open(shelf.first, now) && ahead > Millis(0) && ahead < Seconds(1);
  });
  if (waits_for_clock) return false;
  return std::ranges::all_of(all_lanes, [&](Lane lane) { return runner.partition.turns(lane, now, 1).empty(); });
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
  for (const auto& runner : runners_) {
    if (!runner->owned) continue;
    const auto at = runner->partition.next_work(clock_.now());
    if (at && (!next || *at < *next)) next = at;
  }
  return next ? std::optional(*next - clock_.ahead()) : next;
}

// ----------------------------------------------------------------------------------------------------------- the cycle

void Process::advance(int partition) {
  Runner& runner = *runners_[static_cast<std::size_t>(partition)];
  if (!runner.owned) return acquire(runner);
  switch (runner.stage) {
    case Runner::Stage::waiting:
      // As the engine does: an idle partition is looked at when something comes, or once a second.
      if (at_leisure(partition) && world_.state(partition).events.empty() &&
          world_.time.now() - runner.looked_at < Seconds(1))
        return;
      return look(runner);
    case Runner::Stage::looked:
      return load(runner);
    case Runner::Stage::loaded:
      return commit(runner);
    case Runner::Stage::committed:
      return conclude(runner);
  }
}

void Process::acquire(Runner& runner) {
  const int number = runner.partition.number();
  const auto recovery = runner.store.acquire_now();
  if (!recovery) return;
  world_.checker.owner_changed(number, number_);
  world_.story.recovered_in_flight += static_cast<int>(recovery->in_flight.size());
  world_.tell([&] { return name() + " owns partition " + std::to_string(number); });
  runner.partition.recover(*recovery, clock_.now());
  runner.owned = true;
  runner.renewed_at = world_.time.now();
  runner.stage = Runner::Stage::waiting;
}

void Process::look(Runner& runner) {
  const int number = runner.partition.number();
  offer(runner);
  pump();
  if (dead_) return;
  for (Post& post : std::exchange(posts_, {})) runner.partition.cases().post(std::move(post));
  runner.looked_at = world_.time.now();
  runner.asked = clock_.now();
  runner.request = runner.partition.look(runner.asked);
  // As the engine does: what could not be used yet stays with its barrier.
  runner.request.new_barrier = !runner.grants_held;
  const Grants more = dispatcher_.take_grants(number);
  for (std::size_t i = 0; i < more.size(); ++i) runner.grants[i] += more[i];
  if (!runner.grants_held && std::ranges::any_of(more, [](std::size_t count) { return count > 0; }))
    runner.grants_held = clock_.steady();
  if (runner.request.new_barrier)
    world_.checker.looked(number, number_, world_.at_front_door[static_cast<std::size_t>(number)]);
  auto reply = runner.store.read_now(runner.request);
  if (world_.strikes(Fault::commits, 8)) return give_up(runner);
  runner.reply = *std::move(reply);
  world_.saboteur.reply(runner.reply);
  runner.stage = Runner::Stage::looked;
}

void Process::load(Runner& runner) {
  runner.reached = runner.reply.at_end;
  runner.inputs = runner.partition.gather(runner.request, std::move(runner.reply),
                                          runner.reached ? runner.take_grants() : Grants{}, runner.asked, clock_.now());
  runner.records = *runner.store.load_now(runner.inputs.accounts);
  world_.saboteur.records(number_, runner.inputs.accounts, runner.records);
  runner.stage = Runner::Stage::loaded;
}

void Process::commit(Runner& runner) {
  runner.nights = rules_.nights;
  runner.batch = runner.partition.decide(std::move(runner.inputs), std::move(runner.records), runner.asked);
  world_.saboteur.batch(number_, runner.batch);
  runner.stage = Runner::Stage::committed;
  const bool idle = runner.batch.commit.empty() && world_.time.now() - runner.committed_at < Seconds(1);
  runner.applied = idle || apply(runner);
}

/// The way to the store and back. False: the process does not know whether its commit was applied.
bool Process::apply(Runner& runner) {
  const int number = runner.partition.number();
  MemoryPartition& state = world_.state(number);
  Commit commit = runner.batch.commit;
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
  if (!runner.store.commit_now(commit)) {
    ++world_.story.fenced;
    world_.tell([&] { return name() + " is fenced off partition " + std::to_string(number); });
    return false;
  }
  if (world_.options.broken == Break::posts) state.posts.clear();
  runner.committed_at = runner.renewed_at = world_.time.now();
  world_.story.claims += static_cast<int>(commit.claims.size());
  if (!commit.empty())
    world_.tell([&] {
      std::string line = name() + " commits to partition " + std::to_string(number) + ":";
      for (const Outcome& outcome : commit.journal)
        line += " " + std::string(to_text(outcome.type)) + ":" +
                (outcome.notice.empty() ? outcome.cause.str() : outcome.notice.str());
      for (const Commit::ShelfChange& change : commit.shelves)
        for (const ShelfEntry& entry : change.put_back) line += " put_back:" + entry.subject.str();
      for (const InFlight& claim : commit.claims)
        line += " claim:" + claim.notice.str() + " " + std::string(to_text(claim.kind)) + " " +
                std::to_string(claim.step) + " (" + text_of(claim) + ")";
      return line;
    });
  for (const Outcome& outcome : commit.journal) {
    if (outcome.type == OutcomeType::notice_held) ++world_.story.held;
    if (outcome.type == OutcomeType::notice_unknown) ++world_.story.unknown;
  }
  world_.checker.committed(number, number_, commit, state, runner.nights);
  if (!world_.strikes(Fault::commits, 15)) return true;
  ++world_.story.commits_lost_after;
  world_.tell([&] { return name() + " does not hear of its commit"; });
  return false;
}

void Process::conclude(Runner& runner) {
  if (!runner.applied) {
    runner.partition.dropped(runner.batch);
    return give_up(runner);
  }
  runner.stage = Runner::Stage::waiting;
  runner.partition.committed(runner.batch);
  bring_posts(runner);
  if (dead_) return;
  if (!runner.reached && runner.grants_held && clock_.steady() - *runner.grants_held > grants_kept) {
    runner.take_grants();
    runner.partition.fell_behind();
  }
  if (!runner.grants_held) dispatcher_.submit(runner.partition.number(), std::move(runner.batch.claims));
  offer(runner);
  pump();
}

/// The way to another partition's stream and back.
void Process::bring_posts(Runner& runner) {
  const std::vector<Post> posts = runner.partition.cases().to_bring();
  for (const Post& post : posts) {
    if (world_.strikes(Fault::commits, 60)) {
      ++world_.story.posts_lost_before;
      return;
    }
    world_.carry(post);
    dead_ = world_.strikes(Fault::crashes, 30);
    if (dead_) return;
    if (world_.strikes(Fault::commits, 60)) {
      ++world_.story.posts_lost_after;
      return;
    }
    runner.partition.cases().brought(post.id);
  }
}

void Process::report(const CaseEvent& event) {
  Fields fields = to_fields(event);
  world_.engine.seal.sign(fields);
  posts_.push_back({.to = event.about, .id = event.id, .fields = std::move(fields)});
  ++world_.story.reports;
  world_.tell([&] { return name() + " reports " + event.about.str() + ": " + event.detail; });
}

void Process::cut_off(int partition) {
  Runner& runner = *runners_[static_cast<std::size_t>(partition)];
  if (!runner.owned) return;
  if (runner.stage == Runner::Stage::committed) runner.partition.dropped(runner.batch);
  give_up(runner);
}

void Process::give_up(Runner& runner) {
  runner.owned = false;
  runner.stage = Runner::Stage::waiting;
  runner.take_grants();
  for (InFlight& unbegun : dispatcher_.withdraw(runner.partition.number()))
    runner.partition.answered({.request = std::move(unbegun), .verdict = Returned{}});
  std::ranges::move(runner.partition.cases().take_posts(), std::back_inserter(posts_));
}

// ------------------------------------------------------------------------------------------------------------ dispatch

void Process::offer(Runner& runner) {
  for (const Lane lane : all_lanes)
    dispatcher_.offer(runner.partition.number(), lane, runner.partition.turns(lane, clock_.now(), 64));
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
  const Runner& runner = *runners_[static_cast<std::size_t>(start.partition)];
  if (is_past(request.errand, clock_.now()) || world_.time.now() - runner.renewed_at >= lease) {
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
  ModelGateway::Reply reply = std::visit([&](const auto& what) { return hand_over(start, what); },
                                         gateway_request(request, request.notice.str(), clock_.now()));
  const Millis answered_at = clock_.steady() + reply.latency;
  open_.push_back({.partition = start.partition,
                   .request = request,
                   .reply = std::move(reply),
                   .begun = clock_.steady(),
                   .answered = answered_at});
}

ModelGateway::Reply Process::hand_over(const Dispatcher::Start& start, const SendRequest& sent) {
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

ModelGateway::Reply Process::hand_over(const Dispatcher::Start& start, const StatusRequest& question) {
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
  runners_[static_cast<std::size_t>(partition)]->partition.answered(std::move(answer));
}

}  // namespace dun::test
