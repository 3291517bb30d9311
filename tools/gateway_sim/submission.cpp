#include "tools/gateway_sim/submission.hpp"

#include "base/json/reader.hpp"
#include "base/text/utf8.hpp"
#include "messages/segmentation.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace dun::gateway_sim {
namespace {

std::expected<gateways::NameValues, std::string> read_json(std::string_view body) {
  if (!is_utf8(body)) return std::unexpected<std::string>("the body is not UTF-8");
  const auto document = json::read(body);
  if (!document || document->kind != json::Value::Kind::object)
    return std::unexpected<std::string>("the body is not a JSON object");
  gateways::NameValues fields;
  for (const auto& [name, value] : document->members) fields.emplace_back(name, json::text_of(value));
  return fields;
}

}  // namespace

const std::string& Submission::field(std::string_view name) const {
  static const std::string nothing;
  const auto found = std::ranges::find(fields, name, &gateways::NameValues::value_type::first);
  return found == fields.end() ? nothing : found->second;
}

Interface interface_of(std::string_view content_type) {
  return gateways::lower_case(content_type).starts_with("application/json") ? Interface::json : Interface::form;
}

std::expected<Submission, std::string> read_submission(Interface interface, std::string_view query,
                                                       std::string_view body) {
  Submission submission{.interface = interface, .fields = gateways::parse_query(query)};
  if (interface == Interface::json) {
    auto fields = read_json(body);
    if (!fields) return std::unexpected(fields.error());
    std::ranges::move(*fields, std::back_inserter(submission.fields));
  } else {
    std::ranges::move(gateways::parse_query(body), std::back_inserter(submission.fields));
  }
  for (const auto& [name, value] : submission.fields)
    if (!is_utf8(name) || !is_utf8(value))
      return std::unexpected(fmt::format("{} is not UTF-8", is_utf8(name) ? name : "a name"));
  for (const std::string_view name : {"to", "text"})
    if (submission.field(name).empty()) return std::unexpected(fmt::format("{} is missing", name));
  if (const auto count = messages::count(submission.field("text"))) submission.parts = count->parts;
  return submission;
}

Answer accepted(Interface interface, const std::string& id, int parts) {
  if (interface == Interface::form)
    return {.status = 200, .content_type = "text/plain", .body = fmt::format("OK {}\n", id)};
  return {.status = 202,
          .content_type = "application/json",
          .body = fmt::format(R"({{"status":"accepted","id":"{}","parts":{}}})", id, parts)};
}

Answer refused(Interface interface, int status, const std::string& why) {
  if (interface == Interface::form)
    return {.status = status, .content_type = "text/plain", .body = fmt::format("ERROR {}\n", why)};
  return {.status = status, .content_type = "application/json", .body = nlohmann::json{{"error", why}}.dump()};
}

}  // namespace dun::gateway_sim
