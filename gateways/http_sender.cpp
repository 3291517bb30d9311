#include "gateways/http_sender.hpp"

#include "gateways/options.hpp"
#include "gateways/request_builder.hpp"
#include "gateways/response_rules.hpp"

#include <fmt/format.h>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

namespace dun::gateways {
namespace {

/// RFC 9562, version 4, from the system's generator.
std::string random_uuid() {
  return to_string(boost::uuids::random_generator_pure()());
}

/// What is wrong with every message ends none of them: they wait until the configuration has been mended.
scheduler::SendResult cannot_build(const GatewaySpec& spec, const std::string& why) {
  if (const auto fault = configuration_fault(spec))
    return scheduler::SendGatewayDown{fmt::format("no request can be built, as gateways.toml has it: {}", *fault)};
  return scheduler::SendRejected{why};
}

}  // namespace

HttpSender::HttpSender(boost::asio::any_io_executor executor, const scheduler::Clock& clock,
                       std::vector<GatewaySpec> gateways)
    : clock_(clock), executor_(std::move(executor)) {
  exchange(std::move(gateways));
}

HttpSender::~HttpSender() = default;

void HttpSender::exchange(std::vector<GatewaySpec> gateways) {
  routes_.clear();
  for (GatewaySpec& spec : gateways) {
    const std::string name = spec.name;
    TransportSpec transport = spec.transport;
    routes_.emplace(name, new Route{.spec = std::move(spec), .client = {executor_, std::move(transport)}});
  }
}

std::shared_ptr<HttpSender::Route> HttpSender::route_to(const std::string& gateway) const {
  const auto route = routes_.find(gateway);
  return route == routes_.end() ? nullptr : route->second;
}

scheduler::Awaitable<scheduler::SendResult> HttpSender::send(scheduler::SendRequest request) {
  const auto route = route_to(request.gateway);
  if (!route) co_return scheduler::SendGatewayDown{fmt::format("no gateway is called \"{}\"", request.gateway)};
  const GatewaySpec& spec = route->spec;
  auto built = build_request(spec, request, {.now = clock_.now(), .uuid = random_uuid});
  if (!built) co_return cannot_build(spec, built.error());
  const HttpResult result = co_await route->client.perform(*std::move(built));
  if (const auto* failure = std::get_if<TransportFailure>(&result)) co_return result_of(spec, *failure);
  co_return result_of(spec, std::get<HttpResponse>(result), clock_.now());
}

scheduler::Awaitable<scheduler::SendResult> HttpSender::ask(scheduler::StatusRequest request) {
  const auto route = route_to(request.gateway);
  if (!route || !route->spec.status.configured())
    co_return scheduler::SendUnknown{fmt::format("no gateway \"{}\" can be asked", request.gateway)};
  const GatewaySpec& spec = route->spec;
  auto built = build_status_request(spec, request, {.now = clock_.now(), .uuid = random_uuid});
  if (!built) co_return scheduler::SendUnknown{built.error()};
  const HttpResult result = co_await route->client.perform(*std::move(built));
  if (const auto* failure = std::get_if<TransportFailure>(&result)) co_return status_result_of(spec, *failure);
  co_return status_result_of(spec, request.client_ref, std::get<HttpResponse>(result), clock_.now());
}

}  // namespace dun::gateways
