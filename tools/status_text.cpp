#include "tools/status_text.hpp"

#include "domain/zones.hpp"
#include "tools/output.hpp"

#include <fmt/format.h>

namespace dun::tools {
namespace {

using operations::ProcessStatus;
using operations::Status;

constexpr std::size_t releases_shown = 12;

void print_totals(const Status& status, const LocalTimes& times) {
  const Status::Totals sum = status.totals();
  const scheduler::Counters& counters = sum.counters;
  say("times    in {}\n", times.zone());
  say("events   {} applied, {} duplicates, {} superseded, {} rejected; {} unread{}\n", counters.applied,
      counters.duplicate, counters.superseded, counters.rejected, sum.unread,
      status.front_door.unrouted ? ", and the front door is not empty" : "");
  say("notices  {} sent, {} receipts, {} in flight\n", counters.sent, counters.receipts, sum.in_flight);
  if (counters.conflict > 0)
    say("conflict {} events had the source and id of another one, and were not applied\n", counters.conflict);
  if (counters.refused > 0)
    say("fields   {} events were applied without fields that could not be read, or have no such name\n",
        counters.refused);
  if (counters.zone_unknown > 0)
    say("zones    {} events of accounts whose zone is unknown: the configured one was used\n", counters.zone_unknown);
  if (sum.unreadable > 0)
    say("records  {} could not be read and were set aside (docs/data_model.md, PREFIX:{{P}}:unreadable)\n",
        sum.unreadable);
  if (sum.waits > Millis(0))
    say("waits    a replica of Redis took over: claims wait for {} ms more, for what producers send again\n",
        sum.waits.count());
}

void print_partitions(const Status& status) {
  say("partition  epoch    unread      held  in flight  owner\n");
  for (const auto& partition : status.partitions)
    say("{:>9}  {:>5}  {:>8}  {:>8}  {:>9}  {}\n", partition.number, partition.epoch, partition.unread, partition.held,
        partition.in_flight, partition.owner.empty() ? "nobody" : partition.owner);
}

void print(const ProcessStatus::Gateway& gateway) {
  say("  gateway {}: {:.1f} segments/s, {} in flight of {}, breaker {}, {} begun, {} taken, {} refused, "
      "{} throttled, {} down, {} without answer",
      gateway.name, gateway.rate.value_or(0.0), gateway.open, gateway.window, gateway.breaker, gateway.begun,
      gateway.accepted, gateway.refused, gateway.throttled, gateway.down, gateway.unknown);
  if (gateway.paused_for) say(", paused for {} ms", gateway.paused_for->count());
  if (gateway.refused_for)
    say("; {} s ago it did not take one: {}", gateway.refused_for->count() / 1000, gateway.refusal);
  say("\n");
}

/// How far the review after a change of policies has come, of all partitions of a process that are at it.
void print_review(const ProcessStatus& process) {
  std::uint64_t reviewed = 0;
  std::uint64_t of = 0;
  std::uint64_t minutes = 0;
  for (const auto& partition : process.partitions) {
    reviewed += partition.reviewed;
    of += partition.review_of;
    minutes += partition.review_minutes;
  }
  if (of + minutes > 0)
    say("  other policies: held notices looked at again: {} of {}, then the timers of {} minutes\n", reviewed, of,
        minutes);
}

void print(const ProcessStatus& process, const LocalTimes& times) {
  say("process {}  roles {}  owns {} of its share of {}  policy {}  clock {}{}\n", process.owner,
      fmt::format("{}", fmt::join(process.roles, ",")), process.owned, process.share, process.policy,
      process.now ? times.text(*process.now) : "?", process.stopping ? "  stopping" : "");
  if (process.zones && process.now) say("  time zones {}\n", describe(*process.zones, *process.now));
  for (const auto& gateway : process.gateways) print(gateway);
  for (const auto& alert : process.alerts)
    say("  alert {}{}{} since {}: {}\n", alert.name, alert.subject.empty() ? "" : " ", alert.subject,
        times.text(alert.since), alert.detail);
  print_review(process);
  for (const auto& partition : process.partitions)
    if (!partition.trouble.empty()) say("  partition {}: {}\n", partition.number, partition.trouble);
}

void print_releases(const Status& status, const LocalTimes& times) {
  const auto& held = status.held_by_release;
  say("held by release time{}\n", held.empty() ? ": none" : "");
  std::size_t shown = 0;
  for (const auto& [second, count] : held) {
    if (shown++ == releases_shown) {
      say("  ... and {} later times\n", held.size() - releases_shown);
      break;
    }
    say("  {}  {}\n", times.text(second), count);
  }
}

}  // namespace

void print(const Status& status, const LocalTimes& times) {
  print_totals(status, times);
  print_partitions(status);
  if (status.processes.empty()) say("no process is running\n");
  for (const auto& process : status.processes) print(process.status, times);
  print_releases(status, times);
}

}  // namespace dun::tools
