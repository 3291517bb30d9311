#include "redis/links.hpp"

#include "redis/topology.hpp"

#include <utility>

namespace dun::redis {

Links::Links(Executor executor, Site site, LinkOptions options)
    : executor_(std::move(executor)), site_(std::move(site)), options_(std::move(options)) {}

Link& Links::to(std::string_view key) {
  auto& link = links_[is_cluster() ? slot_of(key) : 0];
  if (!link) link = std::make_unique<Link>(executor_, site_, options_, key);
  return *link;
}

Awaitable<Link::Replies> Links::execute(Operation operation, std::optional<Millis> deadline) {
  struct Share {
    Operation commands;
    std::vector<std::size_t> positions;
    Link::Started started;
  };
  std::map<Link*, Share> shares;
  const std::size_t count = operation.size();
  for (std::size_t i = 0; i < count; ++i) {
    Share& share = shares[&to(operation[i].at(1))];
    share.commands.push_back(std::move(operation[i]));
    share.positions.push_back(i);
  }
  for (auto& [link, share] : shares) share.started = link->start(std::move(share.commands));
  std::vector<Value> all(count);
  for (auto& [link, share] : shares) {
    auto replies = co_await link->finish_following(share.started, deadline);
    if (!replies) co_return std::unexpected(std::move(replies).error());
    for (std::size_t i = 0; i < share.positions.size(); ++i) all[share.positions[i]] = std::move((*replies)[i]);
  }
  co_return all;
}

Awaitable<void> Links::close() {
  for (const auto& [slot, link] : links_) co_await link->close();
}

Awaitable<scheduler::StoreResult<std::vector<Value>>> ask(Links& links, Operation operation) {
  auto replies = co_await links.execute(std::move(operation));
  if (!replies) co_return std::unexpected(unavailable(replies.error()));
  co_return *std::move(replies);
}

}  // namespace dun::redis
