// What `dun up` and `dun load` have in common: a stack of their own, what talks to it, and how all of that ends.
#pragma once

#include "base/async/task_group.hpp"
#include "redis/links.hpp"
#include "tools/stack.hpp"

#include <memory>
#include <optional>
#include <string>

namespace dun::tools {

/// Runs one stack from start to stop. Whoever derives from it says what happens in between.
class StackSession {
 public:
  /// `command` begins what is said when something went wrong: `dun up`.
  explicit StackSession(std::string command);
  virtual ~StackSession();
  StackSession(const StackSession&) = delete;
  StackSession& operator=(const StackSession&) = delete;

  /// Works, then stops everything in order. The exit code.
  int run();

 protected:
  /// The session ends with it. A std::runtime_error that leaves it is said and makes the exit code 1.
  virtual async::Awaitable<void> work() = 0;
  /// SIGINT or SIGTERM came.
  virtual void interrupt() = 0;
  void fail(const std::string& why);
  /// Ends the session, though the work has not: that is cancelled.
  void end() { ended_.notify(); }

  /// In `directory_`, which must have been taken before.
  void start(StackOptions options, Stack::Log log);

 private:
  async::Awaitable<void> live();
  async::Awaitable<void> perform();
  async::Awaitable<void> wait_for_signal();

  struct Loop;
  std::unique_ptr<Loop> loop_;
  std::string command_;
  async::Signal ended_;

 protected:
  int exit_code_ = 0;
  std::optional<StateDirectory> directory_;
  std::unique_ptr<Stack> stack_;
  std::unique_ptr<redis::Links> links_;
  async::TaskGroup tasks_;
};

}  // namespace dun::tools
