// Redis as a whole: a link for every key.
#pragma once

#include "redis/link.hpp"

#include <map>
#include <memory>
#include <string_view>

namespace dun::redis {

/// Whoever works with keys of several slots need not know where they are. One server, or a master behind Sentinels, has
/// one link for all. In a cluster each slot that is asked for has a link of its own, so that a slot can move or lose
/// its server without a word to the others, and nothing has to be sorted out between them; the price is a connection a
/// slot (a partition is a slot). The owner calls close() before it destroys this.
class Links {
 public:
  Links(Executor executor, Site site, LinkOptions options = {});

  /// The link for the key, made when it is asked for the first time; it lives as long as this.
  Link& to(std::string_view key);

  /// One reply for each command, in order, wherever the servers are. Each command names one key as its first argument.
  /// A slot that is on its way to another server is followed. The commands of one slot are performed in their order,
  /// those of different slots at the same time; an error is the first of them.
  Awaitable<Link::Replies> execute(Operation operation, std::optional<Millis> deadline = {});

  [[nodiscard]] bool is_cluster() const { return site_.kind == Site::Kind::cluster; }
  Awaitable<void> close();

 private:
  Executor executor_;
  Site site_;
  LinkOptions options_;
  std::map<std::uint16_t, std::unique_ptr<Link>> links_;  ///< by slot; without a cluster all are one
};

Awaitable<scheduler::StoreResult<std::vector<Value>>> ask(Links& links, Operation operation);

}  // namespace dun::redis
