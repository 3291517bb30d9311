#include "scheduler/verdict.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

using Result = policies::Settled::Result;

// Far enough that a person has decided before; `hold` has no end of its own.
constexpr date::days hold_for{3650};

Millis backoff(const RetryOptions& retry, int attempt) {
  Millis pause = retry.first;
  for (int i = 1; i < attempt && pause < retry.most; ++i) pause *= 2;
  return std::min(pause, retry.most);
}

class Judge {
 public:
  Judge(const InFlight& request, const DispatchOptions& options, Instant now)
      : request_(request), options_(options), now_(now) {}

  Answer operator()(const SendAccepted& answer) const {
    auto settled = settle(Result::accepted, {}, request_.question > 0 ? "gateway.status_answers" : "");
    settled.gateway_id = answer.gateway_id;
    settled.receipt = answer.receipt;
    if (answer.parts > 0) settled.parts = answer.parts;
    return say(std::move(settled));
  }
  Answer operator()(const SendRejected& answer) const {
    return say(settle(Result::rejected, answer.detail, "gateway.rejected"));
  }
  Answer operator()(const SendRecipientLimited& answer) const {
    return say(settle(Result::rejected, answer.detail, "gateway.recipient_limited"));
  }
  Answer operator()(const SendRetry& answer) const {
    if (request_.question == 0) return again(answer.detail, answer.after);
    // The request may have come late, and the gateway may take its time to list what it took.
    if (!would_be_listed()) return ask_again(answer.detail);
    Answer repeat = again(answer.detail, Millis(0));
    auto& settled = std::get<policies::Settled>(repeat.verdict);
    if (settled.result == Result::retry) settled.reason = "gateway.not_taken";
    return repeat;
  }
  Answer operator()(const SendThrottled&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const SendGatewayDown&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const SendUnknown& answer) const {
    if (request_.question > 0) return ask_again(answer.detail);
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    const UnknownRule rule = gateway != nullptr ? gateway->unknown : UnknownRule::wait_receipt;
    // The gateway removes duplicates: the same client_ref again is the way to learn the answer.
    if (rule == UnknownRule::same_ref && request_.attempt < options_.retry.attempts_max) {
      Answer repeat = again(answer.detail, {});
      auto& settled = std::get<policies::Settled>(repeat.verdict);
      settled.perhaps_taken = true;
      settled.reason = "gateway.unknown";
      return repeat;
    }
    auto settled = settle(Result::unknown, answer.detail, "gateway.unknown");
    settled.then_ask = rule == UnknownRule::query;
    settled.then_repeat = (rule == UnknownRule::wait_receipt || rule == UnknownRule::query) && gateway != nullptr &&
                          gateway->repeat_unreceipted;
    if (rule == UnknownRule::hold || gateway == nullptr)
      settled.again_at = now_ + hold_for;
    else
      settled.again_at = now_ + (settled.then_ask ? gateway->question.first : gateway->receipt_wait);
    return say(std::move(settled));
  }

 private:
  /// The nth question is asked no sooner after the unknown answer than its pauses take.
  [[nodiscard]] bool would_be_listed() const {
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    if (gateway == nullptr) return false;
    const QuestionOptions& question = gateway->question;
    return question.first + (request_.question - 1) * question.pause >= question.listed_within;
  }
  [[nodiscard]] Answer ask_again(const std::string& detail) const {
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    if (gateway == nullptr || gateway->unknown != UnknownRule::query || request_.question >= gateway->question.most)
      return say(unaskable(request_, now_));
    auto settled = settle(Result::unknown, detail, {});
    settled.then_ask = true;
    settled.again_at = now_ + gateway->question.pause;
    return say(std::move(settled));
  }
  [[nodiscard]] policies::Settled settle(Result result, const std::string& detail, std::string reason) const {
    return {.ordinal = request_.ordinal,
            .result = result,
            .claimed_at = request_.claimed_at,
            .again_at = now_,
            .attempt = request_.attempt,
            .gateway = request_.gateway,
            .to = request_.to,
            .text = request_.text,
            .detail = detail,
            .reason = std::move(reason),
            .parts = request_.parts,
            .encoding = request_.encoding,
            .question = request_.question};
  }
  [[nodiscard]] Answer say(policies::Settled settled) const {
    return {.request = request_, .verdict = std::move(settled)};
  }
  [[nodiscard]] Answer again(const std::string& detail, std::optional<Millis> after) const {
    if (request_.attempt >= options_.retry.attempts_max)
      return say(settle(Result::rejected, detail, "gateway.attempts"));
    auto settled = settle(Result::retry, detail, {});
    settled.again_at = now_ + after.value_or(backoff(options_.retry, request_.attempt));
    return say(std::move(settled));
  }

  const InFlight& request_;
  const DispatchOptions& options_;
  Instant now_;
};

}  // namespace

policies::Settled taken_by_receipt(const InFlight& request) {
  return {.ordinal = request.ordinal,
          .result = Result::accepted,
          .claimed_at = request.claimed_at,
          .attempt = request.attempt,
          .gateway = request.gateway,
          .to = request.to,
          .text = request.text,
          .reason = "gateway.receipt_answers",
          .parts = request.parts,
          .encoding = request.encoding,
          .question = request.question};
}

policies::Settled unaskable(const InFlight& request, Instant now) {
  return {.ordinal = request.ordinal,
          .result = Result::unknown,
          .again_at = now,
          .attempt = request.attempt,
          .gateway = request.gateway,
          .to = request.to,
          .reason = "gateway.no_status",
          .question = request.question};
}

StatusRequest status_request(const InFlight& request) {
  return {.gateway = request.gateway,
          .notice = request.notice,
          .client_ref = request.notice.str(),
          .to = request.to,
          .submitted_at = request.submitted_at};
}

const GatewayOptions* find_gateway(const DispatchOptions& options, const std::string& name) {
  const auto at = std::ranges::find(options.gateways, name, &GatewayOptions::name);
  return at == options.gateways.end() ? nullptr : &*at;
}

Answer judge(const InFlight& request, const SendResult& result, const DispatchOptions& options, Instant now) {
  return std::visit(Judge(request, options, now), result);
}

}  // namespace dun::scheduler
