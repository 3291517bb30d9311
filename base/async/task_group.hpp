// Waiting and ownership for coroutines of one thread. Heavy Asio headers stay in the .cpp file.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <list>
#include <memory>

namespace dun::async {

template <typename T>
using Awaitable = boost::asio::awaitable<T>;
using Executor = boost::asio::any_io_executor;

/// One coroutine waits here for what another one does. A notification without a waiter is kept for the next wait, so
/// that none is lost between looking and waiting; several count as one.
class Signal {
 public:
  explicit Signal(Executor executor);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void notify();
  Awaitable<void> wait();
  /// True if notified, false when the limit passed first or the waiting coroutine was cancelled.
  Awaitable<bool> wait(std::chrono::milliseconds limit);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Owns the coroutines spawned into it. Its owner, whose last member it is, cancels and joins them before it is
/// destroyed; destroying a group with a live task is a bug and ends the program. Cancelling makes what a task waits for
/// end early, and the wait after that throw, which ends the task. Any other exception that leaves a task comes out of
/// the io_context's run().
class TaskGroup {
 public:
  explicit TaskGroup(Executor executor);
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Awaitable<void> task);
  void cancel();
  /// Returns when no task is left.
  Awaitable<void> join();

 private:
  struct Task;
  Executor executor_;
  Signal ended_;
  std::list<Task> live_;
};

}  // namespace dun::async
