// A server that says what a test wants it to say.
#pragma once

#include "base/async/task_group.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <list>
#include <string>

namespace dun::test {

/// Accepts any number of connections on a unix socket of its own. Answers what comes first on each with `answer`, then
/// keeps silent, or closes when told so.
class FakeServer {
 public:
  enum class Then { silent, close };
  FakeServer(boost::asio::io_context& context, std::string answer, Then then = Then::silent);
  ~FakeServer();

  [[nodiscard]] std::string url() const;
  [[nodiscard]] int connections() const { return connections_; }
  async::Awaitable<void> close();

 private:
  using Local = boost::asio::local::stream_protocol;
  async::Awaitable<void> accept();
  async::Awaitable<void> serve(Local::socket socket);

  std::string answer_;
  Then then_;
  std::filesystem::path directory_;
  Local::acceptor acceptor_;
  int connections_ = 0;
  async::TaskGroup tasks_;
};

}  // namespace dun::test
