// HTTP requests to one gateway, by libcurl on an Asio executor.
#pragma once

#include "gateways/http.hpp"
#include "gateways/spec.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace dun::gateways {

/// Performs requests over at most `connections` kept-alive HTTP/1.1 connections; those above that wait their turn,
/// first come, first served.
///
/// Guarantee: each request goes out at most once, and when it fails the result says whether any of it can have reached
/// the gateway. libcurl by itself repeats a request whose reused connection closes without an answer, and would report
/// one success for two deliveries; here the second try is stopped and the result is `repeated`. What came on a
/// connection before the request left is never its answer: the request goes out on another. Where connections keep
/// being closed under requests they are not used again for a while. Redirects are not followed. Proxies of the
/// environment are not used.
///
/// Belongs to the thread of its executor. Requests that are under way keep what they need and may outlive it.
class CurlClient {
 public:
  CurlClient(boost::asio::any_io_executor executor, TransportSpec transport);
  ~CurlClient();
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  /// Ends by itself, within the time-outs. Cancelling the caller ends it early, as a failure.
  [[nodiscard]] boost::asio::awaitable<HttpResult> perform(HttpRequest request);

 private:
  class Driver;
  class Transfer;
  static boost::asio::awaitable<HttpResult> perform_on(std::shared_ptr<Driver> driver, HttpRequest request);

  std::shared_ptr<Driver> driver_;
};

}  // namespace dun::gateways
