#include "base/http/listen.hpp"

#include <fmt/format.h>

namespace dun::http {

namespace asio = boost::asio;

std::expected<std::uint16_t, std::string> listen(asio::ip::tcp::acceptor& acceptor, const std::string& address,
                                                 std::uint16_t port) {
  boost::system::error_code error;
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address(address, error), port);
  if (!error) acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return std::unexpected(fmt::format("cannot listen on {} port {}: {}", address, port, error.message()));
  return acceptor.local_endpoint().port();
}

}  // namespace dun::http
