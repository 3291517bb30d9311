#include "redis/address.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace dun::redis {
namespace {

std::unexpected<std::string> wrong(std::string_view what) {
  return std::unexpected(
      fmt::format("Redis URL: {}; expected redis://[user[:password]@]host[:port][/db], rediss://... for TLS, or "
                  "unix:///path[?db=N]",
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

}  // namespace

std::expected<Address, std::string> parse_address(std::string_view url) {
  if (url.starts_with("unix://")) return parse_unix(url.substr(7));
  Address address;
  if (url.starts_with("rediss://"))
    address.kind = Address::Kind::tls;
  else if (!url.starts_with("redis://"))
    return wrong(url.empty() ? "is empty" : "the scheme is not known");
  std::string_view rest = url.substr(url.find("://") + 3);

  // A password may hold an unencoded slash or @, the host cannot: the last @ ends the credentials.
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    if (!read_credentials(address, rest.substr(0, at)))
      return wrong("user or password hold a % without two hex digits");
    rest = rest.substr(at + 1);
  }
  if (const std::size_t slash = rest.find('/'); slash != std::string_view::npos) {
    const std::string_view path = rest.substr(slash + 1);
    const auto db = path.empty() ? std::optional(0) : to_integer(path, 0, db_max);
    if (!db) return wrong(fmt::format("the database \"{}\" is not a number from 0 to {}", path, db_max));
    address.db = *db;
    rest = rest.substr(0, slash);
  }
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t bracket = rest.find(']');
    if (bracket == std::string_view::npos) return wrong("the bracket of the IPv6 host is not closed");
    address.host = rest.substr(1, bracket - 1);
    rest = rest.substr(bracket + 1);
    if (!rest.empty() && !rest.starts_with(':')) return wrong("behind the IPv6 host a port or nothing may follow");
    if (!rest.empty()) port = rest;
  } else {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    address.host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (address.host.empty()) return wrong("there is no host");
  if (!port.empty()) {
    const auto number = to_integer<std::uint16_t>(port.substr(1), 1, 65'535);
    if (!number) return wrong(fmt::format("the port \"{}\" is not a number from 1 to 65535", port.substr(1)));
    address.port = *number;
  }
  return address;
}

std::string Address::display() const {
  const std::string suffix = db == 0 ? "" : fmt::format("{}{}", kind == Kind::unix_socket ? "?db=" : "/", db);
  if (kind == Kind::unix_socket) return fmt::format("unix://{}{}", path, suffix);
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}{}", kind == Kind::tls ? "rediss" : "redis", v6 ? "[" : "", host, v6 ? "]" : "",
                     port, suffix);
}

}  // namespace dun::redis
