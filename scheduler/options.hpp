// What operators set for the engine in dun.toml, gateways.toml and policies.toml.
#pragma once

#include "domain/route.hpp"
#include "domain/time.hpp"
#include "domain/vocabulary.hpp"
#include "scheduler/seal.hpp"

#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

namespace dun::scheduler {

/// Flow control towards one gateway.
struct FlowOptions {
  double rate = 200;       ///< SMS segments a second, long-term
  double burst = 50;       ///< segments that may go at once after a pause
  int in_flight_max = 64;  ///< requests open at the same time, upper bound of the adaptive window
  int in_flight_min = 1;
  Millis ramp = std::chrono::seconds(30);  ///< slow start: rate grows from a tenth to the whole over this after idling
  Millis ramp_after = std::chrono::minutes(10);  ///< idle this long, and the next start is a slow one
  /// The window shrinks when answers take longer than this, and longer than they use to.
  Millis latency_target = std::chrono::seconds(2);
  Millis throttle_pause = std::chrono::seconds(5);  ///< after a throttled answer that names no time
  int breaker_failures = 5;                         ///< answers in a row that it is down, or none, open the breaker
  /// Then single requests try it, so far apart: a twentieth of the outage so far, within these.
  Millis breaker_pause = std::chrono::seconds(1);
  Millis breaker_pause_max = std::chrono::seconds(30);
  friend bool operator==(const FlowOptions&, const FlowOptions&) = default;
};

/// What to do with a notice whose submission had no usable answer (E26).
enum class UnknownRule : std::uint8_t {
  same_ref,      ///< the gateway removes duplicates: repeat with the same client_ref
  wait_receipt,  ///< wait for its receipt; when none comes in time it is repeated once, or ends as unknown
  hold,          ///< like wait_receipt, without an end: a person decides
  query,         ///< ask the gateway; not taken is repeated, and when it never says it is as with wait_receipt
};

/// How a gateway is asked what became of a message. What to ask and what an answer means is gateways/spec.hpp's.
struct QuestionOptions {
  Millis first = std::chrono::seconds(5);   ///< from the unknown answer to the first question
  Millis pause = std::chrono::seconds(30);  ///< from an answer that says nothing to the next question
  int most = 120;                           ///< questions about one attempt; then the wait is over
  /// What the gateway takes it lists by then, however late a request that was given up reached it: that it does not
  /// know a message is believed only so long after the unknown answer.
  Millis listed_within = std::chrono::minutes(1);
  friend bool operator==(const QuestionOptions&, const QuestionOptions&) = default;
};

struct GatewayOptions {
  std::string name;
  FlowOptions flow;
  int connections = 0;  ///< that its sender opens at most: no more is claimed than there are free; 0: no bound
  /// What its sender, or the gateway, writes before and behind a text. It counts.
  std::string signature_front, signature_back;
  UnknownRule unknown = UnknownRule::wait_receipt;
  Millis receipt_wait = std::chrono::hours(1);
  bool repeat_unreceipted = true;  ///< of wait_receipt and query: one more attempt when the wait was in vain
  QuestionOptions question;        ///< of query
  friend bool operator==(const GatewayOptions&, const GatewayOptions&) = default;
};

struct RetryOptions {
  Millis first = std::chrono::seconds(5);  ///< pause before the second attempt; doubles with each
  Millis most = std::chrono::minutes(5);
  int attempts_max = 8;  ///< then the notice fails
  friend bool operator==(const RetryOptions&, const RetryOptions&) = default;
};

struct DispatchOptions {
  std::vector<GatewayOptions> gateways;
  Routes routes;
  std::array<int, 3> lane_weight{8, 4, 1};  ///< shares when all lanes have something to send
  RetryOptions retry;
  friend bool operator==(const DispatchOptions&, const DispatchOptions&) = default;
};

struct EngineOptions {
  int partitions = 16;                         ///< fixed when an installation is made
  std::size_t batch_max = 256;                 ///< inputs a commit
  Millis idle_look = std::chrono::seconds(1);  ///< an idle partition looks at its stream at least this often
  /// The store's: a process that slept through its lease begins no request that it had claimed. Real time.
  Millis lease_ttl = std::chrono::hours(1);
  Seal seal;  ///< the installation's: with another one, references are others too
};

/// What counts as lasting: `[monitors]` of policies.toml. On the service's clock, but for Redis, whose time is real.
struct MonitorOptions {
  Millis store_after = std::chrono::seconds(30);      ///< a partition could not be read or written; real time
  int store_max = 10;                                 ///< ... or so for a moment, more often than this ...
  Millis store_within = std::chrono::minutes(10);     ///< ... within this time; real time
  Millis intake_after = std::chrono::minutes(2);      ///< what came in was not read to its end; real time
  Millis gateway_after = std::chrono::minutes(2);     ///< something waits for a gateway that took nothing
  Millis backlog_after = std::chrono::minutes(30);    ///< the oldest due notice of a lane is so far behind its time
  int rejected_max = 1000;                            ///< more malformed events than this ...
  Millis rejected_within = std::chrono::minutes(10);  ///< ... within this time
  int superseded_run = 50;                            ///< of one source, so many more superseded than applied
  int duplicate_run = 1000;                           ///< ... and so many more duplicates
  int conflict_max = 10;                              ///< more conflicts of one source than this ...
  int refused_max = 1000;                             ///< ... or more of its events with fields left out ...
  Millis sources_within = std::chrono::minutes(10);   ///< ... within this time
  int unanswered_max = 100;                           ///< more requests to a gateway without a usable answer ...
  Millis unanswered_within = std::chrono::minutes(10);
  friend bool operator==(const MonitorOptions&, const MonitorOptions&) = default;
};

}  // namespace dun::scheduler
