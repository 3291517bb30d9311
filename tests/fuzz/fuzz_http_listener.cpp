// Any bytes to the HTTP listener with the routes that a process has: an answer or a close, and nothing is published
// that this installation did not sign.
#include "base/assert.hpp"
#include "base/http/server.hpp"
#include "operations/receipts.hpp"
#include "scheduler/clock.hpp"
#include "tests/fuzz/gateways.hpp"
#include "tests/support/run_async.hpp"

#include <spdlog/spdlog.h>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace {

using namespace dun;
namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable);

/// One listener for all inputs: what one leaves behind the next one meets.
class Listener {
 public:
  Listener() {
    spdlog::set_level(spdlog::level::off);
    http::Endpoints endpoints;
    endpoints.add("/healthz", http::health_handler([] { return http::Health{}; }), http::Endpoints::Match::exact);
    operations::add_receipt_endpoints(endpoints, std::make_shared<operations::ReceiptGateways>(test::fuzzed_gateways()),
                                      clock_, scheduler::Seal(), publish);
    http::ServerOptions options;
    options.body_max = 4096;
    options.body_free = 64;
    options.bodies_max = 1024;
    options.connections_max = 4;
    server_ = std::make_unique<http::Server>(context_.get_executor(), options, endpoints.handler());
    port_ = server_->start().value();
  }

  std::string exchange(std::string bytes) { return test::run(context_, talk(port_, std::move(bytes))); }

 private:
  static async::Awaitable<bool> publish(std::vector<Fields> events) {
    for (const Fields& event : events) DUN_ASSERT(scheduler::Seal::is_internal(event) && scheduler::Seal().open(event));
    co_return events.size() % 2 == 1;
  }

  static async::Awaitable<std::string> talk(std::uint16_t port, std::string bytes) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    // The listener may close before it has read all.
    co_await asio::async_write(socket, asio::buffer(bytes), as_result);
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    std::string answers;
    co_await asio::async_read(socket, asio::dynamic_buffer(answers), as_result);
    co_return answers;
  }

  asio::io_context context_{1};
  scheduler::WallClock clock_;
  std::unique_ptr<http::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static auto& listener = *new Listener;  // lives as long as the process; nothing is left to stop it
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string answers = listener.exchange(text);
  DUN_ASSERT(answers.empty() || answers.starts_with("HTTP/1."));
  // Of whatever came before, the next one must not notice anything.
  if (size % 64 == 0) {
    const std::string health = listener.exchange("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n");
    DUN_ASSERT(health.starts_with("HTTP/1.1 200 OK\r\n") && health.ends_with("\r\n\r\nok\n"));
  }
  return 0;
}
