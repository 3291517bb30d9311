// Taking a port. Heavy: for .cpp files only.
#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <expected>
#include <string>

namespace dun::http {

/// Opens, binds and listens; the port is the one that was given, or the one that 0 got. The error names address and
/// port.
[[nodiscard]] std::expected<std::uint16_t, std::string> listen(boost::asio::ip::tcp::acceptor& acceptor,
                                                               const std::string& address, std::uint16_t port);

}  // namespace dun::http
