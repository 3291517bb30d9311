#include "redis/link.hpp"

#include "async/deadline.hpp"
#include "redis/multiplexer.hpp"
#include "redis/transport.hpp"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <map>
#include <utility>

namespace dun::redis {
namespace {

/// An operation and the coroutine that waits for it.
struct Pending {
  Pending(Executor executor, Operation commands) : operation(std::move(commands)), ended(std::move(executor)) {}
  Operation operation;
  async::Signal ended;
  bool done = false;
  Link::Replies replies;

  void finish(Link::Replies result) {
    done = true;
    replies = std::move(result);
    ended.notify();
  }
};
using PendingPtr = std::shared_ptr<Pending>;

/// Major version in front of the first point; 0 if there is none.
int major_version(std::string_view version) {
  int major = 0;
  for (const char c : version.substr(0, version.find('.'))) {
    if (c < '0' || c > '9' || major > 1000) return 0;
    major = major * 10 + (c - '0');
  }
  return major;
}

ConnectError misconfigured(std::string message) {
  return {.misconfigured = true, .message = std::move(message)};
}

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

std::expected<ServerHello, ConnectError> read_greeting(const Address& address, const std::vector<Value>& replies) {
  const Value& hello = replies.front();
  if (hello.is(Value::Type::error)) return std::unexpected(greeting_refused(address, hello));
  std::map<std::string_view, const Value*> facts;
  for (std::size_t i = 0; i + 1 < hello.items.size(); i += 2) facts[hello.items[i].text] = &hello.items[i + 1];
  const auto fact = [&](std::string_view name) {
    const auto found = facts.find(name);
    return found == facts.end() ? std::string() : found->second->text;
  };
  if (fact("mode") == "sentinel")
    return std::unexpected(misconfigured("this is a Sentinel, not a Redis server; give the address of the master"));
  ServerHello greeting{.version = fact("version"), .connection = 0};
  if (major_version(greeting.version) < 7)
    return std::unexpected(
        misconfigured(fmt::format("the server is Redis {}; Dun needs 7.0 or later, upgrade the server",
                                  greeting.version.empty() ? "of an unknown version" : greeting.version)));
  if (replies.size() > 1 && replies[1].is(Value::Type::error))
    return std::unexpected(misconfigured(
        fmt::format("database {} cannot be selected ({}); correct the Redis URL", address.db, replies[1].text)));
  return greeting;
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

}  // namespace

class Link::Impl {
 public:
  Impl(Executor executor, Address address, LinkOptions options)
      : executor_(executor),
        address_(std::move(address)),
        options_(std::move(options)),
        work_(executor),
        tasks_(executor) {
    tasks_.spawn(run());
  }

  Awaitable<Replies> execute(Operation operation, std::optional<std::uint64_t> connection,
                             std::optional<Millis> deadline);
  Awaitable<std::expected<ServerHello, LinkError>> connected();
  Awaitable<void> close();
  [[nodiscard]] const Address& address() const { return address_; }

 private:
  enum class State : std::uint8_t { connecting, up, down };

  Awaitable<void> run();
  Awaitable<std::expected<ServerHello, ConnectError>> open();
  Awaitable<void> read();
  Awaitable<void> write();
  Awaitable<std::string> serve();

  void submit(PendingPtr pending);
  void break_off(const std::string& why);
  void fail_all(const LinkError& error);
  void report(bool up, const std::string& what);
  [[nodiscard]] ConnectError timed_out() const {
    const char* hint = "; a port that does not speak TLS keeps silent like that, use redis:// there";
    return {.message = fmt::format("not connected within {}{}", to_text(options_.connect_timeout),
                                   address_.kind == Address::Kind::tls ? hint : "")};
  }
  [[nodiscard]] LinkError error(const ConnectError& why) const {
    return {.misconfigured = why.misconfigured, .message = address_.display() + ": " + why.message};
  }

  Executor executor_;
  Address address_;
  LinkOptions options_;
  State state_ = State::connecting;
  bool closed_ = false;
  ServerHello hello_;
  ConnectError last_error_;
  std::unique_ptr<Transport> transport_;  // of the present attempt or connection
  std::optional<Multiplexer> multiplexer_;
  std::string broken_;  // why the present connection is being given up; empty while it is good
  Multiplexer::Ticket tickets_ = 0;
  std::map<Multiplexer::Ticket, PendingPtr> in_flight_;
  std::deque<PendingPtr> waiting_;  // for the attempt under way
  std::string reported_;            // last sentence given to on_change
  async::Signal work_;              // there is something to write, or the connection is broken
  async::TaskGroup tasks_;
};

Awaitable<Link::Replies> Link::Impl::execute(Operation operation, std::optional<std::uint64_t> connection,
                                             std::optional<Millis> limit) {
  const Millis deadline = limit.value_or(options_.deadline);
  if (closed_) co_return std::unexpected(error({.message = "the link was closed"}));
  if (connection && (state_ != State::up || hello_.connection != *connection))
    co_return std::unexpected(error({.message = "the connection that this builds on was lost"}));
  if (state_ == State::down) co_return std::unexpected(error(last_error_));
  const auto pending = std::make_shared<Pending>(executor_, std::move(operation));
  if (state_ == State::up)
    submit(pending);
  else
    waiting_.push_back(pending);
  co_await pending->ended.wait(deadline);
  if (pending->done) co_return std::move(pending->replies);
  const bool never_left = std::erase(waiting_, pending) > 0;
  const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  if (cancellation.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  const std::string why = fmt::format("{} within {}", never_left ? "not connected" : "no answer", to_text(deadline));
  if (!never_left) break_off(why);
  co_return std::unexpected(error({.message = why}));
}

Awaitable<std::expected<ServerHello, LinkError>> Link::Impl::connected() {
  // A command that any user may give and that touches nothing.
  const Replies replies = co_await execute({{"PING"}}, {}, options_.connect_timeout + options_.deadline);
  if (!replies) co_return std::unexpected(replies.error());
  co_return hello_;
}

Awaitable<void> Link::Impl::close() {
  closed_ = true;
  options_.on_change = nullptr;
  fail_all(error({.message = "the link was closed"}));
  tasks_.cancel();
  co_await tasks_.join();
  transport_.reset();
}

void Link::Impl::submit(PendingPtr pending) {
  multiplexer_->submit(++tickets_, pending->operation);
  in_flight_.emplace(tickets_, std::move(pending));
  work_.notify();
}

void Link::Impl::break_off(const std::string& why) {
  if (broken_.empty()) broken_ = why;
  if (transport_) transport_->close();
  work_.notify();
}

void Link::Impl::fail_all(const LinkError& failure) {
  for (auto& [ticket, pending] : std::exchange(in_flight_, {})) pending->finish(std::unexpected(failure));
  for (auto& pending : std::exchange(waiting_, {})) pending->finish(std::unexpected(failure));
}

void Link::Impl::report(bool up, const std::string& what) {
  if (reported_ == what) return;
  reported_ = what;
  if (options_.on_change) options_.on_change(up, address_.display() + ": " + what);
}

/// Attempt, serve, pause, until cancelled.
Awaitable<void> Link::Impl::run() {
  using SteadyClock = std::chrono::steady_clock;
  Millis pause = options_.backoff_first;
  while (true) {
    bool held = false;
    state_ = State::connecting;
    auto opened = co_await async::with_deadline(open(), options_.connect_timeout);
    if (opened && opened->has_value()) {
      hello_ = {.version = opened->value().version, .connection = hello_.connection + 1};
      state_ = State::up;
      report(true, "connected, Redis " + hello_.version);
      for (auto& pending : std::exchange(waiting_, {})) submit(std::move(pending));
      const auto since = SteadyClock::now();
      last_error_ = {.message = co_await serve()};
      held = SteadyClock::now() - since > options_.backoff_max;
    } else if (opened) {
      last_error_ = std::move(opened->error());
    } else {
      last_error_ = timed_out();
    }
    transport_.reset();
    state_ = State::down;
    fail_all(error(last_error_));
    report(false, last_error_.message);
    // A connection that held is made anew at once; a server that is not there, or breaks off at once, is given a rest.
    if (held) {
      pause = options_.backoff_first;
    } else {
      co_await async::sleep(pause);
      pause = std::min(pause * 2, options_.backoff_max);
    }
  }
}

/// Connects and makes ourselves known; the multiplexer is ready for use behind the greeting.
Awaitable<std::expected<ServerHello, ConnectError>> Link::Impl::open() {
  broken_.clear();
  multiplexer_.emplace();
  auto transport = co_await open_transport(address_);
  if (!transport) co_return std::unexpected(std::move(transport).error());
  transport_ = *std::move(transport);
  multiplexer_->submit(0, greeting(address_, options_.name));
  const std::string output = multiplexer_->take_output();
  if (const auto written = co_await transport_->write(output); !written)
    co_return std::unexpected(ConnectError{.message = written.error()});
  std::array<char, 4096> buffer{};
  while (true) {
    const auto size = co_await transport_->read_some(buffer);
    if (!size)
      co_return std::unexpected(ConnectError{
          .message = size.error() + " before it greeted; a port that speaks TLS does that, use rediss:// there"});
    const auto finished = multiplexer_->feed({buffer.data(), *size});
    if (!finished) co_return std::unexpected(misconfigured(finished.error() + "; is this the port of a Redis server?"));
    if (!finished->empty()) co_return read_greeting(address_, finished->front().replies);
  }
}

/// Both directions of a connection until it breaks; why it did.
Awaitable<std::string> Link::Impl::serve() {
  using namespace boost::asio::experimental::awaitable_operators;
  co_await (read() && write());
  co_return broken_;
}

Awaitable<void> Link::Impl::read() {
  std::vector<char> buffer(std::size_t{64} * 1024);
  while (broken_.empty()) {
    const auto size = co_await transport_->read_some(buffer);
    if (!size) {
      break_off(size.error());
      break;
    }
    auto finished = multiplexer_->feed({buffer.data(), *size});
    if (!finished) {
      break_off(finished.error());
      break;
    }
    for (auto& operation : *finished) {
      const auto found = in_flight_.extract(operation.ticket);
      if (!found.empty()) found.mapped()->finish(std::move(operation.replies));
    }
  }
}

Awaitable<void> Link::Impl::write() {
  while (broken_.empty()) {
    if (!multiplexer_->has_output()) {
      co_await work_.wait();
      continue;
    }
    const std::string output = multiplexer_->take_output();
    if (const auto written = co_await transport_->write(output); !written) break_off(written.error());
  }
}

Link::Link(Executor executor, Address address, LinkOptions options)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(address), std::move(options))) {}
Link::~Link() = default;

Awaitable<Link::Replies> Link::execute(Operation operation, std::optional<std::uint64_t> connection,
                                       std::optional<Millis> deadline) {
  return impl_->execute(std::move(operation), connection, deadline);
}

Awaitable<std::expected<ServerHello, LinkError>> Link::connected() {
  return impl_->connected();
}

Awaitable<void> Link::close() {
  return impl_->close();
}

const Address& Link::address() const {
  return impl_->address();
}

scheduler::StoreError unavailable(const LinkError& error) {
  return {.kind = scheduler::StoreError::Kind::unavailable, .message = error.message};
}

Awaitable<scheduler::StoreResult<std::vector<Value>>> ask(Link& link, Operation operation) {
  auto replies = co_await link.execute(std::move(operation));
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  co_return *std::move(replies);
}

}  // namespace dun::redis
