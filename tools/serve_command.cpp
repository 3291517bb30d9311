// dun serve: the daemon.
#include "tools/commands.hpp"
#include "tools/daemon.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/paths.hpp"

void add_serve_command(CLI::App& app, int& exit_code) {
  struct ServeOptions {
    dun::tools::DaemonOptions daemon;
    std::string clock;
  };
  auto options = std::make_shared<ServeOptions>();
  dun::tools::DaemonOptions& daemon = options->daemon;
  daemon.config = dun::tools::default_config();
  CLI::App* command =
      app.add_subcommand("serve", "Run the service: take credit events from Redis and send what must be told");
  command->add_option("--config", daemon.config, "Directory of the configuration")->capture_default_str();
  command->add_option("--roles", daemon.roles, "What this process does, in place of dun.toml: engine,console")
      ->delimiter(',');
  command->add_option("--redis", daemon.redis_url, "URL of the Redis server, in place of dun.toml");
  command->add_option("--prefix", daemon.prefix, "In front of every key, in place of dun.toml");
  command->add_option("--listen", daemon.listen, "Where HTTP is answered, HOST:PORT, in place of dun.toml");
  command->add_option("--health", daemon.health,
                      "A second address, HOST:PORT, that answers /healthz alone, in place of dun.toml");
  command->add_option("--owner", daemon.owner, "Name of this process among the others, in place of dun.toml");
  command->add_option("--log-level", daemon.log_level, "How much is logged")
      ->check(CLI::IsMember({"trace", "debug", "info", "warn", "warning", "error"}))
      ->capture_default_str();
  command->add_option(
      "--clock", options->clock,
      "For samples and tests: VIRTUAL,REAL,SPEED, a clock that showed VIRTUAL at REAL and runs SPEED times as fast");
  dun::tools::set_footer(
      *command, {"dun serve --config /etc/dun", "dun serve --config /etc/dun --roles engine"},
      "SIGTERM and SIGINT drain and stop; SIGHUP reads policies, people, texts, gateways and\n"
      "time zones again and says what has changed and takes a restart.\nExit code 0 after an orderly "
      "stop, 1 if the service cannot run, 2 for wrong use.");
  command->callback([options, &exit_code] {
    if (!options->clock.empty()) {
      const auto fast = dun::scheduler::WallClock::Fast::parse(options->clock);
      if (!fast) {
        dun::tools::complain("dun serve: --clock: {}\n", fast.error());
        exit_code = 2;
        return;
      }
      options->daemon.clock = *fast;
    }
    exit_code = dun::tools::run_daemon(options->daemon);
  });
}
