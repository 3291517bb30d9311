#include "redis/transport.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <fmt/format.h>

#include <utility>

namespace dun::redis {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Local = asio::local::stream_protocol;
using Error = boost::system::error_code;
using Opened = std::expected<std::unique_ptr<Transport>, ConnectError>;
constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

std::string describe(const Error& error) {
  if (error == asio::error::eof || error == asio::ssl::error::stream_truncated)
    return "the server closed the connection";
  return error.message();
}

template <typename Stream>
class StreamTransport final : public Transport {
 public:
  explicit StreamTransport(Stream stream) : stream_(std::move(stream)) {}

  Awaitable<std::expected<std::size_t, std::string>> read_some(std::span<char> into) override {
    const auto [error, size] = co_await stream_.async_read_some(asio::buffer(into.data(), into.size()), with_error);
    if (error) co_return std::unexpected(describe(error));
    co_return size;
  }

  Awaitable<std::expected<void, std::string>> write(std::string_view bytes) override {
    const auto [error, size] = co_await asio::async_write(stream_, asio::buffer(bytes), with_error);
    if (error) co_return std::unexpected(describe(error));
    co_return std::expected<void, std::string>();
  }

  void close() override {
    Error ignored;
    stream_.lowest_layer().close(ignored);
  }

  Stream& stream() { return stream_; }

 private:
  Stream stream_;
};

ConnectError unreachable(const std::string& why) {
  return {.misconfigured = false, .message = "cannot connect: " + why};
}

Awaitable<std::expected<tcp::socket, ConnectError>> connect_tcp(std::string host, std::uint16_t port) {
  const Executor executor = co_await asio::this_coro::executor;
  tcp::resolver resolver(executor);
  const auto [unresolved, endpoints] = co_await resolver.async_resolve(host, std::to_string(port), with_error);
  if (unresolved) co_return std::unexpected(unreachable(fmt::format("host {}: {}", host, describe(unresolved))));
  tcp::socket socket(executor);
  const auto [error, endpoint] = co_await asio::async_connect(socket, endpoints, with_error);
  if (error) co_return std::unexpected(unreachable(describe(error)));
  Error ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  co_return socket;
}

/// The TLS settings as a context, or which file is wrong.
std::expected<asio::ssl::context, ConnectError> make_context(const TlsOptions& options) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  const auto wrong = [](std::string_view what, const std::string& file, const Error& error) {
    return std::unexpected(
        ConnectError{.misconfigured = true, .message = fmt::format("TLS: {} {}: {}", what, file, error.message())});
  };
  Error error;
  if (options.ca_file.empty())
    context.set_default_verify_paths(error);
  else
    context.load_verify_file(options.ca_file, error);
  if (error) return wrong("CA file", options.ca_file, error);
  if (!options.cert_file.empty()) context.use_certificate_chain_file(options.cert_file, error);
  if (error) return wrong("certificate file", options.cert_file, error);
  if (!options.key_file.empty()) context.use_private_key_file(options.key_file, asio::ssl::context::pem, error);
  if (error) return wrong("key file", options.key_file, error);
  context.set_verify_mode(options.verify ? asio::ssl::verify_peer : asio::ssl::verify_none, error);
  if (error) return wrong("verification", "", error);
  return context;
}

ConnectError handshake_failed(const Address& address, const Error& error) {
  const long reason = static_cast<long>(ERR_GET_REASON(static_cast<unsigned long>(error.value())));
  const bool ssl = error.category() == asio::error::get_ssl_category();
  if (ssl && reason == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return {.misconfigured = true,
            .message = fmt::format("TLS: the certificate of {} is not trusted ({}); name its authority's CA file, and "
                                   "use the host name that it was issued for",
                                   address.host, error.message())};
  if (ssl && reason == SSL_R_WRONG_VERSION_NUMBER)
    return {
        .misconfigured = true,
        .message = fmt::format("TLS: port {} does not speak TLS; use redis:// or the server's tls-port", address.port)};
  return {.misconfigured = false, .message = "TLS handshake: " + describe(error)};
}

Awaitable<Opened> open_tls(Address address) {
  auto context = make_context(address.tls);
  if (!context) co_return std::unexpected(std::move(context).error());
  auto socket = co_await connect_tcp(address.host, address.port);
  if (!socket) co_return std::unexpected(std::move(socket).error());
  asio::ssl::stream<tcp::socket> stream(*std::move(socket), *context);
  SSL_set_tlsext_host_name(stream.native_handle(), address.host.c_str());
  Error error;
  if (address.tls.verify) stream.set_verify_callback(asio::ssl::host_name_verification(address.host), error);
  if (!error) {
    const auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::client, with_error);
    error = failed;
  }
  if (error) co_return std::unexpected(handshake_failed(address, error));
  co_return std::make_unique<StreamTransport<asio::ssl::stream<tcp::socket>>>(std::move(stream));
}

}  // namespace

Awaitable<Opened> open_transport(Address address) {
  if (address.kind == Address::Kind::tls) co_return co_await open_tls(address);
  if (address.kind == Address::Kind::tcp) {
    auto socket = co_await connect_tcp(address.host, address.port);
    if (!socket) co_return std::unexpected(std::move(socket).error());
    co_return std::make_unique<StreamTransport<tcp::socket>>(*std::move(socket));
  }
  Local::socket socket(co_await asio::this_coro::executor);
  const auto [error] = co_await socket.async_connect(Local::endpoint(address.path), with_error);
  if (error) co_return std::unexpected(unreachable(describe(error)));
  co_return std::make_unique<StreamTransport<Local::socket>>(std::move(socket));
}

}  // namespace dun::redis
