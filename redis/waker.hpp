// Waking up an engine that has nothing to do.
#pragma once

#include "redis/links.hpp"
#include "redis/stream.hpp"

#include <functional>
#include <string>
#include <vector>

namespace dun::redis {

struct WakerOptions {
  Millis block{5000};  ///< how long one look waits; no upper bound to latency, only to how long close() may take
  Millis pause{2};     ///< between two wakes, so that a busy stream does not cost a look an entry
};

/// Polling a stream costs a round trip each time, and blocking on it costs a connection. This blocks on all streams of
/// a thread with one connection (in a cluster: one a slot) and calls back when one of them may hold something new, also
/// after every reconnection. What is there the engine reads for itself: a wake that comes for nothing is harmless, and
/// none is missed, because each look starts from what was there before the last call. The owner calls close() before it
/// destroys the waker.
class Waker {
 public:
  /// `wake` is called with the index of the stream.
  Waker(Executor executor, Site site, LinkOptions link_options, std::vector<std::string> streams,
        std::function<void(std::size_t stream)> wake, WakerOptions options = {});

  Awaitable<void> close();

 private:
  /// Streams that one command can wait for.
  struct Watch {
    std::vector<std::size_t> streams;
    std::vector<StreamId> last;
    Link& link;
  };
  Awaitable<void> run(Watch watch);
  Awaitable<bool> look(Watch& watch, bool was_away);

  std::vector<std::string> streams_;
  std::function<void(std::size_t)> wake_;
  WakerOptions options_;
  Links links_;
  async::TaskGroup tasks_;
};

}  // namespace dun::redis
