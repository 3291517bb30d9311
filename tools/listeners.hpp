// The HTTP listeners of a process, on a thread of their own.
#pragma once

#include "base/http/endpoints.hpp"
#include "config/dun_loader.hpp"

#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace dun::tools {

/// Raises the soft limit of open files to the hard one; returns the limit in force.
std::size_t raise_descriptor_limit();

/// How many connections all listeners together may hold, so that Redis, gateways and files keep `reserved` descriptors
/// of `limit`: at least eight, so that somebody can ask for health, and at most `most`.
[[nodiscard]] std::size_t listener_share(std::size_t limit, std::size_t reserved, std::size_t most);

/// What a process says of its health, kept by the thread that decides and read by those that listen.
///
/// The truth has an age: whoever decides shows it a few times a second, and when it was not shown for `stale_after`,
/// that is the problem.
class HealthBoard {
 public:
  static constexpr Millis stale_after{5000};

  void show(http::Health health, Millis now);
  [[nodiscard]] http::Health read(Millis now) const;

 private:
  mutable std::mutex mutex_;
  http::Health health_;
  Millis shown_at_{};
};

struct ListenersOptions {
  config::ListenAddress listen;
  std::optional<config::ListenAddress> health;  ///< a further one that answers /healthz alone
  std::size_t connections_max = 1024;           ///< of `listen`
};

/// However many requests come in, deciding and sending go on: they have another thread, and their own descriptors.
/// Handlers run on the listeners' thread; `Board` and what they capture must outlive `stop`.
class Listeners {
 public:
  Listeners(ListenersOptions options, const http::Endpoints& endpoints, const HealthBoard& board);
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Returns the port of `listen`, or why an address cannot be listened on.
  [[nodiscard]] std::expected<std::uint16_t, std::string> start();
  /// Awaited on any other thread: what is under way is answered first.
  boost::asio::awaitable<void> stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dun::tools
