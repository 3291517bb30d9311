// What a running process says of itself in the register of processes (redis/processes.hpp), for `dun status`.
#pragma once

#include "domain/zones.hpp"
#include "operations/receipts.hpp"
#include "scheduler/engine.hpp"

#include <map>
#include <string>
#include <vector>

namespace dun::operations {

struct ProcessStatus {
  std::string owner;
  std::vector<std::string_view> roles;
  bool stopping = false;
  int share = 0;       ///< of the partitions
  std::string policy;  ///< hash of the policy set in force
  ZoneData::Version zones;
  Instant now{};  ///< of its clock
  std::vector<scheduler::Engine::PartitionStatus> partitions;
  std::vector<scheduler::Dispatcher::GatewayStatus> gateways;
  std::map<std::string, double> rates;  ///< segments a second of late, by gateway
  ReceiptCountsOf receipts;
  std::vector<scheduler::Alert> alerts;
};

/// As JSON. `steady`: its clock's, which the times of the gateways are in.
[[nodiscard]] std::string to_json_text(const ProcessStatus& status, Millis steady);

}  // namespace dun::operations
