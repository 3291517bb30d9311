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
// However soon it is past: less is nothing to a gateway that counts in seconds.
constexpr Millis validity_least{1000};

Millis backoff(const RetryOptions& retry, int attempt) {
  Millis pause = retry.first;
  for (int i = 1; i < attempt && pause < retry.most; ++i) pause *= 2;
  return std::min(pause, retry.most);
}

policies::Attempt attempt_of(const InFlight& request) {
  return {.ordinal = request.ordinal,
          .claimed_at = request.claimed_at,
          .number = request.attempt,
          .gateway = request.gateway,
          .to = request.to};
}

/// The same answer means another thing to a message than to a question about it.
class Judge {
 public:
  Judge(const InFlight& request, const DispatchOptions& options, Instant now)
      : request_(request), options_(options), now_(now) {}

  Answer operator()(const Submission& message, const SendAccepted& answer) const {
    Settled settled = settle(Accepted{.gateway_id = answer.gateway_id}, {}, {});
    if (answer.parts > 0) {
      Submission counted = message;
      counted.parts = answer.parts;
      settled.errand = std::move(counted);
    }
    return say(std::move(settled));
  }
  Answer operator()(const Question&, const SendAccepted& answer) const {
    return say(
        settle(Accepted{.gateway_id = answer.gateway_id, .receipt = answer.receipt}, {}, "gateway.status_answers"));
  }
  Answer operator()(const auto&, const SendRejected& answer) const {
    return say(settle(Rejected{}, answer.detail, "gateway.rejected"));
  }
  Answer operator()(const auto&, const SendRecipientLimited& answer) const {
    return say(settle(Rejected{}, answer.detail, "gateway.recipient_limited"));
  }
  Answer operator()(const Submission&, const SendRetry& answer) const {
    return repeat(answer.detail, {}, {.at = next_attempt(answer.after)});
  }
  Answer operator()(const Question& question, const SendRetry& answer) const {
    // The request may have come late, and the gateway may take its time to list what it took.
    if (!would_be_listed(question)) return ask_again(question, answer.detail);
    return repeat(answer.detail, "gateway.not_taken", {.at = now_});
  }
  Answer operator()(const auto&, const SendThrottled&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const auto&, const SendGatewayDown&) const { return {.request = request_, .verdict = Returned{}}; }
  Answer operator()(const Submission&, const SendUnknown& answer) const {
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
  Answer operator()(const Question& question, const SendUnknown& answer) const {
    return ask_again(question, answer.detail);
  }

 private:
  /// The nth question is asked no sooner after the unknown answer than its pauses take.
  [[nodiscard]] bool would_be_listed(const Question& question) const {
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    if (gateway == nullptr) return false;
    const QuestionOptions& options = gateway->question;
    return options.first + (question.number - 1) * options.pause >= options.listed_within;
  }
  [[nodiscard]] Answer ask_again(const Question& question, const std::string& detail) const {
    const GatewayOptions* gateway = find_gateway(options_, request_.gateway);
    if (gateway == nullptr || gateway->unknown != UnknownRule::query || question.number >= gateway->question.most)
      return say(unaskable(request_, now_));
    return say(settle(InDoubt{.until = now_ + gateway->question.pause, .ask = true}, detail, {}));
  }
  [[nodiscard]] Settled settle(policies::Verdict verdict, const std::string& detail, std::string reason) const {
    return {.attempt = attempt_of(request_),
            .errand = request_.errand,
            .verdict = std::move(verdict),
            .detail = detail,
            .reason = std::move(reason)};
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

GatewayRequest request_for(const Submission& message, const InFlight& claim, std::string client_ref, Instant now) {
  return SendRequest{.gateway = claim.gateway,
                     .notice = claim.notice,
                     .client_ref = std::move(client_ref),
                     .to = claim.to,
                     .text = message.text,
                     .encoding = message.encoding,
                     .parts = message.parts,
                     .attempt = claim.attempt,
                     .validity = std::max(message.valid_until - now, validity_least)};
}

GatewayRequest request_for(const Question& question, const InFlight& claim, std::string client_ref, Instant /*now*/) {
  return StatusRequest{.gateway = claim.gateway,
                       .notice = claim.notice,
                       .client_ref = std::move(client_ref),
                       .to = claim.to,
                       .submitted_at = question.submitted_at};
}

}  // namespace

policies::Settled taken_by_receipt(const InFlight& request) {
  return {.attempt = attempt_of(request),
          .errand = request.errand,
          .verdict = Accepted{},
          .detail = {},
          .reason = "gateway.receipt_answers"};
}

policies::Settled unaskable(const InFlight& request, Instant now) {
  return {.attempt = attempt_of(request),
          .errand = request.errand,
          .verdict = InDoubt{.until = now},
          .detail = {},
          .reason = "gateway.no_status"};
}

GatewayRequest gateway_request(const InFlight& claim, std::string client_ref, Instant now) {
  return std::visit([&](const auto& errand) { return request_for(errand, claim, std::move(client_ref), now); },
                    claim.errand);
}

const GatewayOptions* find_gateway(const DispatchOptions& options, const std::string& name) {
  const auto at = std::ranges::find(options.gateways, name, &GatewayOptions::name);
  return at == options.gateways.end() ? nullptr : &*at;
}

Answer judge(const InFlight& request, const SendResult& result, const DispatchOptions& options, Instant now) {
  return std::visit(Judge(request, options, now), request.errand, result);
}

}  // namespace dun::scheduler
