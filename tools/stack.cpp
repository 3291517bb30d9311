#include "tools/stack.hpp"

#include "tools/paths.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <thread>

namespace dun::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds start_most{30};

/// Whether somebody accepts connections there.
bool answers(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected = fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return connected;
}

bool answers(const fs::path& path) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  const bool connected = fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  if (fd >= 0) close(fd);
  return connected;
}

}  // namespace

Stack::Stack(StackOptions options, StateDirectory& directory, Log log)
    : options_(std::move(options)), directory_(directory), log_(std::move(log)) {
  for (Part* part : {&redis_, &simulator_, &daemon_}) part->how.log = directory_.path() / (part->name + ".log");
  simulator_port_ = free_port();
  console_port_ = free_port();

  configure_redis();
  start(redis_);
  wait_for_redis();

  simulator_.how.arguments = {program().string(), "gateway-sim",
                              "--port",           std::to_string(simulator_port_),
                              "--record",         gateway_record().string(),
                              "--receipts",       console_url() + "/receipts/sim"};
  simulator_.how.arguments.insert(simulator_.how.arguments.end(), options_.simulator.begin(), options_.simulator.end());
  start(simulator_);
  wait_for_port(simulator_, simulator_port_);

  daemon_.how.arguments = {program().string(), "serve",    "--config", options_.config,
                           "--redis",          redis_url_, "--listen", fmt::format("127.0.0.1:{}", console_port_),
                           "--owner",          "up"};
  if (options_.clock) daemon_.how.arguments.insert(daemon_.how.arguments.end(), {"--clock", options_.clock->to_text()});
  daemon_.how.environment = {fmt::format("DUN_SIM_URL=http://127.0.0.1:{}/send", simulator_port_),
                             "DUN_RECEIPTS_URL=" + console_url()};
  start(daemon_);
  wait_for_port(daemon_, console_port_);
  directory_.announce({.redis_url = redis_url_, .prefix = options_.prefix, .config = options_.config});
}

Stack::~Stack() {
  stop_sending();
  if (redis_.process) redis_.process->stop();
  for (const Part* part : {&redis_, &simulator_, &daemon_}) {
    std::error_code ignored;
    fs::remove(directory_.path() / (part->name + ".pid"), ignored);
  }
}

std::string Stack::console_url() const {
  return fmt::format("http://127.0.0.1:{}", console_port_);
}

void Stack::configure_redis() {
  const fs::path home = directory_.subdirectory("redis");
  const fs::path socket = home / "redis.sock";
  // The kernel bounds the length of a socket's path; a deep directory gets a port instead.
  const bool by_socket = socket.string().size() < sizeof(sockaddr_un::sun_path) - 1;
  if (by_socket) redis_socket_ = socket;
  redis_port_ = by_socket ? 0 : free_port();
  redis_url_ = by_socket ? "unix://" + socket.string() : fmt::format("redis://127.0.0.1:{}", redis_port_);
  std::string conf = fmt::format("bind 127.0.0.1\nport {}\n", redis_port_);
  if (by_socket) conf += fmt::format("unixsocket \"{}\"\nunixsocketperm 700\n", socket.string());
  // Acknowledged is durable: commits are batches, which makes a sync for each affordable. Records may be longer than
  // the default bound of the compact hash encoding, and here we own the server.
  conf += fmt::format(
      "dir \"{}\"\nappendonly yes\nappendfsync {}\nsave \"\"\nmaxmemory-policy noeviction\nhash-max-listpack-value "
      "1024\n",
      home.string(), options_.redis_fsync);
  write_private(home / "redis.conf", conf);
  redis_.how.arguments = {"redis-server", (home / "redis.conf").string()};
}

void Stack::start(Part& part) {
  part.process.emplace(part.how);
  ++part.starts;
  write_private(directory_.path() / (part.name + ".pid"), fmt::format("{}\n", part.process->pid()));
}

void Stack::give_up(const Part& part, const std::string& why) const {
  throw std::runtime_error(fmt::format("{} {}; see {}", part.name, why, part.how.log.string()));
}

void Stack::wait_for_port(Part& part, int port) {
  const auto deadline = std::chrono::steady_clock::now() + start_most;
  while (!answers(port)) {
    if (part.process->ended()) give_up(part, fmt::format("ended with status {}", *part.process->ended()));
    if (std::chrono::steady_clock::now() > deadline) give_up(part, "does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Stack::wait_for_redis() {
  if (redis_port_ != 0) return wait_for_port(redis_, redis_port_);
  const auto deadline = std::chrono::steady_clock::now() + start_most;
  while (!answers(*redis_socket_)) {
    if (redis_.process->ended()) give_up(redis_, "ended; is the package redis-server installed? It");
    if (std::chrono::steady_clock::now() > deadline) give_up(redis_, "does not answer");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

void Stack::look_after() {
  if (stopping_) return;
  for (Part* part : {&redis_, &simulator_, &daemon_}) {
    const auto status = part->process->ended();
    if (!status) continue;
    log_(fmt::format("{} ended with status {}; starting it again", part->name, *status));
    if (part->starts > 20) give_up(*part, "ends again and again");
    start(*part);
  }
}

void Stack::stop_sending() {
  stopping_ = true;
  if (daemon_.process && !daemon_.process->ended()) daemon_.process->stop(std::chrono::seconds(40));
  if (simulator_.process && !simulator_.process->ended()) simulator_.process->stop();
}

}  // namespace dun::tools
