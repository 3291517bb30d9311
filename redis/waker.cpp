#include "redis/waker.hpp"

#include "base/async/deadline.hpp"

#include <map>
#include <utility>

namespace dun::redis {

Waker::Waker(Executor executor, Site site, LinkOptions link_options, std::vector<std::string> streams,
             std::function<void(std::size_t)> wake, WakerOptions options)
    : streams_(std::move(streams)),
      wake_(std::move(wake)),
      options_(options),
      links_(executor, std::move(site), limited(std::move(link_options))),
      tasks_(std::move(executor)) {
  std::map<Link*, std::vector<std::size_t>> together;
  for (std::size_t i = 0; i < streams_.size(); ++i) together[&links_.to(streams_[i])].push_back(i);
  for (auto& [link, indices] : together) {
    const std::size_t count = indices.size();
    tasks_.spawn(run({.streams = std::move(indices), .last = std::vector<StreamId>(count), .link = *link}));
  }
}

Awaitable<void> Waker::run(Watch watch) {
  constexpr Millis retry{100};
  bool away = true;
  while (true) {
    away = !co_await look(watch, away);
    co_await async::sleep(away ? retry : options_.pause);
  }
}

/// Where each stream ends now; a wake for each that has moved, or for all when the server was away, because it may have
/// come back without its last writes; then a wait until one moves on. False if the server does not answer, or only with
/// refusals.
Awaitable<bool> Waker::look(Watch& watch, bool was_away) {
  Operation ends;
  for (const std::size_t stream : watch.streams) ends.push_back(last_of_stream(streams_[stream]));
  auto replies = co_await watch.link.execute(std::move(ends));
  if (!replies) co_return false;
  for (std::size_t i = 0; i < watch.streams.size(); ++i) {
    const std::size_t stream = watch.streams[i];
    const auto id = take_last_id(std::move((*replies)[i]), streams_[stream]);
    if (!id) co_return false;
    const bool moved = std::exchange(watch.last[i], *id) != *id;
    if (moved || was_away) wake_(stream);
  }
  Command wait = {"XREAD", "COUNT", "1", "BLOCK", std::to_string(options_.block.count()), "STREAMS"};
  for (const std::size_t stream : watch.streams) wait.push_back(streams_[stream]);
  for (const StreamId id : watch.last) wait.push_back(to_text(id));
  const auto waited = co_await watch.link.execute({std::move(wait)}, {}, options_.block + Millis(5000));
  co_return waited && !waited->front().is(Value::Type::error);
}

Awaitable<void> Waker::close() {
  tasks_.cancel();
  co_await tasks_.join();
  co_await links_.close();
}

}  // namespace dun::redis
