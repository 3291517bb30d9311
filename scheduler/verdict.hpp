// From a claim to what its gateway is told or asked, and from the answer to what becomes of the notice (E25-E27). Pure.
#pragma once

#include "policies/step.hpp"
#include "scheduler/options.hpp"
#include "scheduler/ports/in_flight.hpp"
#include "scheduler/ports/send_request.hpp"
#include "scheduler/ports/send_result.hpp"

#include <string>
#include <variant>

namespace dun::scheduler {

/// Surely not taken because its whole gateway is paused: back to its place on its shelf, undecided.
struct Returned {};

struct Answer {
  InFlight request;
  std::variant<policies::Settled, Returned> verdict;
};

/// `now` is when the answer came. A retry's pause doubles with each attempt; after attempts_max the notice fails.
/// A question is not asked again once its time is over, and "not taken" is not believed before its own.
[[nodiscard]] Answer judge(const InFlight& request, const SendResult& result, const DispatchOptions& options,
                           Instant now);

/// Its receipt has come, whatever the gateway answers.
[[nodiscard]] policies::Settled taken_by_receipt(const InFlight& request);

/// A question that cannot be asked any more, because the lane has another gateway now or this one is not to be asked:
/// the wait is over.
[[nodiscard]] policies::Settled unaskable(const InFlight& request, Instant now);

/// What the gateway is told or asked now. `client_ref`: what it knows the notice by.
[[nodiscard]] GatewayRequest gateway_request(const InFlight& claim, std::string client_ref, Instant now);

[[nodiscard]] const GatewayOptions* find_gateway(const DispatchOptions& options, const std::string& name);

}  // namespace dun::scheduler
