#include "redis/processes.hpp"

#include <algorithm>
#include <utility>

namespace dun::redis {

using Type = Value::Type;
namespace {

/// The register as HGETALL spells it, by name.
StoreResult<std::vector<RunningProcess>> take_register(const Value& reply, const std::string& key) {
  if (!reply.is(Type::array)) return std::unexpected(store_error(reply, key));
  std::vector<RunningProcess> all;
  for (std::size_t i = 0; i + 1 < reply.items.size(); i += 2)
    all.push_back({.owner = reply.items[i].text, .roles = reply.items[i + 1].text, .status = {}});
  std::ranges::sort(all, {}, &RunningProcess::owner);
  return all;
}

}  // namespace

Awaitable<StoreResult<std::vector<RunningProcess>>> announce(Link& link, Keyspace keys, RunningProcess self,
                                                             Millis ttl) {
  const std::string index = keys.processes();
  auto said = co_await ask(link, {{"SET", keys.process(self.owner), self.status, "PX", std::to_string(ttl.count())},
                                  {"HSET", index, self.owner, self.roles},
                                  {"HGETALL", index}});
  if (!said) co_return std::unexpected(said.error());
  if ((*said)[0].is(Type::error)) co_return std::unexpected(store_error((*said)[0], keys.process(self.owner)));
  if ((*said)[1].is(Type::error)) co_return std::unexpected(store_error((*said)[1], index));
  auto all = take_register((*said)[2], index);
  if (!all || all->empty()) co_return all;

  Operation alive;
  for (const RunningProcess& process : *all) alive.push_back({"EXISTS", keys.process(process.owner)});
  const auto replies = co_await ask(link, std::move(alive));
  if (!replies) co_return std::unexpected(replies.error());
  std::vector<RunningProcess> living;
  Command strike{"HDEL", index};
  for (std::size_t i = 0; i < all->size(); ++i) {
    if (!(*replies)[i].is(Type::integer))
      co_return std::unexpected(store_error((*replies)[i], keys.process((*all)[i].owner)));
    if ((*replies)[i].number == 1)
      living.push_back(std::move((*all)[i]));
    else
      strike.push_back((*all)[i].owner);
  }
  // One that is back by now says so again within a second.
  if (strike.size() > 2) (void)co_await link.execute({std::move(strike)});
  co_return living;
}

Awaitable<void> retire(Link& link, Keyspace keys, std::string owner) {
  (void)co_await link.execute({{"HDEL", keys.processes(), owner}, {"DEL", keys.process(owner)}});
}

Awaitable<StoreResult<std::vector<RunningProcess>>> running_processes(Link& link, Keyspace keys) {
  const auto listed = co_await ask(link, {{"HGETALL", keys.processes()}});
  if (!listed) co_return std::unexpected(listed.error());
  auto all = take_register(listed->front(), keys.processes());
  if (!all || all->empty()) co_return all;
  Operation statuses;
  for (const RunningProcess& process : *all) statuses.push_back({"GET", keys.process(process.owner)});
  auto replies = co_await ask(link, std::move(statuses));
  if (!replies) co_return std::unexpected(replies.error());
  std::vector<RunningProcess> living;
  for (std::size_t i = 0; i < all->size(); ++i) {
    Value& reply = (*replies)[i];
    if (reply.is(Type::nil)) continue;
    if (!reply.is(Type::text)) co_return std::unexpected(store_error(reply, keys.process((*all)[i].owner)));
    living.push_back(std::move((*all)[i]));
    living.back().status = std::move(reply.text);
  }
  co_return living;
}

}  // namespace dun::redis
