// Performs what dispatch says: hands the requests whose turn it is to the sender and brings the answers back to their
// partitions.
//
// Guarantee: a request begins only while its partition is surely ours and it may still be delivered; every other one
// goes back undecided. Owner: the engine.
#pragma once

#include "base/async/task_group.hpp"
#include "scheduler/dispatcher.hpp"
#include "scheduler/ports/clock.hpp"
#include "scheduler/ports/sender.hpp"
#include "scheduler/runner.hpp"

#include <functional>
#include <map>
#include <string>

namespace dun::scheduler {

class Sending {
 public:
  struct Hooks {
    std::function<void()> request_over;  ///< one fewer is under way
    std::function<void()> pumped;        ///< what is ready to begin may have changed
  };
  /// All that is given by reference outlives it.
  Sending(async::Executor executor, const Clock& clock, const EngineOptions& options, const DispatchOptions& dispatch,
          Sender& sender, Dispatcher& dispatcher, Runners& runners, Hooks hooks);
  Sending(const Sending&) = delete;
  Sending& operator=(const Sending&) = delete;

  void start() { tasks_.spawn(keep_pumping()); }
  /// Whatever dispatch says by now: grants, what is to begin, what is to go back.
  void pump();
  [[nodiscard]] int under_way() const { return under_way_; }
  /// Nothing begins any more, and what is under way is left without an answer.
  void cancel();
  Awaitable<void> join();

 private:
  Awaitable<void> keep_pumping();
  Awaitable<void> send(Dispatcher::Start start);
  Awaitable<SendResult> perform(InFlight request);
  void take_back(Dispatcher::Start start);
  void tell_breaker(const std::string& gateway, flow::Breaker::State before, const SendResult& result);

  const Clock& clock_;
  const EngineOptions& options_;
  const DispatchOptions& dispatch_;
  Sender& sender_;
  Dispatcher& dispatcher_;
  Runners& runners_;
  Hooks hooks_;
  std::map<std::string, std::string> told_reasons_;  ///< of the gateways that have stopped
  async::Signal pump_later_;
  int under_way_ = 0;
  bool cancelled_ = false;
  async::TaskGroup tasks_;
};

}  // namespace dun::scheduler
