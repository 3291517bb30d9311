#include "base/async/task_group.hpp"

#include "base/assert.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <exception>
#include <utility>

namespace dun::async {

namespace asio = boost::asio;

struct Signal::State {
  explicit State(const Executor& executor) : timer(executor) {}
  asio::steady_timer timer;
  bool notified = false;
  bool awaited = false;
};

Signal::Signal(Executor executor) : state_(std::make_unique<State>(executor)) {}
Signal::~Signal() = default;

void Signal::notify() {
  state_->notified = true;
  state_->timer.cancel();
}

Awaitable<void> Signal::wait() {
  while (!co_await wait(std::chrono::hours(24))) {
  }
}

Awaitable<bool> Signal::wait(std::chrono::milliseconds limit) {
  if (std::exchange(state_->notified, false)) co_return true;
  DUN_ASSERT(!state_->awaited);
  state_->awaited = true;
  state_->timer.expires_after(limit);
  co_await state_->timer.async_wait(asio::as_tuple(asio::use_awaitable));
  state_->awaited = false;
  co_return std::exchange(state_->notified, false);
}

struct TaskGroup::Task {
  asio::cancellation_signal cancellation;
};

TaskGroup::TaskGroup(Executor executor) : executor_(executor), ended_(std::move(executor)) {}

TaskGroup::~TaskGroup() {
  DUN_ASSERT(live_.empty());
}

namespace {

/// Two coroutines that a task has waited for at once may both be ended by its cancellation; Asio then makes one
/// exception of the two.
std::exception_ptr first_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const asio::multiple_exceptions& several) {
    return several.first_exception();
  } catch (...) {
    return failure;
  }
}

}  // namespace

void TaskGroup::spawn(Awaitable<void> task) {
  const auto place = live_.emplace(live_.end());
  const auto ended = [this, place](std::exception_ptr failure) {
    live_.erase(place);
    ended_.notify();
    try {
      if (failure) std::rethrow_exception(first_of(failure));
    } catch (const boost::system::system_error& error) {
      if (error.code() != asio::error::operation_aborted) throw;
    }
  };
  asio::co_spawn(executor_, std::move(task), asio::bind_cancellation_slot(place->cancellation.slot(), ended));
}

void TaskGroup::cancel() {
  for (Task& task : live_) task.cancellation.emit(asio::cancellation_type::terminal);
}

Awaitable<void> TaskGroup::join() {
  while (!live_.empty()) co_await ended_.wait();
}

}  // namespace dun::async
