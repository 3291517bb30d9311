#include "console/event_json.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace dun::console {
namespace {

using Json = nlohmann::json;

struct Member {
  std::string name, value;
  bool is_string = false;
};

/// Takes the parser's events in, so that no number passes through binary floating point and no tree is built. Nothing
/// is nested but an object called `data`.
class EventObject : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return within() && (open().pop_back(), true); }
  bool boolean(bool value) override { return set(value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return set(std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return set(std::to_string(value)); }
  bool number_float(number_float_t, const string_t& written) override { return set(written); }
  bool string(string_t& value) override { return set(std::move(value), true); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override {
    if (depth_ == 1 && members_.back().name == "data" && !has_data_) {
      members_.pop_back();
      has_data_ = true;
    } else if (depth_ > 0) {
      return nested();
    }
    ++depth_;
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool start_array(std::size_t) override { return depth_ == 0 ? refuse("expected a JSON object") : nested(); }
  bool end_array() override { return true; }
  bool key(string_t& name) override {
    open().push_back({.name = std::move(name), .value = {}});
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    return refuse(fmt::format("not JSON from byte {} on", position));
  }

  [[nodiscard]] std::vector<Member>& members() { return members_; }
  [[nodiscard]] std::vector<Member>& data() { return data_; }
  [[nodiscard]] bool has_data() const { return has_data_; }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  std::vector<Member>& open() { return depth_ > 1 ? data_ : members_; }
  bool within() { return depth_ > 0 || refuse("expected a JSON object"); }
  bool set(std::string value, bool is_string = false) {
    if (!within()) return false;
    open().back().value = std::move(value);
    open().back().is_string = is_string;
    return true;
  }
  bool nested() { return refuse(not_a_value((depth_ > 1 ? "data." : "") + open().back().name)); }
  bool refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

 public:
  static std::string not_a_value(const std::string& field) {
    return fmt::format("field {}: expected a string, a number or a boolean", field);
  }

 private:
  int depth_ = 0;
  std::vector<Member> members_, data_;
  bool has_data_ = false;
  std::string problem_;
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
  EventObject object;
  if (!Json::sax_parse(text, &object)) return std::unexpected(object.problem().empty() ? "not JSON" : object.problem());
  if (std::ranges::find(object.members(), "specversion", &Member::name) != object.members().end())
    return CloudEvent(object).fields();
  if (object.has_data()) return std::unexpected(EventObject::not_a_value("data"));
  Fields fields;
  for (Member& member : object.members()) fields.emplace_back(std::move(member.name), std::move(member.value));
  return fields;
}

}  // namespace dun::console
