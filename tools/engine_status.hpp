// What the parts of a running process know, as the values in which it says so.
#pragma once

#include "operations/process_status.hpp"
#include "operations/receipts.hpp"
#include "scheduler/engine.hpp"

#include <map>
#include <string>
#include <vector>

namespace dun::tools {

/// `rates`: segments a second of late, by gateway. `steady`: the clock that the gateways' times are in.
[[nodiscard]] std::vector<operations::ProcessStatus::Gateway> gateways_said(
    const std::vector<scheduler::Dispatcher::GatewayStatus>& gateways, const std::map<std::string, double>& rates,
    Millis steady);
[[nodiscard]] std::vector<operations::ProcessStatus::Partition> partitions_said(const scheduler::Engine& engine);
[[nodiscard]] std::vector<operations::ProcessStatus::Receipts> receipts_said(const operations::ReceiptCountsOf& counts);

}  // namespace dun::tools
