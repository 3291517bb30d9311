// What a gateway's answer means. Pure; any bytes are an answer.
#pragma once

#include "gateways/http.hpp"
#include "gateways/spec.hpp"
#include "scheduler/ports/send_result.hpp"

namespace dun::gateways {

/// The first rule that matches decides; an answer that no rule matches is unknown, never accepted and never final.
/// `now` is what a date in Retry-After is measured from. Secrets and phone numbers are masked in every detail.
[[nodiscard]] scheduler::SendResult result_of(const GatewaySpec& gateway, const HttpResponse& response, Instant now);

/// Without a rule for it, a failure before anything was sent means that the gateway is down (`not_sent`: that this
/// message is tried again), and any other that nobody knows.
[[nodiscard]] scheduler::SendResult result_of(const GatewaySpec& gateway, const TransportFailure& failure);

/// The same of the answer to a question about the message of that reference.
[[nodiscard]] scheduler::SendResult status_result_of(const GatewaySpec& gateway, std::string_view client_ref,
                                                     const HttpResponse& response, Instant now);

/// A question that could not be asked is asked again: where it surely did not leave, once the gateway is back.
[[nodiscard]] scheduler::SendResult status_result_of(const GatewaySpec& gateway, const TransportFailure& failure);

}  // namespace dun::gateways
