// What a text may mention: the closed list of argument names, where each value comes from, and how it may be written.
#pragma once

#include "domain/message.hpp"

#include <cstdint>
#include <span>
#include <string>
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

inline constexpr int step_max = 99;  ///< of a ladder

/// Who writes to an account: the words for its brand, or for all brands, from the files of texts.
struct Sender {
  std::string name;  ///< what customers know the company by
  std::string pay;   ///< where one pays, such as a short address
  std::string call;  ///< the number to call
};

/// What one text is filled in with.
struct Filling {
  const MessageContext& message;
  const Sender& sender;
};

/// An amount and the currency it is in; amounts of one message may differ in it.
struct MoneyValue {
  Amount amount;
  std::string_view currency;
};

/// The value of an argument for one message; monostate: this message does not have it.
using Value = std::variant<std::monostate, std::string_view, std::int64_t, MoneyValue, Instant>;

struct Argument {
  std::string_view name;
  ArgumentType type = ArgumentType::text;
  /// A message may lack it, so a text may use it only where `{name, select, none {...} other {...}}` says it is there.
  bool optional = false;
  Value (*value)(const Filling&) = nullptr;
  std::string_view meaning;  ///< one line for people who write texts
  /// Of a word: everything it can be.
  std::span<const std::string_view> (*words)() = nullptr;
  /// Of a number: everything it can be lies between these. Branches are only checked where the range is small.
  std::int64_t min = 0, max = 0;
};

[[nodiscard]] std::span<const Argument> all_arguments();
[[nodiscard]] std::span<const std::string_view> argument_names();
/// Null if there is no argument of that name.
[[nodiscard]] const Argument* find_argument(std::string_view name);
/// The argument that every text must show.
[[nodiscard]] const Argument& event_time_argument();

}  // namespace dun::messages
