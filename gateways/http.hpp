// An HTTP exchange as values: what the pure parts of this folder make and judge, and CurlClient performs.
#pragma once

#include "gateways/codec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace dun::gateways {

struct HttpRequest {
  std::string method, url;
  NameValues headers;
  std::string body;  ///< these bytes and no others: they may have been signed
};

struct HttpResponse {
  int status = 0;
  NameValues headers;
  std::string body;
};

/// Why there was no answer. Up to `not_sent` no byte of the request has left.
enum class TransportKind : std::uint8_t {
  dns,        ///< the gateway's name was not found
  connect,    ///< refused, unreachable, or no connection in time
  tls,        ///< the certificate or the handshake
  proxy,      ///< the proxy would not connect us
  not_sent,   ///< no connection became free in time, or we were stopped before
  timeout,    ///< no complete answer in time
  reset,      ///< the connection ended before the answer did
  malformed,  ///< the answer is not HTTP
  too_large,  ///< the answer is longer than we take
  repeated,   ///< a connection that was in use before closed unanswered; the request was not sent a second time
};

struct TransportFailure {
  TransportKind kind = TransportKind::reset;
  std::string detail;
};

using HttpResult = std::variant<HttpResponse, TransportFailure>;

/// Whatever the answer would have been, the gateway has not taken the request.
[[nodiscard]] constexpr bool surely_not_sent(TransportKind kind) {
  return kind <= TransportKind::not_sent;
}

/// Whether it says something about the gateway. Servers close connections that they think idle, and a request may meet
/// that; and that none of ours was free is our own affair.
[[nodiscard]] constexpr bool tells(TransportKind kind) {
  return kind != TransportKind::repeated && kind != TransportKind::not_sent;
}

}  // namespace dun::gateways
