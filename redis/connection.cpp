#include "redis/connection.hpp"

#include <fmt/format.h>

#include <array>
#include <map>
#include <utility>

namespace dun::redis {
namespace {

/// What is wrong when the server does not welcome us.
ConnectError greeting_refused(const Address& address, const Value& reply) {
  if (reply.is_error("WRONGPASS"))
    return misconfigured(
        fmt::format("wrong user or password ({}); correct the credentials in the Redis URL "
                    "(redis://user:password@host), or the server's ACL",
                    reply.text));
  if (reply.is_error("NOAUTH"))
    return misconfigured("the server asks for a password; give it in the Redis URL (redis://:password@host)");
  if (reply.is_error("LOADING")) return {.misconfigured = false, .message = "the server is loading its data"};
  if (reply.is_error("ERR") && reply.text.find("unknown command") != std::string::npos)
    return misconfigured("the server does not know HELLO, so it is older than Redis 6; Dun needs Redis 7.0 or later");
  if (reply.is_error("NOPERM"))
    return misconfigured(fmt::format("user {} may not say HELLO ({})", address.user, reply.text));
  return {.misconfigured = false, .message = "the server refuses the connection: " + reply.text};
}

Operation greeting(const Address& address, const std::string& name) {
  Command hello = {"HELLO", "2"};
  if (!address.user.empty() || !address.password.empty()) {
    hello.insert(hello.end(), {"AUTH", address.user.empty() ? "default" : address.user, address.password});
  }
  hello.insert(hello.end(), {"SETNAME", name});
  Operation operation = {std::move(hello)};
  if (address.db != 0) operation.push_back({"SELECT", std::to_string(address.db)});
  return operation;
}

std::expected<void, ConnectError> read_greeting(Connection& connection, const Address& address,
                                                const std::vector<Value>& replies) {
  const Value& hello = replies.front();
  if (hello.is(Value::Type::error)) return std::unexpected(greeting_refused(address, hello));
  std::map<std::string_view, std::string> facts;
  for (std::size_t i = 0; i + 1 < hello.items.size(); i += 2) facts[hello.items[i].text] = hello.items[i + 1].text;
  connection.version = facts["version"];
  connection.mode = facts["mode"];
  connection.role = facts["role"];
  if (replies.size() > 1 && replies[1].is(Value::Type::error))
    return std::unexpected(misconfigured(
        fmt::format("database {} cannot be selected ({}); correct the Redis URL", address.db, replies[1].text)));
  return {};
}

}  // namespace

ConnectError misconfigured(std::string message) {
  return {.misconfigured = true, .message = std::move(message)};
}

int major_version(std::string_view version) {
  int major = 0;
  for (const char c : version.substr(0, version.find('.'))) {
    if (c < '0' || c > '9' || major > 1000) return 0;
    major = major * 10 + (c - '0');
  }
  return major;
}

Awaitable<std::expected<std::vector<Value>, ConnectError>> exchange(Connection& connection, Operation operation) {
  connection.multiplexer.submit(0, operation);
  const std::string output = connection.multiplexer.take_output();
  if (const auto written = co_await connection.transport->write(output); !written)
    co_return std::unexpected(ConnectError{.message = written.error()});
  std::array<char, 4096> buffer{};
  while (true) {
    const auto size = co_await connection.transport->read_some(buffer);
    if (!size) co_return std::unexpected(ConnectError{.message = size.error()});
    auto finished = connection.multiplexer.feed({buffer.data(), *size});
    if (!finished) co_return std::unexpected(misconfigured(finished.error() + "; is this the port of a Redis server?"));
    if (!finished->empty()) co_return std::move(finished->front().replies);
  }
}

Awaitable<std::expected<Connection, ConnectError>> open_connection(Address address, std::string name,
                                                                   ReplyLimits limits) {
  auto transport = co_await open_transport(address);
  if (!transport) co_return std::unexpected(std::move(transport).error());
  Connection connection{.transport = *std::move(transport), .multiplexer = Multiplexer(limits)};
  auto replies = co_await exchange(connection, greeting(address, name));
  if (!replies) {
    if (!replies.error().misconfigured)
      replies.error().message += " before it greeted; a port that speaks TLS does that, use rediss:// there";
    co_return std::unexpected(std::move(replies).error());
  }
  if (const auto read = read_greeting(connection, address, *replies); !read) co_return std::unexpected(read.error());
  co_return connection;
}

}  // namespace dun::redis
