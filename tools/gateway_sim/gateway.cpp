#include "tools/gateway_sim/gateway.hpp"

#include "base/text/utf8.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>

namespace dun::gateway_sim {
namespace {

constexpr std::size_t page_max = 10'000;
constexpr std::string_view json_type = "application/json";

Instant now() {
  return date::floor<Millis>(std::chrono::system_clock::now());
}

std::uint64_t number_in(std::string_view query, std::string_view name, std::uint64_t otherwise) {
  for (const auto& [key, value] : gateways::parse_query(query)) {
    std::uint64_t number = 0;
    if (key == name && std::from_chars(value.data(), value.data() + value.size(), number).ec == std::errc())
      return number;
  }
  return otherwise;
}

std::string_view name_of(Fault fault) {
  switch (fault) {
    case Fault::delay:
      return "delay";
    case Fault::throttled:
      return "429";
    case Fault::error:
      return "5xx";
    case Fault::reset_before:
      return "reset_before";
    case Fault::reset_after:
      return "reset_after";
    case Fault::garbage:
      return "garbage";
    case Fault::slow:
      return "slow";
    case Fault::no_answer:
      return "no_answer";
    case Fault::undelivered:
      return "undelivered";
  }
  return "";
}

}  // namespace

Millis RateLimit::take(int parts) {
  if (rate_ <= 0) return Millis(0);
  const auto at = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(at - filled_).count();
  filled_ = at;
  // A message of more segments than the bucket holds passes when the bucket is full.
  tokens_ = std::min(std::max(rate_, 1.0), tokens_ + seconds * rate_);
  const double needed = std::min<double>(parts, std::max(rate_, 1.0));
  if (tokens_ < needed) return Millis(static_cast<std::int64_t>((needed - tokens_) / rate_ * 1000) + 1);
  tokens_ -= needed;
  return Millis(0);
}

Gateway::Gateway(async::Executor executor, const SimulatorOptions& options)
    : receipts_url_(options.receipts),
      forgetful_(options.forgetful),
      listed_after_(options.listed_after),
      record_(options.record, options.keep),
      limit_(options.rate),
      receipts_(std::move(executor), options.receipt_delay) {}

GatewayReply Gateway::handle(const GatewayRequest& request, const RequestFate& fate) {
  const bool reads = request.method == "GET";
  if (request.path == "/send" && (reads || request.method == "POST")) return submit(request, fate);
  if (request.path == "/status" && reads) return {.answer = status(request.query)};
  if (request.path == "/messages" && reads) return {.answer = messages(request.query)};
  if (request.path == "/stats" && reads) return {.answer = stats()};
  return {.answer =
              refused(Interface::form, 404,
                      "there is POST /send, GET /status?client_ref=REF, GET /messages?from=N&limit=N, GET /stats")};
}

GatewayReply Gateway::submit(const GatewayRequest& request, const RequestFate& fate) {
  ++requests_;
  const Interface interface = interface_of(request.content_type);
  const auto submission = read_submission(interface, request.query, request.body);
  if (!submission) {
    ++refused_;
    return {.answer = refused(interface, 400, submission.error())};
  }
  if (!forgetful_) {
    if (const auto id = record_.repeated(submission->field("client_ref"), now())) {
      ++repeats_;
      return {.answer = accepted(interface, *id, submission->parts)};
    }
  }
  if (const Millis wait = limit_.take(submission->parts); wait > Millis(0)) {
    ++throttled_;
    return {.answer = refused(interface, 429, "too fast"), .retry_after = wait};
  }
  const auto id = record_.add(*submission, now());
  if (!id) return {.answer = refused(interface, 503, fmt::format("the record cannot be written: {}", id.error()))};
  send_receipt(*submission, *id, fate.undelivered);
  return {.answer = accepted(interface, *id, submission->parts)};
}

void Gateway::send_receipt(const Submission& submission, const std::string& id, bool undelivered) {
  const std::string& asked = submission.field("receipt_url");
  const std::string& url = asked.empty() ? receipts_url_ : asked;
  if (url.empty()) return;
  if (undelivered) count_fault(Fault::undelivered);
  receipts_.send({.url = url,
                  .interface = submission.interface,
                  .client_ref = submission.field("client_ref"),
                  .id = id,
                  .status = undelivered ? "failed" : "delivered"});
}

Answer Gateway::status(std::string_view query) {
  ++questions_;
  std::string ref;
  for (const auto& [name, value] : gateways::parse_query(query))
    if (name == "client_ref") ref = value;
  if (!is_utf8(ref)) return refused(Interface::json, 400, "client_ref is not UTF-8");
  const auto id = record_.find(ref, now() - listed_after_);
  nlohmann::ordered_json json = {{"client_ref", ref}, {"status", id ? "taken" : "not_found"}};
  if (id) json["id"] = *id;
  return {.status = id ? 200 : 404, .content_type = std::string(json_type), .body = json.dump() + "\n"};
}

Answer Gateway::messages(std::string_view query) const {
  const std::uint64_t from = number_in(query, "from", 0);
  const std::uint64_t limit = std::min<std::uint64_t>(number_in(query, "limit", page_max), page_max);
  return {.status = 200, .content_type = "application/x-ndjson", .body = record_.page(from, limit)};
}

Answer Gateway::stats() const {
  nlohmann::ordered_json faults = nlohmann::ordered_json::object();
  for (const auto& [fault, count] : faults_) faults[std::string(name_of(fault))] = count;
  const nlohmann::ordered_json json = {{"messages", record_.messages()},
                                       {"requests", requests_},
                                       {"questions", questions_},
                                       {"repeats", repeats_},
                                       {"refused", refused_},
                                       {"throttled", throttled_},
                                       {"receipts",
                                        {{"acknowledged", receipts_.acknowledged()},
                                         {"pending", receipts_.pending()},
                                         {"failed_attempts", receipts_.failed_attempts()}}},
                                       {"faults", faults}};
  return {.status = 200, .content_type = std::string(json_type), .body = json.dump() + "\n"};
}

}  // namespace dun::gateway_sim
