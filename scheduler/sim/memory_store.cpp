#include "scheduler/sim/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace dun::scheduler {
namespace {

void apply(std::map<ShelfKey, std::deque<ShelfEntry>>& shelves, Commit::ShelfChange change) {
  std::deque<ShelfEntry>& shelf = shelves[change.key];
  shelf.erase(shelf.begin(), shelf.begin() + static_cast<std::ptrdiff_t>(std::min(change.take, shelf.size())));
  shelf.insert(shelf.begin(), change.put_back.begin(), change.put_back.end());
  shelf.insert(shelf.end(), change.append.begin(), change.append.end());
  if (shelf.empty()) shelves.erase(change.key);
}

template <typename List, typename Wanted>
std::vector<typename List::value_type> part_of(const List& list, const Wanted& wanted) {
  const std::size_t skip = std::min(wanted.skip, list.size());
  const auto first = list.begin() + static_cast<std::ptrdiff_t>(skip);
  return {first, first + static_cast<std::ptrdiff_t>(std::min(wanted.count, list.size() - skip))};
}

/// What a store does not keep is not to be found again after loading.
AccountRecord stored(AccountRecord record) {
  for (PendingNotice& notice : record.pending) notice.in_flight = false;
  return record;
}

}  // namespace

StreamId MemoryPartition::add(Fields fields) {
  last_id = {.ms = last_id.ms, .seq = last_id.seq + 1};
  events.push_back({.id = last_id, .fields = std::move(fields)});
  return last_id;
}

MemoryStore::MemoryStore(std::shared_ptr<MemoryPartition> partition, std::string owner, const Clock& clock,
                         Millis lease)
    : partition_(std::move(partition)), owner_(std::move(owner)), clock_(clock), lease_(lease) {}

bool MemoryStore::holds_lease() const {
  return partition_->owner == owner_ && partition_->epoch == epoch_ && clock_.now() < partition_->lease_until;
}

StoreResult<Recovery> MemoryStore::acquire_now() {
  MemoryPartition& state = *partition_;
  if (!state.owner.empty() && state.owner != owner_ && clock_.now() < state.lease_until)
    return std::unexpected(StoreError{StoreError::Kind::owned, "it is owned by " + state.owner});
  state.owner = owner_;
  state.lease_until = clock_.now() + lease_;
  epoch_ = ++state.epoch;
  Recovery recovery{.epoch = epoch_,
                    .cursor = state.cursor,
                    .counters = state.counters,
                    .policy = state.policy,
                    .at = state.committed_at};
  for (const auto& [key, entries] : state.shelves) recovery.shelves.push_back({.key = key, .entries = entries.size()});
  for (const auto& [minute, entries] : state.timers) recovery.timer_minutes.push_back(minute);
  for (const auto& [id, entry] : state.in_flight) recovery.in_flight.push_back(entry);
  for (const auto& [id, record] : state.cases) recovery.cases.push_back({.id = id, .value = record});
  recovery.posts = state.posts;
  return recovery;
}

StoreResult<ReadReply> MemoryStore::read_now(const ReadRequest& request) {
  const MemoryPartition& state = *partition_;
  ReadReply reply;
  auto next = std::ranges::upper_bound(state.events, request.after, {}, &StreamEntry::id);
  for (; next != state.events.end() && reply.events.size() < request.events_max; ++next) reply.events.push_back(*next);
  if (request.new_barrier || !barrier_) barrier_ = Barrier{.as_of = request.now, .front_door = state.front_door};
  reply.at_end = next == state.events.end() && state.front_door_routed >= barrier_->front_door;
  reply.as_of = barrier_->as_of;
  for (const ReadRequest::Shelf& wanted : request.shelves) {
    const auto shelf = state.shelves.find(wanted.key);
    reply.shelves.push_back(shelf == state.shelves.end() ? std::vector<ShelfEntry>() : part_of(shelf->second, wanted));
  }
  for (const ReadRequest::Minute& wanted : request.timers) {
    const auto timers = state.timers.find(wanted.minute);
    reply.timers.push_back(timers == state.timers.end() ? std::vector<TimerEntry>() : part_of(timers->second, wanted));
  }
  return reply;
}

StoreResult<std::vector<std::optional<AccountRecord>>> MemoryStore::load_now(const std::vector<AccountId>& accounts) {
  std::vector<std::optional<AccountRecord>> records;
  records.reserve(accounts.size());
  for (const AccountId& account : accounts) {
    const auto at = partition_->records.find(account);
    records.push_back(at == partition_->records.end() ? std::nullopt : std::optional(at->second));
  }
  return records;
}

StoreResult<void> MemoryStore::commit_now(Commit commit) {
  if (!holds_lease() || commit.epoch != epoch_)
    return std::unexpected(
        StoreError{StoreError::Kind::fenced, "the lease ran out or was taken by " + partition_->owner});
  MemoryPartition& state = *partition_;
  state.lease_until = clock_.now() + lease_;
  state.cursor = commit.cursor;
  state.counters = commit.counters;
  state.policy = commit.policy;
  state.committed_at = commit.at;
  while (!state.events.empty() && state.events.front().id <= state.cursor) state.events.pop_front();
  for (Commit::Record& record : commit.records) {
    if (record.value)
      state.records.insert_or_assign(std::move(record.account), stored(*std::move(record.value)));
    else
      state.records.erase(record.account);
  }
  for (Commit::ShelfChange& change : commit.shelves) apply(state.shelves, std::move(change));
  for (Commit::TimerChange& change : commit.timers) {
    std::vector<TimerEntry>& timers = state.timers[change.minute];
    if (change.drop) timers.clear();
    std::ranges::move(change.append, std::back_inserter(timers));
    if (timers.empty()) state.timers.erase(change.minute);
  }
  for (const NoticeId& notice : commit.settled) state.in_flight.erase(notice);
  for (InFlight& claim : commit.claims) {
    const NoticeId id = claim.notice;
    state.in_flight.insert_or_assign(id, std::move(claim));
  }
  for (Commit::Case& each : commit.cases) {
    if (each.value)
      state.cases.insert_or_assign(std::move(each.id), *std::move(each.value));
    else
      state.cases.erase(each.id);
  }
  for (const EventId& id : commit.brought) std::erase_if(state.posts, [&](const Post& post) { return post.id == id; });
  std::ranges::move(commit.posts, std::back_inserter(state.posts));
  std::ranges::move(commit.journal, std::back_inserter(state.journal));
  std::ranges::move(commit.rejected, std::back_inserter(state.rejected));
  return {};
}

StoreResult<void> MemoryStore::bring_now(Post post) {
  if (carrier_)
    carrier_(post);
  else
    partition_->add(std::move(post.fields));
  return {};
}

void MemoryStore::release_now() {
  if (partition_->owner == owner_ && partition_->epoch == epoch_) partition_->owner.clear();
}

Awaitable<StoreResult<Recovery>> MemoryStore::acquire() {
  co_return acquire_now();
}
Awaitable<StoreResult<ReadReply>> MemoryStore::read(ReadRequest request) {
  co_return read_now(request);
}
Awaitable<StoreResult<std::vector<std::optional<AccountRecord>>>> MemoryStore::load(std::vector<AccountId> accounts) {
  co_return load_now(accounts);
}
Awaitable<StoreResult<void>> MemoryStore::bring(Post post) {
  co_return bring_now(std::move(post));
}
Awaitable<StoreResult<void>> MemoryStore::commit(Commit commit) {
  co_return commit_now(std::move(commit));
}
Awaitable<void> MemoryStore::release() {
  release_now();
  co_return;
}

}  // namespace dun::scheduler
