// Running coroutines to their end from a test's own thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace dun::test {

/// Runs the context until the coroutine has ended, and returns its result; what it throws comes out.
template <typename T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
    context.stop();
  });
  context.restart();
  context.run();
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}

inline void run(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
  std::exception_ptr failure;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error) {
    failure = error;
    context.stop();
  });
  context.restart();
  context.run();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dun::test
