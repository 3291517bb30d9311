// Where a Redis server is and who we are to it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace dun::redis {

/// How to trust a server that is reached by `rediss://`, and how it may trust us.
struct TlsOptions {
  bool verify = true;     ///< check the server's certificate and name; off only for tests
  std::string ca_file;    ///< PEM file of the authorities to trust; empty: those of the system
  std::string cert_file;  ///< PEM file of our certificate chain, for servers that ask for one; empty: none
  std::string key_file;   ///< PEM file of its private key
};

struct Address {
  enum class Kind : std::uint8_t { tcp, tls, unix_socket };

  Kind kind = Kind::tcp;
  std::string host;  ///< name or number, for tcp and tls
  std::uint16_t port = 6379;
  std::string path;      ///< of the socket, for unix_socket
  std::string user;      ///< ACL user; empty: the default user
  std::string password;  ///< empty with an empty user: no authentication
  int db = 0;
  TlsOptions tls;  ///< for tls

  /// The address without user and password, for logs and messages.
  [[nodiscard]] std::string display() const;
};

/// Reads `redis://[user[:password]@]host[:port][/db]`, `rediss://...` (TLS) or `unix:///path[?db=N]`. User and password
/// may be percent-encoded. The error says what was expected and never repeats a password.
[[nodiscard]] std::expected<Address, std::string> parse_address(std::string_view url);

}  // namespace dun::redis
