// dun streams: the streams that events come in by, and the way back for one whose ids have run ahead of the clock.
#include "redis/views.hpp"
#include "tools/commands.hpp"
#include "tools/manual.hpp"
#include "tools/output.hpp"
#include "tools/redis_options.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace {

using namespace dun;

struct StreamsOptions {
  tools::RedisOptions redis;
  std::vector<std::string> keys;
  bool json = false;
};

std::string state_of(const redis::StreamStatus& stream) {
  if (stream.facts.exhausted()) return "exhausted";
  if (stream.facts.last > redis::clock_end()) return "ahead";
  return stream.facts.last < stream.cursor ? "begun anew" : "good";
}

int complain(const scheduler::StoreError& error) {
  tools::complain("dun streams: {}\n", error.message);
  return 1;
}

async::Awaitable<int> list(tools::RedisSession& session, bool json) {
  const auto streams = co_await redis::list_streams(session.links, session.keys, session.installation.partitions);
  if (!streams) co_return complain(streams.error());
  if (!json)
    tools::say("{:<24} {:<11} {:>10} {:>12}  {:<26} {}\n", "stream", "state", "entries", "ever added", "read to",
               "ends at");
  for (const redis::StreamStatus& stream : *streams) {
    if (json)
      tools::write_json({{"stream", stream.key},
                         {"state", state_of(stream)},
                         {"entries", stream.facts.length},
                         {"added", stream.facts.added},
                         {"cursor", redis::to_text(stream.cursor)},
                         {"last_id", redis::to_text(stream.facts.last)}});
    else
      tools::say("{:<24} {:<11} {:>10} {:>12}  {:<26} {}\n", stream.key, state_of(stream), stream.facts.length,
                 stream.facts.added, redis::to_text(stream.cursor), redis::to_text(stream.facts.last));
  }
  co_return 0;
}

async::Awaitable<int> renew(tools::RedisSession& session, std::vector<std::string> keys) {
  const int partitions = session.installation.partitions;
  if (keys.empty()) {
    const auto streams = co_await redis::list_streams(session.links, session.keys, partitions);
    if (!streams) co_return complain(streams.error());
    for (const redis::StreamStatus& stream : *streams)
      if (stream.facts.last > redis::clock_end()) keys.push_back(stream.key);
  }
  for (const std::string& key : keys) {
    const auto renewed = co_await redis::renew_stream(session.links, session.keys, partitions, key);
    if (!renewed) co_return complain(renewed.error());
    tools::say("{}: {} entries beyond the clock removed, {} of them unread and added again; it goes on behind {}\n",
               key, renewed->removed, renewed->kept, redis::to_text(renewed->end));
  }
  if (keys.empty()) tools::say("every stream is good\n");
  co_return 0;
}

}  // namespace

void add_streams_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<StreamsOptions>();
  CLI::App* command = app.add_subcommand("streams", "The streams that events come in by: look at them, renew them");
  command->require_subcommand(1);
  tools::set_footer(*command, {"dun streams list", "dun streams renew"});
  CLI::App* list_command = command->add_subcommand("list", "Show how far each has been read, and whether it is good");
  tools::add_redis_options(*list_command, options->redis);
  list_command->add_flag("--json", options->json, "As NDJSON");
  tools::set_footer(
      *list_command, {"dun streams list"},
      "good        events come in\n"
      "exhausted   somebody added the last possible id, and Redis takes nothing behind it; a running service renews "
      "it\n"
      "ahead       its ids lie in the future, so that it is never trimmed; see `dun streams renew`\n"
      "begun anew  it was deleted or replaced; a running service reads it from its start");
  list_command->callback([options, &exit_code] {
    exit_code = tools::with_redis(options->redis,
                                  [options](tools::RedisSession& session) { return list(session, options->json); });
  });
  CLI::App* renew_command = command->add_subcommand(
      "renew", "Take entries out whose ids lie beyond the clock; those that are unread are added again under new ids");
  renew_command->add_option("KEY", options->keys, "As `dun streams list` shows them; without one: all that need it");
  tools::add_redis_options(*renew_command, options->redis);
  tools::set_footer(*renew_command, {"dun streams renew dun:events"}, "The service may run meanwhile.");
  renew_command->callback([options, &exit_code] {
    exit_code = tools::with_redis(options->redis,
                                  [options](tools::RedisSession& session) { return renew(session, options->keys); });
  });
}
