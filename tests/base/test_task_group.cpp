// Signals, task groups and deadlines on a real event loop.
#include "base/async/deadline.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <gmock/gmock.h>

#include <stdexcept>

namespace dun::async {
namespace {

namespace asio = boost::asio;

// Longer than any test may run: what waits for this has been ended by something else.
constexpr std::chrono::milliseconds for_ever = std::chrono::hours(1);

void run(asio::io_context& io, Awaitable<void> work) {
  asio::co_spawn(io, std::move(work), [](const std::exception_ptr& failure) {
    if (failure) std::rethrow_exception(failure);
  });
  io.run();
}

Awaitable<void> wait_for(Signal& signal, int& woken) {
  co_await signal.wait();
  ++woken;
}

TEST(Signal, WakesWhoWaits) {
  asio::io_context io;
  Signal signal(io.get_executor());
  TaskGroup tasks(io.get_executor());
  int woken = 0;
  tasks.spawn(wait_for(signal, woken));
  io.poll();
  EXPECT_EQ(woken, 0);
  signal.notify();
  io.restart();
  io.poll();
  EXPECT_EQ(woken, 1);
}

TEST(Signal, KeepsANotificationThatNobodyWaitedForAndCountsSeveralAsOne) {
  asio::io_context io;
  Signal signal(io.get_executor());
  TaskGroup tasks(io.get_executor());
  int woken = 0;
  signal.notify();
  signal.notify();
  tasks.spawn(wait_for(signal, woken));
  io.poll();
  EXPECT_EQ(woken, 1);
  tasks.spawn(wait_for(signal, woken));
  io.restart();
  io.poll();
  EXPECT_EQ(woken, 1) << "it was used up";
  signal.notify();
  io.run();
  EXPECT_EQ(woken, 2);
}

Awaitable<void> wait_at_most(Signal& signal, std::chrono::milliseconds limit, std::optional<bool>& notified) {
  notified = co_await signal.wait(limit);
}

TEST(Signal, TellsANotificationFromALimit) {
  asio::io_context io;
  Signal signal(io.get_executor());
  std::optional<bool> notified;
  run(io, wait_at_most(signal, std::chrono::milliseconds(1), notified));
  EXPECT_EQ(notified, false);
  signal.notify();
  io.restart();
  run(io, wait_at_most(signal, for_ever, notified));
  EXPECT_EQ(notified, true);
}

Awaitable<void> sleep_twice(int& stage) {
  stage = 1;
  co_await sleep(for_ever);
  stage = 2;
  co_await sleep(for_ever);
  stage = 3;
}

Awaitable<void> cancel_and_join(TaskGroup& tasks) {
  tasks.cancel();
  co_await tasks.join();
}

TEST(TaskGroup, CancellingEndsTheWaitAndTheOneAfterItThrows) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  int stage = 0;
  tasks.spawn(sleep_twice(stage));
  io.poll();
  ASSERT_EQ(stage, 1);
  io.restart();
  run(io, cancel_and_join(tasks));
  EXPECT_EQ(stage, 2);
}

Awaitable<void> spin(asio::io_context& io, int rounds) {
  for (int i = 0; i < rounds; ++i) co_await asio::post(io, asio::use_awaitable);
}

Awaitable<void> join(TaskGroup& tasks, bool& joined) {
  co_await tasks.join();
  joined = true;
}

TEST(TaskGroup, JoinWaitsForTheLastOfMany) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  for (int i = 0; i < 50; ++i) tasks.spawn(spin(io, i));
  bool joined = false;
  run(io, join(tasks, joined));
  EXPECT_TRUE(joined);
}

TEST(TaskGroup, JoinOfNobodyReturnsAtOnce) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  bool joined = false;
  run(io, join(tasks, joined));
  EXPECT_TRUE(joined);
}

Awaitable<void> fail() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  throw std::runtime_error("a bug");
}

TEST(TaskGroup, AnExceptionOfATaskComesOutOfTheLoop) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  tasks.spawn(fail());
  EXPECT_THROW(io.run(), std::runtime_error);
}

Awaitable<void> spawn_more(TaskGroup& tasks, asio::io_context& io, int depth, int& ended) {
  if (depth > 0) tasks.spawn(spawn_more(tasks, io, depth - 1, ended));
  co_await asio::post(io, asio::use_awaitable);
  ++ended;
}

TEST(TaskGroup, TasksMaySpawnTasks) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  int ended = 0;
  tasks.spawn(spawn_more(tasks, io, 20, ended));
  bool joined = false;
  run(io, join(tasks, joined));
  EXPECT_EQ(ended, 21);
}

TEST(TaskGroupDeathTest, DestroyingALiveGroupEndsTheProgram) {
  EXPECT_DEATH(
      {
        asio::io_context io;
        TaskGroup tasks(io.get_executor());
        int stage = 0;
        tasks.spawn(sleep_twice(stage));
        io.poll();
      },
      "live_");
}

Awaitable<int> answer_after(std::chrono::milliseconds span) {
  co_await sleep(span);
  co_return 42;
}

Awaitable<void> race(std::chrono::milliseconds work, std::chrono::milliseconds limit, std::optional<int>& result,
                     bool& done) {
  result = co_await with_deadline(answer_after(work), limit);
  done = true;
}

TEST(Deadline, LetsWorkEndOrEndsIt) {
  asio::io_context io;
  std::optional<int> result;
  bool done = false;
  run(io, race(std::chrono::milliseconds(0), for_ever, result, done));
  EXPECT_EQ(result, 42);
  io.restart();
  done = false;
  run(io, race(for_ever, std::chrono::milliseconds(1), result, done));
  EXPECT_TRUE(done);
  EXPECT_EQ(result, std::nullopt);
}

Awaitable<int> answer_after_two_waits() {
  co_await sleep(for_ever);
  // Throws when cancelled, as the timer of the race does at the same time.
  co_await sleep(for_ever);
  co_return 42;
}

Awaitable<void> race_two_waits() {
  co_await with_deadline(answer_after_two_waits(), for_ever);
  co_await sleep(for_ever);
}

TEST(Deadline, BothEndsOfTheRaceAreCancelledAsOne) {
  asio::io_context io;
  TaskGroup tasks(io.get_executor());
  tasks.spawn(race_two_waits());
  io.poll();
  tasks.cancel();
  run(io, tasks.join());
}

}  // namespace
}  // namespace dun::async
