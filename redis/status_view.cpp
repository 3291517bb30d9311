#include "redis/codec.hpp"
#include "redis/meta.hpp"
#include "redis/processes.hpp"
#include "redis/views.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace dun::redis {

using Type = Value::Type;
namespace {

/// Keys beside the commands that read them, so that an error reply can be told with its key.
class Questions {
 public:
  std::size_t add(Command command) {
    keys_.push_back(command.at(1));
    operation_.push_back(std::move(command));
    return keys_.size() - 1;
  }
  Awaitable<StoreResult<std::vector<Value>>> ask(Link& link) {
    auto replies = co_await redis::ask(link, std::move(operation_));
    if (!replies) co_return std::unexpected(replies.error());
    for (std::size_t i = 0; i < replies->size(); ++i)
      if ((*replies)[i].is(Type::error)) co_return std::unexpected(store_error((*replies)[i], keys_[i]));
    co_return *std::move(replies);
  }

 private:
  Operation operation_;
  std::vector<std::string> keys_;
};

std::uint64_t to_count(const Value& value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value.to_number(), 0));
}

LeaseStatus lease_status(const Value& lease, const Value& ttl) {
  LeaseStatus status;
  if (!lease.is(Type::text)) return status;
  const std::size_t space = std::min(lease.text.rfind(' '), lease.text.size());
  status.owner = lease.text.substr(0, space);
  status.epoch = to_count(text_value(lease.text.substr(std::min(space + 1, lease.text.size()))));
  status.left = Millis(std::max<std::int64_t>(ttl.number, 0));
  return status;
}

StoreError unreadable(const std::string& key, const std::string& problem) {
  return {.kind = StoreError::Kind::corrupt, .message = key + ": " + problem};
}

/// What a list of names and values says of a name; nil where it says nothing.
Value value_named(const Value& list, std::string_view name) {
  for (std::size_t i = 0; i + 1 < list.items.size(); i += 2)
    if (list.items[i].text == name) return list.items[i + 1];
  return {};
}

Awaitable<StoreResult<PartitionStatus>> with_unread(Link& link, PartitionKeys keys, std::int64_t missed,
                                                    PartitionStatus status) {
  auto replies = co_await ask(link, {read_stream(keys.events(), status.cursor, 1), {"XINFO", "STREAM", keys.events()}});
  if (!replies) co_return std::unexpected(replies.error());
  const auto unread = take_entries(std::move((*replies)[0]), keys.events());
  if (!unread) co_return std::unexpected(unread.error());
  if (unread->empty()) co_return status;
  status.oldest_unread = unread->front().id;
  // Redis knows how many entries the stream ever had, and the engine has counted those it read.
  const auto ever = static_cast<std::int64_t>(to_count(value_named((*replies)[1], "entries-added")));
  const auto read = static_cast<std::int64_t>(status.counters.read);
  status.unread = static_cast<std::uint64_t>(std::max<std::int64_t>(1, ever - missed - read));
  co_return status;
}

Awaitable<StoreResult<PartitionStatus>> with_shelves(Link& link, PartitionKeys keys, PartitionStatus status,
                                                     Value due) {
  Questions lengths;
  for (const Value& item : due.items) {
    const auto member = parse_due_member(item.text);
    if (!member) continue;
    if (!member->shelf) {
      ++status.timer_minutes;
      continue;
    }
    status.shelves.push_back({.key = *member->shelf, .entries = 0});
    lengths.add({"LLEN", keys.lane(*member->shelf)});
  }
  if (status.shelves.empty()) co_return status;
  const auto replies = co_await lengths.ask(link);
  if (!replies) co_return std::unexpected(replies.error());
  for (std::size_t i = 0; i < status.shelves.size(); ++i) status.shelves[i].entries = to_count((*replies)[i]);
  std::erase_if(status.shelves, [](const auto& shelf) { return shelf.entries == 0; });
  std::ranges::sort(status.shelves, {}, [](const auto& shelf) { return std::pair(shelf.key.at, shelf.key.lane); });
  co_return status;
}

}  // namespace

Awaitable<StoreResult<PartitionStatus>> read_partition_status(Links& links, Keyspace keyspace, int partition) {
  const PartitionKeys keys = keyspace.partition(partition);
  Link& link = links.to(keys.meta());
  Questions questions;
  const std::size_t lease = questions.add({"GET", keys.lease()});
  const std::size_t left = questions.add({"PTTL", keys.lease()});
  const std::size_t meta = questions.add({"HGETALL", keys.meta()});
  const std::size_t due = questions.add({"ZRANGE", keys.due(), "0", "-1"});
  const std::size_t in_flight = questions.add({"HLEN", keys.in_flight()});
  const std::size_t events = questions.add({"XLEN", keys.events()});
  const std::size_t journal = questions.add({"XLEN", keys.journal()});
  const std::size_t outcomes = questions.add({"XLEN", keys.outcomes()});
  const std::size_t rejected = questions.add({"XLEN", keys.rejected()});
  const std::size_t set_aside = questions.add({"HLEN", keys.unreadable()});
  auto replies = co_await questions.ask(link);
  if (!replies) co_return std::unexpected(replies.error());
  const auto facts = read_meta((*replies)[meta]);
  if (!facts) co_return std::unexpected(unreadable(keys.meta(), facts.error()));

  PartitionStatus status{.partition = partition,
                         .lease = lease_status((*replies)[lease], (*replies)[left]),
                         .cursor = facts->cursor,
                         .counters = facts->counters,
                         .in_flight = to_count((*replies)[in_flight]),
                         .hold_until = read_hold(value_named((*replies)[meta], "hold_until")),
                         .events = to_count((*replies)[events]),
                         .journal = to_count((*replies)[journal]),
                         .outcomes = to_count((*replies)[outcomes]),
                         .rejected = to_count((*replies)[rejected]),
                         .unreadable = to_count((*replies)[set_aside])};
  if (status.events > 0) {
    auto more = co_await with_unread(link, keys, facts->missed.value_or(0), std::move(status));
    if (!more) co_return std::unexpected(more.error());
    status = *std::move(more);
  }
  co_return co_await with_shelves(link, keys, std::move(status), std::move((*replies)[due]));
}

Awaitable<StoreResult<FrontDoorStatus>> read_front_door_status(Links& links, Keyspace keys) {
  Link& link = links.to(keys.front_door());
  Questions questions;
  const std::size_t lease = questions.add({"GET", keys.router_lease()});
  const std::size_t left = questions.add({"PTTL", keys.router_lease()});
  const std::size_t meta = questions.add({"HGETALL", keys.router_meta()});
  const std::size_t length = questions.add({"XLEN", keys.front_door()});
  const auto replies = co_await questions.ask(link);
  if (!replies) co_return std::unexpected(replies.error());
  const auto facts = read_meta((*replies)[meta]);
  if (!facts) co_return std::unexpected(unreadable(keys.router_meta(), facts.error()));
  FrontDoorStatus status{.lease = lease_status((*replies)[lease], (*replies)[left]),
                         .cursor = facts->cursor,
                         .length = to_count((*replies)[length]),
                         .hold_until = read_hold(value_named((*replies)[meta], "hold_until"))};
  auto next = co_await ask(link, {read_stream(keys.front_door(), status.cursor, 1)});
  if (!next) co_return std::unexpected(next.error());
  const auto entries = take_entries(std::move(next->front()), keys.front_door());
  if (!entries) co_return std::unexpected(entries.error());
  if (!entries->empty()) status.oldest_unrouted = entries->front().id;
  co_return status;
}

Awaitable<StoreResult<std::optional<TaskCase>>> read_task(Links& links, Keyspace keys, Installation installation,
                                                          AccountId account) {
  const std::string key = keys.partition(partition_of(account.str(), installation.partitions)).cases();
  const CaseId id = task_case(account);
  const auto replies = co_await ask(links, {{"HGET", key, id.str()}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& reply = replies->front();
  if (reply.is(Type::nil)) co_return std::optional<TaskCase>();
  if (!reply.is(Type::text)) co_return std::unexpected(store_error(reply, key));
  auto record = decode_case(reply.text);
  if (!record) co_return std::unexpected(unreadable(key, fmt::format("{}: {}", id.str(), record.error())));
  auto* task = std::get_if<TaskCase>(&*record);
  co_return task == nullptr ? std::optional<TaskCase>() : std::move(*task);
}

StatusView::StatusView(Links& links, Keyspace keys, int partitions)
    : links_(links), keys_(std::move(keys)), partitions_(partitions) {}

Awaitable<StoreResult<FrontDoorStatus>> StatusView::front_door() {
  return read_front_door_status(links_, keys_);
}

Awaitable<StoreResult<PartitionStatus>> StatusView::partition(int number) {
  return read_partition_status(links_, keys_, number);
}

Awaitable<StoreResult<std::vector<std::string>>> StatusView::processes() {
  auto running = co_await running_processes(links_.to(keys_.processes()), keys_);
  if (!running) co_return std::unexpected(running.error());
  std::vector<std::string> said;
  for (RunningProcess& process : *running) said.push_back(std::move(process.status));
  co_return said;
}

Awaitable<StoreResult<std::optional<AccountRecord>>> read_record(Links& links, Keyspace keys, Installation installation,
                                                                 AccountId account) {
  const int partition = partition_of(account.str(), installation.partitions);
  const std::string key = keys.partition(partition).bucket(bucket_of(account, installation.buckets));
  const auto replies = co_await ask(links, {{"HGET", key, account.str()}});
  if (!replies) co_return std::unexpected(replies.error());
  const Value& reply = replies->front();
  if (reply.is(Type::nil)) co_return std::optional<AccountRecord>();
  if (!reply.is(Type::text)) co_return std::unexpected(store_error(reply, key));
  auto record = decode_record(reply.text);
  if (!record) co_return std::unexpected(unreadable(key, fmt::format("account {}: {}", account.str(), record.error())));
  co_return *std::move(record);
}

}  // namespace dun::redis
