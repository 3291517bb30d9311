// One reply of a Redis server, owned.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

/// A tree of what RESP2 can say. Nothing about its shape has been believed yet: whoever reads a reply checks it.
struct Value {
  enum class Type : std::uint8_t { nil, text, integer, array, error };

  Type type = Type::nil;
  std::int64_t number = 0;   ///< of an integer
  std::string text;          ///< of a bulk string, a status or an error
  std::vector<Value> items;  ///< of an array
  std::uint64_t cut = 0;     ///< bytes that came and were not kept, because of ReplyLimits; 0: this is all

  [[nodiscard]] bool is(Type wanted) const { return type == wanted; }
  /// An error whose first word is `code`, such as WRONGTYPE or OOM.
  [[nodiscard]] bool is_error(std::string_view code) const;
  /// What an integer says, or a text that is a decimal number; 0 for anything else.
  [[nodiscard]] std::int64_t to_number() const;

  friend bool operator==(const Value&, const Value&) = default;
};

[[nodiscard]] Value text_value(std::string text);
[[nodiscard]] Value error_value(std::string text);
[[nodiscard]] Value integer_value(std::int64_t number);
[[nodiscard]] Value array_value(std::vector<Value> items);

}  // namespace dun::redis
