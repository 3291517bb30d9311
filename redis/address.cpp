#include "redis/address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace dun::redis {
namespace {

std::unexpected<std::string> wrong(std::string_view what) {
  return std::unexpected(
      fmt::format("Redis URL: {}; expected redis://[user[:password]@]host[:port][/db], rediss://... for TLS, "
                  "unix:///path[?db=N], redis+sentinel://[user[:password]@]host[:port],.../MASTER[/db], or "
                  "redis+cluster://[user[:password]@]host[:port],...",
                  what));
}

template <typename Integer>
std::optional<Integer> to_integer(std::string_view text, Integer low, Integer high) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) return std::nullopt;
  return value;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned byte = 0;
    if (i + 3 > text.size()) return std::nullopt;
    const auto [end, error] = std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
    if (error != std::errc() || end != text.data() + i + 3) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

constexpr int db_max = 65'535;
constexpr std::uint16_t sentinel_port = 26'379;
constexpr std::string_view bad_credentials = "user or password hold a % without two hex digits";

std::expected<Address, std::string> parse_unix(std::string_view rest) {
  Address address{.kind = Address::Kind::unix_socket};
  const std::size_t question = std::min(rest.find('?'), rest.size());
  address.path = rest.substr(0, question);
  if (!address.path.starts_with('/') || address.path.size() == 1) return wrong("the socket's path must be absolute");
  if (address.path.size() > 107) return wrong("the socket's path is longer than 107 bytes, which no system allows");
  const std::string_view query = rest.substr(std::min(question + 1, rest.size()));
  if (query.empty()) return address;
  const auto db = query.starts_with("db=") ? to_integer(query.substr(3), 0, db_max) : std::nullopt;
  if (!db) return wrong("behind ? only db=NUMBER is known");
  address.db = *db;
  return address;
}

/// `user:password` into the address; false where the percent-encoding is broken.
bool read_credentials(Address& address, std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
  if (!user || !password) return false;
  address.user = *std::move(user);
  address.password = *std::move(password);
  return true;
}

/// Takes the credentials off the front of `rest`. A password may hold an unencoded slash or @, a host cannot: the last
/// @ ends them.
bool take_credentials(Address& address, std::string_view& rest) {
  const std::size_t at = rest.rfind('@');
  if (at == std::string_view::npos) return true;
  const bool good = read_credentials(address, rest.substr(0, at));
  rest.remove_prefix(at + 1);
  return good;
}

std::expected<int, std::string> parse_db(std::string_view text) {
  const auto db = text.empty() ? std::optional(0) : to_integer(text, 0, db_max);
  if (!db) return std::unexpected(fmt::format("the database \"{}\" is not a number from 0 to {}", text, db_max));
  return *db;
}

/// `host[:port]`, `[v6][:port]`.
std::expected<Endpoint, std::string> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  Endpoint endpoint{.host = {}, .port = default_port};
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::unexpected("the bracket of the IPv6 host is not closed");
    endpoint.host = text.substr(1, bracket - 1);
    port = text.substr(bracket + 1);
    if (!port.empty() && !port.starts_with(':'))
      return std::unexpected("behind the IPv6 host a port or nothing may follow");
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    endpoint.host = text.substr(0, colon);
    port = text.substr(colon);
  }
  if (endpoint.host.empty()) return std::unexpected("there is no host");
  if (port.empty()) return endpoint;
  const auto number = to_integer<std::uint16_t>(port.substr(1), 1, 65'535);
  if (!number) return std::unexpected(fmt::format("the port \"{}\" is not a number from 1 to 65535", port.substr(1)));
  endpoint.port = *number;
  return endpoint;
}

std::string with_port(const std::string& host, std::uint16_t port) {
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

}  // namespace

std::expected<Address, std::string> parse_address(std::string_view url) {
  if (url.starts_with("unix://")) return parse_unix(url.substr(7));
  Address address;
  if (url.starts_with("rediss://"))
    address.kind = Address::Kind::tls;
  else if (!url.starts_with("redis://"))
    return wrong(url.empty() ? "is empty" : "the scheme is not known");
  std::string_view rest = url.substr(url.find("://") + 3);
  if (!take_credentials(address, rest)) return wrong(bad_credentials);
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const auto db = parse_db(rest.substr(slash + 1));
    if (!db) return wrong(db.error());
    address.db = *db;
    rest = rest.substr(0, slash);
  }
  const auto endpoint = parse_endpoint(rest, address.port);
  if (!endpoint) return wrong(endpoint.error());
  address.host = endpoint->host;
  address.port = endpoint->port;
  return address;
}

std::expected<Site, std::string> parse_site(std::string_view url) {
  const std::size_t colon = std::min(url.find("://"), url.size());
  const std::string_view scheme = url.substr(0, colon);
  Site site;
  if (scheme.ends_with("+sentinel")) {
    site.kind = Site::Kind::sentinel;
  } else if (scheme.ends_with("+cluster")) {
    site.kind = Site::Kind::cluster;
  } else {
    auto address = parse_address(url);
    if (!address) return std::unexpected(std::move(address).error());
    return Site(*std::move(address));
  }
  const bool sentinel = site.kind == Site::Kind::sentinel;
  const std::string_view transport = scheme.substr(0, scheme.find('+'));
  if (transport == "rediss")
    site.server.kind = Address::Kind::tls;
  else if (transport != "redis")
    return wrong("the scheme is not known");
  std::string_view rest = url.substr(std::min(colon + 3, url.size()));
  if (!take_credentials(site.server, rest)) return wrong(bad_credentials);
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string_view path = rest.substr(std::min(slash + 1, rest.size()));
  std::string_view hosts = rest.substr(0, slash);
  while (true) {
    const std::size_t comma = std::min(hosts.find(','), hosts.size());
    auto endpoint = parse_endpoint(hosts.substr(0, comma), sentinel ? sentinel_port : site.server.port);
    if (!endpoint) return wrong(endpoint.error());
    site.seeds.push_back(*std::move(endpoint));
    if (comma == hosts.size()) break;
    hosts.remove_prefix(comma + 1);
  }
  if (!sentinel) return path.empty() ? std::expected<Site, std::string>(site) : wrong("a cluster has database 0 only");
  const std::size_t end = std::min(path.find('/'), path.size());
  site.master = path.substr(0, end);
  if (site.master.empty()) return wrong("behind the Sentinels stands /NAME, the name that they know the master by");
  const auto db = parse_db(path.substr(std::min(end + 1, path.size())));
  if (!db) return wrong(db.error());
  site.server.db = *db;
  return site;
}

Address Site::at(const Endpoint& endpoint) const {
  Address address = server;
  address.host = endpoint.host;
  address.port = endpoint.port;
  return address;
}

std::string Site::display() const {
  if (kind == Kind::server) return server.display();
  std::string text = fmt::format("{}+{}://", server.kind == Address::Kind::tls ? "rediss" : "redis",
                                 kind == Kind::sentinel ? "sentinel" : "cluster");
  for (const Endpoint& seed : seeds) text += (&seed == &seeds.front() ? "" : ",") + with_port(seed.host, seed.port);
  if (kind == Kind::sentinel) text += "/" + master;
  if (server.db != 0) text += fmt::format("/{}", server.db);
  return text;
}

std::string Address::display() const {
  const std::string suffix = db == 0 ? "" : fmt::format("{}{}", kind == Kind::unix_socket ? "?db=" : "/", db);
  if (kind == Kind::unix_socket) return fmt::format("unix://{}{}", path, suffix);
  return fmt::format("{}://{}{}", kind == Kind::tls ? "rediss" : "redis", with_port(host, port), suffix);
}

}  // namespace dun::redis
