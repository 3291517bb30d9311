#include "tools/listeners.hpp"

#include "base/http/server.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

namespace dun::tools {
namespace {

namespace asio = boost::asio;

constexpr std::size_t health_connections = 16;

Millis real_time() {
  return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 256;
  const rlim_t before = std::exchange(limit.rlim_cur, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return static_cast<std::size_t>(before);
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::size_t listener_share(std::size_t limit, std::size_t reserved, std::size_t most) {
  constexpr std::size_t least = 8;
  return std::clamp(limit > reserved ? limit - reserved : 0, least, std::max(least, most));
}

void HealthBoard::show(http::Health health, Millis now) {
  const std::lock_guard lock(mutex_);
  health_ = std::move(health);
  shown_at_ = now;
}

http::Health HealthBoard::read(Millis now) const {
  const std::lock_guard lock(mutex_);
  http::Health health = health_;
  if (now > shown_at_ + stale_after)
    health.problems.push_back(fmt::format("nothing was decided for {} s", (now - shown_at_).count() / 1000));
  return health;
}

class Listeners::Impl {
 public:
  Impl(ListenersOptions options, http::Endpoints endpoints, const HealthBoard& board) : options_(std::move(options)) {
    http::Endpoints health;
    for (http::Endpoints* each : {&endpoints, &health})
      each->add("/healthz", http::health_handler([&board] { return board.read(real_time()); }),
                http::Endpoints::Match::exact);
    add("http", options_.listen, options_.connections_max, endpoints);
    if (options_.health) add("health", *options_.health, health_connections, health);
  }
  ~Impl() {
    context_.stop();
    end();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  std::expected<std::uint16_t, std::string> start() {
    std::optional<std::uint16_t> first;
    for (const auto& server : servers_) {
      const auto port = server->start();
      if (!port) {
        // Those that began have accepted nobody yet: the thread does not run.
        thread_ = std::thread([this] { context_.run(); });
        stop_and_wait();
        return std::unexpected(port.error());
      }
      if (!first) first = *port;
    }
    thread_ = std::thread([this] { context_.run(); });
    return *first;
  }

  asio::awaitable<void> stop() {
    if (!thread_.joinable()) co_return;
    for (const auto& server : servers_) co_await asio::co_spawn(context_, server->stop(), asio::use_awaitable);
    end();
  }

 private:
  void add(const char* name, const config::ListenAddress& at, std::size_t connections,
           const http::Endpoints& endpoints) {
    servers_.push_back(std::make_unique<http::Server>(
        context_.get_executor(),
        http::ServerOptions{.name = name, .address = at.host, .port = at.port, .connections_max = connections},
        endpoints.handler()));
  }

  void stop_and_wait() {
    for (const auto& server : servers_) asio::co_spawn(context_, server->stop(), [](const std::exception_ptr&) {});
    end();
  }

  /// The thread ends when the last connection has.
  void end() {
    busy_.reset();
    if (thread_.joinable()) thread_.join();
  }

  ListenersOptions options_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> busy_ = asio::make_work_guard(context_);
  std::vector<std::unique_ptr<http::Server>> servers_;
  std::thread thread_;
};

Listeners::Listeners(ListenersOptions options, const http::Endpoints& endpoints, const HealthBoard& board)
    : impl_(std::make_unique<Impl>(std::move(options), endpoints, board)) {}

Listeners::~Listeners() = default;

std::expected<std::uint16_t, std::string> Listeners::start() {
  return impl_->start();
}

asio::awaitable<void> Listeners::stop() {
  return impl_->stop();
}

}  // namespace dun::tools
