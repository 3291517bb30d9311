// RESP, the wire format: commands out, replies in. hiredis does both; this gives it owned values.
#pragma once

#include "redis/value.hpp"

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct redisReader;

namespace dun::redis {

/// A command and its arguments, any bytes each.
using Command = std::vector<std::string>;

/// Commands that are sent in one write and answered together, a reply each.
using Operation = std::vector<Command>;

/// Appends the command as an array of bulk strings.
void append_command(std::string& out, const Command& command);

/// Takes a byte stream apart into replies. It holds at most one reply and what has been fed beyond it; a peer that
/// announces an array of a billion elements makes it allocate none of them before they arrive.
class ReplyReader {
 public:
  ReplyReader();
  void feed(std::string_view bytes);
  /// The next whole reply, nothing if more bytes are needed, or what is wrong with the stream: then it cannot be used
  /// any further.
  [[nodiscard]] std::expected<std::optional<Value>, std::string> next();

 private:
  struct Free {
    void operator()(redisReader* reader) const;
  };
  std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace dun::redis
