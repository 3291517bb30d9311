// The directory in which `dun up` keeps a stack: its user's alone, and one stack's at a time. Commands find the stack
// that runs by a file in it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace dun::tools {

/// Where a running stack is, for the commands that look into it.
struct RunningStack {
  std::string redis_url, prefix;
  std::string config;  ///< directory of its configuration
};

/// Guarantee: as long as this lives, no other process has this directory, and no other user can look into it or has put
/// anything into it. The kernel gives the lock back however the process ends.
class StateDirectory {
 public:
  /// Makes the directory or takes an earlier one over. Throws std::runtime_error with what is in the way: another stack
  /// runs there, it is not a directory of ours, or it holds something else.
  explicit StateDirectory(const std::filesystem::path& path);
  ~StateDirectory();
  StateDirectory(const StateDirectory&) = delete;
  StateDirectory& operator=(const StateDirectory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// From now on `find_running_stack` finds it.
  void announce(const RunningStack& stack) const;
  /// A directory in it that nobody else can look into.
  [[nodiscard]] std::filesystem::path subdirectory(std::string_view name) const;

 private:
  void lock();

  std::filesystem::path path_;
  int lock_ = -1;
};

/// Replaces what the file holds. Nobody else can read it, and a link in its place is refused. Throws
/// std::runtime_error.
void write_private(const std::filesystem::path& path, std::string_view text);

/// The stack that runs with its state in `directory`, or in its subdirectory `var`, where `dun up` keeps it if not told
/// otherwise; none if none runs, or it is another user's.
[[nodiscard]] std::optional<RunningStack> find_running_stack(const std::filesystem::path& directory);

}  // namespace dun::tools
