// What a text may mention: the closed list of argument names, where each value comes from, and how it may be written.
#pragma once

#include "domain/message.hpp"

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace dun::messages {

enum class ArgumentType : std::uint8_t {
  text,     ///< written as it is: {account}
  word,     ///< one of a fixed list of words of ours, never shown to a reader: {state, select, ...}
  number,   ///< a whole number: {step}, {credit_level, plural, ...}
  money,    ///< an amount with its currency: {owed, number, currency}
  instant,  ///< a point in time, shown in the receiver's zone: {suspend_at, date, ::MMMdHmm}
};

/// The value of an argument for one message; monostate: this message does not have it.
using Value = std::variant<std::monostate, std::string_view, std::int64_t, Amount, Instant>;

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::text;
  /// A message may lack it, so a text may use it only where `{name, select, none {...} other {...}}` says it is there.
  bool optional = false;
  Value (*value)(const MessageContext&) = nullptr;
  std::string_view meaning;  ///< one line for people who write texts
};

[[nodiscard]] std::span<const Argument> all_arguments();
[[nodiscard]] std::span<const std::string_view> argument_names();
/// Null if there is no argument of that name.
[[nodiscard]] const Argument* find_argument(std::string_view name);
/// The argument that every text must show.
[[nodiscard]] const Argument& event_time_argument();

}  // namespace dun::messages
