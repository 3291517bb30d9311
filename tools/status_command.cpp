// dun status: what waits, what goes, who does it.
#include "domain/zones.hpp"
#include "redis/processes.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"
#include "tools/times.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <map>

namespace {

using namespace dun;
using Json = nlohmann::ordered_json;

struct Options {
  tools::RedisOptions redis;
  bool json = false;
};

/// All of it, read partition by partition.
struct Status {
  redis::FrontDoorStatus door;
  std::vector<redis::PartitionStatus> partitions;
  std::vector<Json> processes;
};

constexpr std::size_t releases_shown = 12;

std::map<scheduler::ShelfSecond, std::uint64_t> releases(const Status& status) {
  std::map<scheduler::ShelfSecond, std::uint64_t> held;
  for (const auto& partition : status.partitions)
    for (const auto& shelf : partition.shelves) held[shelf.key.at] += shelf.entries;
  return held;
}

std::uint64_t held(const redis::PartitionStatus& partition) {
  std::uint64_t sum = 0;
  for (const auto& shelf : partition.shelves) sum += shelf.entries;
  return sum;
}

/// How much longer claims wait, because a replica of Redis took over.
std::int64_t held_ms(redis::WallTime until) {
  return std::max<std::int64_t>(0, (until - redis::wall_time()).count());
}

Json to_json(const Status& status) {
  Json json;
  json["front_door"] = {{"length", status.door.length},
                        {"router", status.door.lease.owner},
                        {"waits_ms", held_ms(status.door.hold_until)},
                        {"unrouted", status.door.oldest_unrouted.has_value()}};
  json["partitions"] = Json::array();
  for (const auto& partition : status.partitions) {
    const scheduler::Counters& counters = partition.counters;
    json["partitions"].push_back({{"partition", partition.partition},
                                  {"owner", partition.lease.owner},
                                  {"epoch", partition.lease.epoch},
                                  {"unread", partition.unread},
                                  {"held", held(partition)},
                                  {"in_flight", partition.in_flight},
                                  {"waits_ms", held_ms(partition.hold_until)},
                                  {"applied", counters.applied},
                                  {"duplicate", counters.duplicate},
                                  {"conflict", counters.conflict},
                                  {"superseded", counters.superseded},
                                  {"rejected", counters.rejected},
                                  {"sent", counters.sent},
                                  {"receipts", counters.receipts},
                                  {"receipts_unknown", counters.receipts_unknown},
                                  {"reports", counters.reports},
                                  {"refused", counters.refused},
                                  {"zone_unknown", counters.zone_unknown},
                                  {"unreadable", partition.unreadable}});
  }
  json["held_by_release"] = Json::array();
  for (const auto& [second, count] : releases(status))
    json["held_by_release"].push_back({{"at", to_rfc3339(second)}, {"notices", count}});
  json["processes"] = status.processes;
  return json;
}

std::string roles(const Json& process) {
  std::vector<std::string> names;
  for (const Json& role : process.value("roles", Json::array()))
    if (role.is_string()) names.push_back(role.get<std::string>());
  return fmt::format("{}", fmt::join(names, ","));
}

void print_partitions(const Status& status) {
  tools::say("partition  epoch    unread      held  in flight  owner\n");
  for (const auto& partition : status.partitions)
    tools::say("{:>9}  {:>5}  {:>8}  {:>8}  {:>9}  {}\n", partition.partition, partition.lease.epoch, partition.unread,
               held(partition), partition.in_flight, partition.lease.owner.empty() ? "nobody" : partition.lease.owner);
}

/// How far the review after a change of policies has come, of all partitions of a process that are at it.
void print_review(const Json& process) {
  std::uint64_t reviewed = 0;
  std::uint64_t of = 0;
  std::uint64_t minutes = 0;
  for (const Json& partition : process.value("partitions", Json::array())) {
    const Json review = partition.value("review", Json::object());
    reviewed += review.value("reviewed", std::uint64_t{0});
    of += review.value("of", std::uint64_t{0});
    minutes += review.value("timer_minutes", std::uint64_t{0});
  }
  if (of + minutes > 0)
    tools::say("  other policies: held notices looked at again: {} of {}, then the timers of {} minutes\n", reviewed,
               of, minutes);
}

void print_processes(const Status& status, const tools::LocalTimes& times) {
  if (status.processes.empty()) tools::say("no process is running\n");
  for (const Json& process : status.processes) {
    tools::say("process {}  roles {}  owns {} of its share of {}  policy {}  clock {}{}\n", process.value("owner", "?"),
               roles(process), process.value("owned", 0), process.value("share", 0), process.value("policy", "?"),
               times.text_of(process.value("now", "?")), process.value("stopping", false) ? "  stopping" : "");
    const auto written = parse_rfc3339(process.value("zones_written", ""));
    const auto now = parse_rfc3339(process.value("now", ""));
    if (written && now)
      tools::say("  time zones {}\n", describe({.name = process.value("zones", "?"), .written = *written}, *now));
    for (const Json& gateway : process.value("gateways", Json::array())) {
      tools::say(
          "  gateway {}: {:.1f} segments/s, {} in flight of {}, breaker {}, {} begun, {} taken, {} refused, "
          "{} throttled, {} down, {} without answer",
          gateway.value("name", "?"), gateway.value("rate", 0.0), gateway.value("open", 0), gateway.value("window", 0),
          gateway.value("breaker", "?"), gateway.value("begun", 0), gateway.value("taken", 0),
          gateway.value("refused", 0), gateway.value("throttled", 0), gateway.value("down", 0),
          gateway.value("without_answer", 0));
      if (gateway.contains("paused_ms")) tools::say(", paused for {} ms", gateway.value("paused_ms", 0));
      if (gateway.contains("refusal"))
        tools::say("; {} s ago it did not take one: {}", gateway.value("refusal_ms", std::int64_t{0}) / 1000,
                   gateway.value("refusal", ""));
      tools::say("\n");
    }
    for (const Json& alert : process.value("alerts", Json::array()))
      tools::say("  alert {}{}{} since {}: {}\n", alert.value("alert", "?"), alert.contains("subject") ? " " : "",
                 alert.value("subject", ""), times.text_of(alert.value("since", "?")), alert.value("detail", ""));
    print_review(process);
    for (const Json& partition : process.value("partitions", Json::array()))
      if (partition.contains("trouble"))
        tools::say("  partition {}: {}\n", partition.value("partition", 0), partition.value("trouble", ""));
  }
}

void print_text(const Status& status, const tools::LocalTimes& times) {
  scheduler::Counters sum;
  std::uint64_t unread = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t unreadable = 0;
  for (const auto& partition : status.partitions) {
    sum.applied += partition.counters.applied;
    sum.duplicate += partition.counters.duplicate;
    sum.conflict += partition.counters.conflict;
    sum.superseded += partition.counters.superseded;
    sum.rejected += partition.counters.rejected;
    sum.sent += partition.counters.sent;
    sum.receipts += partition.counters.receipts;
    sum.refused += partition.counters.refused;
    sum.zone_unknown += partition.counters.zone_unknown;
    unread += partition.unread;
    in_flight += partition.in_flight;
    unreadable += partition.unreadable;
  }
  tools::say("times    in {}\n", times.zone());
  tools::say("events   {} applied, {} duplicates, {} superseded, {} rejected; {} unread{}\n", sum.applied,
             sum.duplicate, sum.superseded, sum.rejected, unread,
             status.door.oldest_unrouted ? ", and the front door is not empty" : "");
  tools::say("notices  {} sent, {} receipts, {} in flight\n", sum.sent, sum.receipts, in_flight);
  if (sum.conflict > 0)
    tools::say("conflict {} events had the source and id of another one, and were not applied\n", sum.conflict);
  if (sum.refused > 0)
    tools::say("fields   {} events were applied without fields that could not be read, or have no such name\n",
               sum.refused);
  if (sum.zone_unknown > 0)
    tools::say("zones    {} events of accounts whose zone is unknown: the configured one was used\n", sum.zone_unknown);
  if (unreadable > 0)
    tools::say("records  {} could not be read and were set aside (docs/data_model.md, PREFIX:{{P}}:unreadable)\n",
               unreadable);
  redis::WallTime until = status.door.hold_until;
  for (const auto& partition : status.partitions) until = std::max(until, partition.hold_until);
  if (const auto left = held_ms(until); left > 0)
    tools::say("waits    a replica of Redis took over: claims wait for {} ms more, for what producers send again\n",
               left);
  print_partitions(status);
  print_processes(status, times);
  const auto later = releases(status);
  tools::say("held by release time{}\n", later.empty() ? ": none" : "");
  std::size_t shown = 0;
  for (const auto& [second, count] : later) {
    if (shown++ == releases_shown) {
      tools::say("  ... and {} later times\n", later.size() - releases_shown);
      break;
    }
    tools::say("  {}  {}\n", times.text(second), count);
  }
}

async::Awaitable<int> show(tools::RedisSession& session, Options options) {
  const auto fail = [](const scheduler::StoreError& error) {
    tools::complain("dun status: {}\n", error.message);
    return 1;
  };
  Status status;
  auto door = co_await redis::read_front_door_status(session.links, session.keys);
  if (!door) co_return fail(door.error());
  status.door = *std::move(door);
  for (int partition = 0; partition < session.installation.partitions; ++partition) {
    auto read = co_await redis::read_partition_status(session.links, session.keys, partition);
    if (!read) co_return fail(read.error());
    status.partitions.push_back(*std::move(read));
  }
  const auto processes = co_await redis::running_processes(session.links.to(session.keys.processes()), session.keys);
  if (!processes) co_return fail(processes.error());
  for (const redis::RunningProcess& running : *processes)
    if (Json process = Json::parse(running.status, nullptr, false); process.is_object())
      status.processes.push_back(std::move(process));
  if (options.json)
    tools::write_json(to_json(status));
  else
    print_text(status, tools::LocalTimes(tools::default_zone(options.redis.config)));
  co_return 0;
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "status", "Show what waits and for when, what is in flight, the gateways, and who owns the partitions");
  tools::set_footer(*command, {"dun status", "dun status --json | jq .processes"});
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--json", options->json, "As one JSON object");
  command->callback([options, &exit_code] {
    tools::find_stack(options->redis);
    exit_code =
        tools::with_redis(options->redis, [options](tools::RedisSession& session) { return show(session, *options); });
  });
}
