#include "tools/gateway_sim/receipt_sender.hpp"

#include "gateways/codec.hpp"
#include "gateways/curl_client.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace dun::gateway_sim {
namespace {

using namespace std::chrono_literals;

constexpr int connections = 8;
constexpr Millis retry_first = 200ms;
constexpr Millis retry_most = 5s;

gateways::HttpRequest to_request(const ReceiptOrder& order) {
  const gateways::NameValues fields = {{"client_ref", order.client_ref}, {"id", order.id}, {"status", order.status}};
  if (order.interface == Interface::form)
    return {.method = "POST",
            .url = order.url,
            .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
            .body = gateways::to_query(fields)};
  nlohmann::ordered_json body;
  for (const auto& [name, value] : fields) body[name] = value;
  return {.method = "POST", .url = order.url, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()};
}

gateways::TransportSpec transport() {
  gateways::TransportSpec spec;
  spec.connections = connections;
  return spec;
}

}  // namespace

ReceiptSender::ReceiptSender(async::Executor executor, Millis delay)
    : delay_(delay),
      client_(std::make_unique<gateways::CurlClient>(executor, transport())),
      changed_(executor),
      tasks_(executor) {
  tasks_.spawn(run());
}

ReceiptSender::~ReceiptSender() = default;

void ReceiptSender::send(ReceiptOrder order) {
  enqueue(std::move(order), delay_);
}

void ReceiptSender::enqueue(ReceiptOrder order, Millis after) {
  queue_.emplace(Clock::now() + after, std::move(order));
  changed_.notify();
}

async::Awaitable<void> ReceiptSender::run() {
  while (!stopping_) {
    const auto now = Clock::now();
    while (!queue_.empty() && queue_.begin()->first <= now && active_ < connections) {
      ++active_;
      tasks_.spawn(deliver(std::move(queue_.extract(queue_.begin()).mapped())));
    }
    if (queue_.empty() || active_ == connections)
      co_await changed_.wait();
    else
      co_await changed_.wait(std::chrono::ceil<Millis>(queue_.begin()->first - now));
  }
}

async::Awaitable<void> ReceiptSender::deliver(ReceiptOrder order) {
  const gateways::HttpResult result = co_await client_->perform(to_request(order));
  --active_;
  const auto* response = std::get_if<gateways::HttpResponse>(&result);
  if (response != nullptr && response->status >= 200 && response->status < 300) {
    ++acknowledged_;
  } else if (!stopping_) {
    ++failed_attempts_;
    const Millis pause = std::min(retry_most, retry_first * (1 << std::min(order.attempt, 10)));
    ++order.attempt;
    enqueue(std::move(order), pause);
  }
  changed_.notify();
}

async::Awaitable<void> ReceiptSender::stop() {
  stopping_ = true;
  changed_.notify();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace dun::gateway_sim
