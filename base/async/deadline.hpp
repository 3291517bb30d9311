// Timers for coroutines, and the one race between work and a timer. Heavy: for .cpp files only.
#pragma once

#include "base/async/task_group.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <optional>
#include <utility>
#include <variant>

namespace dun::async {

/// The result of `work`, or nothing if it had none within the limit; then it has been cancelled and has ended. What
/// the work receives from others may be lost with it: race connecting, never taking from a queue.
template <typename T>
Awaitable<std::optional<T>> with_deadline(Awaitable<T> work, std::chrono::milliseconds limit) {
  using namespace boost::asio::experimental::awaitable_operators;
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, limit);
  std::variant<T, std::monostate> first = co_await (std::move(work) || timer.async_wait(boost::asio::use_awaitable));
  if (first.index() != 0) co_return std::nullopt;
  co_return std::get<0>(std::move(first));
}

/// Waits; returns early when the coroutine is cancelled.
inline Awaitable<void> sleep(std::chrono::milliseconds span) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, span);
  co_await timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
}

}  // namespace dun::async
