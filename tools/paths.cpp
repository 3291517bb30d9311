#include "tools/paths.hpp"

#include <cstdlib>

namespace dun::tools {

namespace fs = std::filesystem;

fs::path program() {
  std::error_code error;
  fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path("dun") : path;
}

std::string default_config() {
  if (const char* named = std::getenv("DUN_CONFIG"); named != nullptr && *named != '\0') return named;
  std::error_code error;
  if (fs::exists("config/dun.toml", error)) return "config";
  // A build directory is two levels below the root of its checkout.
  const fs::path checkout = program().parent_path().parent_path().parent_path() / "config";
  return fs::exists(checkout / "dun.toml", error) ? checkout.string() : "/etc/dun";
}

}  // namespace dun::tools
