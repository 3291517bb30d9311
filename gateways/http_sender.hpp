// The engine's sender: HTTP gateways as configured.
#pragma once

#include "gateways/curl_client.hpp"
#include "gateways/spec.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/sender.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace dun::gateways {

/// Hands messages to gateways, and asks about them: builds the request, performs it, judges the answer.
///
/// Guarantee: one call makes at most one HTTP request, and ends by itself within the gateway's time-outs. Belongs to
/// one engine thread, which keeps it until every call has returned; each thread has its own, with its own
/// connections.
class HttpSender final : public scheduler::Sender {
 public:
  /// `gateways` must have passed `finish` without a problem.
  HttpSender(boost::asio::any_io_executor executor, const scheduler::Clock& clock, std::vector<GatewaySpec> gateways);
  ~HttpSender() override;

  /// The gateways by these specs from now on; what is under way ends by the former ones, on their connections.
  void exchange(std::vector<GatewaySpec> gateways);

  scheduler::Awaitable<scheduler::SendResult> send(scheduler::SendRequest request) override;
  scheduler::Awaitable<scheduler::SendResult> ask(scheduler::StatusRequest request) override;

 private:
  struct Route {
    GatewaySpec spec;
    CurlClient client;
  };
  [[nodiscard]] std::shared_ptr<Route> route_to(const std::string& gateway) const;

  const scheduler::Clock& clock_;
  boost::asio::any_io_executor executor_;
  std::map<std::string, std::shared_ptr<Route>, std::less<>> routes_;
};

}  // namespace dun::gateways
