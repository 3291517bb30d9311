// The options that every command which looks into Redis has in common, and one coroutine run to its end.
#pragma once

#include "redis/installation.hpp"
#include "redis/links.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace dun::tools {

struct RedisOptions {
  std::string url, prefix;                     ///< empty: those of dun.toml
  std::string config;                          ///< directory of the configuration
  const CLI::Option* config_option = nullptr;  ///< whether it was named
};

/// `--redis`, `--prefix` and `--config`; the environment variables DUN_REDIS, DUN_PREFIX and DUN_CONFIG stand in for
/// what is not given. Where neither a server nor a configuration is named, the stack that `dun up` runs here is meant,
/// and if none runs, what dun.toml says.
void add_redis_options(CLI::App& command, RedisOptions& options);

/// Fills in where the stack of `dun up` is, if that is the one meant; says so on standard error.
void find_stack(RedisOptions& options);

/// What a command works with once it is connected.
struct RedisSession {
  redis::Links& links;
  redis::Keyspace keys;
  redis::Installation installation;
};

/// Connects, finds the installation, runs `work` to its end and returns its exit code; 1 with a sentence on standard
/// error when Redis cannot be reached or nothing is installed there. `work` is called once, on its own event loop;
/// SIGINT and SIGTERM end it with exit code 0 where it waits.
[[nodiscard]] int with_redis(const RedisOptions& options,
                             const std::function<async::Awaitable<int>(RedisSession&)>& work);

}  // namespace dun::tools
