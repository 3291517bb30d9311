#include "operations/status.hpp"

#include "base/text/visible.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace dun::operations {
namespace {

using Json = nlohmann::ordered_json;

Millis left_until(Instant end, Instant now) {
  return std::max(Millis(0), end - now);
}

Status::Partition to_answer(const PartitionStatus& found, Instant now) {
  Status::Partition partition{.number = found.partition,
                              .owner = found.lease.owner,
                              .epoch = found.lease.epoch,
                              .unread = found.unread,
                              .in_flight = found.in_flight,
                              .waits = left_until(found.hold_until, now),
                              .counters = found.counters,
                              .unreadable = found.unreadable};
  for (const auto& shelf : found.shelves) partition.held += shelf.entries;
  return partition;
}

Json to_json(const Status::Partition& partition) {
  const scheduler::Counters& counters = partition.counters;
  return {{"partition", partition.number},
          {"owner", partition.owner},
          {"epoch", partition.epoch},
          {"unread", partition.unread},
          {"held", partition.held},
          {"in_flight", partition.in_flight},
          {"waits_ms", partition.waits.count()},
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
          {"unreadable", partition.unreadable}};
}

}  // namespace

void add(scheduler::Counters& sum, const scheduler::Counters& more) {
  sum.read += more.read;
  sum.applied += more.applied;
  sum.duplicate += more.duplicate;
  sum.conflict += more.conflict;
  sum.superseded += more.superseded;
  sum.rejected += more.rejected;
  sum.refused += more.refused;
  sum.zone_unknown += more.zone_unknown;
  sum.receipts += more.receipts;
  sum.receipts_unknown += more.receipts_unknown;
  sum.reports += more.reports;
  sum.sent += more.sent;
}

Status::Totals Status::totals() const {
  Totals totals{.waits = front_door.waits};
  for (const Partition& partition : partitions) {
    add(totals.counters, partition.counters);
    totals.unread += partition.unread;
    totals.in_flight += partition.in_flight;
    totals.unreadable += partition.unreadable;
    totals.waits = std::max(totals.waits, partition.waits);
  }
  return totals;
}

Awaitable<StoreResult<Status>> read_status(StatusView& view, Instant now) {
  Status status;
  const auto door = co_await view.front_door();
  if (!door) co_return std::unexpected(door.error());
  status.front_door = {.length = door->length,
                       .router = door->lease.owner,
                       .waits = left_until(door->hold_until, now),
                       .unrouted = door->oldest_unrouted.has_value()};
  for (int number = 0; number < view.partitions(); ++number) {
    const auto found = co_await view.partition(number);
    if (!found) co_return std::unexpected(found.error());
    status.partitions.push_back(to_answer(*found, now));
    for (const auto& shelf : found->shelves) status.held_by_release[shelf.key.at] += shelf.entries;
  }
  auto processes = co_await view.processes();
  if (!processes) co_return std::unexpected(processes.error());
  for (std::string& said : *processes)
    if (auto process = read_process_status(said))
      status.processes.push_back({.status = *std::move(process), .json = std::move(said)});
  co_return status;
}

std::string to_json_text(const Status& status) {
  Json json;
  json["front_door"] = {{"length", status.front_door.length},
                        {"router", status.front_door.router},
                        {"waits_ms", status.front_door.waits.count()},
                        {"unrouted", status.front_door.unrouted}};
  json["partitions"] = Json::array();
  for (const auto& partition : status.partitions) json["partitions"].push_back(to_json(partition));
  json["held_by_release"] = Json::array();
  for (const auto& [second, count] : status.held_by_release)
    json["held_by_release"].push_back({{"at", to_rfc3339(second)}, {"notices", count}});
  json["processes"] = Json::array();
  for (const auto& process : status.processes) json["processes"].push_back(Json::parse(process.json, nullptr, false));
  return to_visible_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace dun::operations
