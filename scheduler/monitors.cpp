#include "scheduler/monitors.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace dun::scheduler {
namespace {

constexpr int growth_steps = 60;
// Nobody has a reference by mistake, so these are no matter of taste; a few come from whoever tries the path out.
constexpr std::uint64_t forged_max = 100;
constexpr Millis forged_within = std::chrono::minutes(10);

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

std::uint64_t Monitors::Run::observe(std::uint64_t vain, std::uint64_t applied, int bound) {
  excess_ += vain - std::exchange(vain_, vain);
  const std::uint64_t right = applied - std::exchange(applied_, applied);
  excess_ = std::min(excess_ - std::min(excess_, right), 2 * static_cast<std::uint64_t>(bound) + 1);
  return excess_;
}

void Monitors::weigh(Alert alert, Finding finding) {
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

/// A store that takes one commit now and then is never stuck for long, and yet in trouble (Redis close to `maxmemory`).
void Monitors::look_at_store(const Observations& seen) {
  const Alert trouble{.name = "monitor.store"};
  std::map<int, std::uint64_t> lately;
  for (const PartitionState& partition : seen.partitions)
    lately[partition.number] =
        stumbles_[partition.number].observe(partition.stumbles, seen.real, options_.store_within);
  const auto stuck = [&](const PartitionState& partition) { return partition.stuck_for >= options_.store_after; };
  const auto most = static_cast<std::uint64_t>(options_.store_max);
  const auto stumbling = [&](const PartitionState& partition) { return lately[partition.number] > most; };
  if (const auto first = std::ranges::find_if(seen.partitions, stuck); first != seen.partitions.end())
    return weigh(trouble, {.over = true,
                           .detail = fmt::format("for {} nothing could be read or written in {}: {}",
                                                 dun::to_text(whole_seconds(first->stuck_for)),
                                                 numbers(seen.partitions, stuck), first->trouble)});
  if (const auto first = std::ranges::find_if(seen.partitions, stumbling); first != seen.partitions.end())
    return weigh(trouble, {.over = true,
                           .detail = fmt::format("more than {} times within {} something could not be read or written "
                                                 "in {}, and then could again: {}",
                                                 most, dun::to_text(options_.store_within),
                                                 numbers(seen.partitions, stumbling), first->stumbled_over)});
  weigh(trouble, {.under = std::ranges::all_of(lately, [&](const auto& one) { return one.second <= most / 2; }),
                  .detail = "every partition can be read and written"});
}

void Monitors::look_at_intake(const Observations& seen) {
  const auto behind = [&](const PartitionState& partition) {
    return partition.owned && partition.unread_for >= options_.intake_after;
  };
  const auto first = std::ranges::find_if(seen.partitions, behind);
  if (first == seen.partitions.end())
    return weigh({.name = "monitor.intake"}, {.under = seen.complete, .detail = "what came in has been read"});
  weigh({.name = "monitor.intake"},
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
  weigh({.name = "monitor.rejected"},
        {.over = lately > most,
         .under = lately <= most / 2,
         .detail = fmt::format("{} malformed events within {}", lately, dun::to_text(options_.rejected_within))});
}

void Monitors::look_at_source(const std::string& name, const SourceCounters& counters, Millis steady) {
  SourceWatch& watch = sources_[name];
  const std::string who = name.empty() ? "events without a source" : fmt::format("events of source {}", name);
  const auto weigh_number = [&](std::string alert, std::uint64_t number, int most, std::string detail) {
    const auto bound = static_cast<std::uint64_t>(most);
    weigh({.name = std::move(alert), .subject = name.empty() ? "(none)" : name},
          {.over = number > bound, .under = number <= bound / 2, .detail = std::move(detail)});
  };
  const auto superseded = watch.superseded.observe(counters.superseded, counters.applied, options_.superseded_run);
  weigh_number(
      "monitor.superseded", superseded, options_.superseded_run,
      fmt::format("{}: at least {} more were older than what is known than were applied; a seq or a clock that "
                  "began anew does that",
                  who, superseded));
  const auto duplicate = watch.duplicate.observe(counters.duplicate, counters.applied, options_.duplicate_run);
  weigh_number("monitor.duplicate", duplicate, options_.duplicate_run,
               fmt::format("{}: at least {} more were repeats than were applied", who, duplicate));
  const auto conflict = watch.conflict.observe(counters.conflict, steady, options_.sources_within);
  weigh_number("monitor.conflict", conflict, options_.conflict_max,
               fmt::format("{}: {} had the id of another one within {}, and were not applied", who, conflict,
                           dun::to_text(options_.sources_within)));
  const auto refused = watch.refused.observe(counters.refused, steady, options_.sources_within);
  weigh_number("monitor.refused", refused, options_.refused_max,
               fmt::format("{}: {} carried fields that were left out within {}", who, refused,
                           dun::to_text(options_.sources_within)));
}

/// Said once a text, until other texts are in force: what made it too long (a name, a letter outside the alphabet)
/// comes again with every message to that account.
void Monitors::look_at_texts(const Observations& seen) {
  constexpr std::string_view name = "monitor.long_text";
  if (texts_ != seen.texts) {
    for (const Alert& alert : active())
      if (alert.name == name)
        weigh({.name = alert.name, .subject = alert.subject},
              {.under = true,
               .detail = fmt::format("other texts are in force; {} messages of this one had been too long",
                                     long_texts_[alert.subject])});
    texts_ = seen.texts;
  }
  long_texts_ = seen.long_texts;
  for (const auto& [text, messages] : seen.long_texts)
    weigh({.name = std::string(name), .subject = text},
          {.over = messages > 0,
           .detail = fmt::format("{} took more SMS segments than parts_max and was sent all the same", text)});
}

void Monitors::look_at_lane(const Observations::LaneState& lane, bool complete) {
  const Millis age = lane.oldest_due ? std::max(now_ - *lane.oldest_due, Millis(0)) : Millis(0);
  Finding finding{.over = age >= options_.backlog_after, .under = complete && age < options_.backlog_after / 2};
  finding.detail = lane.oldest_due ? fmt::format("the oldest due notice of lane {} waits for {}", to_text(lane.lane),
                                                 dun::to_text(whole_seconds(age)))
                                   : fmt::format("nothing due waits in lane {}", to_text(lane.lane));
  weigh({.name = "monitor.backlog", .subject = std::string(to_text(lane.lane)), .gateway = lane.gateway},
        std::move(finding));
}

void Monitors::look_at_gateway(const Observations::GatewayState& gateway, Millis steady) {
  const Alert standstill{.name = "monitor.gateway", .subject = gateway.name, .gateway = gateway.name};
  auto [found, is_new] = standstills_.try_emplace(gateway.name, Standstill{.accepted = gateway.accepted});
  auto& [accepted, since, waited_at] = found->second;
  const bool took = gateway.accepted != std::exchange(accepted, gateway.accepted);
  if (took) since.reset();
  if (gateway.waits) {
    if (!since) since = steady;
    waited_at = steady;
  } else if (!active_.contains({standstill.name, standstill.subject}) &&
             steady - waited_at >= options_.gateway_after / 2) {
    since.reset();  // with nothing to send nothing is learnt
  }
  const Millis still = steady - since.value_or(steady);
  weigh(standstill, {.over = gateway.waits && still >= options_.gateway_after,
                     .under = took,
                     .detail = took ? "it takes messages again"
                                    : fmt::format("it took nothing for {}, and something waits: {}",
                                                  dun::to_text(whole_seconds(still)), gateway.state)});

  const std::uint64_t lately = unknown_[gateway.name].observe(gateway.unknown, steady, options_.unanswered_within);
  const auto most = static_cast<std::uint64_t>(options_.unanswered_max);
  weigh({.name = "monitor.unanswered", .subject = gateway.name, .gateway = gateway.name},
        {.over = lately > most,
         .under = lately <= most / 2,
         .detail =
             fmt::format("{} requests without a usable answer within {}{}{}", lately,
                         dun::to_text(options_.unanswered_within), gateway.state.empty() ? "" : "; ", gateway.state)});
}

void Monitors::look_at_receipts(const Observations::ReceiptsState& receipts, Millis steady) {
  const std::uint64_t lately = forged_[receipts.gateway].observe(receipts.forged, steady, forged_within);
  weigh({.name = "monitor.forged", .subject = receipts.gateway, .gateway = receipts.gateway},
        {.over = lately > forged_max,
         .under = lately <= forged_max / 2,
         .detail = fmt::format("{} receipts at {} within {} bore references that were not given out here, and were "
                               "refused; where the installation's key was not replaced, somebody makes them up: let "
                               "only the gateway reach it (sources, token or signature)",
                               lately, receipts.path, dun::to_text(forged_within))});
}

std::vector<AlertChange> Monitors::observe(const Observations& seen, Instant now, Millis steady) {
  now_ = now;
  look_at_store(seen);
  look_at_intake(seen);
  look_at_rejected(seen, steady);
  for (const auto& [name, counters] : seen.sources) look_at_source(name, counters, steady);
  look_at_texts(seen);
  for (const auto& lane : seen.lanes) look_at_lane(lane, seen.complete);
  for (const auto& gateway : seen.gateways) look_at_gateway(gateway, steady);
  for (const auto& receipts : seen.receipts) look_at_receipts(receipts, steady);
  return std::exchange(changes_, {});
}

std::vector<Alert> Monitors::active() const {
  std::vector<Alert> all;
  for (const auto& [key, alert] : active_) all.push_back(alert);
  return all;
}

}  // namespace dun::scheduler
