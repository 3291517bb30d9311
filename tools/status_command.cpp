// dun status: what waits, what goes, who does it.
#include "operations/status.hpp"
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"
#include "tools/status_text.hpp"
#include "tools/times.hpp"

namespace {

using namespace dun;

struct StatusOptions {
  tools::RedisOptions redis;
  bool json = false;
};

async::Awaitable<int> show(tools::RedisSession& session, StatusOptions options) {
  redis::StatusView view(session.links, session.keys, session.installation.partitions);
  const auto status = co_await operations::read_status(view, redis::wall_time());
  if (!status) {
    tools::complain("dun status: {}\n", status.error().message);
    co_return 1;
  }
  if (options.json)
    tools::write(operations::to_json_text(*status) + "\n");
  else
    tools::print(*status, tools::LocalTimes(tools::default_zone(options.redis.config)));
  co_return 0;
}

}  // namespace

void add_status_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<StatusOptions>();
  CLI::App* command = app.add_subcommand(
      "status", "Show what waits and for when, what is in flight, the gateways, and who owns the partitions");
  tools::set_footer(*command, {"dun status", "dun status --json | jq .processes"});
  tools::add_redis_options(*command, options->redis);
  command->add_flag("--json", options->json, "As one JSON object");
  command->callback([options, &exit_code] {
    tools::find_stack(options->redis);
    exit_code =
        tools::with_redis(options->redis, [options](tools::RedisSession& session) { return show(session, *options); });
  });
}
