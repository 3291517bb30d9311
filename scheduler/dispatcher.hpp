// Who sends next: across partitions the oldest head of a lane goes first, lanes share a gateway by weight, and each
// gateway's flow control says how many. A machine without I/O; engine.* performs what it says.
//
// The way of a notice: partitions offer() their first turns; pump() grants claims to the oldest; a partition claims
// them in its next commit and submit()s; pump() begins the requests in the order in which the notices were decided,
// waiting for a partition that is still committing an older one; finished() takes the answer in.
#pragma once

#include "scheduler/flow/gateway_flow.hpp"
#include "scheduler/partition.hpp"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dun::scheduler {

/// What the gateway said where it did not take the message; empty: it took it, or nobody said anything.
[[nodiscard]] std::string refusal_of(const SendResult& result);

/// All times are Clock::steady(). One for each thread of engines.
class Dispatcher {
 public:
  Dispatcher(const DispatchOptions& options, Millis now);

  /// The lane's first turns in this partition, by when they were decided; takes the place of the last offer.
  void offer(int partition, Lane lane, std::vector<Instant> turns);
  /// Grants made since the last call. They are outstanding until submit().
  [[nodiscard]] Grants take_grants(int partition);
  [[nodiscard]] bool has_grants(int partition) const;
  /// What the partition claimed with the grants it took. Those it could not use are void.
  void submit(int partition, std::vector<InFlight> claims);
  /// The partition is gone: its offers and grants are void, and what it claimed and was not begun is given back, for
  /// another owner may decide it now. Requests under way stay.
  [[nodiscard]] std::vector<InFlight> withdraw(int partition);

  struct Start {
    int partition = 0;
    InFlight request;
  };
  struct Actions {
    std::vector<int> granted;     ///< partitions that have new grants
    std::vector<Start> starts;    ///< to be handed to the sender, in this order
    std::vector<Start> returned;  ///< their gateway is paused: to be answered with Returned
  };
  [[nodiscard]] Actions pump(Millis now);
  /// When pump() is worth calling again, if time alone changes what it says.
  [[nodiscard]] std::optional<Millis> next_pump(Millis now) const;

  /// A started request has ended. `latency` is how long it took, in real time.
  void finished(const InFlight& request, const SendResult& result, Millis latency, Millis now);

  /// From now on the gateways' rates are shared with other processes: what is ready begins as far as the slices grant
  /// it. `speed`: of Clock::steady().
  void share_rates(double speed);
  [[nodiscard]] std::vector<std::string> gateway_names() const;
  /// Segments that are ready to begin.
  [[nodiscard]] int ready_segments(const std::string& gateway) const;
  /// What to ask the common counter for now; `part`: of the partitions, ours. The answer goes to slices().
  [[nodiscard]] int ask_for_slice(const std::string& gateway, Millis now, double part);
  [[nodiscard]] flow::RateSlices& slices(const std::string& gateway) { return gateways_.at(gateway).flow.slices(); }

  /// No new grants from now on; what has been claimed is still begun.
  void drain() { draining_ = true; }

  struct GatewayStatus {
    std::string name;
    int open = 0;
    int window = 0;
    int ready = 0;
    flow::Breaker::State breaker = flow::Breaker::State::closed;
    std::optional<Millis> paused_until;
    std::uint64_t begun = 0, accepted = 0, refused = 0, throttled = 0, down = 0, unknown = 0;
    std::uint64_t segments = 0;  ///< of the messages begun
    std::string refusal;         ///< what it said, or why there was no answer, when it last took nothing; masked
    std::optional<Millis> refused_at;
    bool waits = false;  ///< something could be sent through it now, or is under way
  };
  [[nodiscard]] std::vector<GatewayStatus> status(Millis now) const;
  [[nodiscard]] flow::Breaker::State breaker(const std::string& gateway) const;

 private:
  struct Ready {
    int partition = 0;
    InFlight request;
  };
  struct LaneState {
    std::string gateway;
    int weight = 1;
    int credit = 0;                                ///< smooth weighted round robin
    std::map<int, std::deque<Instant>> offers;     ///< by partition
    std::map<int, std::vector<Instant>> granted;   ///< not yet taken
    std::map<int, std::vector<Instant>> claiming;  ///< taken, not yet submitted
    std::multimap<Instant, Ready> ready;           ///< claimed, not yet begun
    [[nodiscard]] std::optional<Instant> oldest_outstanding() const;
    /// Granted or claimed, not begun.
    [[nodiscard]] int waiting() const;
  };
  struct GatewayState {
    explicit GatewayState(const FlowOptions& options, Millis now) : flow(options, now) {}
    flow::GatewayFlow flow;
    std::multimap<NoticeId, Millis> open;  ///< when each began
    LaneState* short_of_tokens = nullptr;  ///< its first claim goes before those of the other lanes
    std::uint64_t begun = 0, accepted = 0, refused = 0, throttled = 0, down = 0, unknown = 0, segments = 0;
    std::string refusal;
    std::optional<Millis> refused_at;
  };
  void grant(GatewayState& gateway, const std::string& name, Millis now, Actions& actions);
  [[nodiscard]] LaneState* next_lane(const std::string& gateway);
  void begin_ready(GatewayState& gateway, const std::string& name, Millis now, Actions& actions);
  static void begin_ready(GatewayState& gateway, LaneState& lane, Millis now, Actions& actions);
  [[nodiscard]] int waiting(const std::string& gateway) const;
  [[nodiscard]] bool has_offers(const std::string& gateway) const;

  std::array<LaneState, all_lanes.size()> lanes_;
  std::map<std::string, GatewayState> gateways_;
  bool draining_ = false;
};

}  // namespace dun::scheduler
