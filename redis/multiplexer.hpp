// Which reply belongs to which operation, without I/O: bytes to write come out, bytes read go in.
#pragma once

#include "redis/protocol.hpp"

#include <cstdint>
#include <deque>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

/// The state of one connection. Redis answers in the order of the commands, so that any number of operations may be on
/// their way at once; each gets exactly its own replies, or none at all when the connection breaks. A Link makes one
/// for each connection and performs its reads and writes.
class Multiplexer {
 public:
  using Ticket = std::uint64_t;
  struct Finished {
    Ticket ticket = 0;
    std::vector<Value> replies;  ///< one for each command
  };

  explicit Multiplexer(ReplyLimits limits = {}) : reader_(limits) {}

  /// Queues an operation of at least one command.
  void submit(Ticket ticket, const Operation& operation);
  [[nodiscard]] bool has_output() const { return !output_.empty(); }
  /// All that is to be written; several operations that were queued meanwhile leave in one write.
  [[nodiscard]] std::string take_output();
  /// The operations that these bytes complete, in order. An error is a peer that does not speak RESP, or that answers
  /// what nobody asked: the connection must be given up.
  [[nodiscard]] std::expected<std::vector<Finished>, std::string> feed(std::string_view bytes);

 private:
  struct Waiting {
    Ticket ticket = 0;
    std::size_t commands = 0;
    std::vector<Value> replies;
  };
  std::string output_;
  std::deque<Waiting> waiting_;
  ReplyReader reader_;
};

}  // namespace dun::redis
