// RESP, the wire format: commands out, replies in.
#pragma once

#include "redis/value.hpp"

#include <cstdint>
#include <expected>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

/// A command and its arguments, any bytes each.
using Command = std::vector<std::string>;

/// Commands that are sent in one write and answered together, a reply each.
using Operation = std::vector<Command>;

/// Appends the command as an array of bulk strings.
void append_command(std::string& out, const Command& command);

/// How much is kept of what others have put into an entry of a stream: of whatever stands three arrays deep or deeper
/// in a reply. The rest goes by, so that memory stays flat whatever they add; Value::cut says that it did.
struct ReplyLimits {
  std::size_t text = std::numeric_limits<std::size_t>::max();   ///< bytes of one text
  std::size_t items = std::numeric_limits<std::size_t>::max();  ///< elements of one array
  std::size_t total = std::numeric_limits<std::size_t>::max();  ///< bytes of one reply's texts that are not very short
};

/// Takes a byte stream apart into replies. It holds at most one reply and what has been fed beyond it; a peer that
/// announces an array of a billion elements makes it allocate none of them before they arrive.
class ReplyReader {
 public:
  explicit ReplyReader(ReplyLimits limits = {}) : limits_(limits) {}
  void feed(std::string_view bytes);
  /// The next whole reply, nothing if more bytes are needed, or what is wrong with the stream: then it cannot be used
  /// any further.
  [[nodiscard]] std::expected<std::optional<Value>, std::string> next();

 private:
  /// An array whose elements are still arriving.
  struct Open {
    Value array;
    std::int64_t left = 0;
  };
  /// What a step finds: a whole value, that an array or a text has begun, or that bytes are missing.
  enum class Step : std::uint8_t { whole, begun, starved };
  [[nodiscard]] std::expected<Step, std::string> step(Value& value);
  [[nodiscard]] std::expected<Step, std::string> read_line(Value& value);
  [[nodiscard]] std::expected<Step, std::string> read_text(Value& value);
  void begin_text(std::int64_t size);
  /// Puts it into the array that is open; the reply that is whole by it, if one is.
  [[nodiscard]] std::optional<Value> place(Value value);
  void put(Value value);
  [[nodiscard]] bool is_limited() const { return open_.size() >= 3; }

  ReplyLimits limits_;
  std::string buffer_;
  std::size_t at_ = 0;  ///< of the buffer, what is before has been read
  std::vector<Open> open_;
  bool in_text_ = false;
  Value text_;                   ///< the text that is arriving
  std::uint64_t text_left_ = 0;  ///< of it, bytes that have not come
  std::uint64_t text_kept_ = 0;  ///< of it, bytes that are still to be kept
  std::size_t kept_ = 0;         ///< bytes of limited texts in the present reply
};

}  // namespace dun::redis
