#include "gateways/json_pointer.hpp"

#include "gateways/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dun::gateways {
namespace {

using json::Value;

/// No document is read that is deeper, and none is written.
constexpr std::ptrdiff_t steps_max = json::Limits{}.depth;

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

std::vector<const Value*> step_into(const Value& value, const std::string& step) {
  std::vector<const Value*> found;
  if (value.kind == Value::Kind::object) {
    if (const Value* member = value.find(step)) found.push_back(member);
  } else if (step == "*") {
    for (const Value& element : value.elements) found.push_back(&element);
  } else {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
    if (error == std::errc() && end == step.data() + step.size() && index < value.elements.size())
      found.push_back(&value.elements[index]);
  }
  return found;
}

std::optional<std::string> text_if_any(const Value* value) {
  if (value == nullptr || value->kind == Value::Kind::null) return std::nullopt;
  return json::text_of(*value);
}

}  // namespace

std::optional<std::string> pointer_problem(std::string_view pointer) {
  if (!pointer.empty() && !pointer.starts_with('/'))
    return "expected a JSON pointer, which begins with a slash, such as /messages/0/status";
  for (std::size_t at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1))
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1'))
      return "in a JSON pointer ~ is written ~0, and a slash within a name ~1";
  if (std::ranges::count(pointer, '/') > steps_max)
    return fmt::format("a JSON pointer goes at most {} levels down", steps_max);
  return std::nullopt;
}

std::vector<const Value*> find_all(const Value& document, std::string_view pointer) {
  std::vector<const Value*> places = {&document};
  while (!pointer.empty() && !places.empty()) {
    const std::string step = take_step(pointer);
    std::vector<const Value*> next;
    for (const Value* place : places)
      for (const Value* found : step_into(*place, step)) next.push_back(found);
    places = std::move(next);
  }
  return places;
}

std::optional<std::string> find_text(const Value& document, std::string_view pointer) {
  const auto found = find_all(document, pointer);
  return text_if_any(found.empty() ? nullptr : found.front());
}

std::optional<std::string> find_field(const Value& entry, std::string_view name) {
  return name.starts_with('/') ? find_text(entry, name) : text_if_any(entry.find(name));
}

}  // namespace dun::gateways
