// What a running process says of itself in the register of processes (redis/processes.hpp), and `dun status` reads
// there: one form, written and read here.
#pragma once

#include "domain/zones.hpp"
#include "scheduler/monitors.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::operations {

struct ProcessStatus {
  /// A gateway, as the process's engine finds it.
  struct Gateway {
    std::string name;
    int open = 0;
    int window = 0;
    int ready = 0;
    std::string breaker;  ///< `closed`, `open` or `trying`
    std::uint64_t begun = 0, accepted = 0, refused = 0, throttled = 0, down = 0, unknown = 0;
    std::uint64_t segments = 0;
    std::string refusal;                ///< what it said when it last took nothing
    std::optional<Millis> refused_for;  ///< since when that is so; none: it never did
    std::optional<Millis> paused_for;   ///< how much longer
    std::optional<double> rate;         ///< segments a second of late
    friend bool operator==(const Gateway&, const Gateway&) = default;
  };
  struct Partition {
    int number = 0;
    bool owned = false;
    std::uint64_t held = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t batches = 0;
    std::uint64_t reviewed = 0, review_of = 0;  ///< held notices
    std::uint64_t review_minutes = 0;           ///< lists of account timers that are still to be read
    std::string trouble;
    friend bool operator==(const Partition&, const Partition&) = default;
  };
  /// What came to one gateway's path for receipts.
  struct Receipts {
    std::string gateway;
    std::uint64_t taken = 0, forged = 0, foreign = 0, refused = 0, delayed = 0;
    friend bool operator==(const Receipts&, const Receipts&) = default;
  };

  std::string owner;
  std::vector<std::string> roles;
  bool stopping = false;
  int share = 0;  ///< of the partitions
  int owned = 0;
  std::string policy;                      ///< hash of the policy set in force
  std::optional<ZoneData::Version> zones;  ///< none: a process that did not say so yet
  std::optional<Instant> now;              ///< of its clock
  std::vector<Gateway> gateways;
  std::vector<Partition> partitions;
  std::vector<Receipts> receipts;
  std::vector<scheduler::Alert> alerts;  ///< without their gateways
  friend bool operator==(const ProcessStatus&, const ProcessStatus&) = default;
};

[[nodiscard]] std::string to_json_text(const ProcessStatus& status);

/// What another process, perhaps of another version, says: of what it does not say, names are `?` and figures 0. None
/// for what is no JSON object.
[[nodiscard]] std::optional<ProcessStatus> read_process_status(std::string_view text);

}  // namespace dun::operations
