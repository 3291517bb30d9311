#include "tools/stack_session.hpp"

#include "tools/output.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <stdexcept>
#include <utility>

namespace dun::tools {
namespace asio = boost::asio;
using async::Awaitable;

/// Signals are taken until all has been stopped: a second one must not leave the stack behind.
struct StackSession::Loop {
  asio::io_context context{1};
  asio::signal_set signals{context, SIGINT, SIGTERM};
};

StackSession::StackSession(std::string command)
    : loop_(std::make_unique<Loop>()),
      command_(std::move(command)),
      ended_(loop_->context.get_executor()),
      tasks_(loop_->context.get_executor()) {}

StackSession::~StackSession() = default;

int StackSession::run() {
  async::TaskGroup main(loop_->context.get_executor());
  main.spawn(live());
  loop_->context.run();
  return exit_code_;
}

Awaitable<void> StackSession::live() {
  tasks_.spawn(perform());
  tasks_.spawn(wait_for_signal());
  co_await ended_.wait();
  tasks_.cancel();
  co_await tasks_.join();
  if (links_) co_await links_->close();
  stack_.reset();
}

Awaitable<void> StackSession::perform() {
  try {
    co_await work();
  } catch (const boost::system::system_error& error) {
    if (error.code() == asio::error::operation_aborted) throw;  // whoever ended it has said why
    fail(error.what());
  } catch (const std::runtime_error& error) {
    fail(error.what());
  }
  ended_.notify();
}

Awaitable<void> StackSession::wait_for_signal() {
  co_await loop_->signals.async_wait(asio::use_awaitable);
  interrupt();
}

void StackSession::fail(const std::string& why) {
  complain("{}: {}\n", command_, why);
  exit_code_ = 1;
}

void StackSession::start(StackOptions options, Stack::Log log) {
  stack_ = std::make_unique<Stack>(std::move(options), *directory_, std::move(log));
  links_ = std::make_unique<redis::Links>(loop_->context.get_executor(), *redis::parse_address(stack_->redis_url()));
}

}  // namespace dun::tools
