#include "redis/link.hpp"

#include "base/async/deadline.hpp"
#include "redis/connection.hpp"
#include "redis/stream.hpp"
#include "redis/topology.hpp"

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

/// Replies by which a server says that it is not, or no longer, the place for what was asked. A slot that is on its way
/// (ASK, TRYAGAIN) still has its place.
constexpr std::array misplacements = {"MOVED", "READONLY", "CLUSTERDOWN", "MASTERDOWN"};

const Value* misplaced(const std::vector<Value>& replies) {
  const auto found = std::ranges::find_if(replies, [](const Value& reply) {
    return reply.is(Value::Type::error) &&
           std::ranges::any_of(misplacements, [&](const char* code) { return reply.is_error(code); });
  });
  return found == replies.end() ? nullptr : &*found;
}

/// The place that the first `ASK SLOT HOST:PORT` among the replies names.
std::optional<Endpoint> where_to_ask(const std::vector<Value>& replies) {
  const auto ask = std::ranges::find_if(replies, [](const Value& reply) { return reply.is_error("ASK"); });
  if (ask == replies.end()) return std::nullopt;
  const std::string_view place = std::string_view(ask->text).substr(ask->text.rfind(' ') + 1);
  const std::size_t colon = place.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::int64_t port = text_value(std::string(place.substr(colon + 1))).to_number();
  if (colon == 0 || port < 1 || port > 65'535) return std::nullopt;
  return Endpoint{.host = std::string(place.substr(0, colon)), .port = static_cast<std::uint16_t>(port)};
}

/// Whether the server that greeted is one to work with.
std::expected<void, ConnectError> fit(const Connection& connection, const Site& site) {
  if (connection.mode == "sentinel")
    return std::unexpected(
        misconfigured("this is a Sentinel, not a Redis server; use redis+sentinel://host:port,.../NAME"));
  if (major_version(connection.version) < 7)
    return std::unexpected(
        misconfigured(fmt::format("the server is Redis {}; Dun needs 7.0 or later, upgrade the server",
                                  connection.version.empty() ? "of an unknown version" : connection.version)));
  if (connection.mode == "cluster" && site.kind != Site::Kind::cluster)
    return std::unexpected(misconfigured("this is a node of a cluster; use redis+cluster://host:port,..."));
  if (site.kind != Site::Kind::server && connection.role != "master")
    return std::unexpected(ConnectError{.message = "the server is named as the master and is none (yet)"});
  return {};
}

}  // namespace

class Link::Impl {
 public:
  Impl(Executor executor, Site site, std::uint16_t slot, LinkOptions options)
      : executor_(executor),
        topology_(std::move(site), slot),
        options_(std::move(options)),
        work_(executor),
        tasks_(executor) {
    tasks_.spawn(run());
  }

  PendingPtr start(Operation operation, std::optional<std::uint64_t> connection);
  Awaitable<Replies> finish(PendingPtr pending, std::optional<Millis> deadline);
  Awaitable<Replies> finish_following(PendingPtr pending, std::optional<Millis> deadline);
  Awaitable<bool> ends_within(PendingPtr pending, Millis limit);
  Awaitable<std::expected<ServerHello, LinkError>> connected();
  Awaitable<void> close();
  [[nodiscard]] std::string display() const { return address_ ? address_->display() : topology_.site().display(); }
  [[nodiscard]] std::optional<std::uint64_t> connection() const {
    return state_ == State::up ? std::optional(hello_.connection) : std::nullopt;
  }

 private:
  enum class State : std::uint8_t { connecting, up, down };

  Awaitable<void> run();
  Awaitable<std::expected<Connection, ConnectError>> open();
  Awaitable<std::expected<std::vector<Value>, ConnectError>> ask_at(Endpoint place, Operation operation);
  Awaitable<void> read();
  Awaitable<void> write();
  Awaitable<std::string> serve();

  void submit(PendingPtr pending);
  void break_off(const std::string& why);
  void fail_all(const LinkError& error);
  void report(bool up, const std::string& what);
  [[nodiscard]] ConnectError timed_out() const {
    const char* hint = "; a port that does not speak TLS keeps silent like that, use redis:// there";
    return {.message = fmt::format("not connected within {}{}", dun::to_text(options_.connect_timeout),
                                   topology_.site().server.kind == Address::Kind::tls ? hint : "")};
  }
  [[nodiscard]] LinkError error(const ConnectError& why) const {
    return {.misconfigured = why.misconfigured, .message = display() + ": " + why.message};
  }

  Executor executor_;
  Topology topology_;
  LinkOptions options_;
  std::optional<Address> address_;  // where the present attempt or connection leads; none: nobody has told yet
  State state_ = State::connecting;
  bool closed_ = false;
  ServerHello hello_;
  ConnectError last_error_;
  std::unique_ptr<Transport> transport_;  // of the present connection
  Multiplexer multiplexer_;
  std::string broken_;          // why the present connection is being given up; empty while it is good
  std::uint64_t received_ = 0;  // bytes, on all connections
  Multiplexer::Ticket tickets_ = 0;
  std::map<Multiplexer::Ticket, PendingPtr> in_flight_;
  std::deque<PendingPtr> waiting_;  // for the attempt under way
  std::string reported_;            // last sentence given to on_change
  async::Signal work_;              // there is something to write, or the connection is broken
  async::TaskGroup tasks_;
};

PendingPtr Link::Impl::start(Operation operation, std::optional<std::uint64_t> connection) {
  const auto pending = std::make_shared<Pending>(executor_, std::move(operation));
  const auto refuse = [&](const ConnectError& why) { pending->finish(std::unexpected(error(why))); };
  if (closed_)
    refuse({.message = "the link was closed"});
  else if (connection && this->connection() != connection)
    refuse({.message = "the connection that this builds on was lost"});
  else if (state_ == State::down)
    refuse(last_error_);
  else if (state_ == State::up)
    submit(pending);
  else
    waiting_.push_back(pending);
  return pending;
}

Awaitable<Link::Replies> Link::Impl::finish(PendingPtr pending, std::optional<Millis> limit) {
  const Millis deadline = limit.value_or(options_.deadline);
  const auto cancellation = co_await boost::asio::this_coro::cancellation_state;
  // Replies come in order, so while bytes come in a large one before ours, or ours itself, is on its way.
  for (std::uint64_t before = received_ + 1; !pending->done && before != received_;) {
    before = received_;
    co_await pending->ended.wait(deadline);
    if (cancellation.cancelled() != boost::asio::cancellation_type::none) break;
  }
  if (pending->done) co_return std::move(pending->replies);
  const bool never_left = std::erase(waiting_, pending) > 0;
  if (cancellation.cancelled() != boost::asio::cancellation_type::none)
    throw boost::system::system_error(boost::asio::error::operation_aborted);
  const std::string why =
      fmt::format("{} within {}", never_left ? "not connected" : "no answer", dun::to_text(deadline));
  if (!never_left) break_off(why);
  co_return std::unexpected(error({.message = why}));
}

/// Asked once, on a connection of its own, by whoever does not know that node yet.
Awaitable<std::expected<std::vector<Value>, ConnectError>> Link::Impl::ask_at(Endpoint place, Operation operation) {
  auto connection = co_await open_connection(topology_.site().at(place), options_.name, options_.limits);
  if (!connection) co_return std::unexpected(std::move(connection).error());
  co_return co_await exchange(*connection, std::move(operation));
}

Awaitable<Link::Replies> Link::Impl::finish_following(PendingPtr pending, std::optional<Millis> limit) {
  Replies replies = co_await finish(pending, limit);
  if (!replies || topology_.site().kind != Site::Kind::cluster) co_return replies;
  const auto place = where_to_ask(*replies);
  if (!place) co_return replies;
  const Operation& asked = pending->operation;
  const bool transaction = asked.front() == Command{"MULTI"};
  Operation again;
  std::vector<std::size_t> positions;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    if (!transaction && !(*replies)[i].is_error("ASK")) continue;
    if (!transaction || i == 0) again.push_back({"ASKING"});
    again.push_back(asked[i]);
    positions.push_back(i);
  }
  const std::size_t first = again.size() - positions.size();
  auto there = co_await async::with_deadline(ask_at(*place, std::move(again)),
                                             options_.connect_timeout + limit.value_or(options_.deadline));
  // Where nobody answers, what was said first stands: it is to be tried again.
  if (!there || !there->has_value()) co_return replies;
  for (std::size_t i = 0; i < positions.size(); ++i)
    (*replies)[positions[i]] = std::move((**there)[transaction ? first + i : 2 * i + 1]);
  co_return replies;
}

Awaitable<bool> Link::Impl::ends_within(PendingPtr pending, Millis limit) {
  if (!pending->done && co_await pending->ended.wait(limit)) pending->ended.notify();  // for finish()
  co_return pending->done;
}

Awaitable<std::expected<ServerHello, LinkError>> Link::Impl::connected() {
  // A command that any user may give and that touches nothing.
  const Replies replies = co_await finish(start({{"PING"}}, {}), options_.connect_timeout + options_.deadline);
  if (!replies) co_return std::unexpected(replies.error());
  if (const Value& pong = replies->front(); is_absence(pong))
    co_return std::unexpected(error({.message = "the server cannot answer at present: " + pong.text}));
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
  multiplexer_.submit(++tickets_, pending->operation);
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
  if (options_.on_change) options_.on_change(up, display() + ": " + what);
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
      Connection& connection = opened->value();
      transport_ = std::move(connection.transport);
      multiplexer_ = std::move(connection.multiplexer);
      hello_ = {.version = connection.version, .connection = hello_.connection + 1};
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

/// Finds the server, connects and makes ourselves known.
Awaitable<std::expected<Connection, ConnectError>> Link::Impl::open() {
  broken_.clear();
  address_.reset();
  auto found = co_await topology_.find();
  if (!found) co_return std::unexpected(std::move(found).error());
  address_ = *std::move(found);
  auto connection = co_await open_connection(*address_, options_.name, options_.limits);
  if (!connection) co_return std::unexpected(std::move(connection).error());
  if (const auto good = fit(*connection, topology_.site()); !good) co_return std::unexpected(good.error());
  co_return *std::move(connection);
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
    received_ += *size;
    auto finished = multiplexer_.feed({buffer.data(), *size});
    if (!finished) {
      break_off(finished.error());
      break;
    }
    for (auto& operation : *finished) {
      if (const Value* reply = misplaced(operation.replies);
          reply != nullptr && topology_.site().kind != Site::Kind::server)
        break_off("to be found again: " + reply->text);
      const auto found = in_flight_.extract(operation.ticket);
      if (!found.empty()) found.mapped()->finish(std::move(operation.replies));
    }
  }
}

Awaitable<void> Link::Impl::write() {
  while (broken_.empty()) {
    if (!multiplexer_.has_output()) {
      co_await work_.wait();
      continue;
    }
    const std::string output = multiplexer_.take_output();
    if (const auto written = co_await transport_->write(output); !written) break_off(written.error());
  }
}

LinkOptions limited(LinkOptions options) {
  options.limits = reply_limits();
  return options;
}

Link::Link(Executor executor, Site site, LinkOptions options, std::string_view key)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(site), slot_of(key), std::move(options))) {}
Link::~Link() = default;

Link::Started Link::start(Operation operation, std::optional<std::uint64_t> connection) {
  return impl_->start(std::move(operation), connection);
}

Awaitable<Link::Replies> Link::finish(Started started, std::optional<Millis> deadline) {
  return impl_->finish(std::static_pointer_cast<Pending>(std::move(started)), deadline);
}

Awaitable<Link::Replies> Link::finish_following(Started started, std::optional<Millis> deadline) {
  return impl_->finish_following(std::static_pointer_cast<Pending>(std::move(started)), deadline);
}

Awaitable<bool> Link::ends_within(Started started, Millis limit) {
  return impl_->ends_within(std::static_pointer_cast<Pending>(std::move(started)), limit);
}

Awaitable<Link::Replies> Link::execute(Operation operation, std::optional<std::uint64_t> connection,
                                       std::optional<Millis> deadline) {
  return impl_->finish(impl_->start(std::move(operation), connection), deadline);
}

Awaitable<std::expected<ServerHello, LinkError>> Link::connected() {
  return impl_->connected();
}

Awaitable<void> Link::close() {
  return impl_->close();
}

std::string Link::display() const {
  return impl_->display();
}

std::optional<std::uint64_t> Link::connection() const {
  return impl_->connection();
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
