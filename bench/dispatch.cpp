// How much of the processor a request costs: Dun's client, or a loop over libcurl that does nothing else. Both send the
// same bytes over as many connections as requests are open; see dispatch.py, which runs them in turns.
#include "gateways/curl_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace dun;
using Steady = std::chrono::steady_clock;

struct Load {
  std::string url;
  int requests = 100'000;
  int open = 64;
  std::string body =
      R"({"to":"+8613800138000","text":"A payment of CNY 12.50 is due.","ref":"A0000001~0123456789abcdef"})";
};

double cpu_micros() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

[[noreturn]] void fail(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::exit(1);
}

// ---------------------------------------------------------------------------------------------------- Dun's own client

boost::asio::awaitable<void> work(gateways::CurlClient& client, const Load& load, int& left, int& open) {
  while (left-- > 0) {
    const auto result = co_await client.perform(
        {.method = "POST", .url = load.url, .headers = {{"Content-Type", "application/json"}}, .body = load.body});
    const auto* answer = std::get_if<gateways::HttpResponse>(&result);
    if (answer == nullptr || answer->status != 200) fail("a request was not answered");
  }
  --open;
}

void run_dun(const Load& load) {
  boost::asio::io_context io(1);
  gateways::TransportSpec transport;
  transport.connections = load.open;
  gateways::CurlClient client(io.get_executor(), transport);
  int left = load.requests;
  int open = load.open;
  for (int i = 0; i < load.open; ++i) boost::asio::co_spawn(io, work(client, load, left, open), boost::asio::detached);
  while (open > 0) io.run_one();
}

// --------------------------------------------------------------------------------------------------- nothing but
// libcurl

/// curl_multi_socket_action under epoll, with a handle for each request that is open.
class BareLoop {
 public:
  explicit BareLoop(const Load& load)
      : load_(load), left_(load.requests), multi_(curl_multi_init()), epoll_(epoll_create1(0)) {
    curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &BareLoop::on_socket);
    curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &BareLoop::on_timer);
    curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(load.open));
    headers_ = curl_slist_append(curl_slist_append(nullptr, "Content-Type: application/json"), "Expect:");
  }

  void run() {
    for (int i = 0; i < load_.open; ++i) begin(make());
    while (open_ > 0) turn();
  }

 private:
  CURL* make() {
    CURL* easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, load_.url.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers_);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(load_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, load_.body.c_str());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, +[](char*, std::size_t, std::size_t size, void*) { return size; });
    return easy;
  }
  void begin(CURL* easy) {
    if (left_-- <= 0) return;
    ++open_;
    curl_multi_add_handle(multi_, easy);
  }
  void turn() {
    std::array<epoll_event, 64> events{};
    const int wait =
        due_ ? std::max(0, static_cast<int>((*due_ - Steady::now()) / std::chrono::milliseconds(1))) : 1000;
    const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait);
    int running = 0;
    for (int i = 0; i < count; ++i) {
      const auto& event = events.at(static_cast<std::size_t>(i));
      const int what = ((event.events & EPOLLIN) != 0 ? CURL_CSELECT_IN : 0) |
                       ((event.events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0) |
                       ((event.events & (EPOLLERR | EPOLLHUP)) != 0 ? CURL_CSELECT_ERR : 0);
      curl_multi_socket_action(multi_, event.data.fd, what, &running);
    }
    if (due_ && *due_ <= Steady::now()) {
      due_.reset();
      curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    int more = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &more)) {
      CURL* easy = message->easy_handle;
      long status = 0;
      curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
      if (message->data.result != CURLE_OK || status != 200) fail("a request was not answered");
      curl_multi_remove_handle(multi_, easy);
      --open_;
      begin(easy);
    }
  }
  static int on_socket(CURL*, curl_socket_t fd, int what, void* loop, void* known) {
    auto* self = static_cast<BareLoop*>(loop);
    epoll_event event{};
    event.data.fd = fd;
    if (what == CURL_POLL_REMOVE) return epoll_ctl(self->epoll_, EPOLL_CTL_DEL, fd, nullptr), 0;
    event.events = static_cast<std::uint32_t>((what & CURL_POLL_IN) != 0 ? EPOLLIN : 0) |
                   static_cast<std::uint32_t>((what & CURL_POLL_OUT) != 0 ? EPOLLOUT : 0);
    epoll_ctl(self->epoll_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    curl_multi_assign(self->multi_, fd, self);
    return 0;
  }
  static int on_timer(CURLM*, long timeout_ms, void* loop) {
    auto* self = static_cast<BareLoop*>(loop);
    self->due_.reset();
    if (timeout_ms >= 0) self->due_ = Steady::now() + std::chrono::milliseconds(timeout_ms);
    return 0;
  }

  const Load& load_;
  int left_, open_ = 0;
  CURLM* multi_;
  int epoll_;
  curl_slist* headers_ = nullptr;
  std::optional<Steady::time_point> due_;
};

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("What a request costs; prints one line of JSON");
  Load load;
  std::string way = "dun";
  app.add_option("url", load.url, "where to send to")->required();
  app.add_option("--way", way, "dun or bare")->check(CLI::IsMember({"dun", "bare"}));
  app.add_option("--requests", load.requests, "how many")->check(CLI::PositiveNumber);
  app.add_option("--open", load.open, "at the same time")->check(CLI::PositiveNumber);
  CLI11_PARSE(app, argc, argv);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const double cpu = cpu_micros();
  const auto begun = Steady::now();
  if (way == "dun")
    run_dun(load);
  else
    BareLoop(load).run();
  const double seconds = std::chrono::duration<double>(Steady::now() - begun).count();
  fmt::print("{{\"way\":\"{}\",\"cpu_micros\":{:.2f},\"rate\":{:.0f}}}\n", way, (cpu_micros() - cpu) / load.requests,
             load.requests / seconds);
}
