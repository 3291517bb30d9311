#include "tests/support/redis_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace dun::test {
namespace {

constexpr int launches_max = 5;

int connect_to(const std::string& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

std::filesystem::path make_temporary_directory() {
  std::string pattern = (std::filesystem::temp_directory_path() / "dun-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("mkdtemp " + pattern + ": " + std::strerror(errno));
  return pattern;
}

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error(std::string("no free port: ") + std::strerror(errno));
  return ntohs(address.sin_port);
}

RedisServer::RedisServer(std::vector<std::string> settings)
    : settings_(std::move(settings)), directory_(make_temporary_directory()) {
  // Somebody else may take the port between looking for it and using it.
  for (int launches = 1;; ++launches) {
    port_ = free_port();
    try {
      start();
      return;
    } catch (const std::runtime_error&) {
      if (launches == launches_max) throw;
    }
  }
}

RedisServer::~RedisServer() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string RedisServer::socket_url() const {
  return "unix://" + (directory_ / "redis.sock").string();
}

std::string RedisServer::port_url() const {
  return "redis://127.0.0.1:" + std::to_string(port_);
}

void RedisServer::kill() {
  end(SIGKILL);
}

void RedisServer::stop() {
  end(SIGTERM);
}

void RedisServer::end(int signal) {
  if (admin_ >= 0) ::close(admin_);
  admin_ = -1;
  if (pid_ <= 0) return;
  ::kill(pid_, signal);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::start() {
  launch();
  wait_until_ready();
}

void RedisServer::launch() {
  std::vector<std::string> arguments = {"redis-server",
                                        "--port",
                                        std::to_string(port_),
                                        "--bind",
                                        "127.0.0.1",
                                        "--unixsocket",
                                        "redis.sock",
                                        "--unixsocketperm",
                                        "700",
                                        "--dir",
                                        directory_,
                                        "--save",
                                        "",
                                        "--appendonly",
                                        "no",
                                        "--logfile",
                                        "redis.log",
                                        "--daemonize",
                                        "no",
                                        "--hash-max-listpack-value",
                                        "512"};
  arguments.insert(arguments.end(), settings_.begin(), settings_.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error(std::string("fork: ") + std::strerror(errno));
  if (pid_ > 0) return;
  // A test that dies leaves no server behind.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent || ::chdir(directory_.c_str()) != 0) ::_exit(126);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

void RedisServer::wait_until_ready() {
  using namespace std::chrono_literals;
  const auto limit = std::chrono::steady_clock::now() + 60s;
  const std::string path = directory_ / "redis.sock";
  while (std::chrono::steady_clock::now() < limit) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("redis-server ended with status " + std::to_string(status) + ":\n" + log());
    }
    if (admin_ < 0) {
      admin_ = connect_to(path);
      replies_ = std::make_unique<redis::ReplyReader>();
    }
    if (admin_ >= 0 && command({"PING"}).text == "PONG") return;
    std::this_thread::sleep_for(5ms);
  }
  throw std::runtime_error("redis-server was not ready in time:\n" + log());
}

redis::Value RedisServer::command(const redis::Command& command) {
  std::string bytes;
  redis::append_command(bytes, command);
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t size = ::send(admin_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size <= 0) throw std::runtime_error(std::string("redis-server is gone: ") + std::strerror(errno));
    sent += static_cast<std::size_t>(size);
  }
  std::array<char, 65'536> buffer{};
  while (true) {
    auto reply = replies_->next();
    if (!reply) throw std::runtime_error("not a Redis reply: " + reply.error());
    if (*reply) return **std::move(reply);
    const ssize_t size = ::recv(admin_, buffer.data(), buffer.size(), 0);
    if (size <= 0) throw std::runtime_error("redis-server closed the connection");
    replies_->feed({buffer.data(), static_cast<std::size_t>(size)});
  }
}

std::string RedisServer::log() const {
  std::ostringstream text;
  text << std::ifstream(directory_ / "redis.log").rdbuf();
  return text.str();
}

}  // namespace dun::test
