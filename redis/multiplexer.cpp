#include "redis/multiplexer.hpp"

#include "base/assert.hpp"

#include <utility>

namespace dun::redis {

void Multiplexer::submit(Ticket ticket, const Operation& operation) {
  DUN_ASSERT(!operation.empty());
  for (const Command& command : operation) append_command(output_, command);
  waiting_.push_back({.ticket = ticket, .commands = operation.size(), .replies = {}});
  waiting_.back().replies.reserve(operation.size());
}

std::string Multiplexer::take_output() {
  return std::exchange(output_, {});
}

std::expected<std::vector<Multiplexer::Finished>, std::string> Multiplexer::feed(std::string_view bytes) {
  reader_.feed(bytes);
  std::vector<Finished> finished;
  while (true) {
    auto reply = reader_.next();
    if (!reply) return std::unexpected("not a Redis reply: " + reply.error());
    if (!*reply) return finished;
    if (waiting_.empty()) return std::unexpected<std::string>("the server answered what was not asked");
    Waiting& head = waiting_.front();
    head.replies.push_back(**std::move(reply));
    if (head.replies.size() < head.commands) continue;
    finished.push_back({.ticket = head.ticket, .replies = std::move(head.replies)});
    waiting_.pop_front();
  }
}

}  // namespace dun::redis
