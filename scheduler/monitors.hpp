// Trouble that lasts, told once. Redis, gateways and producers stumble all the time and get up again; an operator is
// wanted only when they do not. Pure: what was observed and when in, alerts raised and cleared out.
#pragma once

#include "domain/time.hpp"
#include "domain/vocabulary.hpp"
#include "scheduler/options.hpp"
#include "scheduler/sources.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace dun::scheduler {

/// What one process sees at one moment.
struct Observations {
  struct PartitionState {
    int number = 0;
    bool owned = false;
    Millis stuck_for{0};         ///< since when no attempt at it succeeded; real time
    std::string trouble;         ///< why the last attempt did not
    std::uint64_t stumbles = 0;  ///< how often an attempt failed that followed none, or one that succeeded
    std::string stumbled_over;   ///< why the last of all that failed did
    Millis unread_for{0};        ///< since when its stream and the front door were last read to their ends; real time
    std::uint64_t rejected = 0;  ///< malformed events since it was acquired
  };
  struct LaneState {
    Lane lane = Lane::normal;
    std::string gateway;
    std::optional<Instant> oldest_due;  ///< since when the oldest notice whose turn it could be may go
  };
  struct GatewayState {
    std::string name;
    bool waits = false;                       ///< something could be sent through it now
    std::uint64_t accepted = 0, unknown = 0;  ///< requests since the process began
    std::string state;                        ///< what is known of it, in words
  };
  struct ReceiptsState {
    std::string gateway, path;
    std::uint64_t forged = 0;  ///< with a reference that we did not make, since the process began
  };
  std::vector<PartitionState> partitions;
  std::vector<LaneState> lanes;
  std::vector<GatewayState> gateways;
  std::vector<ReceiptsState> receipts;              ///< of the gateways whose receipts come to this process
  SourceCounts sources;                             ///< since the process began
  std::string texts;                                ///< version of the texts in force
  std::map<std::string, std::uint64_t> long_texts;  ///< messages that took more segments than `parts_max`, by text
  bool complete = true;  ///< every partition that should be ours is: what is not seen is not there
  Millis real{0};        ///< real time, from a fixed point
};

/// Something that needs an operator. Name and subject say which one it is.
struct Alert {
  std::string name;     ///< `monitor.store`, ...; as in `reasons` of its outcomes
  std::string subject;  ///< a gateway, lane or source; empty: the process as a whole
  std::string gateway;  ///< the gateway it is about, if it is about one
  std::string detail;   ///< what was seen when it was raised, or cleared
  Instant since{};      ///< when it was raised
  friend bool operator==(const Alert&, const Alert&) = default;
};

struct AlertChange {
  bool raised = true;  ///< else cleared
  Alert alert;
};

/// Every alert is raised once and cleared once; in between its detail stays as it was. Bounds that something may hover
/// about are left with a margin: cleared at half of what raises.
class Monitors {
 public:
  explicit Monitors(const MonitorOptions& options) : options_(options) {}
  /// What is raised stays until it is over by the new bounds.
  void set_options(const MonitorOptions& options) { options_ = options; }

  /// `steady`: Clock::steady(), from which spans are measured; `now` dates what is raised.
  [[nodiscard]] std::vector<AlertChange> observe(const Observations& seen, Instant now, Millis steady);
  [[nodiscard]] std::vector<Alert> active() const;

 private:
  /// How much a counter grew within a time that slides, to a sixtieth of it.
  class Growth {
   public:
    std::uint64_t observe(std::uint64_t total, Millis steady, Millis within);

   private:
    std::deque<std::pair<Millis, std::uint64_t>> totals_;
  };
  /// Since when a gateway has accepted nothing although something waited, if so, and when something was last seen to
  /// wait: what is handed back from it waits nowhere for a moment.
  struct Standstill {
    std::uint64_t accepted = 0;
    std::optional<Millis> since;
    Millis waited_at{0};
  };
  /// How many more events of a source changed nothing than were applied since these prevailed, up to twice the bound: a
  /// run that a new account or two does not hide, and that is over soon after its cause.
  class Run {
   public:
    std::uint64_t observe(std::uint64_t vain, std::uint64_t applied, int bound);

   private:
    std::uint64_t vain_ = 0, applied_ = 0, excess_ = 0;
  };
  struct SourceWatch {
    Run superseded, duplicate;
    Growth conflict, refused;
  };
  struct Finding {
    bool over = false;   ///< to be raised
    bool under = false;  ///< to be cleared
    std::string detail;
  };
  void weigh(Alert alert, Finding finding);
  void look_at_store(const Observations& seen);
  void look_at_intake(const Observations& seen);
  void look_at_rejected(const Observations& seen, Millis steady);
  void look_at_source(const std::string& name, const SourceCounters& counters, Millis steady);
  void look_at_texts(const Observations& seen);
  void look_at_lane(const Observations::LaneState& lane, bool complete);
  void look_at_gateway(const Observations::GatewayState& gateway, Millis steady);
  void look_at_receipts(const Observations::ReceiptsState& receipts, Millis steady);

  MonitorOptions options_;
  Instant now_{};
  std::vector<AlertChange> changes_;
  std::map<std::pair<std::string, std::string>, Alert> active_;  ///< by name and subject
  std::map<std::string, Standstill> standstills_;                ///< by gateway
  std::map<std::string, Growth> unknown_;                        ///< by gateway
  std::map<std::string, Growth> forged_;                         ///< by gateway
  std::map<std::string, SourceWatch> sources_;
  std::map<int, Growth> stumbles_;                ///< by partition
  std::map<int, std::uint64_t> rejected_before_;  ///< by partition, since it was acquired
  std::uint64_t rejected_here_ = 0;
  std::string texts_;  ///< version of the texts that were in force at the last look
  std::map<std::string, std::uint64_t> long_texts_;
  Growth rejected_;
};

}  // namespace dun::scheduler
