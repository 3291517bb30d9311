#include "scheduler/monitors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace dun::scheduler {
namespace {

constexpr int growth_steps = 60;

Millis whole_seconds(Millis span) {
  return std::chrono::floor<Seconds>(span);
}

using PartitionState = Observations::PartitionState;

/// `partitions 0, 3`
template <typename Where>
std::string numbers(const std::vector<PartitionState>& partitions, Where where) {
  std::vector<int> found;
  for (const PartitionState& partition : partitions)
    if (where(partition)) found.push_back(partition.number);
  return fmt::format("{} {}", found.size() == 1 ? "partition" : "partitions", fmt::join(found, ", "));
}

}  // namespace

std::uint64_t Monitors::Growth::observe(std::uint64_t total, Millis steady, Millis within) {
  if (totals_.empty()) totals_.emplace_back(steady, 0);
  if (steady - totals_.back().first >= within / growth_steps) totals_.emplace_back(steady, total);
  while (totals_.size() > 1 && steady - totals_[1].first >= within) totals_.pop_front();
  return total - totals_.front().second;
}

void Monitors::judge(Alert alert, Finding finding) {
  const auto key = std::pair(alert.name, alert.subject);
  const auto raised = active_.find(key);
  if (raised == active_.end() ? !finding.over : !finding.under) return;
  alert.detail = std::move(finding.detail);
  if (raised == active_.end()) {
    alert.since = now_;
    active_.emplace(key, alert);
  } else {
    alert.since = raised->second.since;
    active_.erase(raised);
  }
  changes_.push_back({.raised = finding.over, .alert = std::move(alert)});
}

void Monitors::look_at_store(const Observations& seen) {
  const auto stuck = [&](const PartitionState& partition) { return partition.stuck_for >= options_.store_after; };
  const auto first = std::ranges::find_if(seen.partitions, stuck);
  if (first == seen.partitions.end())
    return judge({.name = "monitor.store"}, {.under = true, .detail = "every partition can be read and written"});
  judge({.name = "monitor.store"}, {.over = true,
                                    .detail = fmt::format("for {} nothing could be read or written in {}: {}",
                                                          dun::to_text(whole_seconds(first->stuck_for)),
                                                          numbers(seen.partitions, stuck), first->trouble)});
}

void Monitors::look_at_intake(const Observations& seen) {
  const auto behind = [&](const PartitionState& partition) {
    return partition.owned && partition.unread_for >= options_.intake_after;
  };
  const auto first = std::ranges::find_if(seen.partitions, behind);
  if (first == seen.partitions.end())
    return judge({.name = "monitor.intake"}, {.under = seen.complete, .detail = "what came in has been read"});
  judge({.name = "monitor.intake"},
        {.over = true,
         .detail = fmt::format("for {} there were unread events before {}, and nothing can be claimed there",
                               dun::to_text(whole_seconds(first->unread_for)), numbers(seen.partitions, behind))});
}

/// Counters are of partitions, which come and go; what grew while they were ours is what happened here.
void Monitors::look_at_rejected(const Observations& seen, Millis steady) {
  for (const PartitionState& partition : seen.partitions) {
    if (!partition.owned) {
      rejected_before_.erase(partition.number);
      continue;
    }
    std::uint64_t& before = rejected_before_[partition.number];
    if (partition.rejected > before) rejected_here_ += partition.rejected - before;
    before = partition.rejected;
  }
  const std::uint64_t lately = rejected_.observe(rejected_here_, steady, options_.rejected_within);
  const auto most = static_cast<std::uint64_t>(options_.rejected_max);
  judge({.name = "monitor.rejected"},
        {.over = lately > most,
         .under = lately <= most / 2,
         .detail = fmt::format("{} malformed events within {}", lately, dun::to_text(options_.rejected_within))});
}

void Monitors::look_at_lane(const Observations::LaneState& lane, bool complete) {
  const Millis age = lane.oldest_due ? std::max(now_ - *lane.oldest_due, Millis(0)) : Millis(0);
  Finding finding{.over = age >= options_.backlog_after, .under = complete && age < options_.backlog_after / 2};
  finding.detail = lane.oldest_due ? fmt::format("the oldest due notice of lane {} waits for {}", to_text(lane.lane),
                                                 dun::to_text(whole_seconds(age)))
                                   : fmt::format("nothing due waits in lane {}", to_text(lane.lane));
  judge({.name = "monitor.backlog", .subject = std::string(to_text(lane.lane)), .gateway = lane.gateway},
        std::move(finding));
}

void Monitors::look_at_gateway(const Observations::GatewayState& gateway, Millis steady) {
  const Alert standstill{.name = "monitor.gateway", .subject = gateway.name, .gateway = gateway.name};
  auto [found, is_new] = standstills_.try_emplace(gateway.name, Standstill{.taken = gateway.taken});
  auto& [taken, since, waited_at] = found->second;
  const bool took = gateway.taken != std::exchange(taken, gateway.taken);
  if (took) since.reset();
  if (gateway.waits) {
    if (!since) since = steady;
    waited_at = steady;
  } else if (!active_.contains({standstill.name, standstill.subject}) &&
             steady - waited_at >= options_.gateway_after / 2) {
    since.reset();  // with nothing to send nothing is learnt
  }
  const Millis still = steady - since.value_or(steady);
  judge(standstill, {.over = gateway.waits && still >= options_.gateway_after,
                     .under = took,
                     .detail = took ? "it takes messages again"
                                    : fmt::format("it took nothing for {}, and something waits: {}",
                                                  dun::to_text(whole_seconds(still)), gateway.state)});

  const std::uint64_t lately =
      unanswered_[gateway.name].observe(gateway.unanswered, steady, options_.unanswered_within);
  const auto most = static_cast<std::uint64_t>(options_.unanswered_max);
  judge({.name = "monitor.unanswered", .subject = gateway.name, .gateway = gateway.name},
        {.over = lately > most,
         .under = lately <= most / 2,
         .detail =
             fmt::format("{} requests without a usable answer within {}{}{}", lately,
                         dun::to_text(options_.unanswered_within), gateway.state.empty() ? "" : "; ", gateway.state)});
}

std::vector<AlertChange> Monitors::observe(const Observations& seen, Instant now, Millis steady) {
  now_ = now;
  look_at_store(seen);
  look_at_intake(seen);
  look_at_rejected(seen, steady);
  for (const auto& lane : seen.lanes) look_at_lane(lane, seen.complete);
  for (const auto& gateway : seen.gateways) look_at_gateway(gateway, steady);
  return std::exchange(changes_, {});
}

std::vector<Alert> Monitors::active() const {
  std::vector<Alert> all;
  for (const auto& [key, alert] : active_) all.push_back(alert);
  return all;
}

}  // namespace dun::scheduler
