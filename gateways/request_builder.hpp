// From a message to the HTTP request that hands it to a gateway. Pure.
#pragma once

#include "gateways/http.hpp"
#include "gateways/spec.hpp"
#include "scheduler/ports/send_request.hpp"

#include <expected>
#include <functional>
#include <optional>
#include <string>

namespace dun::gateways {

/// What differs from attempt to attempt and cannot be computed.
struct FreshValues {
  Instant now{};
  std::function<std::string()> uuid;  ///< asked at most once, and only where a template names it
};

/// The request of one attempt. Error: why this message can never be handed to this gateway (too long for it, a number
/// it does not serve, a value that has no place in a header), which is final for the message.
[[nodiscard]] std::expected<HttpRequest, std::string> build_request(const GatewaySpec& gateway,
                                                                    const scheduler::SendRequest& message,
                                                                    const FreshValues& fresh);

/// The question what became of a message. Error: why it cannot be asked.
[[nodiscard]] std::expected<HttpRequest, std::string> build_status_request(const GatewaySpec& gateway,
                                                                           const scheduler::StatusRequest& question,
                                                                           const FreshValues& fresh);

}  // namespace dun::gateways
