// Everything on one machine: a private durable Redis, the gateway simulator and `dun serve`, as child processes with
// their state and logs in one directory. What `dun up` and `dun load` run.
#pragma once

#include "scheduler/clock.hpp"
#include "tools/child_process.hpp"
#include "tools/state_directory.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dun::tools {

struct StackOptions {
  std::string config;  ///< directory of the configuration
  std::string prefix;  ///< of its keys
  std::optional<scheduler::WallClock::Fast> clock;
  std::string redis_fsync = "always";
  std::vector<std::string> simulator;  ///< further arguments of `dun gateway-sim`
};

/// Starts the parts in order, starts again what ends by itself, and stops all in the right order. Each part's process
/// id stands in DIRECTORY/NAME.pid and its output in DIRECTORY/NAME.log. `directory` must outlive it.
class Stack {
 public:
  using Log = std::function<void(const std::string&)>;

  /// Throws std::runtime_error, naming the log to look at, if a part does not come up.
  Stack(StackOptions options, StateDirectory& directory, Log log);
  ~Stack();
  Stack(const Stack&) = delete;
  Stack& operator=(const Stack&) = delete;

  /// Starts again what has ended since the last call.
  void look_after();
  /// Stops the daemon, which drains, and the simulator; Redis stays to be read.
  void stop_sending();

  [[nodiscard]] const std::string& redis_url() const { return redis_url_; }
  [[nodiscard]] const std::optional<std::filesystem::path>& redis_socket() const { return redis_socket_; }
  [[nodiscard]] std::string console_url() const;
  [[nodiscard]] std::filesystem::path gateway_record() const { return directory_.path() / "gateway.ndjson"; }
  [[nodiscard]] pid_t redis_pid() const { return redis_.process->pid(); }
  [[nodiscard]] pid_t daemon_pid() const { return daemon_.process->pid(); }

 private:
  struct Part {
    std::string name;
    ChildProcess::Options how;
    std::optional<ChildProcess> process;
    int starts = 0;
  };
  void start(Part& part);
  void configure_redis();
  void wait_for_port(Part& part, int port);
  void wait_for_redis();
  [[noreturn]] void give_up(const Part& part, const std::string& why) const;

  StackOptions options_;
  StateDirectory& directory_;
  Log log_;
  std::string redis_url_;
  std::optional<std::filesystem::path> redis_socket_;
  int redis_port_ = 0;  ///< 0: on a unix socket
  int simulator_port_ = 0;
  int console_port_ = 0;
  Part redis_{.name = "redis"};
  Part simulator_{.name = "gateway-sim"};
  Part daemon_{.name = "serve"};
  bool stopping_ = false;
};

}  // namespace dun::tools
