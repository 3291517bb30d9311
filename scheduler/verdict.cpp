#include "scheduler/verdict.hpp"

#include <algorithm>

namespace dun::scheduler {
namespace {

using policies::Accepted;
using policies::InDoubt;
using policies::Rejected;
using policies::Settled;
using policies::ToRepeat;

// Far enough that a person has decided before; `hold` has no end of its own.
constexpr date::days hold_for{3650};

Millis backoff(const RetryOptions& retry, int attempt) {
  Millis pause = retry.first;
  for (int i = 1; i < attempt && pause < retry.most; ++i) pause *= 2;
  return std::min(pause, retry.most);
}

policies::Attempt attempt_of(const InFlight& request) {
  return {.ordinal = request.ordinal,
          .claimed_at = request.claimed_at,
          .number = request.attempt,
          .question = request.question,
          .gateway = request.gateway,
          .to = request.to,
          .text = request.text,
          .parts = request.parts,
          .encoding = request.encoding};
}

class Judge {
 public:
  Judge(const InFlight& request, const DispatchOptions& options, Instant now)
      : request_(request), options_(options), now_(now) {}

  Answer operator()(const SendAccepted& answer) const {
    Settled settled = settle(Accepted{.gateway_id = answer.gateway_id, .receipt = answer.receipt}, {},
                             request_.question > 0 ? "gateway.status_answers" : "");
    if (answer.parts > 0) settled.attempt.parts = answer.parts;
    return say(std::move(settled));
  }
  Answer operator()(const SendRejected& answer) const {
    return say(settle(Rejected{}, answer.detail, "gateway.rejected"));
  }
  Answer operator()(const SendRecipientLimited& answer) const {
    return say(settle(Rejected{}, answer.detail, "gateway.recipient_limited"));
  }
  Answer operator()(const SendRetry& answer) const {
    if (request_.question == 0) return repeat(answer.detail, {}, {.at = next_attempt(answer.after)});
    // The request may have come late, and the gateway may take its time to list what it took.
    if (!would_be_listed()) return ask_again(answer.detail);
    return repeat(answer.detail, "gateway.not_taken", {.at = now_});
  }
  Answer operator()(const SendThrottled&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const SendGatewayDown&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const SendUnknown& answer) const {
    if (request_.question > 0) return ask_again(answer.detail);
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    const UnknownRule rule = gateway != nullptr ? gateway->unknown : UnknownRule::wait_receipt;
    // The gateway removes duplicates: the same client_ref again is the way to learn the answer.
    if (rule == UnknownRule::same_ref && request_.attempt < options_.retry.attempts_max)
      return repeat(answer.detail, "gateway.unknown", {.at = next_attempt({}), .perhaps_taken = true});
    const bool ask = rule == UnknownRule::query;
    InDoubt doubt{.until = now_ + hold_for, .ask = ask};
    doubt.then_repeat = (rule == UnknownRule::wait_receipt || ask) && gateway != nullptr && gateway->repeat_unreceipted;
    if (rule != UnknownRule::hold && gateway != nullptr)
      doubt.until = now_ + (ask ? gateway->question.first : gateway->receipt_wait);
    return say(settle(doubt, answer.detail, "gateway.unknown"));
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
    return say(settle(InDoubt{.until = now_ + gateway->question.pause, .ask = true}, detail, {}));
  }
  [[nodiscard]] Settled settle(policies::Verdict verdict, const std::string& detail, std::string reason) const {
    return {
        .attempt = attempt_of(request_), .verdict = std::move(verdict), .detail = detail, .reason = std::move(reason)};
  }
  [[nodiscard]] Answer say(Settled settled) const { return {.request = request_, .verdict = std::move(settled)}; }
  /// One attempt more, or the end of them.
  [[nodiscard]] Answer repeat(const std::string& detail, std::string reason, ToRepeat repeat) const {
    if (request_.attempt >= options_.retry.attempts_max) return say(settle(Rejected{}, detail, "gateway.attempts"));
    return say(settle(repeat, detail, std::move(reason)));
  }
  [[nodiscard]] Instant next_attempt(std::optional<Millis> after) const {
    return now_ + after.value_or(backoff(options_.retry, request_.attempt));
  }

  const InFlight& request_;
  const DispatchOptions& options_;
  Instant now_;
};

}  // namespace

policies::Settled taken_by_receipt(const InFlight& request) {
  return {.attempt = attempt_of(request), .verdict = Accepted{}, .detail = {}, .reason = "gateway.receipt_answers"};
}

policies::Settled unaskable(const InFlight& request, Instant now) {
  return {
      .attempt = attempt_of(request), .verdict = InDoubt{.until = now}, .detail = {}, .reason = "gateway.no_status"};
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
