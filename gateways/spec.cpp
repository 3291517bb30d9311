#include "gateways/spec.hpp"

#include "base/text/trim.hpp"

namespace dun::gateways {
namespace {

constexpr std::array<std::string_view, 3> number_forms = {"e164", "no_plus", "national"};
constexpr std::array<std::string_view, 4> signature_places = {"none", "front", "back", "provider"};
constexpr std::array<std::string_view, 4> validity_units = {"milliseconds", "seconds", "minutes", "hours"};
constexpr std::array<std::string_view, 4> body_kinds = {"none", "form", "json", "raw"};
constexpr std::array<std::string_view, 10> transport_kinds = {
    "dns", "connect", "tls", "proxy", "not_sent", "timeout", "reset", "malformed", "too_large", "repeated"};
constexpr std::array<std::string_view, 7> result_kinds = {"accepted",          "throttled",    "retry",  "permanent",
                                                          "recipient_limited", "gateway_down", "unknown"};
constexpr std::array<std::string_view, 3> receipt_formats = {"query", "form", "json"};
constexpr std::array<std::string_view, 20> request_values = {
    "to",      "text",         "client_ref",       "account",     "gateway",         "encoding", "parts",
    "attempt", "validity",     "receipt_url",      "utc",         "epoch",           "epoch_ms", "uuid",
    "method",  "sorted_query", "sorted_query_raw", "sorted_form", "sorted_form_raw", "body",
};
constexpr std::array<std::string_view, 17> status_values = {
    "to",          "client_ref",      "account",  "gateway", "sent_utc", "sent_epoch",   "sent_epoch_ms",
    "utc",         "epoch",           "epoch_ms", "uuid",    "method",   "sorted_query", "sorted_query_raw",
    "sorted_form", "sorted_form_raw", "body",
};
constexpr std::array<std::string_view, 4> receipt_values = {"method", "path", "query", "body"};

}  // namespace

std::optional<Escape> escape_of(std::string_view content_type) {
  const std::string type = lower_case(trimmed(content_type.substr(0, content_type.find(';'))));
  if (type.contains("json")) return Escape::json;
  if (type.contains("xml")) return Escape::xml;
  if (type == "application/x-www-form-urlencoded") return Escape::form;
  return type == "text/plain" ? std::optional(Escape::none) : std::nullopt;
}

std::span<const std::string_view> number_form_names() {
  return number_forms;
}
std::span<const std::string_view> signature_place_names() {
  return signature_places;
}
std::span<const std::string_view> validity_unit_names() {
  return validity_units;
}
std::span<const std::string_view> body_kind_names() {
  return body_kinds;
}
std::span<const std::string_view> transport_kind_names() {
  return transport_kinds;
}
std::span<const std::string_view> result_kind_names() {
  return result_kinds;
}
std::span<const std::string_view> receipt_format_names() {
  return receipt_formats;
}
std::span<const std::string_view> request_value_names() {
  return request_values;
}
std::span<const std::string_view> status_value_names() {
  return status_values;
}
std::span<const std::string_view> receipt_value_names() {
  return receipt_values;
}

}  // namespace dun::gateways
