#include "tests/redis/fake_server.hpp"

#include "tests/support/redis_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace dun::test {

namespace asio = boost::asio;
constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

FakeServer::FakeServer(asio::io_context& context, std::string answer, Then then)
    : answer_(std::move(answer)),
      then_(then),
      directory_(make_temporary_directory()),
      acceptor_(context, Local::endpoint((directory_ / "fake.sock").string())),
      tasks_(context.get_executor()) {
  tasks_.spawn(accept());
}

FakeServer::~FakeServer() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string FakeServer::url() const {
  return "unix://" + (directory_ / "fake.sock").string();
}

async::Awaitable<void> FakeServer::accept() {
  while (true) {
    auto [error, socket] = co_await acceptor_.async_accept(with_error);
    if (error) co_return;
    ++connections_;
    tasks_.spawn(serve(std::move(socket)));
  }
}

async::Awaitable<void> FakeServer::serve(Local::socket socket) {
  std::array<char, 4096> buffer{};
  const auto [unread, size] = co_await socket.async_read_some(asio::buffer(buffer), with_error);
  if (unread) co_return;
  co_await asio::async_write(socket, asio::buffer(answer_), with_error);
  if (then_ == Then::close) co_return;
  while (true) {
    const auto [error, more] = co_await socket.async_read_some(asio::buffer(buffer), with_error);
    if (error) co_return;
  }
}

async::Awaitable<void> FakeServer::close() {
  acceptor_.close();
  tasks_.cancel();
  co_await tasks_.join();
}

}  // namespace dun::test
