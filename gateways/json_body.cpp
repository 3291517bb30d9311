#include "gateways/json_body.hpp"

#include "base/text/utf8.hpp"
#include "gateways/codec.hpp"
#include "gateways/json_pointer.hpp"
#include "gateways/options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace dun::gateways {
namespace {

using Body = nlohmann::ordered_json;  // members stay in the order of the configuration

/// nlohmann fills an array up to the index it is given.
constexpr std::size_t index_digits_max = 2;

std::optional<std::string> place(Body& body, const std::string& pointer, Body value) {
  try {
    body[Body::json_pointer(pointer)] = std::move(value);
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return "does not fit to the members before it";
  }
}

bool has_long_index(std::string_view pointer) {
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    if (step.size() > index_digits_max && step.find_first_not_of("0123456789") == std::string_view::npos) return true;
  }
  return false;
}

}  // namespace

std::optional<std::pair<std::string, std::string>> check_json_members(std::span<const JsonMember> members) {
  Body body = Body::object();
  for (const JsonMember& member : members) {
    auto problem = pointer_problem(member.pointer);
    if (!problem && member.pointer.empty()) problem = "expected the name of a member";
    if (!problem && has_long_index(member.pointer)) problem = "an index has at most two digits";
    if (!problem) problem = place(body, member.pointer, "value");
    if (problem) return std::pair(member.pointer, *std::move(problem));
  }
  return std::nullopt;
}

std::expected<std::string, std::string> json_body(std::span<const JsonMember> members, TemplateValues& values) {
  Body body = Body::object();
  for (const JsonMember& member : members) {
    Body value;
    if (const auto* text = std::get_if<Template>(&member.value)) {
      const auto rendered = text->render(values);
      if (!rendered) return std::unexpected(fmt::format("{}: {}", member.pointer, rendered.error()));
      if (!*rendered || (*rendered)->empty()) continue;
      if (!is_utf8(**rendered)) return std::unexpected(fmt::format("{}: the value is not UTF-8", member.pointer));
      value = text->is_number() ? Body::parse(**rendered, nullptr, false) : Body(**rendered);
      if (value.is_discarded()) return std::unexpected(fmt::format("{}: the number is out of range", member.pointer));
    } else {
      value = Body::parse(std::get<std::string>(member.value));
    }
    if (auto problem = place(body, member.pointer, std::move(value)))
      return std::unexpected(fmt::format("{}: {}", member.pointer, *problem));
  }
  return body.dump();
}

}  // namespace dun::gateways
