// What the simulated gateway does with a request, apart from transport and faults.
#pragma once

#include "base/async/task_group.hpp"
#include "tools/gateway_sim/message_record.hpp"
#include "tools/gateway_sim/receipt_sender.hpp"
#include "tools/gateway_sim/server.hpp"
#include "tools/gateway_sim/submission.hpp"

#include <chrono>
#include <cstdint>
#include <expected>
#include <map>
#include <string>
#include <string_view>

namespace dun::gateway_sim {

struct GatewayRequest {
  std::string method, path, query, content_type, body;
};

struct GatewayReply {
  Answer answer;
  Millis retry_after{0};  ///< for 429
};

/// SMS segments a second: a token bucket of one second's worth.
class RateLimit {
 public:
  explicit RateLimit(double rate) : rate_(rate), tokens_(rate) {}
  /// How long to wait before `parts` more are taken; nothing when they are taken now.
  [[nodiscard]] Millis take(int parts);

 private:
  double rate_;  // 0: no bound
  double tokens_;
  std::chrono::steady_clock::time_point filled_ = std::chrono::steady_clock::now();
};

class Gateway {
 public:
  Gateway(async::Executor executor, const SimulatorOptions& options);

  [[nodiscard]] std::expected<void, std::string> open() { return record_.open(); }
  async::Awaitable<void> stop() { return receipts_.stop(); }

  [[nodiscard]] GatewayReply handle(const GatewayRequest& request, const RequestFate& fate);
  void count_fault(Fault fault) { ++faults_[fault]; }

 private:
  GatewayReply submit(const GatewayRequest& request, const RequestFate& fate);
  void send_receipt(const Submission& submission, const std::string& id, bool undelivered);
  [[nodiscard]] Answer status(std::string_view query);
  [[nodiscard]] Answer messages(std::string_view query) const;
  [[nodiscard]] Answer stats() const;

  std::string receipts_url_;
  bool forgetful_;
  Millis listed_after_;
  MessageRecord record_;
  RateLimit limit_;
  std::uint64_t requests_ = 0, questions_ = 0, repeats_ = 0, refused_ = 0, throttled_ = 0;
  std::map<Fault, std::uint64_t> faults_;
  ReceiptSender receipts_;
};

}  // namespace dun::gateway_sim
