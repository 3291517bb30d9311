// Where Redis is and who we are to it.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace dun::redis {

/// How to trust a server that is reached by `rediss://`, and how it may trust us.
struct TlsOptions {
  bool verify = true;     ///< check the server's certificate and name; off only for tests
  std::string ca_file;    ///< PEM file of the authorities to trust; empty: those of the system
  std::string cert_file;  ///< PEM file of our certificate chain, for servers that ask for one; empty: none
  std::string key_file;   ///< PEM file of its private key
  friend bool operator==(const TlsOptions&, const TlsOptions&) = default;
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
  friend bool operator==(const Address&, const Address&) = default;
};

/// Reads `redis://[user[:password]@]host[:port][/db]`, `rediss://...` (TLS) or `unix:///path[?db=N]`. User and password
/// may be percent-encoded. The error says what was expected and never repeats a password.
[[nodiscard]] std::expected<Address, std::string> parse_address(std::string_view url);

struct Endpoint {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// All of the Redis that an installation lives in: one server, the master that Sentinels name, or a cluster. Which
/// server that means at present, topology.hpp finds out.
struct Site {
  enum class Kind : std::uint8_t { server, sentinel, cluster };

  Site() = default;
  Site(Address address) : server(std::move(address)) {}  // NOLINT(google-explicit-constructor): one server is a site

  Kind kind = Kind::server;
  Address server;               ///< the server; else what its servers have in common: credentials, TLS, database
  std::vector<Endpoint> seeds;  ///< Sentinels, or nodes of the cluster: any of them, the rest is found
  std::string master;           ///< its name among the Sentinels
  std::string sentinel_user;    ///< who we are to the Sentinels; as for a server
  std::string sentinel_password;

  /// A server of this site.
  [[nodiscard]] Address at(const Endpoint& endpoint) const;
  /// Without user and password.
  [[nodiscard]] std::string display() const;
};

/// Reads what parse_address reads, and `redis+sentinel://[user[:password]@]host[:port][,host[:port]...]/NAME[/db]` and
/// `redis+cluster://[user[:password]@]host[:port][,host[:port]...]`; `rediss+...` for TLS to every one of them. User
/// and password are those of the servers; for Sentinels that ask for some there are fields of their own.
[[nodiscard]] std::expected<Site, std::string> parse_site(std::string_view url);

}  // namespace dun::redis
