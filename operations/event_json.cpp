#include "operations/event_json.hpp"

#include "base/json/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace dun::operations {
namespace {

using json::Value;

struct Member {
  std::string name, value;
  bool is_string = false;
};

std::string not_a_value(std::string_view field) {
  return fmt::format("field {}: expected a string, a number or a boolean", field);
}

/// The members of one object and of an object in it called `data`. Nothing else is nested, and what is null is not
/// there.
class EventObject {
 public:
  /// What is wrong with the document, if anything.
  std::optional<std::string> take(Value document) {
    if (document.kind != Value::Kind::object) return "expected a JSON object";
    for (auto& [name, value] : document.members) {
      if (name != "data" || value.kind != Value::Kind::object || has_data_) {
        if (!add(members_, name, std::move(value))) return not_a_value(name);
        continue;
      }
      has_data_ = true;
      for (auto& [field, inner] : value.members)
        if (!add(data_, field, std::move(inner))) return not_a_value("data." + field);
    }
    return std::nullopt;
  }

  [[nodiscard]] std::vector<Member>& members() { return members_; }
  [[nodiscard]] std::vector<Member>& data() { return data_; }
  [[nodiscard]] bool has_data() const { return has_data_; }

 private:
  static bool add(std::vector<Member>& members, std::string& name, Value value) {
    if (value.kind == Value::Kind::array || value.kind == Value::Kind::object) return false;
    if (value.kind != Value::Kind::null)
      members.push_back(
          {.name = std::move(name), .value = std::move(value.text), .is_string = value.kind == Value::Kind::string});
    return true;
  }

  std::vector<Member> members_, data_;
  bool has_data_ = false;
};

/// RFC 6839 and CloudEvents section 3.1.1: JSON, whatever parameters follow.
bool is_json_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  const auto ends_with = [&](std::string_view end) {
    return type.size() > end.size() && std::ranges::equal(type.substr(type.size() - end.size()), end, {}, [](char c) {
             return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
           });
  };
  return ends_with("/json") || ends_with("+json");
}

/// A CloudEvent's attributes and the fields that they are here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> attributes = {
    {{"id", "id"}, {"type", "type"}, {"subject", "account"}, {"time", "time"}, {"source", "source"}}};

class CloudEvent {
 public:
  explicit CloudEvent(EventObject& object) : object_(object) {}

  std::expected<Fields, std::string> fields() {
    if (auto problem = check()) return std::unexpected(*std::move(problem));
    Fields fields;
    for (const auto& [attribute, field] : attributes)
      if (Member* member = find(attribute)) fields.emplace_back(field, std::move(member->value));
    for (Member& member : object_.data()) fields.emplace_back(std::move(member.name), std::move(member.value));
    return fields;
  }

 private:
  using Problem = std::optional<std::string>;

  [[nodiscard]] Member* find(std::string_view name) const {
    const auto found = std::ranges::find(object_.members(), name, &Member::name);
    return found == object_.members().end() ? nullptr : &*found;
  }

  [[nodiscard]] Problem check() const {
    const Member* version = find("specversion");
    if (!version->is_string || version->value != "1.0")
      return fmt::format("field specversion: expected \"1.0\", found {}", version->value);
    if (auto problem = check_attributes()) return problem;
    if (find("data_base64") != nullptr) return "field data_base64: expected data, a JSON object, in its place";
    if (find("data") != nullptr) return "field data: expected a JSON object";
    const Member* type = find("datacontenttype");
    if (type != nullptr && !is_json_type(type->value))
      return fmt::format("field datacontenttype: expected application/json, found {}", type->value);
    for (const Member& member : object_.data())
      for (const auto& [attribute, field] : attributes)
        if (member.name == field)
          return fmt::format("field data.{}: the attribute {} says that of a CloudEvent", field, attribute);
    return std::nullopt;
  }

  [[nodiscard]] Problem check_attributes() const {
    for (const auto& [attribute, field] : attributes) {
      const auto count = std::ranges::count(object_.members(), attribute, &Member::name);
      if (count > 1) return fmt::format("field {}: is there twice", attribute);
      const Member* member = find(attribute);
      if (member != nullptr && !member->is_string) return fmt::format("field {}: expected a string", attribute);
    }
    if (find("source") == nullptr) return "field source: a CloudEvent needs it";
    return std::nullopt;
  }

  EventObject& object_;
};

}  // namespace

std::expected<Fields, std::string> parse_event_json(std::string_view text) {
  auto document = json::read(text);
  if (!document) return std::unexpected(std::move(document.error().message));
  EventObject object;
  if (auto problem = object.take(*std::move(document))) return std::unexpected(*std::move(problem));
  if (std::ranges::find(object.members(), "specversion", &Member::name) != object.members().end())
    return CloudEvent(object).fields();
  if (object.has_data()) return std::unexpected(not_a_value("data"));
  Fields fields;
  for (Member& member : object.members()) fields.emplace_back(std::move(member.name), std::move(member.value));
  return fields;
}

}  // namespace dun::operations
