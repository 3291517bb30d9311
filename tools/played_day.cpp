#include "tools/played_day.hpp"

#include "base/async/deadline.hpp"
#include "operations/status.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

#include <fstream>

namespace dun::tools {
namespace {

constexpr std::size_t publish_most = 512;

std::string list(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, name);
  return text.empty() ? "none" : text;
}

}  // namespace

async::Awaitable<redis::StoreResult<Totals>> read_totals(redis::Links& links, redis::Keyspace keys, int partitions,
                                                         Instant now) {
  Totals totals;
  const auto door = co_await redis::read_front_door_status(links, keys);
  if (!door) co_return std::unexpected(door.error());
  totals.front_door_empty = !door->oldest_unrouted;
  for (int partition = 0; partition < partitions; ++partition) {
    const auto status = co_await redis::read_partition_status(links, keys, partition);
    if (!status) co_return std::unexpected(status.error());
    operations::add(totals.counters, status->counters);
    totals.unread += status->unread;
    totals.in_flight += status->in_flight;
    for (const auto& shelf : status->shelves) {
      totals.shelved += shelf.entries;
      if (Instant(shelf.key.at) <= now) totals.open_shelved += shelf.entries;
    }
  }
  co_return totals;
}

Player::Player(redis::Links& links, redis::Keyspace keys, const sample::SampleDay& day, const scheduler::Clock& clock)
    : links_(links), keys_(std::move(keys)), day_(day), clock_(clock) {
  published_.reserve(day.size());
}

async::Awaitable<void> Player::play() {
  while (!done()) {
    std::vector<Fields> batch;
    const Instant now = clock_.now();
    Instant next = now;
    for (std::size_t i = published_.size(); i < day_.size() && batch.size() < publish_most; ++i) {
      sample::SampleEvent event = day_.event(i);
      next = event.arrives;
      if (event.arrives > now) break;
      batch.push_back(std::move(event.fields));
    }
    if (batch.empty()) {
      co_await async::sleep(std::max(clock_.real(next - now), Millis(1)));
      continue;
    }
    const auto sent = co_await redis::publish_events(links_, keys_, {}, batch);
    if (!sent) {
      spdlog::warn("not published, trying again: {}", sent.error().message);
      co_await async::sleep(Millis(500));
      continue;
    }
    for (Fields& fields : batch) published_.push_back({.published = clock_.now(), .fields = std::move(fields)});
  }
}

std::vector<std::string> delivered_refs(const std::string& record_file) {
  std::vector<std::string> refs;
  std::ifstream file(record_file);
  for (std::string line; std::getline(file, line);) {
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (json.is_object() && json.contains("client_ref") && json["client_ref"].is_string())
      refs.push_back(json["client_ref"].get<std::string>());
  }
  return refs;
}

std::string summary(const sample::SampleTruth& truth, Verification& seen) {
  const auto expect = [&](std::string_view what, std::uint64_t is, std::uint64_t should) {
    if (is != should) seen.broken.push_back(fmt::format("{} events {}, but the sample holds {}", is, what, should));
  };
  expect("published", seen.published, truth.events);
  expect("applied", seen.applied, truth.applied);
  expect("found to be duplicates", seen.duplicates, truth.duplicates);
  expect("superseded", seen.superseded, truth.superseded);
  expect("rejected", seen.rejected, truth.malformed);

  std::map<std::string, std::uint64_t> notices;
  for (const auto& [type, count] : seen.outcomes)
    if (type.starts_with("notice.")) notices[type.substr(7)] = count;
  std::string text;
  text +=
      fmt::format("events    {} published: {} applied once, {} heartbeats, {} duplicates, {} superseded, {} rejected\n",
                  seen.published, seen.applied, truth.heartbeats, seen.duplicates, seen.superseded, seen.rejected);
  text += fmt::format("notices   {}\n", list(notices));
  text += fmt::format("sent      {}\n", list(seen.sent));
  text += fmt::format("tasks     {} opened, {} closed\n", seen.tasks_opened, seen.tasks_closed);
  text += fmt::format("gateway   {} messages, {} of them twice, {} missing\n", seen.at_gateway, seen.sent_twice,
                      seen.missing_at_gateway);
  text +=
      fmt::format("promises  {} order inversions, {} in quiet hours, {} after payment, {} to customers of level 7\n",
                  seen.inversions, seen.in_quiet_hours, seen.after_payment, seen.vip_dunned);
  for (const std::string& what : seen.broken) text += "BROKEN    " + what + "\n";
  if (seen.broken.empty()) text += "every promise was kept\n";
  return text;
}

}  // namespace dun::tools
