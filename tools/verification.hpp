// The promises of a played day, checked from the outside: events as they were published against outcomes as they were
// recorded and messages as the gateway got them. Shares no decision code with the engine.
#pragma once

#include "domain/credit_event.hpp"
#include "domain/outcome.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace dun::tools {

/// An event and when it was surely in the stream.
struct PublishedEvent {
  Instant published{};
  Fields fields;
};

/// What was promised. Quiet hours are wall time of the account's zone, half-open, wrapping past midnight.
struct DayPromise {
  std::chrono::minutes from{22 * 60};
  std::chrono::minutes until{7 * 60};
  std::string default_zone = "Asia/Shanghai";
  std::set<std::string> excluded_segments;  ///< told nothing, so no task either
};

struct Verification {
  std::uint64_t published = 0, applied = 0, duplicates = 0, superseded = 0, rejected = 0;
  std::map<std::string, std::uint64_t> outcomes;  ///< by type
  std::map<std::string, std::uint64_t> sent;      ///< by kind
  std::uint64_t tasks_opened = 0, tasks_closed = 0;
  std::uint64_t at_gateway = 0;
  std::vector<std::string> broken;  ///< promises that were not kept, each with an example

  // How often each promise was broken.
  std::uint64_t applied_twice = 0, inversions = 0, in_quiet_hours = 0, after_payment = 0;
  std::uint64_t sent_twice = 0, missing_at_gateway = 0, unexplained_at_gateway = 0, vip_dunned = 0,
                vip_without_task = 0;
};

/// `outcomes` in the order of the journal, with event.applied among them; `at_gateway`: client_ref of every message
/// that the gateway delivered, as often as it did.
[[nodiscard]] Verification verify(const std::vector<PublishedEvent>& events, const std::vector<Outcome>& outcomes,
                                  const std::vector<std::string>& at_gateway, const DayPromise& quiet);

}  // namespace dun::tools
