#include "redis/value.hpp"

#include <charconv>

namespace dun::redis {

bool Value::is_error(std::string_view code) const {
  return type == Type::error && text.starts_with(code) && (text.size() == code.size() || text[code.size()] == ' ');
}

std::int64_t Value::to_number() const {
  if (type == Type::integer) return number;
  std::int64_t parsed = 0;
  if (type != Type::text) return 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  return error == std::errc() && end == text.data() + text.size() ? parsed : 0;
}

Value text_value(std::string text) {
  Value value;
  value.type = Value::Type::text;
  value.text = std::move(text);
  return value;
}

Value error_value(std::string text) {
  Value value;
  value.type = Value::Type::error;
  value.text = std::move(text);
  return value;
}

Value integer_value(std::int64_t number) {
  Value value;
  value.type = Value::Type::integer;
  value.number = number;
  return value;
}

Value array_value(std::vector<Value> items) {
  Value value;
  value.type = Value::Type::array;
  value.items = std::move(items);
  return value;
}

}  // namespace dun::redis
