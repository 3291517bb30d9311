// The delivery receipts of the simulated gateway.
#pragma once

#include "base/async/task_group.hpp"
#include "domain/time.hpp"
#include "tools/gateway_sim/submission.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace dun::gateways {
class CurlClient;
}

namespace dun::gateway_sim {

struct ReceiptOrder {
  std::string url;
  Interface interface = Interface::json;
  std::string client_ref, id, status;
  int attempt = 0;
};

/// Sends each receipt after the delay, over kept-alive connections, and again with growing pauses until it is
/// acknowledged. Its owner awaits `stop`, which gives up what has not been acknowledged.
class ReceiptSender {
 public:
  ReceiptSender(async::Executor executor, Millis delay);
  ~ReceiptSender();

  void send(ReceiptOrder order);
  async::Awaitable<void> stop();

  [[nodiscard]] std::uint64_t acknowledged() const { return acknowledged_; }
  [[nodiscard]] std::uint64_t failed_attempts() const { return failed_attempts_; }
  [[nodiscard]] std::uint64_t pending() const { return queue_.size() + active_; }

 private:
  using Clock = std::chrono::steady_clock;

  async::Awaitable<void> run();
  async::Awaitable<void> deliver(ReceiptOrder order);
  void enqueue(ReceiptOrder order, Millis after);

  Millis delay_;
  std::unique_ptr<gateways::CurlClient> client_;
  std::multimap<Clock::time_point, ReceiptOrder> queue_;  ///< by when it is due
  std::size_t active_ = 0;
  std::uint64_t acknowledged_ = 0, failed_attempts_ = 0;
  bool stopping_ = false;
  async::Signal changed_;
  async::TaskGroup tasks_;
};

}  // namespace dun::gateway_sim
