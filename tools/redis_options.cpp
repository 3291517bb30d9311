#include "tools/redis_options.hpp"

#include "base/async/task_group.hpp"
#include "config/load.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"
#include "tools/state_directory.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <cstdlib>

namespace dun::tools {
namespace {

namespace asio = boost::asio;
using async::Awaitable;

struct Target {
  redis::Site site;
  std::string prefix;
};

/// From the options, and for what they leave open from dun.toml.
std::expected<Target, std::string> find_target(RedisOptions options) {
  find_stack(options);
  Target target{.prefix = options.prefix};
  if (!options.url.empty()) {
    auto site = redis::parse_site(options.url);
    if (!site) return std::unexpected("--redis: " + site.error());
    target.site = *std::move(site);
    if (target.prefix.empty()) target.prefix = config::RedisSettings().prefix;
    return target;
  }
  auto loaded = config::load_dun(options.config);
  if (!loaded)
    return std::unexpected(config::to_text(loaded.error().front()) +
                           "; name a server with --redis, or a configuration with --config");
  target.site = loaded->redis.site;
  if (target.prefix.empty()) target.prefix = loaded->redis.prefix;
  return target;
}

class Run {
 public:
  Run(asio::io_context& context, Target target, const std::function<Awaitable<int>(RedisSession&)>& work)
      : executor_(context.get_executor()),
        target_(std::move(target)),
        work_(work),
        signals_(executor_, SIGINT, SIGTERM),
        tasks_(executor_) {}

  [[nodiscard]] int exit_code() const { return exit_code_; }

  Awaitable<void> run() {
    links_ = std::make_unique<redis::Links>(executor_, target_.site, redis::LinkOptions{.name = "dun-command"});
    tasks_.spawn(perform());
    tasks_.spawn(stop_on_signal());
    co_await done_.wait();
    tasks_.cancel();
    co_await tasks_.join();
    co_await links_->close();
  }

 private:
  Awaitable<void> perform() {
    exit_code_ = co_await connect_and_work();
    done_.notify();
  }

  Awaitable<int> connect_and_work() {
    const redis::Keyspace keys(target_.prefix);
    if (const auto hello = co_await links_->to(keys.installation()).connected(); !hello) {
      complain("dun: redis at {}: {}\n", target_.site.display(), hello.error().message);
      co_return 1;
    }
    const auto installation = co_await redis::read_installation(*links_, keys);
    if (!installation) {
      complain("dun: redis at {}: {}\n", target_.site.display(), installation.error().message);
      co_return 1;
    }
    RedisSession session{.links = *links_, .keys = keys, .installation = *installation};
    co_return co_await work_(session);
  }

  Awaitable<void> stop_on_signal() {
    co_await signals_.async_wait(asio::use_awaitable);
    exit_code_ = 0;
    done_.notify();
  }

  async::Executor executor_;
  Target target_;
  const std::function<Awaitable<int>(RedisSession&)>& work_;
  asio::signal_set signals_;
  int exit_code_ = 1;
  std::unique_ptr<redis::Links> links_;
  async::Signal done_{executor_};
  async::TaskGroup tasks_;
};

}  // namespace

void add_redis_options(CLI::App& command, RedisOptions& options) {
  options.config = default_config();
  command
      .add_option("--redis", options.url,
                  "URL of Redis: redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://; without it "
                  "that of the `dun up` running here, else that of dun.toml")
      ->envname("DUN_REDIS");
  command.add_option("--prefix", options.prefix, "In front of every key; without it that of dun.toml")
      ->envname("DUN_PREFIX");
  options.config_option =
      command.add_option("--config", options.config, "Directory of the configuration")->capture_default_str();
}

void find_stack(RedisOptions& options) {
  const char* named = std::getenv("DUN_CONFIG");
  if (!options.url.empty() || options.config_option->count() > 0 || (named != nullptr && *named != '\0')) return;
  std::error_code error;
  const auto stack = find_running_stack(std::filesystem::current_path(error));
  if (!stack) return;
  complain("looking at the stack of `dun up`, {}\n", stack->redis_url);
  options.url = stack->redis_url;
  options.config = stack->config;
  if (options.prefix.empty()) options.prefix = stack->prefix;
}

int with_redis(const RedisOptions& options, const std::function<Awaitable<int>(RedisSession&)>& work) {
  auto target = find_target(options);
  if (!target) {
    complain("dun: {}\n", target.error());
    return 2;
  }
  asio::io_context context(1);
  Run run(context, *std::move(target), work);
  async::TaskGroup main(context.get_executor());
  main.spawn(run.run());
  context.run();
  return run.exit_code();
}

}  // namespace dun::tools
