#include "redis/partition_store.hpp"

#include "base/async/deadline.hpp"
#include "redis/codec.hpp"
#include "redis/commit_commands.hpp"
#include "redis/meta.hpp"
#include "redis/renewal.hpp"
#include "redis/stream_mark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

namespace dun::redis {

using Kind = StoreError::Kind;
using Type = Value::Type;
namespace {

using scheduler::Commit;
using scheduler::ReadReply;
using scheduler::ReadRequest;
using scheduler::Recovery;

constexpr Millis far_barrier_pause{100};
// Events in one reply, however many are asked for.
constexpr std::size_t piece_max = 4096;

StoreError corrupt(std::string_view key, std::string_view problem) {
  return {.kind = Kind::corrupt, .message = fmt::format("{}: {}", key, problem)};
}

StoreResult<PartitionMeta> take_meta(Recovery& recovery, const Value& reply, const std::string& key) {
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  const auto meta = read_meta(reply);
  if (!meta) return std::unexpected(corrupt(key, meta.error()));
  recovery.cursor = meta->cursor;
  recovery.counters = meta->counters;
  recovery.policy = meta->policy;
  recovery.at = meta->at;
  return *meta;
}

/// From HVALS: each entry names its notice itself.
StoreResult<void> take_in_flight(Recovery& recovery, const Value& reply, const std::string& key) {
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  for (const Value& item : reply.items) {
    auto entry = decode_in_flight(item.text);
    if (!entry) return std::unexpected(corrupt(key, entry.error()));
    recovery.in_flight.push_back(*std::move(entry));
  }
  std::ranges::sort(recovery.in_flight, {}, [](const auto& entry) { return std::tie(entry.claimed_at, entry.notice); });
  return {};
}

/// A list whose elements `decode` understands.
template <typename Entry, typename Decode>
StoreResult<std::vector<Entry>> take_list(const Value& reply, const std::string& key, Decode decode) {
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  std::vector<Entry> entries;
  entries.reserve(reply.items.size());
  for (const Value& item : reply.items) {
    auto entry = decode(item.text);
    if (!entry) return std::unexpected(corrupt(key, entry.error()));
    entries.push_back(*std::move(entry));
  }
  return entries;
}

/// Of so many elements of a list, as LRANGE wants it.
std::string last_of(std::size_t skip, std::size_t count) {
  return count >= std::numeric_limits<std::size_t>::max() - skip ? "-1" : std::to_string(skip + count - 1);
}

/// What was asked for of shelves and timers, from the first of those replies on.
StoreResult<void> take_lists(const ReadRequest& request, const PartitionKeys& keys, std::vector<Value>::iterator next,
                             ReadReply& reply) {
  for (const auto& shelf : request.shelves) {
    auto& entries = reply.shelves.emplace_back();
    if (shelf.count == 0) continue;
    auto list = take_list<scheduler::ShelfEntry>(
        *next++, keys.lane(shelf.key), [&](const std::string& bytes) { return decode_shelf_entry(bytes, shelf.key); });
    if (!list) return std::unexpected(std::move(list).error());
    entries = *std::move(list);
  }
  for (const auto& timers : request.timers) {
    auto& entries = reply.timers.emplace_back();
    if (timers.count == 0) continue;
    auto list = take_list<scheduler::TimerEntry>(*next++, keys.timers(timers.minute), [&](const std::string& bytes) {
      return decode_timer_entry(bytes, timers.minute);
    });
    if (!list) return std::unexpected(std::move(list).error());
    entries = *std::move(list);
  }
  return {};
}

/// The commands that fetch what is asked for of shelves and timers.
void ask_for_lists(const ReadRequest& request, const PartitionKeys& keys, Operation& operation) {
  for (const auto& shelf : request.shelves)
    if (shelf.count > 0)
      operation.push_back(
          {"LRANGE", keys.lane(shelf.key), std::to_string(shelf.skip), last_of(shelf.skip, shelf.count)});
  for (const auto& timers : request.timers)
    if (timers.count > 0)
      operation.push_back(
          {"LRANGE", keys.timers(timers.minute), std::to_string(timers.skip), last_of(timers.skip, timers.count)});
}

LeaseOptions lease_options(const PartitionStoreOptions& options, const PartitionKeys& keys) {
  return {.key = keys.lease(),
          .meta = keys.meta(),
          .what = fmt::format("partition {}", options.partition),
          .owner = options.owner,
          .ttl = options.lease_ttl,
          .replication = options.replication};
}

/// The server's time from the id of the journal entry that a commit added.
std::uint64_t journal_time(const std::vector<Value>& replies, std::size_t position) {
  const auto id = parse_stream_id(replies.at(position).text);
  return id ? id->ms : 0;
}

}  // namespace

RedisPartitionStore::RedisPartitionStore(Executor executor, Site site, LinkOptions link_options,
                                         PartitionStoreOptions options, Link* door)
    : options_(std::move(options)),
      piece_(piece_max),
      keyspace_(options_.prefix),
      keys_(keyspace_.partition(options_.partition)),
      link_(std::move(executor), std::move(site), limited(std::move(link_options)), keys_.meta()),
      door_(door),
      lease_(link_, lease_options(options_, keys_)),
      takeover_(link_, lease_, keys_.meta(), fmt::format("partition {}", options_.partition), options_.takeover),
      commits_until_trim_(options_.trim_every) {}

/// A transaction is not undone when a command meets a key of another type inside it, so foreign hands are looked for
/// before the first one.
Awaitable<StoreResult<void>> RedisPartitionStore::check_types() {
  const std::array<std::pair<std::string, std::string_view>, 9> expected = {{{keys_.events(), "stream"},
                                                                             {keys_.meta(), "hash"},
                                                                             {keys_.due(), "zset"},
                                                                             {keys_.in_flight(), "hash"},
                                                                             {keys_.cases(), "hash"},
                                                                             {keys_.posts(), "hash"},
                                                                             {keys_.journal(), "stream"},
                                                                             {keys_.outcomes(), "stream"},
                                                                             {keys_.rejected(), "stream"}}};
  Operation operation;
  for (const auto& [key, type] : expected) operation.push_back({"TYPE", key});
  const auto replies = co_await ask(link_, std::move(operation));
  if (!replies) co_return std::unexpected(replies.error());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& [key, type] = expected[i];
    const Value& reply = (*replies)[i];
    if (!reply.is(Type::text)) co_return std::unexpected(store_error(reply, key));
    if (reply.text != type && reply.text != "none")
      co_return std::unexpected(corrupt(
          key, fmt::format("is a {}, and Dun keeps a {} there; somebody else uses this prefix", reply.text, type)));
  }
  co_return StoreResult<void>();
}

Awaitable<StoreResult<Recovery>> RedisPartitionStore::acquire() {
  unreadable_.clear();
  if (const auto types = co_await check_types(); !types) co_return std::unexpected(types.error());
  const auto epoch = co_await lease_.acquire();
  if (!epoch) {
    if (epoch.error().kind == Kind::refused) co_await make_room();
    co_return std::unexpected(epoch.error());
  }
  moved_.reset();
  if (const auto looked = co_await takeover_.look(); !looked) co_return std::unexpected(looked.error());
  if (const auto renewed = co_await renew_outputs(); !renewed) co_return std::unexpected(renewed.error());
  Recovery recovery{.epoch = *epoch};
  auto replies = co_await ask(link_, {{"HGETALL", keys_.meta()},
                                      {"HVALS", keys_.in_flight()},
                                      {"HGETALL", keys_.cases()},
                                      {"HGETALL", keys_.posts()},
                                      {"ZRANGE", keys_.due(), "0", "-1"}});
  if (!replies) co_return std::unexpected(replies.error());
  const auto meta = take_meta(recovery, (*replies)[0], keys_.meta());
  if (!meta) co_return std::unexpected(meta.error());
  if (committed_ && !recovery.at) {
    committed_ = false;
    remark("store.emptied",
           fmt::format("{} was gone, and partition {} begins with nothing: if Redis was emptied, restore "
                       "a backup, or let billing publish the positions of all accounts again",
                       keys_.meta(), options_.partition));
  }
  tally_ = Tally(meta->missed);
  marked_ = meta->marked;
  read_ = meta->counters.read;
  audited_at_.reset();
  if (const auto read = take_in_flight(recovery, (*replies)[1], keys_.in_flight()); !read)
    co_return std::unexpected(read.error());
  if (const auto read = take_cases(recovery, (*replies)[2], (*replies)[3]); !read)
    co_return std::unexpected(read.error());
  co_return co_await with_due(std::move(recovery), std::move((*replies)[4]));
}

StoreResult<void> RedisPartitionStore::take_cases(Recovery& recovery, const Value& cases, const Value& posts) {
  if (!cases.is(Type::array)) return std::unexpected(store_error(cases, keys_.cases()));
  if (!posts.is(Type::array)) return std::unexpected(store_error(posts, keys_.posts()));
  const auto each = [&](const Value& reply, const std::string& key, const auto& take) {
    for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2) {
      const std::string& field = reply.items[i].text;
      const std::string& bytes = reply.items[i + 1].text;
      if (const auto problem = take(field, bytes); !problem.empty())
        unreadable_[field] = {.key = key, .bytes = bytes, .problem = problem};
    }
  };
  each(cases, keys_.cases(), [&](const std::string& id, const std::string& bytes) {
    auto record = decode_case(bytes);
    if (!record) return record.error();
    recovery.cases.push_back({.id = CaseId(id), .value = *std::move(record)});
    return std::string();
  });
  each(posts, keys_.posts(), [&](const std::string& id, const std::string& bytes) {
    auto post = decode_post(EventId(id), bytes);
    if (!post) return post.error();
    recovery.posts.push_back(*std::move(post));
    return std::string();
  });
  std::ranges::sort(recovery.cases, {}, &Recovery::Case::id);
  std::ranges::sort(recovery.posts, {}, &scheduler::Post::id);
  return {};
}

/// What the `due` set names, with the length of each shelf. A shelf that was taken bare and not declared empty is none.
Awaitable<StoreResult<Recovery>> RedisPartitionStore::with_due(Recovery recovery, Value due) {
  if (!due.is(Type::array)) co_return std::unexpected(store_error(due, keys_.due()));
  Operation lengths;
  for (const Value& item : due.items) {
    const auto member = parse_due_member(item.text);
    if (!member) co_return std::unexpected(corrupt(keys_.due(), fmt::format("member \"{}\" is not Dun's", item.text)));
    if (!member->shelf) {
      recovery.timer_minutes.push_back(member->minute);
      continue;
    }
    recovery.shelves.push_back({.key = *member->shelf, .entries = 0});
    lengths.push_back({"LLEN", keys_.lane(*member->shelf)});
  }
  std::ranges::sort(recovery.timer_minutes);
  if (lengths.empty()) co_return recovery;
  const auto replies = co_await ask(link_, std::move(lengths));
  if (!replies) co_return std::unexpected(replies.error());
  for (std::size_t i = 0; i < replies->size(); ++i) {
    Recovery::Shelf& shelf = recovery.shelves[i];
    if (!(*replies)[i].is(Type::integer)) co_return std::unexpected(store_error((*replies)[i], keys_.lane(shelf.key)));
    shelf.entries = static_cast<std::uint64_t>((*replies)[i].number);
  }
  std::erase_if(recovery.shelves, [](const Recovery::Shelf& shelf) { return shelf.entries == 0; });
  std::ranges::sort(recovery.shelves, {}, &Recovery::Shelf::key);
  co_return recovery;
}

void RedisPartitionStore::remark(std::string reason, std::string what) {
  if (options_.on_remark) options_.on_remark(what);
  remarks_.push_back({.type = OutcomeType::alert_raised, .reasons = {std::move(reason)}, .detail = std::move(what)});
}

/// A stream that this partition writes to and that takes nothing more would fail every commit for ever.
Awaitable<StoreResult<void>> RedisPartitionStore::renew_outputs() {
  for (const std::string& key : {keys_.journal(), keys_.outcomes(), keys_.rejected()}) {
    const auto replies = co_await ask(link_, {ask_facts(key)});
    if (!replies) co_return std::unexpected(replies.error());
    const auto facts = take_facts(replies->front(), key);
    if (!facts) co_return std::unexpected(facts.error());
    if (!facts->exhausted()) continue;
    auto renewal = co_await plan_renewal(link_, key);
    if (!renewal) co_return std::unexpected(renewal.error());
    const auto renewed = co_await lease_.commit(std::move(renewal->writes));
    if (!renewed) co_return std::unexpected(renewed.error());
    remark("stream.exhausted",
           fmt::format("somebody added the last possible id to {}, behind which Redis takes nothing; "
                       "{} such entries were removed, and it goes on behind {}",
                       key, renewal->removed.size(), to_text(renewal->end)));
  }
  co_return StoreResult<void>();
}

/// Everything up to the last possible id has been read and committed, and nothing can have been added since: the stream
/// goes on behind its last entry that a clock made, and so does the cursor.
Awaitable<StoreResult<StreamId>> RedisPartitionStore::renew_events() {
  auto renewal = co_await plan_renewal(link_, keys_.events());
  if (!renewal) co_return std::unexpected(renewal.error());
  renewal->writes.push_back({"HSET", keys_.meta(), "cursor", to_text(renewal->end)});
  const auto renewed = co_await lease_.commit(std::move(renewal->writes));
  if (!renewed) co_return std::unexpected(renewed.error());
  remark("stream.exhausted", fmt::format("somebody added the last possible id to {}, behind which Redis takes nothing; "
                                         "everything there has been read, and the stream goes on behind {}",
                                         keys_.events(), to_text(renewal->end)));
  co_return renewal->end;
}

/// Where the front door ends is told by its last entry, which comes along whole and may be large. It is asked for only
/// where a barrier is to be set: whoever waits for one that stands looks all the time. What has been routed is not
/// fetched again either.
Operation RedisPartitionStore::look_at_door(bool sets_barrier) const {
  Operation look = {{"HMGET", keyspace_.router_meta(), "cursor", "hold_until"}};
  if (sets_barrier) look.insert(look.begin(), last_of_stream(keyspace_.front_door(), routed_));
  return look;
}

StoreResult<RedisPartitionStore::Door> RedisPartitionStore::take_door(std::vector<Value>::iterator& replies,
                                                                      bool sets_barrier) const {
  const auto end = take_last_id(sets_barrier ? std::move(*replies++) : Value(), keyspace_.front_door());
  const Value& routed = *replies++;
  if (!end) return std::unexpected(end.error());
  if (routed.items.size() != 2) return std::unexpected(store_error(routed, keyspace_.router_meta()));
  return Door{.last = std::max(*end, routed_),
              .routed = parse_stream_id(routed.items[0].text).value_or(StreamId()),
              .hold_until = read_hold(routed.items[1])};
}

/// The events of a reply, of which one more than `most` was asked for.
StoreResult<void> RedisPartitionStore::take_events(Value&& found, std::size_t most, ReadReply& reply) {
  const std::size_t count = found.items.size();
  auto events = take_entries(std::move(found), keys_.events());
  if (!events) return std::unexpected(std::move(events).error());
  reply.events = *std::move(events);
  reply.more = count > most || count > reply.events.size();
  if (reply.events.size() > most) reply.events.resize(most);
  const bool strange = std::ranges::any_of(reply.events, [](const StreamEntry& entry) { return entry.oversize > 0; });
  piece_ = strange ? 1 : std::min(2 * piece_, piece_max);
  return {};
}

bool RedisPartitionStore::must_audit() const {
  return !audited_at_ || std::chrono::steady_clock::now() - *audited_at_ >= options_.audit_every;
}

/// True if what was read is to be read again: the stream bears our mark from now on, or is another one and is read from
/// its start.
Awaitable<StoreResult<bool>> RedisPartitionStore::keep_mark(const Value& groups, StreamId after) {
  const auto found = take_mark(groups, keys_.events());
  if (!found) co_return std::unexpected(found.error());
  if (*found == (marked_ ? Mark::there : Mark::no_stream)) co_return false;
  Operation writes = set_mark(*found, keys_.events(), keys_.meta());
  const bool replaced = marked_ && *found != Mark::there;
  Tally::Finding finding;
  if (replaced) {
    finding = tally_.replaced(read_);
    writes.push_back({"HSET", keys_.meta(), "cursor", to_text(StreamId()), "missed", std::to_string(*tally_.missed())});
  }
  const auto committed = co_await lease_.commit(std::move(writes));
  if (!committed) co_return std::unexpected(committed.error());
  marked_ = true;
  tell(finding);
  if (replaced) moved_ = Moved{.from = after, .to = StreamId()};
  co_return true;
}

/// True if the stream is another one, below the cursor: then `reply` holds its first events.
Awaitable<StoreResult<bool>> RedisPartitionStore::audit(const Value& facts, StreamId after, ReadReply& reply) {
  const auto found = take_facts(facts, keys_.events());
  if (!found) co_return std::unexpected(found.error());
  const auto finding = tally_.look(
      {.facts = *found, .cursor = after, .before = read_, .now = reply.events.size(), .to_end = !reply.more});
  tell(finding);
  audited_at_ = std::chrono::steady_clock::now();
  if (found->last >= after) co_return false;
  auto replies = co_await ask(link_, {read_stream(keys_.events(), StreamId(), piece_max + 1)});
  if (!replies) co_return std::unexpected(replies.error());
  const auto taken = take_events(std::move(replies->front()), piece_max, reply);
  if (!taken) co_return std::unexpected(taken.error());
  co_return true;
}

void RedisPartitionStore::tell(Tally::Finding finding) {
  if (finding.begun_anew)
    remark("stream.begun_anew",
           fmt::format("{} was deleted or replaced by others and is read from where it begins now{}", keys_.events(),
                       finding.lost == 0 ? "" : fmt::format("; {} events in it had not been read", finding.lost)));
  else if (finding.lost > 0)
    remark("stream.unread_lost",
           fmt::format("{} events of {} were removed before they were read (XADD with MAXLEN or MINID, XTRIM, XDEL by "
                       "others): what they said is not known here; publish them again",
                       finding.lost, keys_.events()));
}

Awaitable<StoreResult<ReadReply>> RedisPartitionStore::read(ReadRequest request) {
  if (moved_ && (moved_->passed || request.after != moved_->from)) moved_.reset();
  StreamId after = moved_ ? moved_->to : request.after;
  if (after == last_possible_id) {
    const auto renewed = co_await renew_events();
    if (!renewed) co_return std::unexpected(renewed.error());
    moved_ = Moved{.from = request.after, .to = *renewed};
    after = *renewed;
  }
  // In this order, for the ingest barrier: the router writes to the partitions before it moves its cursor, so when the
  // cursor had reached the front door's last entry, all of that was in the partitions before their streams are read.
  // In a cluster the order costs a round trip; and where the front door is away, what is in the partition is read all
  // the same.
  StoreResult<Door> door;
  const bool sets_barrier = request.new_barrier || !barrier_;
  Operation operation = look_at_door(sets_barrier);
  if (door_ != nullptr) {
    auto replies = co_await ask(*door_, std::exchange(operation, {}));
    if (auto at = replies ? replies->begin() : std::vector<Value>::iterator(); replies)
      door = take_door(at, sets_barrier);
    else
      door = std::unexpected(replies.error());
  }
  const bool audited = must_audit();
  if (audited) operation.push_back(ask_facts(keys_.events()));
  const std::size_t piece = piece_;
  const std::size_t events_max = std::min(request.events_max, piece);
  // One more than is wanted, to see whether there is more.
  operation.push_back(read_stream(keys_.events(), after, events_max + 1));
  operation.push_back(ask_mark(keys_.events()));
  ask_for_lists(request, keys_, operation);
  auto replies = co_await lease_.finish_under(link_.start(std::move(operation)));
  if (!replies) co_return std::unexpected(replies.error());

  ReadReply reply;
  auto next = replies->begin();
  if (door_ == nullptr) door = take_door(next, sets_barrier);
  if (!door && (door_ == nullptr || door.error().kind != Kind::unavailable)) co_return std::unexpected(door.error());
  if (door) routed_ = door->routed;
  const Value facts = audited ? std::move(*next++) : Value();
  if (const auto taken = take_events(std::move(*next++), events_max, reply); !taken)
    co_return std::unexpected(taken.error());
  const auto again = co_await keep_mark(*next++, request.after);
  if (!again) co_return std::unexpected(again.error());
  if (*again) {
    piece_ = piece;
    co_return co_await read(std::move(request));
  }
  if (audited) {
    const auto from_start = co_await audit(facts, after, reply);
    if (!from_start) co_return std::unexpected(from_start.error());
    if (*from_start) moved_ = Moved{.from = request.after, .to = StreamId()};
  }
  if (moved_ && !reply.events.empty()) moved_->passed = reply.events.back().id == moved_->from;
  // Producers may never pause, so the barrier is where the front door ended when it was set, not where it ends now.
  if (door && sets_barrier) barrier_ = Barrier{.as_of = request.now, .door = door->last};
  if (door) reply.as_of = barrier_->as_of;
  // What a failover lost and its producer has not sent again is not there to be read: the barrier is out of reach.
  const bool held = !door || std::max(takeover_.hold_until(), door->hold_until) > wall_time();
  reply.at_end = !held && !reply.more && door->routed >= barrier_->door;
  if (const auto taken = take_lists(request, keys_, next, reply); !taken) co_return std::unexpected(taken.error());
  // Whoever waits for the barrier looks all the time; this one is far.
  if (held && reply.events.empty()) co_await async::sleep(far_barrier_pause);
  co_return reply;
}

Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> RedisPartitionStore::load(
    std::vector<AccountId> accounts) {
  std::vector<std::optional<AccountRecord>> records(accounts.size());
  if (accounts.empty()) co_return records;
  struct Group {
    Command command;
    std::vector<std::size_t> positions;
  };
  std::map<std::uint32_t, Group> groups;
  for (std::size_t i = 0; i < accounts.size(); ++i) {
    const std::uint32_t bucket = bucket_of(accounts[i], options_.buckets);
    Group& group = groups[bucket];
    if (group.command.empty()) group.command = {"HMGET", keys_.bucket(bucket)};
    group.command.push_back(accounts[i].str());
    group.positions.push_back(i);
  }
  Operation operation;
  operation.reserve(groups.size());
  for (auto& [bucket, group] : groups) operation.push_back(std::move(group.command));
  const auto replies = co_await ask(link_, std::move(operation));
  if (!replies) co_return std::unexpected(replies.error());
  auto reply = replies->begin();
  for (const auto& [bucket, group] : groups) {
    const Value& found = *reply++;
    if (!found.is(Type::array) || found.items.size() != group.positions.size())
      co_return std::unexpected(store_error(found, keys_.bucket(bucket)));
    for (std::size_t i = 0; i < group.positions.size(); ++i) {
      if (found.items[i].is(Type::nil)) continue;
      auto record = decode_record(found.items[i].text);
      if (record)
        records[group.positions[i]] = *std::move(record);
      else
        unreadable_[accounts[group.positions[i]].str()] = {
            .key = keys_.bucket(bucket), .bytes = found.items[i].text, .problem = record.error()};
    }
  }
  co_return records;
}

/// What the journal says of it is what `dun explain` shows.
void RedisPartitionStore::set_aside(Commit& commit, Operation& writes) const {
  for (const auto& [field, record] : unreadable_) {
    writes.push_back({"HSET", keys_.unreadable(), field, record.bytes});
    writes.push_back({"HDEL", record.key, field});
    const bool account = is_account_id(field);
    commit.journal.push_back(
        {.at = commit.at,
         .type = OutcomeType::alert_raised,
         .account = account ? AccountId(field) : AccountId(),
         .reasons = {"store.unreadable_record"},
         .detail =
             fmt::format("{} could not be read and was set aside in {}: {}{}", account ? "the account's record" : field,
                         keys_.unreadable(), record.problem, account ? "; the account goes on as a new one" : "")});
  }
}

/// The front door leads to every partition, of a cluster too.
Awaitable<StoreResult<void>> RedisPartitionStore::bring(scheduler::Post post) {
  Operation operation = {append_to_stream(keyspace_.front_door(), post.fields)};
  append_wait(operation, options_.replication);
  const auto replies = co_await ask(door_ != nullptr ? *door_ : link_, std::move(operation));
  if (!replies) co_return std::unexpected(replies.error());
  if (replies->front().is(Type::error))
    co_return std::unexpected(store_error(replies->front(), keyspace_.front_door()));
  co_return check_wait(*replies, options_.replication, keyspace_.front_door());
}

Awaitable<StoreResult<void>> RedisPartitionStore::commit(Commit commit) {
  if (commit.epoch != lease_.epoch())
    co_return std::unexpected(StoreError{
        .kind = Kind::fenced,
        .message = fmt::format("a commit of epoch {} where this store is at epoch {}", commit.epoch, lease_.epoch())});
  if (moved_ && !moved_->passed && commit.cursor == moved_->from) commit.cursor = moved_->to;
  for (const Outcome& remark : remarks_) {
    commit.journal.push_back(remark);
    commit.journal.back().at = commit.at;
    commit.journal.back().policy = commit.policy.substr(0, commit.policy.find('@'));
  }
  Operation writes;
  set_aside(commit, writes);
  if (const auto missed = tally_.missed()) writes.push_back({"HSET", keys_.meta(), "missed", std::to_string(*missed)});
  std::ranges::move(
      commit_commands(commit, keys_, options_.buckets, options_.published, options_.retention.rejected_max),
      std::back_inserter(writes));
  // What was too large is told by what became of it; the entry itself would be in the way of whoever looks there.
  Command removal = {"XDEL", keys_.events()};
  for (const scheduler::RejectedEntry& entry : commit.rejected)
    if (entry.original.oversize > 0) removal.push_back(to_text(entry.original.id));
  if (removal.size() > 2) writes.push_back(std::move(removal));
  const auto journal = std::ranges::find_if(
      writes, [&](const Command& command) { return command[0] == "XADD" && command[1] == keys_.journal(); });
  const auto position = static_cast<std::size_t>(journal - writes.begin());
  const bool journaled = journal != writes.end();
  const bool trim = --commits_until_trim_ <= 0 && server_ms_ != 0;
  if (trim) add_trimming(writes, commit.cursor);
  const auto replies = co_await lease_.commit(std::move(writes));
  if (!replies) co_return std::unexpected(replies.error());
  unreadable_.clear();
  remarks_.clear();
  committed_ = true;
  read_ = commit.counters.read;
  if (trim) commits_until_trim_ = options_.trim_every;
  if (journaled) server_ms_ = journal_time(*replies, position);
  co_return StoreResult<void>();
}

void RedisPartitionStore::add_trimming(Operation& writes, StreamId cursor) const {
  const auto before = [&](std::chrono::hours kept) {
    const auto span = static_cast<std::uint64_t>(Millis(kept).count());
    return StreamId{.ms = server_ms_ > span ? server_ms_ - span : 0, .seq = 0};
  };
  const auto trim = [&](const std::string& key, StreamId first_kept) {
    writes.push_back({"XTRIM", key, "MINID", "~", to_text(first_kept)});
  };
  trim(keys_.events(), std::min(cursor, before(options_.retention.events)));
  trim(keys_.journal(), before(options_.retention.journal));
  trim(keys_.outcomes(), before(options_.retention.outcomes));
  trim(keys_.rejected(), before(options_.retention.rejected));
}

/// A full server refuses the lease, and so every commit that would trim. What is past its retention is nobody's any
/// more, whoever owns the partition, so that a shorter retention and a restart make room without anybody editing Redis.
Awaitable<void> RedisPartitionStore::make_room() {
  const auto found = co_await ask(link_, {last_of_stream(keys_.journal()), {"HGET", keys_.meta(), "cursor"}});
  if (!found) co_return;
  const auto newest = take_last_id(Value(found->front()), keys_.journal());
  const auto cursor = parse_stream_id(found->back().text);
  if (!newest || !cursor) co_return;
  server_ms_ = newest->ms;
  Operation trimming;
  add_trimming(trimming, *cursor);
  (void)co_await link_.execute(std::move(trimming));
}

Awaitable<void> RedisPartitionStore::release() {
  co_await lease_.release();
}

Awaitable<void> RedisPartitionStore::close() {
  co_await link_.close();
}

}  // namespace dun::redis
