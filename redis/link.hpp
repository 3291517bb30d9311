// The connection to a Redis server, wherever it is at present: operations in, replies out, whatever happens to the
// connection underneath.
#pragma once

#include "base/async/task_group.hpp"
#include "domain/time.hpp"
#include "redis/address.hpp"
#include "redis/protocol.hpp"
#include "scheduler/ports/awaitable.hpp"
#include "scheduler/ports/store_error.hpp"

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dun::redis {

using async::Awaitable;
using async::Executor;

struct LinkOptions {
  Millis connect_timeout{5000};  ///< for one attempt, with DNS, TLS and authentication
  Millis deadline{5000};         ///< for an operation that names none
  Millis backoff_first{50};      ///< pause after a failed attempt; doubles with each further one
  Millis backoff_max{2000};      ///< ... up to this
  std::string name = "dun";      ///< shown by CLIENT LIST
  ReplyLimits limits;            ///< none, where what others write to streams is not read
  /// Called when the connection comes up, goes down, or stays down for another reason, with a sentence for the log.
  /// Must not call the link.
  std::function<void(bool up, const std::string& what)> on_change;
};

/// The same for a link on which others' entries are read.
[[nodiscard]] LinkOptions limited(LinkOptions options);

/// Why an operation has no replies. Whether the server performed it is not known.
struct LinkError {
  bool misconfigured = false;  ///< URL, password, version or certificate: trying again does not help
  std::string message;
};

/// What the server said of itself when it was connected.
struct ServerHello {
  std::string version;         ///< such as 7.0.15
  std::uint64_t connection{};  ///< number of this connection; each new one has a higher
};

/// Redis over one connection at a time, for one thread. Behind Sentinels, and in a cluster, each connection is made to
/// the server that is the right one then (topology.hpp); a reply that says it no longer is ends the connection, once it
/// has been handed over. Any number of operations may be under way; they are answered in
/// order, and each ends by its deadline, which is put off while bytes come in. A broken connection fails everything in
/// flight and is made anew with growing pauses. While the server is known to be away an operation fails at once and
/// says why; during an attempt it waits for it. An operation that misses its deadline takes the connection with it, and
/// whether it is applied, even later, is not known: what must not be applied late is fenced (lease.hpp). Cancelling a
/// coroutine that waits here throws operation_aborted in it and leaves the connection alone.
///
/// The owner calls close() and waits for it before it destroys the link.
class Link {
 public:
  using Replies = std::expected<std::vector<Value>, LinkError>;

  /// Begins to connect at once. In a cluster to the server of `key`, and every key of an operation must have its slot;
  /// elsewhere the key does not count.
  Link(Executor executor, Site site, LinkOptions options = {}, std::string_view key = {});
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  /// execute() in two halves, so that operations on several links can be under way at once: start() sends as far as it
  /// can, finish() waits. What is started and never waited for is performed all the same.
  using Started = std::shared_ptr<void>;
  Started start(Operation operation, std::optional<std::uint64_t> connection = {});
  Awaitable<Replies> finish(Started started, std::optional<Millis> deadline = {});
  /// The same for an operation that builds on no connection, and in a cluster follows a slot that is on its way: what
  /// is at its new place already (`ASK`) is asked for there. A transaction is performed there as a whole.
  Awaitable<Replies> finish_following(Started started, std::optional<Millis> deadline = {});
  /// True if it ends within the time; nothing happens to it otherwise.
  Awaitable<bool> ends_within(Started started, Millis limit);

  /// One reply for each command, in order; replies that are errors of Redis are replies. With `connection` the
  /// operation is performed on that connection or not at all: what it builds on (WATCH) is bound to it.
  Awaitable<Replies> execute(Operation operation, std::optional<std::uint64_t> connection = {},
                             std::optional<Millis> deadline = {});
  /// Waits until the server is connected and answers, or says why the attempt failed.
  Awaitable<std::expected<ServerHello, LinkError>> connected();
  /// Fails everything under way, ends the connection for ever, and returns when nothing runs any more.
  Awaitable<void> close();

  /// Where it leads at present, for messages.
  [[nodiscard]] std::string display() const;
  /// Number of the present connection, if there is one.
  [[nodiscard]] std::optional<std::uint64_t> connection() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The same as a store sees it: no replies is `unavailable`.
[[nodiscard]] scheduler::StoreError unavailable(const LinkError& error);
Awaitable<scheduler::StoreResult<std::vector<Value>>> ask(Link& link, Operation operation);

}  // namespace dun::redis
