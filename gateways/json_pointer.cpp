#include "gateways/json_pointer.hpp"

#include <nlohmann/json.hpp>

#include <charconv>

namespace dun::gateways {
namespace {

using nlohmann::json;

/// The first step of a pointer, without its slash and with ~1 and ~0 replaced; the pointer is shortened by it.
std::string take_step(std::string_view& pointer) {
  pointer.remove_prefix(1);
  const std::string_view raw = pointer.substr(0, pointer.find('/'));
  pointer.remove_prefix(raw.size());
  std::string step;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const bool escape = raw[i] == '~' && i + 1 < raw.size();
    if (escape) ++i;
    step += escape ? (raw[i] == '1' ? '/' : '~') : raw[i];
  }
  return step;
}

std::vector<const json*> step_into(const json& value, const std::string& step) {
  std::vector<const json*> found;
  if (value.is_object()) {
    if (const auto member = value.find(step); member != value.end()) found.push_back(&*member);
  } else if (value.is_array() && step == "*") {
    for (const json& element : value) found.push_back(&element);
  } else if (value.is_array()) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (error == std::errc() && end == step.data() + step.size() && index < value.size())
      found.push_back(&value[index]);
  }
  return found;
}

}  // namespace

std::optional<std::string> pointer_problem(std::string_view pointer) {
  if (!pointer.empty() && !pointer.starts_with('/'))
    return "expected a JSON pointer, which begins with a slash, such as /messages/0/status";
  for (std::size_t at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1))
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
      return "in a JSON pointer ~ is written ~0, and a slash within a name ~1";
  return std::nullopt;
}

std::vector<const json*> find_all(const json& document, std::string_view pointer) {
  std::vector<const json*> places = {&document};
  while (!pointer.empty() && !places.empty()) {
    const std::string step = take_step(pointer);
    std::vector<const json*> next;
    for (const json* place : places)
      for (const json* found : step_into(*place, step)) next.push_back(found);
    places = std::move(next);
  }
  return places;
}

std::optional<std::string> find_text(const json& document, std::string_view pointer) {
  const auto found = find_all(document, pointer);
  if (found.empty()) return std::nullopt;
  return text_of(*found.front());
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

std::optional<json> parse_json(std::string_view bytes) {
  json document = json::parse(bytes, nullptr, false);
  if (document.is_discarded()) return std::nullopt;
  return document;
}

}  // namespace dun::gateways
