#include "gateways/response_rules.hpp"

#include "gateways/codec.hpp"
#include "gateways/json_pointer.hpp"
#include "gateways/mask.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dun::gateways {
namespace {

using scheduler::SendResult;

constexpr std::size_t id_size_max = 128;
constexpr std::size_t excerpt_size_max = 120;
constexpr std::size_t detail_size_max = 200;

/// An answer as rules look at it; its JSON is parsed when the first of them asks.
class Answer {
 public:
  /// `listed`: whether our message is in it, where it is a listing.
  explicit Answer(const HttpResponse& response, std::optional<bool> listed = {})
      : response_(response), listed_(listed) {}

  [[nodiscard]] bool matches(const ResponseRule& rule) {
    if (!rule.transport.empty()) return false;
    // What is not there has nothing that a rule could look at.
    if ((rule.listed || listed_ == false) && rule.listed != listed_) return false;
    if (!rule.status.empty() && std::ranges::none_of(rule.status, [&](const StatusRange& range) {
          return range.first <= response_.status && response_.status <= range.last;
        }))
      return false;
    groups_.clear();
    if (rule.body) {
      auto found = rule.body->find(response_.body);
      if (!found) return false;
      groups_ = *std::move(found);
    }
    return std::ranges::all_of(rule.headers, [&](const HeaderCondition& condition) { return holds(condition); }) &&
           std::ranges::all_of(rule.json, [&](const JsonCondition& condition) { return holds(condition); });
  }

  /// By the groups of the rule that matched last.
  [[nodiscard]] std::optional<std::string> extract(const Extract& extract) {
    switch (extract.from) {
      case Extract::From::nowhere:
        return std::nullopt;
      case Extract::From::header:
        for (const auto& [name, value] : response_.headers)
          if (equal_ignoring_case(name, extract.what)) return value;
        return std::nullopt;
      case Extract::From::json:
        return json() ? find_text(*json(), extract.what) : std::nullopt;
      case Extract::From::body: {
        const auto group = static_cast<std::size_t>(extract.group);
        return group < groups_.size() ? std::optional(groups_[group]) : std::nullopt;
      }
      case Extract::From::fixed:
        return extract.what;
    }
    return std::nullopt;
  }

  /// Masked before it is cut, so that no half of a secret stays.
  [[nodiscard]] std::string summary(const GatewaySpec& gateway) const {
    const std::string excerpt = printable(masked(response_.body, gateway.secrets), excerpt_size_max);
    return fmt::format("HTTP {}{}{}", response_.status, excerpt.empty() ? "" : ": ", excerpt);
  }

 private:
  [[nodiscard]] bool holds(const HeaderCondition& condition) const {
    return std::ranges::any_of(response_.headers, [&](const auto& header) {
      return equal_ignoring_case(header.first, condition.name) && condition.pattern.find(header.second);
    });
  }

  [[nodiscard]] bool holds(const JsonCondition& condition) {
    if (!json()) return false;
    const auto found = find_all(*json(), condition.pointer);
    return !found.empty() && std::ranges::all_of(found, [&](const json::Value* value) {
      return std::ranges::find(condition.texts, json::text_of(*value)) != condition.texts.end();
    });
  }

  const std::optional<json::Value>& json() {
    if (parsed_) return json_;
    parsed_ = true;
    if (auto read = json::read(response_.body)) json_ = *std::move(read);
    return json_;
  }

  const HttpResponse& response_;
  std::optional<bool> listed_;
  bool parsed_ = false;
  std::optional<json::Value> json_;
  std::vector<std::string> groups_;
};

int read_segments(const std::optional<std::string>& text) {
  int segments = 0;
  if (!text) return 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), segments);
  return error == std::errc() && end == text->data() + text->size() && segments > 0 && segments < 256 ? segments : 0;
}

SendResult make_result(ResultKind kind, std::string detail, std::optional<Millis> after) {
  switch (kind) {
    case ResultKind::throttled:
      return scheduler::SendThrottled{.detail = std::move(detail), .after = after};
    case ResultKind::retry:
      return scheduler::SendRetry{.detail = std::move(detail), .after = after};
    case ResultKind::rejected:
      return scheduler::SendRejected{std::move(detail)};
    case ResultKind::recipient_limited:
      return scheduler::SendRecipientLimited{std::move(detail)};
    case ResultKind::gateway_down:
      return scheduler::SendGatewayDown{std::move(detail)};
    case ResultKind::accepted:  // made by its caller, who knows the id
    case ResultKind::unknown:
      break;
  }
  return scheduler::SendUnknown{std::move(detail)};
}

SendResult apply(const GatewaySpec& gateway, const ResponseRule& rule, Answer& answer, Instant now) {
  if (rule.result == ResultKind::accepted)
    return scheduler::SendAccepted{.gateway_id = printable(answer.extract(rule.id).value_or(""), id_size_max),
                                   .parts = read_segments(answer.extract(rule.segments)),
                                   .receipt = rule.receipt};
  const auto after = answer.extract(rule.after);
  const auto said = answer.extract(rule.detail);
  return make_result(rule.result,
                     said ? printable(masked(*said, gateway.secrets), detail_size_max) : answer.summary(gateway),
                     after ? read_after(rule.after_form, *after, now) : std::nullopt);
}

/// Leaves the entry of our message of a listing, or nothing, and says which; none where the body is no listing.
std::optional<bool> narrow(const StatusSpec& status, std::string_view client_ref, std::string& body) {
  if (status.our_ref.empty()) return std::nullopt;
  const auto document = json::read(body);
  if (!document) return std::nullopt;
  const auto arrays = find_all(*document, status.each);
  if (arrays.empty() ||
      !std::ranges::all_of(arrays, [](const auto* place) { return place->kind == json::Value::Kind::array; }))
    return std::nullopt;
  for (const json::Value* array : arrays) {
    for (const json::Value& entry : array->elements) {
      if (find_field(entry, status.our_ref) != client_ref) continue;
      body = json::text_of(entry);
      return true;
    }
  }
  body.clear();
  return false;
}

}  // namespace

SendResult result_of(const GatewaySpec& gateway, const HttpResponse& response, Instant now) {
  Answer answer(response);
  for (const ResponseRule& rule : gateway.responses)
    if (answer.matches(rule)) return apply(gateway, rule, answer, now);
  return scheduler::SendUnknown{"no rule knows this answer: " + answer.summary(gateway)};
}

SendResult status_result_of(const GatewaySpec& gateway, std::string_view client_ref, const HttpResponse& response,
                            Instant now) {
  HttpResponse about = response;
  const std::optional<bool> listed = narrow(gateway.status, client_ref, about.body);
  Answer answer(about, listed);
  for (const ResponseRule& rule : gateway.status.responses)
    if (answer.matches(rule)) return apply(gateway, rule, answer, now);
  return scheduler::SendUnknown{"no rule knows this answer: " + Answer(response).summary(gateway)};
}

SendResult status_result_of(const GatewaySpec& gateway, const TransportFailure& failure) {
  std::string detail = printable(masked(failure.detail, gateway.secrets), detail_size_max);
  if (surely_not_sent(failure.kind) && failure.kind != TransportKind::not_sent)
    return scheduler::SendGatewayDown{std::move(detail)};
  return scheduler::SendUnknown{.detail = std::move(detail), .telling = tells(failure.kind)};
}

SendResult result_of(const GatewaySpec& gateway, const TransportFailure& failure) {
  const std::string detail = printable(masked(failure.detail, gateway.secrets), detail_size_max);
  for (const ResponseRule& rule : gateway.responses) {
    if (std::ranges::find(rule.transport, failure.kind) == rule.transport.end()) continue;
    auto result = make_result(
        rule.result, detail,
        rule.after.from == Extract::From::fixed ? read_after(rule.after_form, rule.after.what, {}) : std::nullopt);
    if (auto* retry = std::get_if<scheduler::SendRetry>(&result)) retry->telling = false;  // no answer is no good one
    if (auto* unknown = std::get_if<scheduler::SendUnknown>(&result)) unknown->telling = tells(failure.kind);
    return result;
  }
  if (failure.kind == TransportKind::not_sent)
    return scheduler::SendRetry{.detail = detail, .after = {}, .telling = false};
  if (surely_not_sent(failure.kind)) return scheduler::SendGatewayDown{detail};
  return scheduler::SendUnknown{.detail = detail, .telling = tells(failure.kind)};
}

}  // namespace dun::gateways
