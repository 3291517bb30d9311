#include "tools/engine_status.hpp"

namespace dun::tools {

using operations::ProcessStatus;

std::vector<ProcessStatus::Gateway> gateways_said(const std::vector<scheduler::Dispatcher::GatewayStatus>& gateways,
                                                  const std::map<std::string, double>& rates, Millis steady) {
  std::vector<ProcessStatus::Gateway> said;
  for (const auto& gateway : gateways) {
    ProcessStatus::Gateway& one = said.emplace_back();
    one = {.name = gateway.name,
           .open = gateway.open,
           .window = gateway.window,
           .ready = gateway.ready,
           .breaker = std::string(to_text(gateway.breaker)),
           .begun = gateway.begun,
           .accepted = gateway.accepted,
           .refused = gateway.refused,
           .throttled = gateway.throttled,
           .down = gateway.down,
           .unknown = gateway.unknown,
           .segments = gateway.segments,
           .refusal = gateway.refusal};
    if (gateway.refused_at) one.refused_for = steady - *gateway.refused_at;
    if (gateway.paused_until) one.paused_for = *gateway.paused_until - steady;
    if (const auto rate = rates.find(gateway.name); rate != rates.end()) one.rate = rate->second;
  }
  return said;
}

std::vector<ProcessStatus::Partition> partitions_said(const scheduler::Engine& engine) {
  std::vector<ProcessStatus::Partition> said;
  for (const auto& partition : engine.partitions())
    said.push_back({.number = partition.number,
                    .owned = partition.owned,
                    .held = partition.shelved,
                    .in_flight = partition.in_flight,
                    .batches = partition.batches,
                    .reviewed = partition.review.reviewed,
                    .review_of = partition.review.of,
                    .review_minutes = partition.review.minutes,
                    .trouble = partition.trouble});
  return said;
}

std::vector<ProcessStatus::Receipts> receipts_said(const operations::ReceiptCountsOf& counts) {
  std::vector<ProcessStatus::Receipts> said;
  for (const auto& [gateway, counted] : counts)
    said.push_back({.gateway = gateway,
                    .taken = counted->taken.load(),
                    .forged = counted->forged.load(),
                    .foreign = counted->foreign.load(),
                    .refused = counted->refused.load(),
                    .delayed = counted->delayed.load()});
  return said;
}

}  // namespace dun::tools
