// Coroutines from a plain test.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace dun::test {

/// Runs a coroutine to its end on the context, and gives its result.
template <typename T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown, T value) {
    failure = thrown;
    result.emplace(std::move(value));
    done = true;
  });
  context.restart();
  while (!done) context.run_one();
  if (failure) std::rethrow_exception(failure);
  return *std::move(result);
}
inline void run(boost::asio::io_context& context, boost::asio::awaitable<void> work) {
  std::exception_ptr failure;
  bool done = false;
  boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr thrown) {
    failure = thrown;
    done = true;
  });
  context.restart();
  while (!done) context.run_one();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace dun::test
