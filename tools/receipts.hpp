// Delivery receipts on their way: from the gateway's HTTP request to an event on the stream of the account's partition.
#pragma once

#include "async/task_group.hpp"
#include "console/router.hpp"
#include "domain/credit_event.hpp"
#include "gateways/receipts.hpp"
#include "gateways/spec.hpp"
#include "scheduler/ports.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dun::tools {

/// Puts events on their accounts' streams; true when all of them are there.
using Publisher = std::function<async::Awaitable<bool>(std::vector<Fields> events)>;

/// A route for each gateway that sends receipts. A receipt is acknowledged when it has been published and not before:
/// until then the gateway is answered with 503 and sends it again. A receipt whose reference is none of ours concerns
/// nobody; it is logged and acknowledged, or the gateway would repeat it for ever.
///
/// `clock` must outlive the router's handler.
void add_receipt_routes(console::Router& router, const std::vector<gateways::GatewaySpec>& gateways,
                        const scheduler::Clock& clock, Publisher publish);

/// The event `dun.receipt`. Its id is derived from gateway, reference and status, so that a receipt that is sent again
/// is the same event. None where the reference does not begin with an account as ours do (`ACCOUNT~HASH`).
[[nodiscard]] std::optional<Fields> receipt_event(const std::string& gateway, const gateways::Receipt& receipt,
                                                  Instant now);

}  // namespace dun::tools
