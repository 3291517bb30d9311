// A program that this one starts and stops: the servers of `dun up`, and those of the tests.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace dun::tools {

/// Guarantee: the child ends when this object or the program that started it does, whatever ends that: it is signalled
/// by the kernel when its parent dies. Standard input is empty; output goes to `log`, appended.
class ChildProcess {
 public:
  struct Options {
    std::vector<std::string> arguments;    ///< the program first, looked up in PATH if it has no slash
    std::vector<std::string> environment;  ///< `NAME=value`, besides those inherited
    std::filesystem::path log;             ///< empty: that of this process
  };
  /// Throws std::system_error if it cannot be started. Must be called from a thread that lives as long as the child.
  explicit ChildProcess(const Options& options);
  ~ChildProcess();
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The exit status once it has ended (128 + signal if one killed it).
  [[nodiscard]] std::optional<int> ended();
  void signal(int number) const;
  /// SIGTERM, then SIGKILL if it has not ended by `most`; returns the exit status.
  int stop(std::chrono::milliseconds most = std::chrono::seconds(20));

 private:
  pid_t pid_ = -1;
  std::optional<int> status_;
};

/// A TCP port of the loopback address that is free now.
[[nodiscard]] int free_port();

}  // namespace dun::tools
