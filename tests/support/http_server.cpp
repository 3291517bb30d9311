#include "tests/support/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace dun::test {
namespace {

struct Listener {
  int fd = -1;
  std::uint16_t port = 0;
};

Listener listen_on_loopback() {
  Listener listener{.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* raw = reinterpret_cast<sockaddr*>(&address);
  if (listener.fd < 0 || bind(listener.fd, raw, size) != 0 || listen(listener.fd, 512) != 0 ||
      getsockname(listener.fd, raw, &size) != 0)
    throw std::runtime_error("cannot listen on the loopback address");
  listener.port = ntohs(address.sin_port);
  return listener;
}

/// Reads one request; none at the end of the connection.
std::optional<SeenRequest> read_request(int fd, std::string& buffer) {
  const auto read_more = [&] {
    char bytes[4096];
    const ssize_t size = recv(fd, bytes, sizeof bytes, 0);
    if (size > 0) buffer.append(bytes, static_cast<std::size_t>(size));
    return size > 0;
  };
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos)
    if (!read_more()) return std::nullopt;
  SeenRequest request;
  std::string head = buffer.substr(0, end + 2);
  buffer.erase(0, end + 4);
  const std::string line = head.substr(0, head.find("\r\n"));
  request.method = line.substr(0, line.find(' '));
  request.target = line.substr(line.find(' ') + 1, line.rfind(' ') - line.find(' ') - 1);
  for (head.erase(0, line.size() + 2); !head.empty(); head.erase(0, head.find("\r\n") + 2)) {
    const std::string field = head.substr(0, head.find("\r\n"));
    request.headers.emplace_back(field.substr(0, field.find(':')), field.substr(field.find(':') + 2));
  }
  const std::string length = request.header("Content-Length");
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (buffer.size() < size)
    if (!read_more()) return std::nullopt;
  request.body = buffer.substr(0, size);
  buffer.erase(0, size);
  return request;
}

}  // namespace

std::string SeenRequest::header(const std::string& name) const {
  const auto found = std::ranges::find_if(
      headers, [&](const auto& field) { return strcasecmp(field.first.c_str(), name.c_str()) == 0; });
  return found == headers.end() ? "" : found->second;
}

std::string http_answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

class ScriptedServer::Impl {
 public:
  explicit Impl(Script script) : script_(std::move(script)), listener_(listen_on_loopback()) {
    acceptor_ = std::thread([this] { accept_all(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    stop_listening();
    acceptor_.join();
    close(listener_.fd);
    {
      const std::lock_guard lock(mutex_);
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
  }

  std::atomic<bool> reset_before_reading = false;

  void stop_listening() {
    stopping_ = true;
    shutdown(listener_.fd, SHUT_RDWR);
  }
  void speak_up(const std::string& bytes, bool then_close) {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) {
      send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (then_close) shutdown(fd, SHUT_RDWR);
    }
  }
  [[nodiscard]] std::uint16_t port() const { return listener_.port; }
  [[nodiscard]] std::vector<SeenRequest> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  [[nodiscard]] int connections_most() const {
    const std::lock_guard lock(mutex_);
    return connections_most_;
  }

 private:
  void accept_all() {
    for (int connection = 1; !stopping_; ++connection) {
      const int fd = accept4(listener_.fd, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      const std::lock_guard lock(mutex_);
      open_.push_back(fd);
      connections_most_ = std::max(connections_most_, static_cast<int>(open_.size()));
      threads_.emplace_back([this, fd, connection] { serve(fd, connection); });
    }
  }

  void serve(int fd, int connection) {
    if (reset_before_reading) {
      pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
      poll(&readable, 1, -1);
      set_reset(fd);
    } else {
      std::string buffer;
      int number = 0;
      while (auto request = read_request(fd, buffer)) {
        request->connection = connection;
        request->number = ++number;
        if (!react(fd, *request)) break;
      }
    }
    const std::lock_guard lock(mutex_);
    std::erase(open_, fd);
    close(fd);
  }

  /// Returns whether the connection goes on.
  bool react(int fd, const SeenRequest& request) {
    {
      const std::lock_guard lock(mutex_);
      seen_.push_back(request);
    }
    const Reaction reaction = script_(request);
    for (std::size_t sent = 0; sent < reaction.bytes.size();) {
      const ssize_t size = send(fd, reaction.bytes.data() + sent, reaction.bytes.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return false;
      sent += static_cast<std::size_t>(size);
    }
    if (reaction.then == Reaction::Then::reset) set_reset(fd);
    if (reaction.then == Reaction::Then::hang) {
      char byte = 0;
      while (recv(fd, &byte, 1, 0) > 0) {
      }
    }
    return reaction.then == Reaction::Then::keep;
  }

  static void set_reset(int fd) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }

  Script script_;
  Listener listener_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<int> open_;
  std::vector<SeenRequest> seen_;
  int connections_most_ = 0;
  std::vector<std::thread> threads_;  ///< grown by the acceptor, joined after it has ended
  std::thread acceptor_;
};

ScriptedServer::ScriptedServer(Script script) : impl_(std::make_unique<Impl>(std::move(script))) {}

ScriptedServer::~ScriptedServer() = default;

void ScriptedServer::reset_before_reading(bool on) {
  impl_->reset_before_reading = on;
}

void ScriptedServer::speak_up(const std::string& bytes, bool then_close) {
  impl_->speak_up(bytes, then_close);
}

void ScriptedServer::stop_listening() {
  impl_->stop_listening();
}

std::uint16_t ScriptedServer::port() const {
  return impl_->port();
}

std::string ScriptedServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

std::vector<SeenRequest> ScriptedServer::seen() const {
  return impl_->seen();
}

int ScriptedServer::connections_most() const {
  return impl_->connections_most();
}

std::uint16_t closed_port() {
  const Listener listener = listen_on_loopback();
  close(listener.fd);
  return listener.port;
}

}  // namespace dun::test
