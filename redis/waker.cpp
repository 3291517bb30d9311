#include "redis/waker.hpp"

#include "async/deadline.hpp"

#include <utility>

namespace dun::redis {

Waker::Waker(Executor executor, Address address, LinkOptions link_options, std::vector<std::string> streams,
             std::function<void(std::size_t)> wake, WakerOptions options)
    : streams_(std::move(streams)),
      wake_(std::move(wake)),
      options_(options),
      last_(streams_.size()),
      link_(executor, std::move(address), std::move(link_options)),
      tasks_(std::move(executor)) {
  tasks_.spawn(run());
}

Awaitable<void> Waker::run() {
  constexpr Millis retry{100};
  bool away = true;
  while (true) {
    away = !co_await look(away);
    co_await async::sleep(away ? retry : options_.pause);
  }
}

/// Where each stream ends now; a wake for each that has moved, or for all when the server was away, because it may have
/// come back without its last writes; then a wait until one moves on. False if the server does not answer, or only with
/// refusals.
Awaitable<bool> Waker::look(bool was_away) {
  Operation ends;
  for (const std::string& stream : streams_) ends.push_back(last_of_stream(stream));
  auto replies = co_await link_.execute(std::move(ends));
  if (!replies) co_return false;
  for (std::size_t i = 0; i < streams_.size(); ++i) {
    const auto id = take_last_id(std::move((*replies)[i]), streams_[i]);
    if (!id) co_return false;
    const bool moved = std::exchange(last_[i], *id) != *id;
    if (moved || was_away) wake_(i);
  }
  Command wait = {"XREAD", "COUNT", "1", "BLOCK", std::to_string(options_.block.count()), "STREAMS"};
  wait.insert(wait.end(), streams_.begin(), streams_.end());
  for (const StreamId id : last_) wait.push_back(to_text(id));
  const auto waited = co_await link_.execute({std::move(wait)}, {}, options_.block + Millis(5000));
  co_return waited && !waited->front().is(Value::Type::error);
}

Awaitable<void> Waker::close() {
  tasks_.cancel();
  co_await tasks_.join();
  co_await link_.close();
}

}  // namespace dun::redis
