#include "tools/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace dun::tools {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view lock_name = "lock", stack_name = "stack.json";

[[noreturn]] void refuse(const fs::path& path, std::string_view why) {
  throw std::runtime_error(fmt::format("{}: {}", path.string(), why));
}

std::string last_error() {
  return std::strerror(errno);
}

/// The directory itself, not what a link in its place leads to; made if there is nothing.
struct stat make_or_look(const fs::path& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) refuse(path, "cannot be made: " + last_error());
  struct stat there{};
  if (lstat(path.c_str(), &there) != 0) refuse(path, last_error());
  if (!S_ISDIR(there.st_mode)) refuse(path, "is not a directory; name another one with --dir");
  if (there.st_uid != geteuid()) refuse(path, "belongs to another user; name another directory with --dir");
  return there;
}

void make_private(const fs::path& path) {
  if (chmod(path.c_str(), 0700) != 0) refuse(path, "cannot be closed to others: " + last_error());
}

}  // namespace

StateDirectory::StateDirectory(const fs::path& path) : path_(fs::absolute(path)) {
  if (!path_.has_filename()) path_ = path_.parent_path();  // DIR/
  std::error_code error;
  fs::create_directories(path_.parent_path(), error);  // what is wrong with it shows at the next step
  const struct stat there = make_or_look(path_);
  if (!fs::is_empty(path_)) {
    if (!fs::exists(path_ / lock_name) && !fs::exists(path_ / "redis"))
      refuse(path_, "holds other files; the state needs a directory of its own (--dir)");
    if ((there.st_mode & (S_IWGRP | S_IWOTH)) != 0)
      refuse(path_,
             "others could write to it; look whether its contents are yours, then chmod go-w, or name another "
             "directory with --dir");
  }
  make_private(path_);
  lock();
}

void StateDirectory::lock() {
  const fs::path file = path_ / lock_name;
  lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (lock_ < 0) refuse(file, "cannot be opened: " + last_error());
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) {
    const std::string pid = fmt::format("{}\n", getpid());
    // Only for the message below: without the number the lock is as good.
    if (ftruncate(lock_, 0) != 0 || pwrite(lock_, pid.data(), pid.size(), 0) < 0) return;
    return;
  }
  const bool locked = errno == EWOULDBLOCK;
  const std::string why = last_error();
  close(lock_);
  if (!locked) refuse(file, "cannot be locked: " + why);
  std::string pid;
  std::getline(std::ifstream(file), pid);
  refuse(path_,
         fmt::format("is in use by process {}, which runs everything there; stop that, or name another directory "
                     "with --dir",
                     pid.empty() ? "?" : pid));
}

StateDirectory::~StateDirectory() {
  std::error_code ignored;
  fs::remove(path_ / stack_name, ignored);
  close(lock_);
}

void StateDirectory::announce(const RunningStack& stack) const {
  const nlohmann::ordered_json json = {
      {"redis", stack.redis_url}, {"prefix", stack.prefix}, {"config", fs::absolute(stack.config).string()}};
  write_private(path_ / stack_name, json.dump() + "\n");
}

fs::path StateDirectory::subdirectory(std::string_view name) const {
  const fs::path path = path_ / name;
  make_or_look(path);
  make_private(path);
  return path;
}

void write_private(const fs::path& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) refuse(path, errno == ELOOP ? "is a link, which is not followed; remove it" : last_error());
  const bool written = fchmod(file, 0600) == 0 && ftruncate(file, 0) == 0 &&
                       ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const std::string why = last_error();
  close(file);
  if (!written) refuse(path, "cannot be written: " + why);
}

std::optional<RunningStack> find_running_stack(const fs::path& directory) {
  for (const fs::path& place : {directory, directory / "var"}) {
    struct stat there{};
    if (lstat(place.c_str(), &there) != 0 || there.st_uid != geteuid()) continue;
    const int lock = open((place / lock_name).c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (lock < 0) continue;
    const bool runs = flock(lock, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(lock);
    if (!runs) continue;
    std::ifstream in(place / stack_name);
    const auto json = nlohmann::json::parse(in, nullptr, false);
    if (!json.is_object()) continue;
    RunningStack stack{
        .redis_url = json.value("redis", ""), .prefix = json.value("prefix", ""), .config = json.value("config", "")};
    if (!stack.redis_url.empty()) return stack;
  }
  return std::nullopt;
}

}  // namespace dun::tools
