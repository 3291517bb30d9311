// A private Redis server for a test: its own temporary directory, a unix socket and a loopback port, gone with the
// object whatever the test did.
#pragma once

#include "redis/protocol.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace dun::test {

/// Runs redis-server with `settings` (as on its command line: {"--appendonly", "yes"}). Nothing is persistent unless
/// the settings say so. Every failure throws, with the server's log.
class RedisServer {
 public:
  explicit RedisServer(std::vector<std::string> settings = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  [[nodiscard]] std::string socket_url() const;
  /// redis://127.0.0.1:PORT
  [[nodiscard]] std::string port_url() const;
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

  /// SIGKILL; start() goes on with the data that are on disk.
  void kill();
  /// SIGTERM, on which Redis ends in an orderly way.
  void stop();
  /// Starts again on the same socket and port, and waits until the data are loaded.
  void start();

  /// One command on a connection of its own that stays open until the server ends.
  redis::Value command(const redis::Command& command);

 private:
  void end(int signal);
  void launch();
  void wait_until_ready();
  [[nodiscard]] std::string log() const;

  std::vector<std::string> settings_;
  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
  int admin_ = -1;
  std::unique_ptr<redis::ReplyReader> replies_;
};

/// A new directory under the system's temporary one.
[[nodiscard]] std::filesystem::path make_temporary_directory();
/// A loopback port that nobody listened on a moment ago.
[[nodiscard]] std::uint16_t free_port();

}  // namespace dun::test
