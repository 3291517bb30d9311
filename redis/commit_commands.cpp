#include "redis/commit_commands.hpp"

#include "redis/codec.hpp"
#include "redis/meta.hpp"
#include "redis/stream.hpp"

#include <array>
#include <map>
#include <ranges>

namespace dun::redis {
namespace {

using scheduler::Commit;

constexpr std::string_view original_prefix = "original.";

/// What the `due` set is in order of.
std::string score(scheduler::ShelfSecond opens) {
  return std::to_string(opens.time_since_epoch().count());
}

void add_records(Operation& out, const Commit& commit, const PartitionKeys& keys, std::uint32_t buckets) {
  std::map<std::uint32_t, Command> set, removed;
  for (const Commit::Record& record : commit.records) {
    const std::uint32_t bucket = bucket_of(record.account, buckets);
    Command& command = (record.value ? set : removed)[bucket];
    if (command.empty()) command = {record.value ? "HSET" : "HDEL", keys.bucket(bucket)};
    command.push_back(record.account.str());
    if (record.value) command.push_back(encode(*record.value));
  }
  for (Command& command : set | std::views::values) out.push_back(std::move(command));
  for (Command& command : removed | std::views::values) out.push_back(std::move(command));
}

void add_shelves(Operation& out, const Commit& commit, const PartitionKeys& keys, Command& due_added,
                 Command& due_removed) {
  for (const Commit::ShelfChange& change : commit.shelves) {
    const std::string key = keys.lane(change.key);
    if (change.emptied) {
      out.push_back({"UNLINK", key});
      due_removed.push_back(due_member(change.key));
      continue;
    }
    if (change.take > 0) out.push_back({"LTRIM", key, std::to_string(change.take), "-1"});
    if (!change.put_back.empty()) {
      Command& command = out.emplace_back(Command{"LPUSH", key});
      for (const auto& entry : change.put_back | std::views::reverse) command.push_back(encode(entry, change.key));
    }
    if (!change.append.empty()) {
      Command& command = out.emplace_back(Command{"RPUSH", key});
      for (const auto& entry : change.append) command.push_back(encode(entry, change.key));
    }
    if (change.put_back.empty() && change.append.empty()) continue;
    due_added.push_back(score(change.key.at));
    due_added.push_back(due_member(change.key));
  }
}

void add_timers(Operation& out, const Commit& commit, const PartitionKeys& keys, Command& due_added,
                Command& due_removed) {
  for (const Commit::TimerChange& change : commit.timers) {
    const std::string key = keys.timers(change.minute);
    if (change.drop) {
      out.push_back({"UNLINK", key});
      due_removed.push_back(due_member(change.minute));
    }
    if (change.append.empty()) continue;
    Command& command = out.emplace_back(Command{"RPUSH", key});
    for (const auto& entry : change.append) command.push_back(encode(entry, change.minute));
    due_added.push_back(score(change.minute));
    due_added.push_back(due_member(change.minute));
  }
}

void add_in_flight(Operation& out, const Commit& commit, const PartitionKeys& keys) {
  if (!commit.settled.empty()) {
    Command& command = out.emplace_back(Command{"HDEL", keys.in_flight()});
    for (const NoticeId& notice : commit.settled) command.push_back(notice.str());
  }
  if (commit.claims.empty()) return;
  Command& command = out.emplace_back(Command{"HSET", keys.in_flight()});
  for (const scheduler::InFlight& claim : commit.claims) {
    command.push_back(claim.notice.str());
    command.push_back(encode(claim));
  }
}

void add_cases(Operation& out, const Commit& commit, const PartitionKeys& keys) {
  Command set = {"HSET", keys.cases()}, removed = {"HDEL", keys.cases()};
  for (const Commit::Case& each : commit.cases) {
    Command& command = each.value ? set : removed;
    command.push_back(each.id.str());
    if (each.value) command.push_back(encode(*each.value));
  }
  Command posted = {"HSET", keys.posts()}, brought = {"HDEL", keys.posts()};
  for (const scheduler::Post& post : commit.posts) {
    posted.push_back(post.id.str());
    posted.push_back(encode(post));
  }
  for (const EventId& id : commit.brought) brought.push_back(id.str());
  for (Command* command : {&set, &removed, &brought, &posted})
    if (command->size() > 2) out.push_back(std::move(*command));
}

}  // namespace

Operation commit_commands(const Commit& commit, const PartitionKeys& keys, std::uint32_t buckets,
                          const OutcomeFilter& published, int rejected_max) {
  Operation out = {write_meta(
      keys.meta(), {.cursor = commit.cursor, .counters = commit.counters, .policy = commit.policy, .at = commit.at})};
  add_records(out, commit, keys, buckets);
  Command due_removed = {"ZREM", keys.due()};
  Command due_added = {"ZADD", keys.due()};
  add_shelves(out, commit, keys, due_added, due_removed);
  add_timers(out, commit, keys, due_added, due_removed);
  // Removed first: a minute that is dropped and begun again in one commit stays.
  if (due_removed.size() > 2) out.push_back(std::move(due_removed));
  if (due_added.size() > 2) out.push_back(std::move(due_added));
  add_in_flight(out, commit, keys);
  add_cases(out, commit, keys);
  if (!commit.journal.empty())
    out.push_back({"XADD", keys.journal(), "*", "o", encode_journal(commit.at, commit.journal)});
  for (const Outcome& outcome : commit.journal)
    if (published.has(outcome.type)) out.push_back(append_to_stream(keys.outcomes(), dun::to_fields(outcome)));
  for (const auto& entry : commit.rejected) {
    Command& command = out.emplace_back(append_to_stream(keys.rejected(), to_fields(entry)));
    const std::array<std::string, 3> bound = {"MAXLEN", "~", std::to_string(rejected_max)};
    command.insert(command.begin() + 2, bound.begin(), bound.end());
  }
  return out;
}

Fields to_fields(const scheduler::RejectedEntry& entry) {
  Fields fields = {{"reason", entry.reason},
                   {"field", entry.field},
                   {"at", to_rfc3339(entry.at)},
                   {"stream_id", to_text(entry.original.id)}};
  if (entry.original.oversize > 0) fields.emplace_back("original_bytes", std::to_string(entry.original.oversize));
  for (const auto& [name, value] : entry.original.fields)
    fields.emplace_back(std::string(original_prefix) + name, value);
  return fields;
}

scheduler::RejectedEntry rejected_from_fields(const Fields& fields) {
  scheduler::RejectedEntry entry;
  for (const auto& [name, value] : fields) {
    if (name.starts_with(original_prefix))
      entry.original.fields.emplace_back(name.substr(original_prefix.size()), value);
    else if (name == "reason")
      entry.reason = value;
    else if (name == "field")
      entry.field = value;
    else if (name == "at")
      entry.at = parse_rfc3339(value).value_or(Instant());
    else if (name == "original_bytes")
      entry.original.oversize = static_cast<std::uint64_t>(text_value(value).to_number());
    else if (name == "stream_id")
      entry.original.id = parse_stream_id(value).value_or(StreamId());
  }
  return entry;
}

}  // namespace dun::redis
