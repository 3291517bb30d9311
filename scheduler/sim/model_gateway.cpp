#include "scheduler/sim/model_gateway.hpp"

#include "base/async/deadline.hpp"

#include <algorithm>

namespace dun::scheduler {

ModelGateway::ModelGateway(std::uint64_t seed, bool removes_duplicates)
    : random_(seed), removes_duplicates_(removes_duplicates) {}

Awaitable<SendResult> ModelGateway::send(SendRequest request) {
  if (open_by_number_[request.to]++ > 0) ++overlapping_;
  open_most_ = std::max(open_most_, ++open_);
  Reply reply = submit(request);
  if (reply.latency.count() > 0) co_await async::sleep(reply.latency);
  --open_;
  --open_by_number_[request.to];
  co_return std::move(reply.result);
}

Awaitable<SendResult> ModelGateway::ask(StatusRequest request) {
  Reply reply = question(request);
  if (reply.latency.count() > 0) co_await async::sleep(reply.latency);
  co_return std::move(reply.result);
}

Millis ModelGateway::latency() {
  const auto spread = static_cast<std::uint64_t>((faults_.latency_max - faults_.latency_min).count());
  return faults_.latency_min + Millis(static_cast<std::int64_t>(below(spread + 1)));
}

ModelGateway::Reply ModelGateway::submit(const SendRequest& request) {
  ++submitted_;
  const Millis after = latency();
  return {.result = answer(request), .latency = after};
}

ModelGateway::Reply ModelGateway::question(const StatusRequest& request) {
  ++asked_;
  const Millis after = latency();
  return {.result = answer(request), .latency = after};
}

SendResult ModelGateway::answer(const SendRequest& request) {
  auto roll = static_cast<int>(below(1000));
  const auto falls_on = [&](int chance) {
    roll -= chance;
    return roll < 0;
  };
  if (falls_on(faults_.throttled)) return SendThrottled{.detail = "throttled", .after = faults_.pause};
  if (falls_on(faults_.down)) return SendGatewayDown{"down"};
  if (falls_on(faults_.retry)) return SendRetry{.detail = "try again", .after = faults_.pause};
  const bool known = removes_duplicates_ && ids_.contains(request.client_ref);
  if (falls_on(faults_.rejected) && !known) return SendRejected{"rejected"};
  if (falls_on(faults_.unknown_not_taken)) return SendUnknown{"lost on the way there"};
  std::string id = take(request);
  if (falls_on(faults_.unknown_taken)) return SendUnknown{"lost on the way back"};
  return SendAccepted{.gateway_id = std::move(id), .parts = request.parts};
}

SendResult ModelGateway::answer(const StatusRequest& request) {
  int& denied = denied_[request.client_ref];
  const bool denies = denied > 0;
  if (denies) --denied;
  auto roll = static_cast<int>(below(1000));
  const auto falls_on = [&](int chance) {
    roll -= chance;
    return roll < 0;
  };
  if (falls_on(faults_.throttled)) return SendThrottled{.detail = "throttled", .after = faults_.pause};
  if (falls_on(faults_.down)) return SendGatewayDown{"down"};
  if (falls_on(faults_.unknown_taken + faults_.unknown_not_taken)) return SendUnknown{"the answer is lost"};
  const auto known = ids_.find(request.client_ref);
  if (known == ids_.end()) return SendRetry{.detail = "never heard of it", .after = {}};
  if (denies) return SendRetry{.detail = "not heard of it yet", .after = {}};
  return SendAccepted{.gateway_id = known->second, .parts = 0, .receipt = {}};
}

std::string ModelGateway::take(const SendRequest& request) {
  const auto [known, is_new] = ids_.try_emplace(request.client_ref, "m" + std::to_string(ids_.size() + 1));
  if (!is_new) ++repeated_;
  if (is_new && faults_.listed_late > 0 && static_cast<int>(below(1000)) < faults_.listed_late)
    denied_[request.client_ref] = 1 + static_cast<int>(below(denied_most));
  if (is_new || !removes_duplicates_) taken_.push_back(request);
  return known->second;
}

}  // namespace dun::scheduler
