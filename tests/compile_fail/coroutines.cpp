// A coroutine that nobody awaits does nothing, and who owns coroutines stays where it is.
#include "base/async/task_group.hpp"
#include "scheduler/ports/sender.hpp"
#include "scheduler/ports/store.hpp"

#include <utility>

namespace dun {

async::Awaitable<void> awaited(async::Signal& signal, async::TaskGroup& tasks) {
  co_await signal.wait();
  signal.wait();  // expected-error {{ignoring return value of function declared with 'nodiscard'}}
  co_await tasks.join();
  tasks.join();  // expected-error {{ignoring return value of function declared with 'nodiscard'}}
}

scheduler::Awaitable<scheduler::StoreResult<void>> committed(scheduler::PartitionStore& store,
                                                             scheduler::Commit commit) {
  store.commit(commit);  // expected-error {{ignoring return value of function declared with 'nodiscard'}}
  co_return co_await store.commit(std::move(commit));
}

void owned(async::Executor executor, async::Signal& other_signal, async::TaskGroup& other_tasks) {
  async::Signal signal(executor);
  async::TaskGroup tasks(executor);
  async::Signal second(other_signal);              // expected-error {{call to deleted constructor}}
  async::TaskGroup copied(other_tasks);            // expected-error {{call to deleted constructor}}
  async::TaskGroup moved(std::move(other_tasks));  // expected-error {{call to deleted constructor}}
  tasks = std::move(other_tasks);  // expected-error {{overload resolution selected deleted operator '='}}
}

/// What was asked and what was answered are told apart by their types.
scheduler::Awaitable<void> asked(scheduler::Sender& sender, scheduler::SendRequest request) {
  scheduler::StatusRequest question;
  (void)co_await sender.ask(question);
  (void)co_await sender.send(request);
  (void)co_await sender.ask(request);    // expected-error {{no viable conversion}}
  (void)co_await sender.send(question);  // expected-error {{no viable conversion}}
}

}  // namespace dun
